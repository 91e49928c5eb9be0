// Two isolates at once: what is checked and what is done are one transaction, so every order of
// events is one that could have happened one after the other.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Answer,
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  grant,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate({ isolates: 2 })
  root = await signIn(gate)
})
afterAll(() => gate.stop())

/** The same API through a given isolate. */
const via = (isolate: number) =>
  ({ ...gate, fetch: (p, i) => gate.fetch(p, i, isolate) }) as Flowgate
const send = (api: Api, isolate: number, method: string, path: string, body?: unknown) =>
  call(via(isolate), method, `/api/v1${path}`, body, { authorization: `Bearer ${api.token}` })
const hex = (id: string) => id.replaceAll('-', '')
const tally = (answers: Answer[]) => [...new Set(answers.map((a) => a.status))].sort()

test('one name twenty times at once becomes twenty names', async () => {
  const ann = await createUser(gate, root, 'names')
  const body = { name: 'x', endpoint_name: 'x' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => send(ann, i % 2, 'POST', '/flows/', body)),
  )
  expect(tally(answers)).toEqual([201])
  expect(new Set(answers.map((a) => a.body.name)).size).toBe(20)
  expect(new Set(answers.map((a) => a.body.endpoint_name)).size).toBe(20)
  const projects = await Promise.all(
    Array.from({ length: 20 }, (_, i) => send(ann, i % 2, 'POST', '/projects/', { name: 'p' })),
  )
  expect(tally(projects)).toEqual([201])
  expect(new Set(projects.map((a) => a.body.name)).size).toBe(20)
})

test('renaming to one name at once succeeds once', async () => {
  const ann = await createUser(gate, root, 'renames')
  const flows = []
  for (let i = 0; i < 10; i++) flows.push(await createFlow(ann, `f${i}`))
  const answers = await Promise.all(
    flows.map((id, i) => send(ann, i % 2, 'PATCH', `/flows/${id}`, { name: 'wanted' })),
  )
  expect(answers.filter((a) => a.status === 200).length).toBe(1)
  expect(tally(answers)).toEqual([200, 400])
})

test('an update after the revocation was answered never happens', async () => {
  const ann = await createUser(gate, root, 'revokes')
  const bob = await createUser(gate, root, 'revoked')
  for (let round = 0; round < 8; round++) {
    const flow = await createFlow(ann, `r${round}`)
    const assignment = await grant(root, bob, 'Editor', 'Flow', flow)
    const updates = Array.from({ length: 6 }, (_, i) =>
      send(bob, i % 2, 'PATCH', `/flows/${flow}`, { description: `${i}` }),
    )
    const revocation = await send(root, 1, 'DELETE', `/rbac/assignments/${assignment}`)
    expect(revocation.status).toBe(204)
    const after = await send(bob, 0, 'PATCH', `/flows/${flow}`, { description: 'late' })
    expect(after.status).toBe(403)
    for (const { status } of await Promise.all(updates)) expect([200, 403]).toContain(status)
    expect((await root.get(`/api/v1/flows/${flow}`)).body.description).not.toBe('late')
  }
})

test('a flow moved out of reach is not updated by the grants of its old project', async () => {
  const ann = await createUser(gate, root, 'moves')
  const bob = await createUser(gate, root, 'follows')
  const [open, closed] = [await createProject(ann, 'open'), await createProject(ann, 'closed')]
  await grant(root, bob, 'Editor', 'Project', open)
  for (let round = 0; round < 8; round++) {
    const flow = await createFlow(ann, `m${round}`, open)
    const [move, ...updates] = await Promise.all([
      send(ann, 0, 'PATCH', `/flows/${flow}`, { folder_id: closed, description: 'moved' }),
      ...Array.from({ length: 6 }, (_, i) =>
        send(bob, i % 2, 'PATCH', `/flows/${flow}`, { description: 'followed' }),
      ),
    ])
    expect(move.status).toBe(200)
    for (const { status } of updates) expect([200, 403]).toContain(status)
    // Whatever bob did, he did before: the mover's text is the last one.
    expect((await root.get(`/api/v1/flows/${flow}`)).body).toMatchObject({
      folder_id: closed,
      description: 'moved',
    })
  }
})

test('two movers of one flow leave it in one project, with both moves audited in order', async () => {
  const ann = await createUser(gate, root, 'twice')
  const [a, b] = [await createProject(ann, 'a'), await createProject(ann, 'b')]
  const flow = await createFlow(ann, 'f')
  const answers = await Promise.all([
    ...[a, b, a, b].map((folder_id, i) =>
      send(ann, i % 2, 'PATCH', `/flows/${flow}`, { folder_id }),
    ),
    send(ann, 0, 'PATCH', `/projects/${a}`, { flows: [flow] }),
    send(ann, 1, 'PATCH', `/projects/${b}`, { flows: [flow] }),
  ])
  expect(tally(answers)).toEqual([200])
  const { rows } = await gate.db.execute({
    sql: `SELECT json_extract(before, '$.folder_id') AS was, json_extract(after, '$.folder_id') AS is_now
      FROM flowgate_audit WHERE target_id = ? AND action = 'flow.update' ORDER BY seq`,
    args: [hex(flow)],
  })
  for (let i = 1; i < rows.length; i++) expect(rows[i]?.was).toBe(rows[i - 1]?.is_now)
  const now = (await root.get(`/api/v1/flows/${flow}`)).body.folder_id
  expect(rows.at(-1)?.is_now).toBe(hex(now))
})

test('a project deleted while flows are created in it leaves no flow and no grant behind', async () => {
  const ann = await createUser(gate, root, 'deletes')
  for (let round = 0; round < 6; round++) {
    const project = await createProject(ann, 'doomed')
    const elsewhere = await createFlow(ann, `e${round}`)
    const creations = [0, 1, 2, 3].map((i) =>
      send(ann, i % 2, 'POST', '/flows/', { name: 'late', folder_id: project }),
    )
    const [deletion, move, upload, ...made] = await Promise.all([
      send(ann, 1, 'DELETE', `/projects/${project}`),
      send(ann, 0, 'PATCH', `/flows/${elsewhere}`, { folder_id: project }),
      send(ann, 0, 'POST', '/flows/batch/', { flows: [{ name: 'l', folder_id: project }] }),
      ...creations,
    ])
    expect(deletion.status).toBe(204)
    for (const { status } of [move, upload, ...made]) expect(status).toBeLessThan(500)
    const { rows } = await gate.db.execute({
      sql: `SELECT (SELECT count(*) FROM flow WHERE folder_id = ?1) AS flows,
        (SELECT count(*) FROM userroleassignment a WHERE a.scope_type = 'Flow'
          AND NOT EXISTS (SELECT 1 FROM flow f WHERE f.id = a.scope_id)) AS flow_grants,
        (SELECT count(*) FROM userroleassignment a WHERE a.scope_type = 'Project'
          AND NOT EXISTS (SELECT 1 FROM folder p WHERE p.id = a.scope_id)) AS project_grants`,
      args: [hex(project)],
    })
    expect(rows[0]).toMatchObject({ flows: 0, flow_grants: 0, project_grants: 0 })
  }
})

test('of many deletions of one flow exactly one is answered 204', async () => {
  const ann = await createUser(gate, root, 'once')
  const flow = await createFlow(ann, 'f')
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, i) => send(ann, i % 2, 'DELETE', `/flows/${flow}`)),
  )
  expect(answers.filter((a) => a.status === 204).length).toBe(1)
  expect(tally(answers)).toEqual([204, 403])
})
