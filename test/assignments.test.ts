// Assignments as a table for admins: the names of what they are about, filters as the front end sends them,
// pages, one by its id. Nobody learns a name by them who could not list them all.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

const ASSIGNMENTS = '/api/v1/rbac/assignments'
type Named = { id: string; username: string | null; role_name: string; scope_name: string | null }

let gate: Flowgate
let root: Api
let vera: Api
let project: string
let flow: string
const granted: Record<string, string> = {}
const hex = (id: string) => id.replaceAll('-', '')

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  vera = await createUser(gate, root, 'Véra')
  project = await createProject(root, 'a project')
  flow = await createFlow(root, 'a flow', project)
  granted.Project = await grant(root, vera, 'Editor', 'Project', project)
  granted.Flow = await grant(root, vera, 'Viewer', 'Flow', flow)
  granted.Global = await grant(root, vera, 'Viewer', 'Global')
})
afterAll(() => gate.stop())

const list = async (query: string) =>
  (await expectStatus(200, root.get(`${ASSIGNMENTS}${query}`))).body
const idsOf = (items: Named[]) => items.map(({ id }) => id)

test('each carries the names of its user, role and scope, wherever it is answered', async () => {
  const expected: Record<string, unknown> = {
    Project: { username: 'Véra', role_name: 'Editor', scope_name: 'a project' },
    Flow: { username: 'Véra', role_name: 'Viewer', scope_name: 'a flow' },
    Global: { username: 'Véra', role_name: 'Viewer', scope_name: null },
  }
  const listed = await list(`?user_id=${vera.userId}`)
  for (const [scope, id] of Object.entries(granted)) {
    gate.proxy.reset()
    const { body } = await expectStatus(200, root.get(`${ASSIGNMENTS}/${id}`))
    expect(gate.proxy.count).toBe(1)
    expect(body).toMatchObject({ ...(expected[scope] as object), id, scope_type: scope })
    expect(listed.find((one: Named) => one.id === id)).toEqual(body)
    const { body: patched } = await root.patch(`${ASSIGNMENTS}/${id}`, { expires_at: null })
    expect(patched).toEqual(body)
  }
  const missing = await root.get(`${ASSIGNMENTS}/${'0'.repeat(32)}`)
  expect([missing.status, missing.body.detail]).toEqual([
    404,
    "Assignment '00000000-0000-0000-0000-000000000000' not found",
  ])
})

test('a new one has them at once, and the answer to its repeat too', async () => {
  const body = { user_id: vera.userId, role_name: 'Owner', scope_type: 'Flow', scope_id: flow }
  const headers = { authorization: `Bearer ${root.token}`, 'idempotency-key': 'names' }
  const [first, again] = [
    await expectStatus(201, call(gate, 'POST', ASSIGNMENTS, body, headers)),
    await expectStatus(201, call(gate, 'POST', ASSIGNMENTS, body, headers)),
  ]
  expect(first.body).toMatchObject({ username: 'Véra', role_name: 'Owner', scope_name: 'a flow' })
  expect(again.body).toEqual(first.body)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  await expectStatus(204, root.delete(`${ASSIGNMENTS}/${first.body.id}`))
})

test('filters: by name in every way to write it, by role, by scope, all together', async () => {
  const all: Named[] = await list('')
  for (const name of ['Véra', 'VÉRA', '%20v%C3%A9ra', 've%CC%81ra'])
    expect((await list(`?username=${name}`)).map((a: Named) => a.username)).toEqual(
      all.flatMap(({ username }) => (username === 'Véra' ? 'Véra' : [])),
    )
  for (const name of ['V', 'V%25', '%25', 'nobody'])
    expect(await list(`?username=${name}`)).toEqual([])
  expect(idsOf(await list('?role_name=Viewer'))).toEqual([granted.Flow, granted.Global])
  expect(idsOf(await list('?username=V%C3%A9ra&role_name=Viewer&scope_type=Flow'))).toEqual([
    granted.Flow,
  ])
  expect(await list('?username=root&role_name=Viewer')).toEqual([])
})

test('by the page when asked: each once, in the order of the whole, with exact totals', async () => {
  const whole: Named[] = await list('')
  const seen: Named[] = []
  for (let page = 1; page <= 4; page++) {
    gate.proxy.reset()
    const { items, ...about } = await list(`?page=${page}&size=2`)
    expect(gate.proxy.count).toBe(1)
    expect(about).toEqual({
      total: whole.length,
      page,
      size: 2,
      pages: Math.ceil(whole.length / 2),
    })
    seen.push(...items)
  }
  expect(seen).toEqual(whole.slice(0, 8))
  expect(whole.length).toBeGreaterThan(4)
  expect(await list('?size=1&role_name=Viewer')).toMatchObject({ total: 2, page: 1, pages: 2 })
  expect(await list('?page=9')).toMatchObject({ items: [], page: 9, size: 50 })
  expect(await list('?page=1&username=nobody')).toMatchObject({ items: [], total: 0, pages: 0 })
  for (const query of ['page=0', 'size=0', 'size=101', 'page=x'])
    expect((await root.get(`${ASSIGNMENTS}?${query}`)).status).toBe(422)
})

test('its own user is told about a grant without the name of what they may not read', async () => {
  const { body: role } = await expectStatus(
    201,
    root.post('/api/v1/rbac/roles', { name: 'Hidden', permissions: [] }),
  )
  const secret = await createFlow(root, 'a secret flow')
  await grant(root, vera, role.name, 'Flow', secret)
  const { body } = await expectStatus(
    200,
    vera.get(`/api/v1/rbac/explain?permission=Read&scope_type=Flow&scope_id=${secret}`),
  )
  expect(body.grants[0]).toMatchObject({ status: 'decides', scope_type: 'Flow' })
  expect(JSON.stringify(body)).not.toContain('a secret flow')
  for (const path of ['', '?size=1', `?user_id=${vera.userId}`, `/${granted.Flow}`])
    expect((await vera.get(ASSIGNMENTS + path)).status).toBe(403)
})

test('what is gone, or stored as nobody should, has no name and breaks nothing', async () => {
  await gate.db.executeMultiple(`PRAGMA foreign_keys = off;
    INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
      SELECT '${'1'.repeat(32)}', '${'9'.repeat(32)}', id, 'Flow', '${'9'.repeat(32)}', 0, '2026' FROM role WHERE name = 'Viewer';
    INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
      SELECT '${'2'.repeat(32)}', '${hex(vera.userId)}', id, 'Project', NULL, 0, '2026' FROM role WHERE name = 'Viewer';
    UPDATE flow SET name = CAST(x'62ff' AS TEXT) WHERE id = '${hex(flow)}';
    UPDATE folder SET name = x'61' WHERE id = '${hex(project)}';`)
  const { body: gone } = await expectStatus(200, root.get(`${ASSIGNMENTS}/${'1'.repeat(32)}`))
  expect(gone).toMatchObject({ username: null, role_name: 'Viewer', scope_name: null })
  const { body: bare } = await expectStatus(200, root.get(`${ASSIGNMENTS}/${'2'.repeat(32)}`))
  expect(bare).toMatchObject({ username: 'Véra', scope_id: null, scope_name: null })
  const names = (await list('')).map((one: Named) => one.scope_name)
  expect(names).toEqual(expect.arrayContaining(['b\ufffd', 'a', null]))
})
