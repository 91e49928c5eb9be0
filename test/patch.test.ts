// PATCH in its two types: as plain JSON, where a null is no wish (LangBuilder's front end sends `data: null` with a
// flow that it moves), and as a merge patch by RFC 7396, where it clears and objects are merged.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Schema } from '../src/wire.ts'
import { description } from './support/described.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  MERGE_PATCH,
  mergePatch,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
})
afterAll(() => gate.stop())

const graph = {
  nodes: [{ id: 'a', data: { x: null } }],
  edges: [],
  viewport: { x: 0, y: 1, zoom: 1 },
}
const whole = {
  description: 'd',
  data: graph,
  endpoint_name: 'e',
  mcp_enabled: true,
  locked: true,
  action_name: 'an',
  action_description: 'ad',
  access_type: 'PUBLIC',
}

/** One of each kind that a merge patch changes: where it is, with everything that may be cleared set. */
async function things(): Promise<Record<string, { path: string; at: string; body: object }>> {
  const n = Math.random().toString(36).slice(2)
  const project = await createProject(ann, `p ${n}`)
  const flow = await createFlow(ann, `f ${n}`, project, { ...whole, endpoint_name: n })
  const parent_id = await createProject(ann, `parent ${n}`)
  const user = await createUser(gate, root, `u-${n}`)
  const settings = { auth_settings: { type: 'apikey', deep: { a: 1, b: 2 } } }
  return {
    flow: { path: '/api/v1/flows/:flow_id', at: `/api/v1/flows/${flow}`, body: {} },
    project: {
      path: '/api/v1/projects/:project_id',
      at: `/api/v1/projects/${project}`,
      body: { description: 'd', parent_id, ...settings },
    },
    user: {
      path: '/api/v1/users/:user_id',
      at: `/api/v1/users/${user.userId}`,
      body: { profile_image: 'robot', optins: { a: true }, last_login_at: '2026-01-01' },
    },
  }
}

const kinds = ['flow', 'project', 'user']

async function fieldsOf(path: string, type = 'application/json'): Promise<string[]> {
  const document = await description()
  const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.patch
  const schema: Schema = operation?.requestBody?.content[type]?.schema ?? {}
  return Object.keys(schema.properties as object)
}

test.each(kinds)('no null in plain JSON changes a %s, but for the endpoint name', async (kind) => {
  const { path, at, body } = (await things())[kind] ?? { path: '', at: '', body: {} }
  const before = (await expectStatus(200, root.patch(at, body))).body
  const fields = await fieldsOf(path)
  expect(fields.length).toBeGreaterThan(4)
  for (const nulls of [...fields.map((name) => [name]), fields]) {
    const { body: after } = await expectStatus(
      200,
      root.patch(at, Object.fromEntries(nulls.map((name) => [name, null]))),
    )
    const cleared = nulls.includes('endpoint_name') ? { endpoint_name: null } : {}
    expect([nulls, after]).toEqual([
      nulls,
      { ...before, updated_at: after.updated_at, etag: after.etag, ...cleared },
    ])
    await root.patch(at, { endpoint_name: before.endpoint_name })
  }
})

test.each(kinds)('a PATCH of a %s that says nothing answers with it', async (kind) => {
  const { at, body } = (await things())[kind] ?? { at: '', body: {} }
  const before = (await expectStatus(200, root.patch(at, body))).body
  for (const said of [{}, { unknown: 1 }, body]) {
    const { body: after } = await expectStatus(200, root.patch(at, said))
    expect(after).toEqual({ ...before, updated_at: after.updated_at, etag: after.etag })
  }
})

test.each(kinds)(
  'a null in a merge patch clears each field of a %s, or is refused by name',
  async (kind) => {
    const { path, at, body } = (await things())[kind] ?? { path: '', at: '', body: {} }
    const before = (await expectStatus(200, root.patch(at, body))).body
    const fields = await fieldsOf(path, 'application/merge-patch+json')
    expect(fields.sort()).toEqual((await fieldsOf(path)).sort())
    const refused =
      'name access_type components flows username password is_active is_superuser'.split(' ')
    const expected = { ...before }
    for (const name of fields) {
      const { status, body: after } = await mergePatch(gate, root, at, { [name]: null })
      if (refused.includes(name)) {
        expect([name, status, after.detail[0].loc]).toEqual([name, 422, ['body', name]])
        continue
      }
      expected[name] = typeof before[name] === 'boolean' ? false : null
      if (name === 'data') expected.webhook = false
      expect([name, after]).toEqual([
        name,
        { ...expected, updated_at: after.updated_at, etag: after.etag },
      ])
    }
    expect((await root.get(kind === 'user' ? '/api/v1/users/' : at)).status).toBe(200)
  },
)

