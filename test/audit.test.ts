// The audit: every change of who may do what leaves a row in the change's own transaction.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { type Api, createFlow, createProject, createUser, signIn } from './support/world.ts'

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
  expect(rows.map((row) => row.action)).toEqual(['user.create', 'project.create', 'grant.create'])
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
