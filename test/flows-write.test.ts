// Changing and deleting flows: who may, what it changes, and what it takes along.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { rowsRead } from './support/rows-read.ts'
import {
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  mergePatch,
  signIn,
} from './support/world.ts'

const MISSING = '00000000-0000-4000-8000-000000000000'
let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
})
afterAll(() => gate.stop())
let users = 0
beforeEach(async () => {
  bob = await createUser(gate, root, `bob-${users++}`)
})

const read = async (id: string) => (await expectStatus(200, root.get(`/api/v1/flows/${id}`))).body
/** What must never happen to a flow, seen from outside. */
const grantsOn = async (id: string) => {
  const { rows } = await gate.db.execute({
    sql: 'SELECT count(*) AS n FROM userroleassignment WHERE scope_id = ?',
    args: [id.replaceAll('-', '')],
  })
  return Number(rows[0]?.n)
}

test('a PATCH changes what it names, keeps what it leaves out, and sets updated_at', async () => {
  const id = await createFlow(ann, 'patched', undefined, {
    description: 'before',
    endpoint_name: 'patched-end',
    locked: true,
  })
  await gate.db.execute({
    sql: "UPDATE flow SET updated_at = '2020-01-01 00:00:00.000000' WHERE id = ?",
    args: [id.replaceAll('-', '')],
  })
  const { body } = await expectStatus(
    200,
    ann.patch(`/api/v1/flows/${id}`, { description: 'after' }),
  )
  expect(body).toMatchObject({
    name: 'patched',
    description: 'after',
    endpoint_name: 'patched-end',
    locked: true,
  })
  expect(body.updated_at > '2021').toBe(true)
})

test('a null is no wish, but for the endpoint name, which it clears', async () => {
  const id = await createFlow(ann, 'cleared', undefined, {
    description: 'd',
    endpoint_name: 'cleared-end',
    access_type: 'PUBLIC',
  })
  const nulls = { name: null, description: null, endpoint_name: null, access_type: null }
  const { body } = await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, nulls))
  expect(body).toMatchObject({
    name: 'cleared',
    description: 'd',
    endpoint_name: null,
    access_type: 'PUBLIC',
  })
})

test('webhook follows the graph, also where the graph is odd', async () => {
  const id = await createFlow(ann, 'hooked', undefined, { webhook: true })
  const patch = async (body: object) =>
    (await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, body))).body.webhook
  expect(await patch({ name: 'hooked' })).toBe(false)
  expect(await patch({ data: { nodes: [{ id: 'Webhook-1' }], edges: [] } })).toBe(true)
  expect(await patch({ description: 'still' })).toBe(true)
  for (const nodes of [['Webhook'], [null, 1], 'Webhook', [{ id: { a: 1 } }], {}])
    expect(await patch({ data: { nodes, edges: [] } })).toBe(false)
  expect(await patch({ data: { nodes: [{ id: 'Webhook-1' }], edges: [] } })).toBe(true)
  expect(await patch({ data: null })).toBe(true)
  const cleared = mergePatch(gate, ann, `/api/v1/flows/${id}`, { data: null })
  expect((await expectStatus(200, cleared)).body).toMatchObject({ data: null, webhook: false })
})

test('a name that the same user has already is a 400', async () => {
  await createFlow(ann, 'taken', undefined, { endpoint_name: 'taken-end' })
  const id = await createFlow(ann, 'free')
  const named = await ann.patch(`/api/v1/flows/${id}`, { name: 'taken' })
  expect([named.status, named.body.detail]).toEqual([400, 'Name must be unique'])
  const ended = await ann.patch(`/api/v1/flows/${id}`, { endpoint_name: 'taken-end' })
  expect([ended.status, ended.body.detail]).toEqual([400, 'Endpoint name must be unique'])
})

test('update and delete answer 403 for hidden and missing alike, and 404 to who could see it', async () => {
  const hidden = await createFlow(ann, 'hidden')
  for (const [send, verb] of [
    [(api: Api, id: string) => api.patch(`/api/v1/flows/${id}`, { name: 'x' }), 'update'],
    [(api: Api, id: string) => api.delete(`/api/v1/flows/${id}`), 'delete'],
  ] as const) {
    for (const id of [hidden, MISSING]) {
      const refused = await send(bob, id)
      expect(refused.status).toBe(403)
      expect(refused.body.detail).toBe(`You do not have permission to ${verb} this flow`)
    }
    const missing = await send(root, MISSING)
    expect([missing.status, missing.body.detail]).toEqual([404, 'Flow not found'])
  }
  expect((await read(hidden)).name).toBe('hidden')
})

