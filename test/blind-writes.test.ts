// Update is not Read, nor Publish: whoever may change what they may not see is shown nothing of it, and
// shows it to nobody.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Answer,
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
let users = 0
beforeAll(async () => {
  gate = await startFlowgate({ direct: true })
  root = await signIn(gate)
  await expectStatus(201, root.post('/api/v1/rbac/roles', { name: 'Blind', permissions: BLIND }))
})
afterAll(() => gate.stop())
beforeEach(async () => {
  ann = await createUser(gate, root, `ann-${++users}`)
  bob = await createUser(gate, root, `bob-${users}`)
})

const BLIND = ['Flow:Create', 'Flow:Update', 'Flow:Delete', 'Project:Update', 'Project:Create']
const seen = ({ status, body }: Answer) => [status, body.detail]
const nameOf = async (api: Api, path: string) =>
  (await expectStatus(200, api.get(`/api/v1/${path}`))).body.name

/** A project of ann's and a flow in it, which bob may change and not see. */
async function hidden() {
  const project = await createProject(ann, 'hidden project')
  const flow = await createFlow(ann, 'hidden flow', project, { endpoint_name: 'hidden-end' })
  await grant(root, bob, 'Blind', 'Project', project)
  return { project, flow }
}

test('a change of what is hidden is done and answered with nothing', async () => {
  const { project, flow } = await hidden()
  for (const path of [`flows/${flow}`, `projects/${project}`]) {
    const answer = await bob.patch(`/api/v1/${path}`, { description: 'by bob' })
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect(answer.headers.get('location') ?? answer.headers.get('etag')).toBe(null)
    const { body } = await ann.get(`/api/v1/${path}`)
    expect(body.description).toBe('by bob')
    expect((await bob.get(`/api/v1/${path}`)).status).toBe(403)
  }
})

test('no refusal says where a hidden flow is, what a hidden project is called, or who has a name', async () => {
  const { project, flow } = await hidden()
  const elsewhere = await createProject(bob, 'elsewhere')
  const told = (folder_id: string) => bob.patch(`/api/v1/flows/${flow}`, { folder_id })
  expect(seen(await told(project))).toEqual(seen(await told(elsewhere)))
  const lists = await bob.patch(`/api/v1/projects/${project}`, { flows: [flow] })
  expect(lists.status).toBe(403)
  expect(JSON.stringify(lists.body)).not.toContain('hidden')
  const refused = await createProject(ann, 'hidden refusal')
  const own = await createFlow(bob, 'own')
  const changer = `changer ${users}`
  await root.post('/api/v1/rbac/roles', { name: changer, permissions: ['Project:Update'] })
  await grant(root, bob, changer, 'Project', refused)
  expect(seen(await bob.patch(`/api/v1/projects/${refused}`, { flows: [own] }))).toEqual([
    403,
    'You do not have permission to create flows in this project',
  ])
  // The names of ann's flows and projects that bob can read are no way to learn that a hidden one is hers.
  const shown = await createProject(ann, 'shown project')
  await createFlow(ann, 'shown flow', shown)
  await grant(root, bob, 'Viewer', 'Project', shown)
  await expectStatus(204, bob.patch(`/api/v1/flows/${flow}`, { name: 'shown flow' }))
  await expectStatus(204, bob.patch(`/api/v1/projects/${project}`, { name: 'shown project' }))
  expect(await nameOf(ann, `flows/${flow}`)).toBe('shown flow (1)')
  expect(await nameOf(ann, `projects/${project}`)).toBe('shown project (1)')
})

test('a name that something hidden has is numbered, one that something readable has is refused', async () => {
  await hidden()
  const shared = await createProject(ann, 'shared')
  const flow = await createFlow(ann, 'flow', shared)
  await createFlow(ann, 'readable', shared, { endpoint_name: 'readable-end' })
  const readable = await createProject(ann, 'readable')
  await grant(root, bob, 'Editor', 'Project', shared)
  await grant(root, bob, 'Viewer', 'Project', readable)
  const rename = (path: string, body: object) => bob.patch(`/api/v1/${path}`, body)
  for (const [path, body, field, given] of [
    [`flows/${flow}`, { name: 'hidden flow' }, 'name', 'hidden flow (1)'],
    [`flows/${flow}`, { endpoint_name: 'hidden-end' }, 'endpoint_name', 'hidden-end-1'],
    [`projects/${shared}`, { name: 'hidden project' }, 'name', 'hidden project (1)'],
  ] as const) {
    const answer = await expectStatus(200, rename(path, body))
    expect(answer.body[field]).toBe(given)
  }
  for (const [path, body, detail] of [
    [`flows/${flow}`, { name: 'readable' }, 'Name must be unique'],
    [`flows/${flow}`, { endpoint_name: 'readable-end' }, 'Endpoint name must be unique'],
    [`projects/${shared}`, { name: 'readable' }, 'Project name must be unique'],
  ] as const)
    expect(seen(await rename(path, body))).toEqual([400, detail])
  // One's own name is not taken.
  await expectStatus(200, rename(`flows/${flow}`, { name: 'hidden flow (1)' }))
  expect(await nameOf(bob, `flows/${flow}`)).toBe('hidden flow (1)')
})

test('making a flow public takes everything that can be done with it', async () => {
  const shared = await createProject(ann, 'shared')
  const flow = await createFlow(ann, 'flow', shared)
  await grant(root, bob, 'Editor', 'Project', shared)
  const isPublic = async () =>
    (await gate.fetch(`/api/v1/flows/public_flow/${flow}`)).status === 200
  const put = (api: Api, access_type: string) =>
    api.patch(`/api/v1/flows/${flow}`, { access_type, description: 'new' })
  expect(seen(await put(bob, 'PUBLIC'))).toEqual([
    403,
    'You do not have permission to make this flow public',
  ])
  expect([await isPublic(), (await ann.get(`/api/v1/flows/${flow}`)).body.description]).toEqual([
    false,
    null,
  ])
  await expectStatus(200, put(ann, 'PUBLIC'))
  expect(await isPublic()).toBe(true)
  // It is public already, and to close it is a change like any other.
  await expectStatus(200, put(bob, 'PUBLIC'))
  await expectStatus(200, put(bob, 'PRIVATE'))
  expect(await isPublic()).toBe(false)
})

test('whoever makes a flow is its Owner, and may make it public as they make it', async () => {
  const shared = await createProject(ann, 'shared')
  await grant(root, bob, 'Editor', 'Project', shared)
  const body = { name: 'flow', folder_id: shared, access_type: 'PUBLIC' }
  const made = await expectStatus(201, bob.post('/api/v1/flows/', body))
  const batch = await expectStatus(201, bob.post('/api/v1/flows/batch/', { flows: [body] }))
  for (const { id } of [made.body, ...batch.body])
    expect((await gate.fetch(`/api/v1/flows/public_flow/${id}`)).status).toBe(200)
})

test('what is missing is not told to those who could not read it', async () => {
  const MISSING = '00000000-0000-4000-8000-000000000000'
  await grant(root, bob, 'Blind', 'Global')
  for (const path of [`flows/${MISSING}`, `projects/${MISSING}`])
    for (const answer of [
      await bob.patch(`/api/v1/${path}`, { name: 'x' }),
      await bob.delete(`/api/v1/${path}`),
    ])
      expect(answer.status).toBe(403)
})
