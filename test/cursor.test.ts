// Cursors through the real Worker: a walk shows each visible flow once, belongs to its caller and its
// filters, and never shows what was not visible when its page was read.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  as,
  createFlow,
  createProject,
  createUser,
  grant,
  signIn,
} from './support/world.ts'

const ALL = '/api/v1/flows/?paged=all'

let gate: Flowgate
let root: Api
let reader: Api
let project: string
let flows: string[]

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  reader = await createUser(gate, root, 'reader')
  project = await createProject(root, 'Shared')
  flows = []
  for (let n = 0; n < 12; n++) flows.push(await createFlow(root, `flow ${n % 5}/${n}`, project))
  await grant(root, reader, 'Viewer', 'Project', project)
})
afterAll(() => gate.stop())

type Item = { id: string; name: string }
type Page = { items: Item[]; total: number; next_cursor: string | null; prev_cursor: string | null }

async function walk(
  api: Api,
  path: string,
  size: number,
  between?: (page: Page) => Promise<unknown>,
) {
  const pages: Page[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor && `&cursor=${cursor}`
    const { status, body } = await api.get(`${path}&size=${size}${query}`)
    expect(status, JSON.stringify(body)).toBe(200)
    pages.push(body)
    await between?.(body)
    cursor = body.next_cursor
  }
  return pages
}

const idsOf = (pages: Page[]) => pages.flatMap((page) => page.items.map((item) => item.id))

test('a walk shows each visible flow exactly once, whatever the order, the filter and the size', async () => {
  const forms = [
    '',
    '&order=name',
    '&header_flows=true',
    `&folder_id=${project}`,
    '&components_only=false',
  ]
  for (const form of forms) {
    for (const size of [1, 5, 12, 100]) {
      const pages = await walk(reader, ALL + form, size)
      expect(new Set(idsOf(pages))).toEqual(new Set(flows))
      expect(idsOf(pages)).toHaveLength(flows.length)
      expect(pages.map((page) => page.total)).toEqual(pages.map(() => flows.length))
    }
  }
})

test('nor does a flow get lost whose stored time is empty or not there', async () => {
  const stored = await gate.db.execute('SELECT id, updated_at FROM flow ORDER BY id')
  const ids = stored.rows.map(({ id }) => String(id))
  for (const [n, time] of ['', '', '', null, null].entries())
    await gate.db.execute({
      sql: 'UPDATE flow SET updated_at = ? WHERE id = ?',
      args: [time, String(ids[n])],
    })
  for (const size of [1, 2, 5]) {
    const seen = idsOf(await walk(reader, ALL, size))
    expect(seen).toHaveLength(flows.length)
    expect(new Set(seen)).toEqual(new Set(flows))
  }
  for (const { id, updated_at } of stored.rows)
    await gate.db.execute({
      sql: 'UPDATE flow SET updated_at = ? WHERE id = ?',
      args: [String(updated_at), String(id)],
    })
})

test('by name means by name, and prev leads back over the same pages', async () => {
  const pages = await walk(reader, `${ALL}&order=name`, 5)
  const names = pages.flatMap((page) => page.items.map((item) => item.name))
  expect(names).toEqual(names.toSorted())
  const back = await reader.get(`${ALL}&order=name&size=5&cursor=${pages.at(-1)?.prev_cursor}`)
  expect(back.body.items).toEqual(pages.at(-2)?.items)
  expect(pages[0]?.prev_cursor).toBeNull()
})

test('the Link header leads to the next, the previous and the first page', async () => {
  const { body, headers } = await reader.get(`${ALL}&size=5`)
  const next = linkOf(headers, 'next')
  expect(next).toContain(`cursor=${body.next_cursor}`)
  const second = await reader.get(next)
  const first = await reader.get(linkOf(second.headers, 'prev'))
  expect(first.body.items).toEqual(body.items)
  expect((await reader.get(linkOf(second.headers, 'first'))).body).toEqual(body)
  const numbered = await reader.get(
    `/api/v1/flows/?get_all=false&folder_id=${project}&size=5&page=2`,
  )
  expect((await reader.get(linkOf(numbered.headers, 'last'))).body).toMatchObject({
    page: 3,
    total: 12,
  })
})

const linkOf = (headers: Headers, rel: string) =>
  new RegExp(`<([^>]*)>; rel="${rel}"`).exec(headers.get('link') ?? '')?.[1] ?? `no ${rel}`

