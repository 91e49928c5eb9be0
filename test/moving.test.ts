// Moving is leaving: nobody gains a flow, hides it or gets rid of it by changing which project it is in.
// The first five are ways that worked once.
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
})
afterAll(() => gate.stop())
beforeEach(async () => {
  ann = await createUser(gate, root, `ann-${++users}`)
  bob = await createUser(gate, root, `bob-${users}`)
})

const hex = (id: string) => id.replaceAll('-', '')
const folderOf = async (flow: string) =>
  (await expectStatus(200, root.get(`/api/v1/flows/${flow}`))).body.folder_id
const starterOf = async (api: Api): Promise<string> =>
  (await api.get('/api/v1/projects/')).body.find(
    (p: { name: string }) => p.name === 'Starter Project',
  ).id
const seen = ({ status, body }: Answer) => [status, body.detail]

/** A flow in a project of ann's where bob is an Editor. */
async function edited() {
  const shared = await createProject(ann, 'shared')
  const flow = await createFlow(ann, 'flow', shared)
  await grant(root, bob, 'Editor', 'Project', shared)
  return { shared, flow }
}

/** It is where it was, ann still reads it, and bob still cannot delete it. */
async function expectKept({ shared, flow }: { shared: string; flow: string }) {
  expect(await folderOf(flow)).toBe(shared)
  await expectStatus(200, ann.get(`/api/v1/flows/${flow}`))
  await expectStatus(403, bob.delete(`/api/v1/flows/${flow}`))
}

test('an Editor gains no Delete by moving a flow to a project of their own', async () => {
  const kept = await edited()
  const own = await createProject(bob, 'own')
  const answer = await bob.patch(`/api/v1/flows/${kept.flow}`, { folder_id: own })
  expect(seen(answer)).toEqual([
    403,
    'You do not have permission to move this flow out of its project',
  ])
  await expectKept(kept)
})

test('an Editor gains no Delete by listing a flow for a new project', async () => {
  const kept = await edited()
  for (const list of ['flows_list', 'components_list']) {
    const answer = await bob.post('/api/v1/projects/', { name: 'trap', [list]: [kept.flow] })
    expect(seen(answer)).toEqual([403, 'You do not have permission to move all of these flows'])
  }
  await expectKept(kept)
})

test('an Editor gains no Delete by listing a flow for a project of their own', async () => {
  const kept = await edited()
  const own = await createProject(bob, 'own')
  for (const list of ['flows', 'components']) {
    const answer = await bob.patch(`/api/v1/projects/${own}`, { [list]: [kept.flow] })
    expect(seen(answer)).toEqual([403, 'You do not have permission to move all of these flows'])
  }
  await expectKept(kept)
})

test('nobody deletes a flow with their project that they may not delete alone', async () => {
  const own = await createProject(bob, 'own')
  const shared = await createProject(ann, 'shared')
  const flow = await createFlow(ann, 'flow', shared)
  await grant(root, bob, 'Editor', 'Flow', flow)
  await expectStatus(403, bob.patch(`/api/v1/flows/${flow}`, { folder_id: own }))
  await expectStatus(200, root.patch(`/api/v1/flows/${flow}`, { folder_id: own }))
  const mine = await createFlow(bob, 'mine', own)
  const refused = await bob.delete(`/api/v1/projects/${own}`)
  expect([refused.status, refused.body.code]).toEqual([409, 'conflict'])
  expect(refused.body.detail).toContain('1 of the flows')
  for (const id of [flow, mine]) expect(await folderOf(id)).toBe(own)
  await expectStatus(200, root.patch(`/api/v1/flows/${flow}`, { folder_id: shared }))
  await expectStatus(204, bob.delete(`/api/v1/projects/${own}`))
  await expectStatus(200, ann.get(`/api/v1/flows/${flow}`))
  await expectStatus(404, root.get(`/api/v1/flows/${mine}`))
})

test('a project without a user hands its flows to nobody and hides them from nobody', async () => {
  const kept = await edited()
  await ownerless(kept.shared)
  await expectStatus(200, bob.patch(`/api/v1/projects/${kept.shared}`, { flows: [] }))
  await expectKept(kept)
  // Not to who might move them one by one either: there is no place that they belong to.
  await expectStatus(200, root.patch(`/api/v1/projects/${kept.shared}`, { flows: [] }))
  await expectKept(kept)
})

test('flows that are not listed stay where the caller may not take them out, and go where they may', async () => {
  const { shared, flow } = await edited()
  const answer = await bob.patch(`/api/v1/projects/${shared}`, { flows: [], name: 'renamed' })
  expect([answer.status, answer.body.name]).toEqual([200, 'renamed'])
  await expectKept({ shared, flow })
  await expectStatus(200, ann.patch(`/api/v1/projects/${shared}`, { flows: [] }))
  expect(await folderOf(flow)).toBe(await starterOf(ann))
})

test('a role that deletes and changes what it does not show cannot bring it to where it shows', async () => {
  for (const withheld of ['Read', 'Create'] as const) {
    const shared = await createProject(ann, `shared ${withheld}`)
    const flow = await createFlow(ann, `flow ${withheld}`, shared)
    const role = await makeRole([
      'Project:Read',
      'Flow:Update',
      'Flow:Delete',
      withheld === 'Read' ? 'Flow:Create' : 'Flow:Read',
    ])
    await grant(root, bob, role, 'Project', shared)
    const own = await createProject(bob, `own ${withheld}`)
    await expectStatus(403, bob.patch(`/api/v1/flows/${flow}`, { folder_id: own }))
    await expectStatus(403, bob.patch(`/api/v1/projects/${own}`, { flows: [flow] }))
    expect(await folderOf(flow)).toBe(shared)
  }
})

test('a project that is deleted takes the flows along that the caller owns one by one', async () => {
  const role = await makeRole(['Project:Read', 'Project:Create', 'Project:Delete', 'Flow:Read'])
  const shared = await createProject(ann, 'shared')
  await grant(root, bob, role, 'Project', shared)
  const flow = await createFlow(bob, 'flow', shared)
  await expectStatus(204, bob.delete(`/api/v1/projects/${shared}`))
  await expectStatus(404, root.get(`/api/v1/flows/${flow}`))
  const { rows } = await gate.db.execute({
    sql: 'SELECT count(*) AS n FROM userroleassignment WHERE scope_id IN (?, ?)',
    args: [hex(shared), hex(flow)],
  })
  expect(rows[0]?.n).toBe(0)
})

test('a flow that is listed where it is already takes Read, or the answer would say that it is there', async () => {
  const role = await makeRole(['Project:Read', 'Project:Update'])
  const shared = await createProject(ann, 'shared')
  const [here, elsewhere] = [await createFlow(ann, 'here', shared), await createFlow(ann, 'else')]
  await grant(root, bob, role, 'Project', shared)
  const [a, b] = [
    await bob.patch(`/api/v1/projects/${shared}`, { flows: [here] }),
    await bob.patch(`/api/v1/projects/${shared}`, { flows: [elsewhere] }),
  ]
  expect(seen(a)).toEqual(seen(b))
  expect(a.status).toBe(403)
})

const ownerless = (project: string) =>
  gate.db.execute({ sql: 'UPDATE folder SET user_id = NULL WHERE id = ?', args: [hex(project)] })

async function makeRole(permissions: string[]): Promise<string> {
  const name = `role ${crypto.randomUUID()}`
  await expectStatus(201, root.post('/api/v1/rbac/roles', { name, permissions }))
  return name
}
