// What every caller asks for: the first page, a deep one, by name, in short, and checks.
import type { createClient } from '@libsql/client'
import { type CallerName, callerIdOf } from '../support/callers.ts'

export type Target = {
  caller: CallerName
  query: string
  path: string
  init?: { method: string; headers: Record<string, string>; body: string }
}

/** What stands in how many of the names and descriptions that `makeWorld` gives, and in none. A number is a name's rarest word. */
const searches = {
  rare: '4711',
  common: 'agent',
  'in all': 'words',
  'two words': 'invoice reader',
  'common and rare': 'agent 4711',
  'nothing found': 'zebra',
}

/** `gate` says how deep the deep page is. */
export async function toTargets(
  { db, gate }: { db: ReturnType<typeof createClient>; gate: string },
  caller: CallerName,
  headers: Record<string, string>,
): Promise<Target[]> {
  const first = '/api/v1/flows/?paged=all&size=50'
  let [deep, pages] = [first, 1]
  // The cursor does not know the size of the pages that led to it.
  for (let page = `${first.replace('50', '100')}&header_flows=true`; pages < 99; pages += 2) {
    const body = (await (await fetch(new URL(page, gate), { headers })).json()) as {
      next_cursor: string | null
    }
    if (!body.next_cursor) break
    page = `${first.replace('50', '100')}&header_flows=true&cursor=${body.next_cursor}`
    deep = `${first}&header_flows=true&cursor=${body.next_cursor}`
  }
  const { rows } = await db.execute({
    sql: `SELECT coalesce((SELECT scope_id FROM userroleassignment WHERE user_id = ? AND scope_type = 'Project'), (SELECT id FROM folder WHERE name = 'Project 1')) AS folder`,
    args: [callerIdOf(caller)],
  })
  const some = await db.execute('SELECT id FROM flow ORDER BY id LIMIT 100')
  const ids = some.rows.map((row) => row.id)
  return [
    { caller, query: 'first page', path: first },
    { caller, query: 'page 100', path: deep },
    { caller, query: 'by name', path: `${first}&order=name` },
    { caller, query: 'headers', path: `${first}&header_flows=true` },
    ...Object.entries(searches).map(([what, words]) => ({
      caller,
      query: `search: ${what}`,
      path: `${first}&header_flows=true&search=${encodeURIComponent(words)}`,
    })),
    { caller, query: 'with actions', path: `${first}&include=actions` },
    { caller, query: 'one project', path: `${first}&folder_id=${rows[0]?.folder}` },
    { caller, query: 'total', path: `${first.replace('50', '1')}&header_flows=true` },
    {
      caller,
      query: 'single check',
      path: `/api/v1/rbac/check-permission?permission=Read&scope_type=Flow&scope_id=${ids[0]}`,
    },
    {
      caller,
      query: '100 checks',
      path: '/api/v1/rbac/check-permissions',
      init: {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          checks: ids.map((id) => ({ action: 'Read', resource_type: 'Flow', resource_id: id })),
        }),
      },
    },
  ]
}
