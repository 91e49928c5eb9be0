// Explanations: the same answer as the predicate, with the grants that it rests on.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let project: string
let flow: string

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  project = await createProject(ann, 'Project')
  flow = await createFlow(ann, 'flow', project)
})
afterAll(() => gate?.stop())

const MISSING = '00000000-0000-4000-8000-000000000000'
type Grant = { status: string; holds_permission: boolean; role: { name: string } }

const explain = (
  api: Api,
  permission: string,
  scope_id: string,
  user_id?: string,
  scope = 'Flow',
) =>
  api.get(
    `/api/v1/rbac/explain?${new URLSearchParams({ permission, scope_type: scope, scope_id, ...(user_id && { user_id }) })}`,
  )

const summary = (grants: Grant[]) => grants.map((g) => [g.role.name, g.status, g.holds_permission])

test('the most specific scope with a live grant decides; the rest is shadowed or expired', async () => {
  await root.post('/api/v1/rbac/roles', { name: 'Blind' })
  const none = await explain(bob, 'Read', flow)
  expect(none.body).toMatchObject({ allowed: false, decided_by: 'no_grant', grants: [] })
  await grant(root, bob, 'Viewer', 'Global')
  await grant(root, bob, 'Editor', 'Project', project)
  await root.post('/api/v1/rbac/assignments', {
    user_id: bob.userId,
    role_name: 'Owner',
    scope_type: 'Flow',
    scope_id: flow,
    expires_at: '2020-01-01',
  })
  const inherited = await explain(bob, 'Update', flow)
  expect(inherited.body).toMatchObject({
    allowed: true,
    decided_by: 'project_grant',
    user_id: bob.userId,
    scope_id: flow,
  })
  expect(summary(inherited.body.grants)).toEqual([
    ['Owner', 'expired', true],
    ['Editor', 'decides', true],
    ['Viewer', 'shadowed', false],
  ])
  const blind = await grant(root, bob, 'Blind', 'Flow', flow)
  const hidden = await explain(root, 'Read', flow, bob.userId)
  expect(hidden.body).toMatchObject({ allowed: false, decided_by: 'flow_grant' })
  expect(summary(hidden.body.grants)).toEqual([
    ['Owner', 'expired', true],
    ['Blind', 'decides', false],
    ['Editor', 'shadowed', true],
    ['Viewer', 'shadowed', true],
  ])
  expect((await bob.get(`/api/v1/flows/${flow}`)).status).toBe(403)
  const onProject = await explain(bob, 'Update', project, undefined, 'Project')
  expect(summary(onProject.body.grants)).toEqual([
    ['Editor', 'decides', true],
    ['Viewer', 'shadowed', false],
  ])
  await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${blind}`))
})

test('superusers, Global Admins and deactivated users are named as what decides', async () => {
  const [carl, dora] = [await createUser(gate, root, 'carl'), await createUser(gate, root, 'dora')]
  await grant(root, carl, 'Admin', 'Global')
  await grant(root, dora, 'Owner', 'Flow', flow)
  expect((await explain(root, 'Delete', flow)).body).toMatchObject({
    allowed: true,
    decided_by: 'superuser',
  })
  const admin = (await explain(carl, 'Delete', flow)).body
  expect([admin.decided_by, summary(admin.grants)]).toEqual([
    'global_admin',
    [['Admin', 'decides', true]],
  ])
  await root.patch(`/api/v1/users/${dora.userId}`, { is_active: false })
  expect((await explain(root, 'Read', flow, dora.userId)).body).toMatchObject({
    allowed: false,
    decided_by: 'inactive',
  })
})

test('others are for admins; nobody learns from it which ids and users exist', async () => {
  for (const user of [ann.userId, MISSING]) {
    const answer = await explain(bob, 'Read', flow, user)
    expect([answer.status, answer.body.detail]).toEqual([403, 'Admin access required'])
  }
  expect((await explain(root, 'Read', flow, MISSING)).status).toBe(404)
  const eve = await createUser(gate, root, 'eve')
  const [hidden, missing] = [await explain(eve, 'Read', flow), await explain(eve, 'Read', MISSING)]
  expect({ ...hidden.body, scope_id: '' }).toEqual({ ...missing.body, scope_id: '' })
  for (const [permission, id] of [
    ['Fly', flow],
    ['Read', 'x'],
  ] as const)
    expect((await explain(eve, permission, id)).status).toBe(422)
})

const access = (api: Api, id: string, more = '', scope = 'Flow') =>
  api.get(`/api/v1/rbac/access?scope_type=${scope}&scope_id=${id}${more}`)

test('who can do what agrees with each user asking for themselves', async () => {
  gate.proxy.reset()
  const { body } = await expectStatus(200, access(root, flow))
  expect(gate.proxy.count).toBe(1)
  const byName = Object.fromEntries(
    body.items.map((item: { username: string }) => [item.username, item]),
  )
  expect(Object.keys(byName)).toEqual(['ann', 'bob', 'carl', 'root'])
  expect(byName.ann).toMatchObject({
    actions: ['Create', 'Read', 'Update', 'Delete'],
    decided_by: 'flow_grant',
    grants: [{ role_name: 'Owner', scope_type: 'Flow', scope_id: flow }],
  })
  expect(byName.bob).toMatchObject({
    actions: ['Create', 'Read', 'Update'],
    decided_by: 'project_grant',
    grants: [{ role_name: 'Editor' }],
  })
  expect(byName.carl).toMatchObject({
    decided_by: 'global_admin',
    grants: [{ role_name: 'Admin' }],
  })
  expect(byName.root).toMatchObject({ decided_by: 'superuser', grants: [] })
  for (const api of [ann, bob]) {
    const { actions } = byName[api === ann ? 'ann' : 'bob']
    for (const permission of ['Create', 'Read', 'Update', 'Delete'])
      expect((await explain(api, permission, flow)).body.allowed).toBe(actions.includes(permission))
  }
  const second = (await access(root, flow, '&page=2&size=3')).body
  expect([
    second.items.map((i: { username: string }) => i.username),
    second.total,
    second.pages,
  ]).toEqual([['root'], 4, 2])
  expect((await access(root, project, '', 'Project')).body.total).toBe(4)
})

test('to an Owner who is no admin, admins are a number and no names', async () => {
  const { body } = await expectStatus(200, access(ann, flow))
  expect(body.items.map((item: { username: string }) => item.username)).toEqual(['ann', 'bob'])
  expect([body.total, body.pages, body.admins]).toEqual([2, 1, 2])
  expect((await access(root, flow)).body.admins).toBe(2)
})

test('who is not its Owner learns nothing of who has access, nor whether it exists', async () => {
  const [hidden, missing] = [await access(bob, flow), await access(bob, MISSING)]
  expect([hidden.status, hidden.body.detail]).toEqual([missing.status, missing.body.detail])
  expect(hidden.status).toBe(403)
  expect((await access(root, MISSING)).status).toBe(404)
  expect((await access(root, flow, '&size=101')).status).toBe(422)
})
