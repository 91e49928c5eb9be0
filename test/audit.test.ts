// The audit: every change of who may do what leaves a row in the change's own transaction.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  login,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
})
afterAll(() => gate?.stop())

const hex = (id: string) => id.replaceAll('-', '')

async function rowsAbout(targetId: string) {
  const { rows } = await gate.db.execute({
    sql: 'SELECT action, target_type, actor_id, request_id, before, after FROM flowgate_audit WHERE target_id = ? ORDER BY seq',
    args: [hex(targetId)],
  })
  return rows.map((row) => ({ ...row }))
}

test('who signs up is recorded with the Starter Project and its Owner grant', async () => {
  expect(await rowsAbout(ann.userId)).toContainEqual(
    expect.objectContaining({
      action: 'user.create',
      target_type: 'user',
      actor_id: hex(ann.userId),
    }),
  )
  const { rows } = await gate.db.execute({
    sql: `SELECT a.action FROM flowgate_audit a WHERE a.actor_id = ? ORDER BY a.seq`,
    args: [hex(ann.userId)],
  })
  expect(rows.map((row) => row.action)).toEqual([
    'user.create',
    'project.create',
    'grant.create',
    'session.create',
  ])
})

test('the Owner grant that a creation makes is recorded with its request id', async () => {
  const project = await createProject(ann, 'Recorded')
  const flow = await createFlow(ann, 'recorded', project)
  const { rows } = await gate.db.execute({
    sql: `SELECT json_extract(after, '$.scope_type') AS scope_type, length(request_id) AS n FROM flowgate_audit
      WHERE action = 'grant.create' AND json_extract(after, '$.scope_id') IN (?, ?) ORDER BY seq`,
    args: [hex(project), hex(flow)],
  })
  expect(rows.map((row) => [row.scope_type, row.n])).toEqual([
    ['Project', 36],
    ['Flow', 36],
  ])
})

test('a grant is recorded when it is made, changed and revoked, with before and after', async () => {
  const project = await createProject(ann, 'Granted')
  const id = await grant(root, ann, 'Viewer', 'Project', project)
  const path = `/api/v1/rbac/assignments/${id}`
  await root.patch(path, { expires_at: '2999-01-01' })
  await root.patch(path, { expires_at: '2999-01-01' })
  await root.delete(path)
  const { body } = await expectStatus(200, root.get(`/api/v1/audit?target_id=${id}`))
  expect(body.items.map((item: { action: string }) => item.action)).toEqual([
    'grant.delete',
    'grant.update',
    'grant.create',
  ])
  expect(body.items[1]).toMatchObject({
    actor_id: root.userId,
    target_type: 'grant',
    target_id: id,
    before: { expires_at: null, user_id: hex(ann.userId), scope_id: hex(project) },
    after: { expires_at: '2999-01-01 00:00:00.000000' },
  })
  expect(body.items[2].before).toBe(null)
  expect(body.items[2].after.scope_id).toBe(hex(project))
})

test('entries come with the names of all they speak of, also of what is gone, and of nothing else', async () => {
  const dora = await createUser(gate, root, 'dora')
  const project = await createProject(dora, 'Named')
  const flow = await createFlow(dora, 'named', project)
  const id = await grant(root, ann, 'Viewer', 'Flow', flow)
  const namesOf = async () => {
    const { body } = await expectStatus(200, root.get(`/api/v1/audit?target_id=${id}`))
    const names = body.names.map((n: { name: string; is_gone: boolean }) => [n.name, n.is_gone])
    return names.sort()
  }
  const [role, holder, granter] = ['Viewer', 'ann', 'root'].map((name) => [name, false])
  expect(await namesOf()).toEqual([role, holder, ['named', false], granter])
  await expectStatus(204, root.delete(`/api/v1/flows/${flow}`))
  expect(await namesOf()).toEqual([role, holder, ['named', true], granter])
  await expectStatus(200, root.delete(`/api/v1/users/${dora.userId}`))
  const { body } = await root.get(`/api/v1/audit?actor_id=${dora.userId}&action=project.create`)
  expect(body.names).toContainEqual({ id: dora.userId, name: 'dora', is_gone: true })
})

test('a change of a project is recorded once, and of its settings only that they changed', async () => {
  const project = await createProject(ann, 'Settled')
  const path = `/api/v1/projects/${project}`
  const settings = { description: 'new', auth_settings: { auth_type: 'apikey' } }
  for (let n = 0; n < 2; n++) expect((await ann.patch(path, settings)).status).toBe(200)
  const changes = (await rowsAbout(project)).filter((row) => row.action === 'project.update')
  expect(
    changes.map(({ before, after }) => [before, after].map((text) => JSON.parse(String(text)))),
  ).toEqual([[{ description: null }, { description: 'new', auth_settings: 'changed' }]])
})