test('fields that are not the caller’s to set never count', async () => {
  const id = await createFlow(ann, 'assigned', undefined, {
    user_id: root.userId,
    fs_path: 'elsewhere.json',
    id: MISSING,
  })
  const forged = {
    user_id: root.userId,
    fs_path: 'elsewhere.json',
    id: MISSING,
    updated_at: '1999-01-01',
  }
  const { body } = await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, forged))
  expect(body).toMatchObject({ id, user_id: ann.userId })
  expect(body).not.toHaveProperty('fs_path')
  const { rows } = await gate.db.execute('SELECT count(*) AS n FROM flow WHERE fs_path IS NOT NULL')
  expect(rows[0]?.n).toBe(0)
})

test('an Editor cannot move a flow to where they may not create', async () => {
  const theirs = await createProject(ann, 'theirs')
  const flow = await createFlow(ann, 'stays', theirs)
  await grant(root, bob, 'Editor', 'Project', theirs)
  const foreign = await createProject(root, 'foreign')
  for (const target of [foreign, MISSING]) {
    const refused = await bob.patch(`/api/v1/flows/${flow}`, { folder_id: target, name: 'moved' })
    expect(refused.status).toBe(403)
    expect(refused.body.detail).toBe(`You do not have permission to create flows in this project`)
  }
  await grant(root, bob, 'Viewer', 'Project', foreign)
  const named = await bob.patch(`/api/v1/flows/${flow}`, { folder_id: foreign })
  expect(named.body.detail).toBe("You do not have permission to create flows in project 'foreign'")
  expect(await read(flow)).toMatchObject({ name: 'stays', folder_id: theirs })
})

test('a move takes Owner of the flow where it is and Create where it goes, and no more', async () => {
  const from = await createProject(ann, 'from')
  const to = await createProject(ann, 'to')
  const flow = await createFlow(ann, 'mover', from)
  await grant(root, bob, 'Editor', 'Project', to)
  const held = await grant(root, bob, 'Editor', 'Project', from)
  const refused = await bob.patch(`/api/v1/flows/${flow}`, { folder_id: to })
  expect([refused.status, refused.body.detail]).toEqual([
    403,
    'You do not have permission to move this flow out of its project',
  ])
  await expectStatus(200, bob.patch(`/api/v1/flows/${flow}`, { folder_id: from, name: 'stays' }))
  await expectStatus(200, root.patch(`/api/v1/rbac/assignments/${held}`, { role_name: 'Owner' }))
  const { body } = await expectStatus(200, bob.patch(`/api/v1/flows/${flow}`, { folder_id: to }))
  expect(body.folder_id).toBe(to)
  const missing = await root.patch(`/api/v1/flows/${flow}`, { folder_id: MISSING })
  expect([missing.status, missing.body.detail]).toEqual([
    404,
    `Project with ID ${MISSING} not found`,
  ])
})

test('taking a flow out of every project takes Owner too', async () => {
  const project = await createProject(ann, 'shared')
  const flow = await createFlow(ann, 'kept', project)
  await grant(root, bob, 'Editor', 'Project', project)
  const out = (api: Api) => mergePatch(gate, api, `/api/v1/flows/${flow}`, { folder_id: null })
  expect((await out(bob)).status).toBe(403)
  const { body } = await expectStatus(200, out(ann))
  expect(body.folder_id).toBe(null)
})

test('an explicit lesser role on the flow outweighs Owner of its project', async () => {
  const project = await createProject(bob, 'own')
  const flow = await createFlow(ann, 'lesser')
  await expectStatus(200, root.patch(`/api/v1/flows/${flow}`, { folder_id: project }))
  await grant(root, bob, 'Viewer', 'Flow', flow)
  expect((await bob.patch(`/api/v1/flows/${flow}`, { name: 'x' })).status).toBe(403)
  expect((await bob.delete(`/api/v1/flows/${flow}`)).status).toBe(403)
})

test('deleting a flow takes its grants along', async () => {
  const flow = await createFlow(ann, 'deleted')
  await grant(root, bob, 'Viewer', 'Flow', flow)
  const answer = await ann.delete(`/api/v1/flows/${flow}`)
  expect([answer.status, answer.body]).toEqual([204, ''])
  expect(await grantsOn(flow)).toBe(0)
  expect((await root.get(`/api/v1/flows/${flow}`)).status).toBe(404)
})

