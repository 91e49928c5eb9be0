// Flows by the dozen: batches, uploads, downloads, and what is open to everybody.
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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

const MISSING = '00000000-0000-4000-8000-000000000000'
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

type Made = { id: string; name: string; folder_id: string; user_id: string }
const hex = (id: string) => id.replaceAll('-', '')
const flowsOf = async (api: Api): Promise<Made[]> => (await api.get('/api/v1/flows/')).body

/** Sends a multipart body; the isolate wants bytes, not our FormData. */
async function upload(api: Api, path: string, content?: string | Uint8Array<ArrayBuffer>) {
  const form = new FormData()
  if (content !== undefined) form.set('file', new Blob([content]), 'flows.json')
  else form.set('other', 'x')
  const request = new Request('http://flowgate.test/', { method: 'POST', body: form })
  const response = await gate.fetch(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.token}`,
      'content-type': request.headers.get('content-type') ?? '',
    },
    body: await request.arrayBuffer(),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

const post = (api: Api, path: string, body: unknown) =>
  gate.fetch(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a batch keeps its order, frees its names and makes its creator the Owner of each', async () => {
  const project = await createProject(ann, 'p')
  const flows = [
    { name: 'x', folder_id: project, endpoint_name: 'e' },
    { name: 'x', endpoint_name: 'e', user_id: bob.userId },
    { name: 'x (1)', folder_id: project, data: { nodes: [{ id: 'n' }], edges: [] } },
    { name: 'y' },
  ]
  const { body } = await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows }))
  expect(body.map((f: Made) => f.name)).toEqual(['x', 'x (2)', 'x (1)', 'y'])
  expect(body[1].endpoint_name).toBe('e-1')
  expect(body[2].data).toEqual({ nodes: [{ id: 'n' }], edges: [] })
  const starter = (await ann.get('/api/v1/projects/')).body[0].id
  expect(body.map((f: Made) => f.folder_id)).toEqual([project, starter, project, starter])
  expect(new Set(body.map((f: Made) => f.user_id))).toEqual(new Set([ann.userId]))
  for (const flow of body) {
    expect((await ann.get(`/api/v1/flows/${flow.id}`)).body).toEqual(flow)
    await expectStatus(204, ann.delete(`/api/v1/flows/${flow.id}`))
  }
})

test('a batch that names one project without permission creates nothing at all, nor does a file sent there', async () => {
  const own = await createProject(bob, 'own')
  const foreign = await createProject(ann, 'foreign')
  for (const target of [foreign, MISSING]) {
    const flows = [{ name: 'a', folder_id: own }, { name: 'b' }, { name: 'c', folder_id: target }]
    const batch = await bob.post('/api/v1/flows/batch/', { flows })
    expect([batch.status, batch.body.detail]).toEqual([
      403,
      `You do not have permission to create flows in this project`,
    ])
    const refused = {
      status: 403,
      body: {
        detail: `You do not have permission to import flows into this project`,
      },
    }
    const query = `/api/v1/flows/upload/?folder_id=${target}`
    expect(await upload(bob, query, '{"name":"d"}')).toMatchObject(refused)
  }
  expect(await flowsOf(bob)).toEqual([])
  const missing = await upload(root, `/api/v1/flows/upload/?folder_id=${MISSING}`, '{"name":"d"}')
  expect(missing).toMatchObject({
    status: 404,
    body: { detail: `Project with ID ${MISSING} not found` },
  })
})

test('an Editor of a project uploads into it, a Viewer does not', async () => {
  const project = await createProject(ann, 'p')
  const viewer = await grant(root, bob, 'Viewer', 'Project', project)
  const path = `/api/v1/flows/upload/?folder_id=${project}`
  expect(await upload(bob, path, '{"name":"x"}')).toMatchObject({
    status: 403,
    body: { detail: "You do not have permission to import flows into project 'p'" },
  })
  await expectStatus(200, root.patch(`/api/v1/rbac/assignments/${viewer}`, { role_name: 'Editor' }))
  // The project of the query counts, whatever the file says.
  const file = JSON.stringify({ flows: [{ name: 'x', folder_id: MISSING }, { name: 'x' }] })
  gate.proxy.reset()
  const { status, body } = await upload(bob, path, file)
  expect([status, gate.proxy.count]).toEqual([201, 1])
  expect(body.map((f: Made) => [f.name, f.folder_id, f.user_id])).toEqual([
    ['x', project, bob.userId],
    ['x (1)', project, bob.userId],
  ])
})

test('an unreadable file is a 400, a readable one with faults a 422 that names them', async () => {
  const send = (content?: string | Uint8Array<ArrayBuffer>) =>
    upload(ann, '/api/v1/flows/upload/', content)
  for (const content of ['', '{', '[]', '"x"', 'null', new Uint8Array([0xff, 0xfe, 0x00])])
    expect((await send(content)).status).toBe(400)
  expect(await send()).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'file'] }] } })
  expect(await send('{"flows":[{"name":"a"},{"name":1}]}')).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'flows', 1, 'name'] }] },
  })
  const response = await post(ann, '/api/v1/flows/upload/', { name: 'x' })
  expect(response.status).toBe(422)
  expect(await send('{"flows":[]}')).toMatchObject({
    status: 400,
    body: { detail: "No flows found in the file 'flows.json'" },
  })
  expect(await flowsOf(ann)).toEqual([])
})

test('one request takes a thousand new flows, or ten thousand ids, and no more', async () => {
  const flows = Array.from({ length: 1000 }, () => ({ name: 'same' }))
  const { body } = await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows }))
  expect(new Set(body.map((f: Made) => f.name)).size).toBe(1000)
  const more = await ann.post('/api/v1/flows/batch/', { flows: [...flows, { name: 'z' }] })
  expect([more.status, more.body.detail[0].loc]).toEqual([422, ['body', 'flows']])
  const ids = Array.from({ length: 10_001 }, () => MISSING)
  expect((await ann.delete('/api/v1/flows/', ids)).status).toBe(422)
  const { body: gone } = await ann.delete(
    '/api/v1/flows/',
    body.map((f: Made) => f.id),
  )
  expect(gone).toEqual({ deleted: 1000 })
})

const secretive = {
  nodes: [
    {
      id: 'n',
      data: {
        node: {
          template: {
            api_key: { name: 'api_key', password: true, value: 'sk-1' },
            openai_api_token: { name: 'openai_api_token', password: true, value: 'sk-2' },
            max_tokens: { name: 'api_max_tokens', password: true, value: 7 },
            visible: { name: 'api_key_hint', password: false, value: 'shown' },
            code: 'text',
          },
        },
      },
    },
    { id: 'bare' },
    7,
  ],
  edges: [],
}

test('one readable flow downloads as JSON without its secrets, several as a zip', async () => {
  const shared = await createFlow(ann, 'shared', undefined, { data: secretive })
  const hidden = await createFlow(ann, 'hidden')
  await grant(root, bob, 'Viewer', 'Flow', shared)
  const one = await expectStatus(
    200,
    bob.post('/api/v1/flows/download/', [shared, hidden, MISSING]),
  )
  expect(one.body.name).toBe('shared')
  const { template } = one.body.data.nodes[0].data.node
  expect([template.api_key.value, template.openai_api_token.value]).toEqual([null, null])
  // `password: true` is a secret under any name.
  expect([template.max_tokens.value, template.visible.value]).toEqual([null, 'shown'])
  expect(JSON.stringify(one.body)).not.toContain('sk-')

  const response = await post(ann, '/api/v1/flows/download/', [shared, hidden])
  expect(response.headers.get('content-type')).toBe('application/x-zip-compressed')
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename=\d{8}_\d{6}_langbuilder_flows\.zip$/,
  )
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
  expect(Object.keys(files).sort()).toEqual(['hidden.json', 'shared.json'])
  expect(strFromU8(files['shared.json'] as Uint8Array)).not.toContain('sk-')

  for (const ids of [[hidden], [MISSING], []]) {
    const none = await bob.post('/api/v1/flows/download/', ids)
    expect([none.status, none.body.detail]).toEqual([404, 'No flows found.'])
  }
})

test('flows without a graph and flows of one name download too', async () => {
  const [a, b] = [await createFlow(ann, 'same'), await createFlow(bob, 'same')]
  await gate.db.execute({ sql: 'UPDATE flow SET data = NULL WHERE id = ?', args: [hex(a)] })
  const response = await post(root, '/api/v1/flows/download/', [a, b])
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
  expect(Object.keys(files).sort()).toEqual(['same (1).json', 'same.json'])
})

test('what is too large for one answer of the database comes in several', async () => {
  const project = await createProject(ann, 'large')
  const text = '"'.repeat(900_000)
  const ids = []
  for (let i = 0; i < 9; i++) {
    const data = { nodes: [], edges: [], text }
    ids.push(await createFlow(ann, `large ${i}`, project, { data }))
  }
  gate.proxy.reset()
  const response = await post(ann, '/api/v1/flows/download/', ids)
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
  expect(Object.keys(files).length).toBe(9)
  expect(JSON.parse(strFromU8(files['large 8.json'] as Uint8Array)).data.text).toBe(text)
  expect(gate.proxy.count).toBeGreaterThan(1)
  const { body } = await expectStatus(200, ann.get(`/api/v1/projects/${project}`))
  expect(body.flows.map((f: Made) => f.id).sort()).toEqual([...ids].sort())
  const { body: page } = await ann.get(`/api/v1/projects/${project}?page=1&size=9`)
  expect(page.flows.items.length).toBe(9)
  await gate.db.execute({
    sql: "UPDATE flow SET data = '\"' || hex(zeroblob(1500000)) || '\"' WHERE folder_id = ?",
    args: [hex(project)],
  })
  const refused = await ann.get(`/api/v1/projects/${project}`)
  expect([refused.status, refused.body.code]).toEqual([400, 'bad_request'])
})

test('a public flow is open to strangers without its secrets, any other one is not there', async () => {
  const open = await createFlow(ann, 'open', undefined, { access_type: 'PUBLIC', data: secretive })
  const closed = await createFlow(ann, 'closed')
  gate.proxy.reset()
  const { body } = await expectStatus(200, call(gate, 'GET', `/api/v1/flows/public_flow/${open}`))
  expect(gate.proxy.count).toBe(1)
  expect(body).toMatchObject({ id: open, name: 'open' })
  expect(JSON.stringify(body)).not.toContain('sk-')
  for (const id of [closed, MISSING]) {
    const refused = await call(gate, 'GET', `/api/v1/flows/public_flow/${id}`)
    expect([refused.status, refused.body.detail]).toEqual([403, 'Flow is not public'])
  }
  expect((await call(gate, 'GET', '/api/v1/flows/public_flow/x')).status).toBe(422)
  expect((await bob.get(`/api/v1/flows/${open}`)).status).toBe(403)
})

test('the examples are the flows of the shared folder, for everybody', async () => {
  expect((await call(gate, 'GET', '/api/v1/flows/basic_examples/')).body).toEqual([])
  const folder = 'a'.repeat(32)
  await gate.db.batch([
    `INSERT INTO folder (id, name, is_starter_project) VALUES ('${folder}', 'Under another name', 0)`,
    `UPDATE flowgate_examples SET folder_id = '${folder}'`, // as adoption does
    `INSERT INTO flow (id, name, data, updated_at, folder_id) VALUES
      ('${'e'.repeat(32)}', 'example', '{"nodes":[],"edges":[]}', '2026-01-01 00:00:00.000000', '${folder}')`,
  ])
  await createProject(ann, 'Starter Projects')
  const { body } = await call(gate, 'GET', '/api/v1/flows/basic_examples/')
  expect(body.map((f: Made) => f.name)).toEqual(['example'])
})