test('a drag and a rename, as LangBuilder’s front end sends them, keep graphs and flows', async () => {
  const [from, to] = [await createProject(ann, 'from'), await createProject(ann, 'to')]
  const flow = await createFlow(ann, 'dragged', from, { data: graph, endpoint_name: 'dragged' })
  const { body: dragged } = await expectStatus(
    200,
    ann.patch(`/api/v1/flows/${flow}`, {
      name: 'dragged',
      description: 'x',
      data: null,
      folder_id: to,
      endpoint_name: null,
    }),
  )
  expect(dragged).toMatchObject({ data: graph, folder_id: to, endpoint_name: null })
  const renamed = { name: 'box', description: '', flows_list: [], components_list: [] }
  await expectStatus(200, ann.patch(`/api/v1/projects/${to}`, renamed))
  const { body } = await ann.get(`/api/v1/projects/${to}`)
  expect([body.name, body.flows.map(({ id }: { id: string }) => id)]).toEqual(['box', [flow]])
  expect(body.flows[0].data).toEqual(graph)
})

test('out of every project goes a flow by a null in a merge patch, which takes Delete', async () => {
  const project = await createProject(ann, 'left')
  const flow = await createFlow(ann, 'leaves', project)
  await grant(root, bob, 'Editor', 'Project', project)
  const out = (api: Api) => mergePatch(gate, api, `/api/v1/flows/${flow}`, { folder_id: null })
  expect((await out(bob)).status).toBe(403)
  expect((await ann.get(`/api/v1/flows/${flow}`)).body.folder_id).toBe(project)
  expect((await expectStatus(200, out(ann))).body.folder_id).toBe(null)
})