test('bulk deletion goes by roles: an entitled Owner can, a demoted author cannot', async () => {
  const [demoted, entitled, foreign] = [
    await createFlow(bob, 'demoted'),
    await createFlow(ann, 'entitled'),
    await createFlow(ann, 'foreign'),
  ]
  const { body: held } = await root.get(`/api/v1/rbac/assignments?user_id=${bob.userId}`)
  const own = held.find((a: { scope_id: string }) => a.scope_id === demoted)
  await expectStatus(200, root.patch(`/api/v1/rbac/assignments/${own.id}`, { role_name: 'Viewer' }))
  await grant(root, bob, 'Owner', 'Flow', entitled)
  const answer = await bob.delete('/api/v1/flows/', [demoted, entitled, foreign, MISSING, entitled])
  expect([answer.status, answer.body]).toEqual([200, { deleted: 1 }])
  expect([(await grantsOn(demoted)) > 0, await grantsOn(entitled)]).toEqual([true, 0])
  expect((await root.get(`/api/v1/flows/${foreign}`)).status).toBe(200)
})

test('a write is one request to the database', async () => {
  const flow = await createFlow(ann, 'counted')
  const count = async (answer: () => Promise<unknown>) => {
    gate.proxy.reset()
    await answer()
    return gate.proxy.count
  }
  expect(await count(() => ann.patch(`/api/v1/flows/${flow}`, { name: 'counted again' }))).toBe(1)
  expect(await count(() => ann.post('/api/v1/flows/download/', [flow]))).toBe(1)
  expect(await count(() => ann.post('/api/v1/flows/batch/', { flows: [{ name: 'n' }] }))).toBe(1)
  expect(await count(() => ann.delete(`/api/v1/flows/${flow}`))).toBe(1)
  expect(await count(() => ann.delete('/api/v1/flows/', []))).toBe(1)
})

test('every change of who reaches a flow, of its names and of its graph is audited in its transaction', async () => {
  const from = await createProject(ann, 'audited')
  const id = await createFlow(ann, 'audited', from)
  await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, { description: 'not audited' }))
  await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, { name: 'audited', locked: true }))
  await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, { access_type: 'PUBLIC' }))
  await expectStatus(403, bob.patch(`/api/v1/flows/${id}`, { access_type: 'PRIVATE' }))
  // Names as they were and are; of a graph nothing but that it changed.
  const data = { nodes: [{ id: 'private-content' }], edges: [] }
  await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, { data, name: 'b', endpoint_name: 'e' }))
  const { items } = (await root.get(`/api/v1/audit?target_id=${id}&size=1`)).body
  expect(items[0]).toMatchObject({
    before: { name: 'audited', endpoint_name: null },
    after: { name: 'b', endpoint_name: 'e', data: 'changed' },
  })
  expect(JSON.stringify(items)).not.toContain('private-content')
  await expectStatus(403, bob.patch(`/api/v1/flows/${id}`, { name: 'c', data }))
  await expectStatus(204, ann.delete(`/api/v1/flows/${id}`))
  const { rows } = await gate.db.execute({
    sql: `SELECT action, actor_id, json_extract(before, '$.access_type') AS was, json_extract(after, '$.access_type') AS is_now
      FROM flowgate_audit WHERE target_id = ? ORDER BY seq`,
    args: [id.replaceAll('-', '')],
  })
  expect(rows.map((row) => [row.action, row.was, row.is_now])).toEqual([
    ['flow.create', null, 'PRIVATE'],
    ['flow.update', 'PRIVATE', 'PUBLIC'],
    ['flow.update', 'PUBLIC', 'PUBLIC'],
    ['flow.delete', 'PUBLIC', null],
  ])
  expect(new Set(rows.map((row) => row.actor_id))).toEqual(
    new Set([ann.userId.replaceAll('-', '')]),
  )
})

test('a bad endpoint name is a 422 with the plain text', async () => {
  const flow = await createFlow(ann, 'ends')
  for (const endpoint_name of ['', 'a b', 'line\n', 'ü', 'a/b']) {
    for (const answer of [
      await ann.post('/api/v1/flows/', { name: 'n', endpoint_name }),
      await ann.patch(`/api/v1/flows/${flow}`, { endpoint_name }),
    ]) {
      expect(answer.status).toBe(422)
      expect(answer.body.detail).toBe(
        'Endpoint name must contain only letters, numbers, hyphens, and underscores',
      )
    }
  }
})

test('icon and colour keep their rules', async () => {
  const make = (more: object) => ann.post('/api/v1/flows/', { name: 'styled', ...more })
  expect((await make({ icon: ':rocket:' })).body.icon).toBe('🚀')
  expect((await make({ icon: 'Any Thing' })).body.icon).toBe('Any Thing')
  for (const icon of [':rocket', 'rocket:', ':No Emoji:', ':'])
    expect((await make({ icon })).body.detail[0].loc).toEqual(['body', 'icon'])
  const bad = await make({ icon_bg_color: 'ff00ff' })
  expect([bad.status, bad.body.detail[0].msg]).toEqual([
    422,
    'Icon background color must start with #',
  ])
  expect((await make({ icon_bg_color: '#ff00' })).body.detail[0].msg).toBe(
    'Icon background color must be 7 characters long',
  )
  for (const icon_bg_color of ['', null, '#ff00ff'])
    expect((await make({ icon_bg_color })).status).toBe(201)
})

