// The callers that the budgets are about, added to a world that `seed` made: from no grant at all to
// everything.
import type { Client } from '@libsql/client'
import { HIDE_ROLE, idOf, isArchive } from '../../src/cli/world.ts'
import { sessionsOfAll } from './tokens.ts'

export const callers = [
  'no grant',
  '10 flows',
  '20 projects',
  '20 old projects',
  '500 projects',
  '500 old projects',
  '2000 projects',
  '2000 old projects',
  '20 projects, 30 hides',
  'Global Viewer, 30 hides',
  'Global Admin',
  'superuser',
] as const
export type CallerName = (typeof callers)[number]

export const callerIdOf = (name: CallerName) =>
  `ca11e4${callers.indexOf(name).toString(16).padStart(26, '0')}`

/** Adds those callers for whom the world (`projects` of it) is large enough; gives their names. */
export async function addCallers(
  db: Client,
  { seed, projects }: { seed: number; projects: number },
): Promise<CallerName[]> {
  const numbers = Array.from({ length: projects }, (_, n) => n)
  // Project 0 is the giant; a project that happens to be empty is no measure.
  const recent = numbers.filter((n) => n > 0 && !isArchive(n)).map((n) => idOf(seed, 'project', n))
  const old = numbers.filter(isArchive).map((n) => idOf(seed, 'project', n))
  const made: CallerName[] = []
  for (const name of callers) {
    const count = Number(/^(\d+) (old )?projects/.exec(name)?.[1] ?? 0)
    const pool = name.includes('old') ? old : recent
    if (count > pool.length) continue
    const chosen = Array.from(
      { length: count },
      (_, i) => pool[Math.floor((i * pool.length) / count)],
    )
    await db.batch(statements(name, JSON.stringify(chosen)), 'write')
    made.push(name)
  }
  await db.execute(sessionsOfAll)
  return made
}

function statements(name: CallerName, projects: string) {
  const id = callerIdOf(name)
  const inserted = `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
    SELECT lower(hex(randomblob(16))), '${id}', (SELECT id FROM role WHERE name = ?),`
  const grant = (role: string, scope: string, ids: string) => ({
    sql: `${inserted} '${scope}', x.id, 0, '2026-01-01' FROM (${ids}) x`,
    args: ids.includes('?') ? [role, projects] : [role],
  })
  const newest = 'SELECT f.id FROM flow f ORDER BY f.updated_at DESC, f.id DESC LIMIT 30'
  return [
    {
      sql: `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
        VALUES ('${id}', ?, '!', 1, ?, '2026-01-01', '2026-01-01')`,
      args: [name, Number(name === 'superuser')],
    },
    ...(name.includes('projects')
      ? [grant('Viewer', 'Project', 'SELECT value AS id FROM json_each(?)')]
      : []),
    ...(name === '10 flows'
      ? [grant('Viewer', 'Flow', 'SELECT f.id FROM flow f ORDER BY f.id LIMIT 10')]
      : []),
    ...(name === '20 projects, 30 hides'
      ? [
          grant(
            HIDE_ROLE,
            'Flow',
            `SELECT f.id FROM flow f WHERE f.folder_id IN (SELECT value FROM json_each(?))
              ORDER BY f.updated_at DESC, f.id DESC LIMIT 30`,
          ),
        ]
      : []),
    ...(name === 'Global Viewer, 30 hides' ? [grant(HIDE_ROLE, 'Flow', newest)] : []),
    ...(name === 'Global Viewer, 30 hides' ? [grant('Viewer', 'Global', 'SELECT NULL AS id')] : []),
    ...(name === 'Global Admin' ? [grant('Admin', 'Global', 'SELECT NULL AS id')] : []),
  ]
}