/** RFC 7396, section 2, to the letter. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = merge(merged[name], value)
  }
  return merged
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const patches = [
  { viewport: { x: 7 } },
  { viewport: { zoom: null, new: { deep: [1, null, { a: null }] } } },
  { viewport: null },
  { viewport: [1, 2] },
  { nodes: [] },
  { edges: [{ source: 'a', target: 'b' }], 'a.b': { $: 1 }, '"': 'quoted' },
  {},
]

test('an object is merged into the one that is there', async () => {
  const flow = await createFlow(ann, 'merged', undefined, { data: graph })
  let expected: unknown = graph
  for (const data of patches) {
    expected = merge(expected, data)
    const { body } = await expectStatus(
      200,
      mergePatch(gate, ann, `/api/v1/flows/${flow}`, { data }),
    )
    expect(body.data).toEqual(expected)
    expect((await ann.get(`/api/v1/flows/${flow}`)).body.data).toEqual(expected)
  }
  const hook = { data: { nodes: [{ id: 'Webhook-1' }] } }
  expect((await mergePatch(gate, ann, `/api/v1/flows/${flow}`, hook)).body.webhook).toBe(true)
  const project = await createProject(ann, 'settings')
  const path = `/api/v1/projects/${project}`
  const [settings, change] = [{ a: { b: 1, c: 2 } }, { a: { b: null, d: [null] }, e: 1 }]
  await expectStatus(200, mergePatch(gate, ann, path, { auth_settings: settings }))
  const { body } = await expectStatus(200, mergePatch(gate, ann, path, { auth_settings: change }))
  expect(body.auth_settings).toEqual(merge(settings, change))
  const user = `/api/v1/users/${ann.userId}`
  await expectStatus(200, mergePatch(gate, ann, user, { optins: { mine: true } }))
  const own = await expectStatus(
    200,
    mergePatch(gate, ann, user, { optins: { github_starred: null } }),
  )
  expect(own.body.optins).toEqual({ dialog_dismissed: false, discord_clicked: false, mine: true })
})

test('what a merge does not name stays as it was written, to the last digit', async () => {
  const flow = await createFlow(ann, 'digits', undefined, { data: graph })
  const stored = '{"nodes":[1e400,9007199254740993],"edges":[60000.0],"s":"\\ud800"}'
  await gate.db.execute({
    sql: 'UPDATE flow SET data = ? WHERE id = ?',
    args: [stored, flow.replaceAll('-', '')],
  })
  await expectStatus(200, mergePatch(gate, ann, `/api/v1/flows/${flow}`, { data: { x: 1 } }))
  const { rows } = await gate.db.execute(
    `SELECT data FROM flow WHERE id = '${flow.replaceAll('-', '')}'`,
  )
  expect(rows[0]?.data).toBe(`${stored.slice(0, -1)},"x":1}`)
})

test('what is no graph once it is merged is refused, and nothing has changed', async () => {
  const flow = await createFlow(ann, 'whole', undefined, { data: graph })
  const none = await createFlow(ann, 'without')
  const audited = async () =>
    (await gate.db.execute('SELECT count(*) AS n FROM flowgate_audit')).rows[0]?.n
  const before = await audited()
  for (const [id, data, missing] of [
    [flow, { nodes: null }, 'nodes'],
    [flow, { edges: null, x: 1 }, 'edges'],
    [none, { viewport: {} }, 'nodes'],
    [none, { nodes: [] }, 'edges'],
  ] as const) {
    const answer = await mergePatch(gate, ann, `/api/v1/flows/${id}`, { data, description: 'new' })
    expect([answer.status, answer.body.detail]).toEqual([
      422,
      [{ type: 'value_error', loc: ['body', 'data'], msg: `Flow must have ${missing}` }],
    ])
  }
  expect((await ann.get(`/api/v1/flows/${flow}`)).body).toMatchObject({
    data: graph,
    description: null,
  })
  expect(await audited()).toBe(before)
  const made = await mergePatch(gate, ann, `/api/v1/flows/${none}`, {
    data: { nodes: [], edges: [] },
  })
  expect(made.body.data).toEqual({ nodes: [], edges: [] })
})

test('nothing grows beyond its maximum by being merged, and a merge names few members', async () => {
  const flow = await createFlow(ann, 'large', undefined, {
    data: { ...graph, a: 'x'.repeat(2_600_000) },
  })
  const project = await createProject(ann, 'large')
  for (const [path, field, text] of [
    [`/api/v1/flows/${flow}`, 'data', 'x'.repeat(2_600_000)],
    [`/api/v1/projects/${project}`, 'auth_settings', 'x'.repeat(60_000)],
    [`/api/v1/users/${ann.userId}`, 'optins', 'x'.repeat(6_000)],
  ] as const) {
    const put = (name: string, value: unknown) =>
      mergePatch(gate, ann, path, { [field]: { [name]: value } })
    if (field !== 'data') await expectStatus(200, put('a', text))
    const at = field === 'optins' ? '/api/v1/users/whoami' : path
    const before = (await expectStatus(200, ann.get(at))).body
    const answer = await put('b', text)
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', field]])
    expect(answer.body.detail[0].msg).toMatch(/send the whole object as application\/json/)
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [n, { n }]))
    expect((await put('c', many)).body.detail[0].msg).toMatch(/at most 100 members/)
    expect((await ann.get(at)).body).toEqual(before)
  }
})

test('whoever may change a graph and not read it does not merge into it: refusals would tell of it', async () => {
  const flow = await createFlow(ann, 'hidden', undefined, { data: graph })
  await expectStatus(
    201,
    root.post('/api/v1/rbac/roles', { name: 'Blind', permissions: ['Flow:Update'] }),
  )
  await grant(root, bob, 'Blind', 'Flow', flow)
  const at = `/api/v1/flows/${flow}`
  for (const data of [{ nodes: null }, { nodes: [] }])
    expect((await mergePatch(gate, bob, at, { data })).status).toBe(403)
  expect((await mergePatch(gate, bob, at, { description: null })).status).toBe(204)
  expect((await ann.get(at)).body.data).toEqual(graph)
})

test('a merge patch that is no object is refused', async () => {
  const flow = await createFlow(ann, 'object')
  const headers = { authorization: `Bearer ${ann.token}`, ...MERGE_PATCH }
  for (const body of [[], null, 'text', 1])
    expect((await call(gate, 'PATCH', `/api/v1/flows/${flow}`, body, headers)).status).toBe(422)
})