test('a taken name gets the next number of exactly that base', async () => {
  const names = async (...wanted: string[]) => {
    const made = []
    for (const name of wanted)
      made.push((await expectStatus(201, bob.post('/api/v1/flows/', { name }))).body.name)
    return made
  }
  expect(await names('x', 'x (draft)', 'x (7)', 'x', 'x (draft)', 'x (7)', 'x_', 'x%')).toEqual([
    'x',
    'x (draft)',
    'x (7)',
    'x (8)',
    'x (draft) (1)',
    'x (7) (1)',
    'x_',
    'x%',
  ])
  const endpoints = []
  for (const endpoint_name of ['e', 'e-prod', 'e', 'e-9', 'e', 'e-prod'])
    endpoints.push(
      (await bob.post('/api/v1/flows/', { name: 'e', endpoint_name })).body.endpoint_name,
    )
  expect(endpoints).toEqual(['e', 'e-prod', 'e-1', 'e-9', 'e-10', 'e-prod-1'])
})

test('a free name costs its relatives, however many other flows and however long the name', async () => {
  await gate.db.execute({
    sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO flow (id, name, access_type, user_id)
      SELECT lower(hex(randomblob(16))), 'other ' || i, 'PRIVATE', ? FROM n`,
    args: [bob.userId.replaceAll('-', '')],
  })
  await createFlow(bob, 'other')
  gate.proxy.reset()
  const { body } = await expectStatus(201, bob.post('/api/v1/flows/', { name: 'other' }))
  expect(body.name).toBe('other (1)')
  expect(rowsRead(gate.proxy.answers)).toBeLessThan(300)

  gate.proxy.reset()
  const endpoint_name = 'long'.repeat(250)
  await createFlow(bob, 'long', undefined, { endpoint_name })
  expect(gate.proxy.bodies[0]?.split(endpoint_name)).toHaveLength(2)
})

test('a text that is too long is a 422 that names it', async () => {
  const flow = await createFlow(bob, 'x'.repeat(1000))
  for (const [field, value, max] of [
    ['name', 'x'.repeat(1001), 1000],
    ['description', 'x'.repeat(100_001), 100_000],
    ['icon', 'x'.repeat(1001), 1000],
    ['tags', ['x'.repeat(100_000)], 100_000],
  ] as const) {
    const { status, body } = await bob.post('/api/v1/flows/', { name: 'n', [field]: value })
    expect([field, status, body.detail[0].loc]).toEqual([field, 422, ['body', field]])
    expect(body.detail[0].msg).toBe(`String should have at most ${max} characters`)
  }
  const { status } = await bob.patch(`/api/v1/flows/${flow}`, { name: 'x'.repeat(1001) })
  expect(status).toBe(422)
})

test('numbers beyond counting end in a 400, not in a 500', async () => {
  await createFlow(bob, 'n')
  await createFlow(bob, 'n (999999999)')
  await createFlow(bob, 'n')
  const statuses = [await bob.post('/api/v1/flows/', { name: 'n' })].map((a) => a.status)
  for (const status of statuses) expect([201, 400]).toContain(status)
})

test('JSON nested too deeply to be written out again is refused', async () => {
  const deep = `{"name":"deep","data":{"nodes":[],"edges":[],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
  const response = await gate.fetch('/api/v1/flows/', {
    method: 'POST',
    headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' },
    body: deep,
  })
  expect(response.status).toBe(422)
  const fine = {
    name: 'deep',
    data: JSON.parse(`{"nodes":[],"edges":[],"x":${'['.repeat(150)}${']'.repeat(150)}}`),
  }
  await expectStatus(201, ann.post('/api/v1/flows/', fine))
})

test('a stranger writes nothing', async () => {
  for (const [method, path] of [
    ['PATCH', `/api/v1/flows/${MISSING}`],
    ['DELETE', `/api/v1/flows/${MISSING}`],
    ['DELETE', '/api/v1/flows/'],
    ['POST', '/api/v1/flows/batch/'],
    ['POST', '/api/v1/flows/upload/'],
    ['POST', '/api/v1/flows/download/'],
  ] as const)
    expect((await call(gate, method, path, {})).status).toBe(403)
})