test('a cursor of another caller, order, filter or make is refused', async () => {
  const { body } = await reader.get(`${ALL}&size=5`)
  const cursor: string = body.next_cursor
  const [payload = '', signature = ''] = cursor.split('.')
  const refused = [
    root.get(`${ALL}&cursor=${cursor}`),
    reader.get(`${ALL}&order=name&cursor=${cursor}`),
    reader.get(`${ALL}&header_flows=true&cursor=${cursor}`),
    reader.get(`${ALL}&folder_id=${project}&cursor=${cursor}`),
    reader.get(`${ALL}&components_only=true&cursor=${cursor}`),
    reader.get(`${ALL}&cursor=garbage`),
    reader.get(`${ALL}&cursor=${payload}`),
    reader.get(`${ALL}&cursor=${payload}.`),
    reader.get(`${ALL}&cursor=${payload}.AAAA`),
    reader.get(`${ALL}&cursor=A${payload}.${signature}`),
    reader.get(`${ALL}&cursor=%00%F0%9F%98%80.${signature}`),
  ]
  for (const answer of await Promise.all(refused))
    expect([answer.status, answer.body.code]).toEqual([400, 'cursor_invalid'])
  expect((await reader.get(`${ALL}&size=5&cursor=${cursor}`)).status).toBe(200)
})

test('what is revoked, moved or hidden during a walk is gone from its next page on', async () => {
  const elsewhere = await createProject(root, 'Elsewhere')
  const late = await createUser(gate, root, 'late')
  const assignment = await grant(root, late, 'Viewer', 'Project', project)
  const pages = await walk(late, ALL, 5, async (page) => {
    if (page.items.length > 0) await root.delete(`/api/v1/rbac/assignments/${assignment}`)
  })
  expect(pages.map((page) => page.items.length)).toEqual([5, ...pages.slice(1).map(() => 0)])
  expect(pages.map((page) => page.total)).toEqual([12, ...pages.slice(1).map(() => 0)])
  // Moved straight in the database: what is asked here is only what the next page says.
  await grant(root, late, 'Viewer', 'Project', project)
  const moved = flows[0]?.replaceAll('-', '') ?? ''
  const move = (to: string) =>
    gate.db.execute({
      sql: 'UPDATE flow SET folder_id = ? WHERE id = ?',
      args: [to.replaceAll('-', ''), moved],
    })
  const seen = await walk(late, ALL, 5, () => move(elsewhere))
  expect(idsOf(seen)).not.toContain(flows[0])
  expect(seen.map((page) => page.total)).toEqual([12, 11, 11])
  await move(project)
})

test('flows that come in front of the reader do not make a walk repeat or skip any', async () => {
  const pages = await walk(reader, ALL, 5, () => createFlow(root, 'new', project))
  const ids = idsOf(pages)
  expect(new Set(ids).size).toBe(ids.length)
  expect(flows.every((id) => ids.includes(id))).toBe(true)
})

test('an unchanged page is answered with 304, but never after a grant has gone', async () => {
  const visitor = await createUser(gate, root, 'visitor')
  const assignment = await grant(root, visitor, 'Viewer', 'Project', project)
  const first = await gate.fetch(`${ALL}&size=5`, {
    headers: { authorization: `Bearer ${visitor.token}` },
  })
  const etag = first.headers.get('etag') ?? ''
  const again = () =>
    gate.fetch(`${ALL}&size=5`, {
      headers: { authorization: `Bearer ${visitor.token}`, 'if-none-match': etag },
    })
  gate.proxy.reset()
  expect([(await again()).status, gate.proxy.count]).toEqual([304, 1])
  await gate.db.execute({
    sql: `UPDATE userroleassignment SET expires_at = '2020-01-01 00:00:00.000000' WHERE id = ?`,
    args: [assignment.replaceAll('-', '')],
  })
  const after = await again()
  expect([after.status, await after.json()]).toMatchObject([200, { items: [], total: 0 }])
})

test('rows carry what the caller may do with them only when asked', async () => {
  const plain = await reader.get(`${ALL}&size=1`)
  expect(plain.body.items[0]).not.toHaveProperty('actions')
  gate.proxy.reset()
  const mine = await reader.get(`${ALL}&size=1&include=actions`)
  expect(mine.body.items[0]).toMatchObject({ actions: ['Read'], scope: 'Project' })
  expect(gate.proxy.count).toBe(1)
  const admins = await as(gate, root.token).get('/api/v1/flows/?include=actions')
  expect(admins.body[0]).toMatchObject({
    actions: ['Create', 'Read', 'Update', 'Delete'],
    scope: 'Global',
  })
})