test('a refused write leaves no row, and no row shows a password', async () => {
  const before = await root.get('/api/v1/audit?size=1')
  const owner = await grantOf(ann)
  const MISSING = '00000000-0000-4000-8000-000000000000'
  const body = { user_id: ann.userId, role_name: 'Viewer', scope_type: 'Flow', scope_id: MISSING }
  expect((await root.post('/api/v1/rbac/assignments', body)).status).toBe(404)
  expect((await root.delete(`/api/v1/rbac/assignments/${owner}`)).status).toBe(400)
  expect((await ann.patch(`/api/v1/users/${root.userId}`, { username: 'x' })).status).toBe(403)
  expect((await root.patch(`/api/v1/users/${ann.userId}`, { username: 'root' })).status).toBe(400)
  expect((await root.get('/api/v1/audit?size=1')).body.items).toEqual(before.body.items)
  await expectStatus(200, root.patch(`/api/v1/users/${ann.userId}`, { password: 'new-secret' }))
  const { body: after } = await root.get(`/api/v1/audit?target_id=${ann.userId}&size=1`)
  expect(after.items[0]).toMatchObject({ before: {}, after: { password: 'changed' } })
  const { rows } = await gate.db.execute(
    "SELECT * FROM flowgate_audit WHERE after LIKE '%scrypt%' OR after LIKE '%new-secret%'",
  )
  expect(rows).toEqual([])
})

async function grantOf(api: Api): Promise<string> {
  const { body } = await root.get(`/api/v1/rbac/assignments?user_id=${api.userId}`)
  return body.find((assignment: { is_immutable: boolean }) => assignment.is_immutable).id
}

test('the audit is for admins, filtered, and walked by a cursor that nobody else can use', async () => {
  const all = await expectStatus(200, root.get('/api/v1/audit?size=100'))
  const walked: unknown[] = []
  let cursor = ''
  do {
    const page = await expectStatus(200, root.get(`/api/v1/audit?size=7${cursor}`))
    walked.push(...page.body.items)
    cursor = page.body.next_cursor ? `&cursor=${page.body.next_cursor}` : ''
  } while (cursor)
  expect(walked).toEqual(all.body.items)
  const { body } = await root.get(
    `/api/v1/audit?actor_id=${root.userId}&action=grant.create&size=1`,
  )
  expect(body.items[0]).toMatchObject({ actor_id: root.userId, action: 'grant.create' })
  const own = body.next_cursor ?? (await root.get('/api/v1/audit?size=1')).body.next_cursor
  for (const query of [
    `size=2&cursor=${own}x`,
    'cursor=MQ.',
    'cursor=',
    `action=x&cursor=${own}`,
  ]) {
    const answer = await root.get(`/api/v1/audit?${query}`)
    expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'cursor_invalid'])
  }
  expect((await root.get('/api/v1/audit?until=2020-01-01')).body.items).toEqual([])
  expect((await root.get('/api/v1/audit?since=never')).status).toBe(422)
})

test('nobody changes or deletes what was recorded, not even in the database', async () => {
  await expect(gate.db.execute('DELETE FROM flowgate_audit')).rejects.toThrow(/never deleted/)
  await expect(gate.db.execute("UPDATE flowgate_audit SET action = 'x'")).rejects.toThrow(
    /never changed/,
  )
})

const eventsOf = async (action: string, id: string) =>
  (await root.get(`/api/v1/audit?action=${action}&target_id=${id}`)).body.items

test('a failed sign-in is recorded by account, once an hour, and nothing of an invented name', async () => {
  const invented = 'nobody of that name'
  for (let i = 0; i < 3; i++)
    for (const name of ['ann', invented])
      expect((await login(gate, name, 'wrong password')).status).toBe(401)
  await expect.poll(() => eventsOf('user.sign_in_failed', ann.userId)).toHaveLength(1)
  for (let i = 0; i < 3; i++) await login(gate, 'ann', 'wrong password')
  const [event, ...more] = await eventsOf('user.sign_in_failed', ann.userId)
  expect([event, more]).toMatchObject([{ actor_id: null, before: null, after: null }, []])
  const { rows } = await gate.db.execute({
    sql: "SELECT count(*) AS n FROM flowgate_audit WHERE action = 'user.sign_in_failed'",
    args: [],
  })
  expect(rows[0]?.n).toBe(1)
})

test('refusals in bulk are recorded for their caller, a few are not', async () => {
  const mob = await createUser(gate, root, 'mob')
  const refused = () => mob.get('/api/v1/audit')
  for (let i = 0; i < 5; i++) await expectStatus(403, refused())
  expect(await eventsOf('user.refused', mob.userId)).toEqual([])
  for (let i = 0; i < 40; i++) await expectStatus(403, refused())
  await expect.poll(() => eventsOf('user.refused', mob.userId)).toHaveLength(1)
  expect((await eventsOf('user.refused', mob.userId))[0].actor_id).toBe(mob.userId)
})
