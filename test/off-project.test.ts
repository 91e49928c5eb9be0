// Taking somebody off a project: what they made there is still theirs, which is said, and taken on request.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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
let users = 0
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
})
afterAll(() => gate.stop())
beforeEach(async () => {
  ann = await createUser(gate, root, `ann-${++users}`)
  bob = await createUser(gate, root, `bob-${users}`)
})

/** Bob is an Editor of ann's project and owns two flows there, beside one of ann's and one of his elsewhere. */
async function shared() {
  const project = await createProject(ann, 'shared')
  const held = await grant(root, bob, 'Editor', 'Project', project)
  const mine = [await createFlow(bob, 'one', project), await createFlow(bob, 'two', project)]
  const others = [await createFlow(bob, 'elsewhere'), await createFlow(ann, 'ann’s', project)]
  return { held, mine, others }
}

const statuses = (api: Api, flows: string[]) =>
  Promise.all(flows.map(async (flow) => (await api.get(`/api/v1/flows/${flow}`)).status))

test('whoever takes somebody off a project is told how many flows they still own there', async () => {
  const { held, mine, others } = await shared()
  gate.proxy.reset()
  const changed = await root.patch(`/api/v1/rbac/assignments/${held}`, { role_name: 'Viewer' })
  const removed = await root.delete(`/api/v1/rbac/assignments/${held}`)
  expect(gate.proxy.count).toBe(2)
  for (const { headers } of [changed, removed])
    expect(headers.get('flowgate-flows-owned')).toBe('2')
  expect([changed.status, removed.status]).toEqual([200, 204])
  expect(await statuses(bob, [...mine, ...others])).toEqual([200, 200, 200, 403])
})

test('those grants go along on request, in the same transaction, and no others', async () => {
  const { held, mine, others } = await shared()
  const path = `/api/v1/rbac/assignments/${held}?flows=true`
  expect((await bob.delete(path)).status).toBe(403)
  expect(await statuses(bob, mine)).toEqual([200, 200])
  const removed = await expectStatus(204, root.delete(path))
  expect(removed.headers.get('flowgate-flows-owned')).toBe('0')
  expect(await statuses(bob, [...mine, ...others])).toEqual([403, 403, 200, 403])
  const { rows } = await gate.db.execute({
    sql: `SELECT count(*) AS n FROM flowgate_audit WHERE action = 'grant.delete' AND request_id = ?`,
    args: [removed.headers.get('x-request-id')],
  })
  expect(rows[0]?.n).toBe(3)
})

test('a change of a grant takes them along too, unless it is refused', async () => {
  const { held, mine } = await shared()
  const path = `/api/v1/rbac/assignments/${held}?flows=true`
  await expectStatus(404, root.patch(path, { role_name: 'No such role' }))
  expect(await statuses(bob, mine)).toEqual([200, 200])
  const { headers } = await expectStatus(200, root.patch(path, { role_name: 'Viewer' }))
  expect(headers.get('flowgate-flows-owned')).toBe('0')
  const [flow] = mine
  await expectStatus(403, bob.patch(`/api/v1/flows/${flow}`, { name: 'x' }))
  await expectStatus(200, bob.get(`/api/v1/flows/${flow}`))
})

test('a grant that stands on no project says nothing of flows', async () => {
  const flow = await createFlow(ann, 'flow')
  for (const [scope, id] of [['Flow', flow], ['Global']] as const) {
    const held = await grant(root, bob, 'Viewer', scope, id)
    const removed = await expectStatus(
      204,
      root.delete(`/api/v1/rbac/assignments/${held}?flows=true`),
    )
    expect(removed.headers.get('flowgate-flows-owned')).toBe(null)
  }
})
