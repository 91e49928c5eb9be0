// Projects: what is in them for whom, what moves in and out, and what goes with them.
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
  mergePatch,
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

type Named = { id: string; name: string }
const hex = (id: string) => id.replaceAll('-', '')
const folderOf = async (flow: string) =>
  (await expectStatus(200, root.get(`/api/v1/flows/${flow}`))).body.folder_id
const starterOf = async (api: Api): Promise<string> =>
  (await api.get('/api/v1/projects/')).body.find((p: Named) => p.name === 'Starter Project').id
const flowsIn = async (api: Api, id: string): Promise<string[]> =>
  (await expectStatus(200, api.get(`/api/v1/projects/${id}`))).body.flows.map((f: Named) => f.id)
const download = (api: Api, path: string) =>
  gate.fetch(path, { headers: { authorization: `Bearer ${api.token}` } })
const upload = (api: Api, path: string, content: string | Uint8Array<ArrayBuffer>) => {
  const form = new FormData()
  form.set('file', new Blob([content]), 'file.json')
  return post(api, path, form)
}
async function post(api: Api, path: string, form: FormData) {
  // The isolate's fetch has its own FormData; a Request of ours is turned into bytes for it.
  const request = new Request('http://flowgate.test/', { method: 'POST', body: form })
  const response = await gate.fetch(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.token}`,
      'content-type': request.headers.get('content-type') ?? '',
    },
    body: await request.arrayBuffer(),
  })
  return { status: response.status, body: await response.json() }
}

test('flows listed for a new project move in, with everything allowed on each of them', async () => {
  const [flow, component] = [await createFlow(ann, 'f'), await createFlow(ann, 'c')]
  const { body } = await expectStatus(
    201,
    ann.post('/api/v1/projects/', { name: 'p', flows_list: [flow], components_list: [component] }),
  )
  expect(Object.keys(body).sort()).toEqual(
    ['auth_settings', 'description', 'id', 'is_starter_project', 'name', 'parent_id'].sort(),
  )
  expect(new Set(await flowsIn(ann, body.id))).toEqual(new Set([flow, component]))
})

test('nobody takes a flow over by listing it: hidden, readable and missing flows stay where they are', async () => {
  const shared = await createProject(ann, 'shared')
  const [hidden, readable] = [await createFlow(ann, 'h'), await createFlow(ann, 'r', shared)]
  await grant(root, bob, 'Viewer', 'Project', shared)
  const own = await createProject(bob, 'own')
  for (const flow of [hidden, readable, MISSING]) {
    for (const answer of [
      await bob.post('/api/v1/projects/', { name: 'trap', flows_list: [flow] }),
      await bob.post('/api/v1/projects/', { name: 'trap', components_list: [flow] }),
      await bob.patch(`/api/v1/projects/${own}`, { flows: [flow], components: [] }),
      await bob.patch(`/api/v1/projects/${own}`, { components: [flow], name: 'renamed' }),
    ]) {
      expect([answer.status, answer.body.detail]).toEqual([
        403,
        'You do not have permission to move all of these flows',
      ])
    }
  }
  expect(await folderOf(hidden)).toBe(await starterOf(ann))
  expect(await folderOf(readable)).toBe(shared)
  const names = (await bob.get('/api/v1/projects/')).body.map((p: Named) => p.name)
  expect(names.sort()).toEqual(['Starter Project', 'own', 'shared'])
  const missing = await root.post('/api/v1/projects/', { name: 'x', flows_list: [MISSING] })
  expect(missing.status).toBe(404)
})

test('an Owner of a flow may not put it into a project where they may not create', async () => {
  const flow = await createFlow(ann, 'f')
  const project = await createProject(ann, 'p')
  await grant(root, bob, 'Owner', 'Flow', flow)
  const { body: role } = await root.get('/api/v1/rbac/roles')
  expect(role.length).toBeGreaterThan(3)
  await withRole('Updater', ['Update', 'Read'], async () => {
    await grant(root, bob, 'Updater', 'Project', project)
    const answer = await bob.patch(`/api/v1/projects/${project}`, { flows: [flow] })
    expect([answer.status, answer.body.detail]).toEqual([
      403,
      "You do not have permission to create flows in project 'p'",
    ])
    expect(await folderOf(flow)).toBe(await starterOf(ann))
    await expectStatus(200, bob.patch(`/api/v1/projects/${project}`, { name: 'q' }))
  })
})

test('a PATCH with only a name moves nothing', async () => {
  const project = await createProject(ann, 'p')
  const flow = await createFlow(ann, 'f', project)
  const { body } = await expectStatus(200, ann.patch(`/api/v1/projects/${project}`, { name: 'q' }))
  expect(body.name).toBe('q')
  expect(await flowsIn(ann, project)).toEqual([flow])
})

test('flows that are no longer listed go to the Starter Project of the project’s own user', async () => {
  const project = await createProject(bob, 'p')
  const [kept, dropped, component, incoming] = [
    await createFlow(bob, 'kept', project),
    await createFlow(bob, 'dropped', project),
    await createFlow(bob, 'component', project, { is_component: true }),
    await createFlow(bob, 'incoming'),
  ]
  await expectStatus(200, bob.patch(`/api/v1/projects/${project}`, { flows: [kept, incoming] }))
  expect(await folderOf(dropped)).toBe(await starterOf(bob))
  expect(new Set(await flowsIn(bob, project))).toEqual(new Set([kept, incoming, component]))
  await expectStatus(200, root.patch(`/api/v1/projects/${project}`, { flows: [], components: [] }))
  for (const flow of [kept, component, incoming])
    expect(await folderOf(flow)).toBe(await starterOf(bob))
})

test('the Starter Project keeps flows that are not listed, for there is nowhere to put them', async () => {
  const starter = await starterOf(ann)
  const flow = await createFlow(ann, 'f')
  await expectStatus(200, ann.patch(`/api/v1/projects/${starter}`, { flows: [], components: [] }))
  expect(await folderOf(flow)).toBe(starter)
})

test('lists leave flows alone that the caller may not take out', async () => {
  const project = await createProject(ann, 'p')
  const flow = await createFlow(bob, 'guarded')
  await expectStatus(200, root.patch(`/api/v1/flows/${flow}`, { folder_id: project }))
  await grant(root, ann, 'Viewer', 'Flow', flow)
  await expectStatus(200, ann.patch(`/api/v1/projects/${project}`, { flows: [], components: [] }))
  expect(await folderOf(flow)).toBe(project)
})

test('nobody but who may create there drops flows into the Starter Project of the project’s user', async () => {
  const project = await createProject(ann, 'p')
  const flow = await createFlow(ann, 'f', project)
  await grant(root, bob, 'Owner', 'Project', project)
  const answer = await bob.patch(`/api/v1/projects/${project}`, { flows: [], name: 'q' })
  expect([answer.status, answer.body.detail]).toEqual([
    403,
    "You do not have permission to create flows in project 'Starter Project'",
  ])
  expect(await flowsIn(ann, project)).toEqual([flow])
  await expectStatus(200, bob.patch(`/api/v1/projects/${project}`, { flows: [flow], name: 'q' }))
})

test('a parent takes Update on it and must not make a circle; null in a merge patch clears it', async () => {
  const [a, b, foreign, seen] = [
    await createProject(ann, 'a'),
    await createProject(ann, 'b'),
    await createProject(bob, 'foreign'),
    await createProject(bob, 'seen'),
  ]
  await grant(root, ann, 'Viewer', 'Project', seen)
  const put = (id: string, parent_id: string | null) =>
    ann.patch(`/api/v1/projects/${id}`, { parent_id })
  expect((await expectStatus(200, put(b, a))).body.parent_id).toBe(a)
  for (const [id, parent] of [
    [a, b],
    [a, a],
  ] as const)
    expect((await put(id, parent)).status).toBe(400)
  expect((await ann.get(`/api/v1/projects/${a}`)).body.parent_id).toBe(null)
  for (const parent of [foreign, seen, MISSING]) {
    const answer = await put(a, parent)
    expect([answer.status, answer.body.detail]).toEqual([
      403,
      'You do not have permission to update the parent project',
    ])
  }
  const missing = await root.patch(`/api/v1/projects/${a}`, { parent_id: MISSING })
  expect([missing.status, missing.body.detail]).toEqual([404, 'Parent project not found'])
  expect((await expectStatus(200, put(b, null))).body.parent_id).toBe(a)
  const cleared = mergePatch(gate, ann, `/api/v1/projects/${b}`, { parent_id: null })
  expect((await expectStatus(200, cleared)).body.parent_id).toBe(null)
})

test('fields that are not the caller’s to set never count', async () => {
  const forged = { is_starter_project: true, user_id: root.userId, id: MISSING }
  const { body } = await expectStatus(201, ann.post('/api/v1/projects/', { name: 'p', ...forged }))
  expect(body).toMatchObject({ is_starter_project: false })
  expect(body.id).not.toBe(MISSING)
  await expectStatus(200, ann.patch(`/api/v1/projects/${body.id}`, forged))
  const { rows } = await gate.db.execute({
    sql: 'SELECT user_id, is_starter_project FROM folder WHERE id = ?',
    args: [hex(body.id)],
  })
  expect(rows[0]).toMatchObject({ user_id: hex(ann.userId), is_starter_project: 0 })
})

test('update and delete answer 403 for hidden and missing alike, and 404 to who could see it', async () => {
  const hidden = await createProject(ann, 'hidden')
  for (const [send, verb] of [
    [(api: Api, id: string) => api.get(`/api/v1/projects/${id}`), 'view'],
    [(api: Api, id: string) => api.get(`/api/v1/projects/${id}?page=1`), 'view'],
    [(api: Api, id: string) => api.get(`/api/v1/projects/download/${id}`), 'view'],
    [(api: Api, id: string) => api.patch(`/api/v1/projects/${id}`, { name: 'x' }), 'update'],
    [(api: Api, id: string) => api.patch(`/api/v1/projects/${id}`, { flows: [] }), 'update'],
    [(api: Api, id: string) => api.delete(`/api/v1/projects/${id}`), 'delete'],
  ] as const) {
    for (const id of [hidden, MISSING]) {
      const refused = await send(bob, id)
      expect([refused.status, refused.body.detail]).toEqual([
        403,
        `You do not have permission to ${verb} this project`,
      ])
    }
    const missing = await send(root, MISSING)
    expect([missing.status, missing.body.detail]).toEqual([404, 'Project not found'])
  }
})

test('deleting a project takes its flows and every grant on it and on them along', async () => {
  const project = await createProject(ann, 'p')
  const child = await createProject(ann, 'child')
  await expectStatus(200, ann.patch(`/api/v1/projects/${child}`, { parent_id: project }))
  const flow = await createFlow(ann, 'f', project)
  await grant(root, bob, 'Editor', 'Project', project)
  await grant(root, bob, 'Viewer', 'Flow', flow)
  expect((await bob.delete(`/api/v1/projects/${project}`)).status).toBe(403)
  const answer = await ann.delete(`/api/v1/projects/${project}`)
  expect([answer.status, answer.body]).toEqual([204, ''])
  const { rows } = await gate.db.execute({
    sql: 'SELECT (SELECT count(*) FROM userroleassignment WHERE scope_id IN (?1, ?2)) AS grants, (SELECT count(*) FROM flow WHERE id = ?2) AS flows',
    args: [hex(project), hex(flow)],
  })
  expect(rows[0]).toMatchObject({ grants: 0, flows: 0 })
  expect((await ann.get(`/api/v1/projects/${child}`)).body.parent_id).toBe(null)
  const { rows: audit } = await gate.db.execute({
    sql: 'SELECT action FROM flowgate_audit WHERE target_id IN (?, ?) AND before IS NOT NULL ORDER BY seq',
    args: [hex(project), hex(flow)],
  })
  expect(audit.map((row) => row.action)).toEqual(['flow.delete', 'project.delete'])
})

test('a Starter Project cannot be deleted by anybody, also under another name', async () => {
  const starter = await starterOf(ann)
  await expectStatus(200, ann.patch(`/api/v1/projects/${starter}`, { name: 'My things' }))
  for (const api of [ann, root]) {
    const answer = await api.delete(`/api/v1/projects/${starter}`)
    expect([answer.status, answer.body.detail]).toEqual([
      400,
      'Cannot delete Starter Project. Starter Projects are protected and cannot be deleted.',
    ])
  }
  expect((await bob.delete(`/api/v1/projects/${starter}`)).status).toBe(403)
  const { rows } = await gate.db.execute({
    sql: 'SELECT username FROM user WHERE id = ?',
    args: [hex(ann.userId)],
  })
  const again = await signIn(gate, String(rows[0]?.username), `${rows[0]?.username}-password`)
  expect((await again.get('/api/v1/projects/')).body.map((p: Named) => p.name)).toEqual([
    'My things',
  ])
  expect(await folderOf(await createFlow(again, 'f'))).toBe(starter)
})

test('a project shows only the flows that the caller may read, in both forms', async () => {
  const project = await createProject(ann, 'p')
  const [open, closed] = [
    await createFlow(ann, 'open', project),
    await createFlow(ann, 'closed', project),
  ]
  await withRole('Blind', ['Create'], async () => {
    await grant(root, bob, 'Viewer', 'Project', project)
    await grant(root, bob, 'Blind', 'Flow', closed)
    expect(await flowsIn(bob, project)).toEqual([open])
    const { body } = await expectStatus(200, bob.get(`/api/v1/projects/${project}?size=10`))
    expect(body.flows).toMatchObject({ total: 1, page: 1, size: 10, pages: 1 })
    expect(body.flows.items.map((f: Named) => f.id)).toEqual([open])
    expect(body.folder.id).toBe(project)
  })
})

test('a page of a project is filtered and searched without wildcards, and refuses odd sizes', async () => {
  const project = await createProject(ann, 'p')
  for (const name of ['a%b', 'a_b', 'axb', 'A\\B', "o'x"]) await createFlow(ann, name, project)
  await createFlow(ann, 'component', project, { is_component: true })
  const page = async (query: string) =>
    (await expectStatus(200, ann.get(`/api/v1/projects/${project}?${query}`))).body.flows
  const names = async (query: string) => (await page(query)).items.map((f: Named) => f.name).sort()
  expect(await names('page=1&search=%25')).toEqual(['a%b'])
  expect(await names('page=1&search=a_')).toEqual(['a_b'])
  expect(await names('page=1&search=%5C')).toEqual(['A\\B'])
  expect(await names("page=1&search='")).toEqual(["o'x"])
  expect(await names('page=1&search=AXB')).toEqual(['axb'])
  expect(await names('page=1&is_component=true')).toEqual(['component'])
  expect((await page('page=1&is_flow=true')).total).toBe(5)
  expect(await page('page=2&size=4')).toMatchObject({ total: 6, page: 2, size: 4, pages: 2 })
  expect((await page('page=0&size=2')).page).toBe(1)
  expect((await page('page=9')).items).toEqual([])
  for (const query of ['page=0', 'size=0', 'page=0&size=0'])
    expect(await page(query)).toMatchObject({ total: 6, page: 1, size: 50, pages: 1 })
  // No name is longer.
  expect((await ann.get(`/api/v1/projects/${project}?search=${'x'.repeat(1001)}`)).status).toBe(422)
  for (const query of ['size=101', 'page=-1', 'size=-1', 'page=x', 'is_flow=maybe'])
    expect((await ann.get(`/api/v1/projects/${project}?${query}`)).status).toBe(422)
})

test('pages of a project never overlap, also where many flows share a time', async () => {
  const project = await createProject(ann, 'p')
  const flows = Array.from({ length: 25 }, (_, i) => ({ name: `f${i}`, folder_id: project }))
  await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows }))
  const seen = new Set<string>()
  for (let page = 1; page <= 3; page++) {
    const { body } = await ann.get(`/api/v1/projects/${project}?page=${page}&size=10`)
    for (const flow of body.flows.items) seen.add(flow.id)
  }
  expect(seen.size).toBe(25)
})

test('actions are listed with the scope they come from, and only when asked for', async () => {
  const project = await createProject(ann, 'p')
  await grant(root, bob, 'Editor', 'Project', project)
  gate.proxy.reset()
  const { body } = await expectStatus(200, bob.get('/api/v1/projects/?include=actions'))
  expect(gate.proxy.count).toBe(1)
  const row = body.find((p: Named) => p.id === project)
  expect([row.actions, row.scope]).toEqual([['Create', 'Read', 'Update'], 'Project'])
  const { body: all } = await root.get('/api/v1/projects/?include=actions')
  expect(all.find((p: Named) => p.id === project)).toMatchObject({
    actions: ['Create', 'Read', 'Update', 'Delete'],
    scope: 'Global',
  })
  const { body: plain } = await bob.get('/api/v1/projects/')
  expect(plain[0]).not.toHaveProperty('actions')
  expect((await bob.get('/api/v1/projects/?include=all')).status).toBe(422)
})

test('settings, which may hold secrets, are for those who may update the project', async () => {
  const { body } = await ann.post('/api/v1/projects/', { name: 'p', auth_settings: { key: 's3' } })
  await grant(root, bob, 'Viewer', 'Project', body.id)
  expect((await bob.get(`/api/v1/projects/${body.id}`)).body.auth_settings).toBe(null)
  expect((await ann.get(`/api/v1/projects/${body.id}`)).body.auth_settings).toEqual({ key: 's3' })
  const { rows } = await gate.db.execute(
    "SELECT count(*) AS n FROM flowgate_audit WHERE before || after LIKE '%s3%'",
  )
  expect(rows[0]?.n).toBe(0)
})

test('project names get the next free number, a taken one in a PATCH is a 400', async () => {
  const make = async (name: string) =>
    (await expectStatus(201, ann.post('/api/v1/projects/', { name }))).body
  expect((await make('x')).name).toBe('x')
  expect((await make('x (draft)')).name).toBe('x (draft)')
  const second = await make('x')
  expect(second.name).toBe('x (1)')
  expect((await make('Starter Project')).name).toBe('Starter Project (1)')
  const answer = await ann.patch(`/api/v1/projects/${second.id}`, { name: 'x' })
  expect([answer.status, answer.body.detail]).toEqual([400, 'Project name must be unique'])
})

test('a download is a zip of the readable flows, named as the header can carry it', async () => {
  const project = await createProject(ann, "Ü 'x'* (1)")
  const [first] = [await createFlow(ann, '../evil', project), await createFlow(ann, 'b', project)]
  await grant(root, bob, 'Viewer', 'Project', project)
  gate.proxy.reset()
  const response = await download(bob, `/api/v1/projects/download/${project}`)
  expect([response.status, gate.proxy.count]).toEqual([200, 1])
  expect(response.headers.get('content-type')).toBe('application/x-zip-compressed')
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename\*=UTF-8''\d{8}_\d{6}_%C3%9C%20%27x%27_%20%281%29_flows\.zip$/,
  )
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
  expect(Object.keys(files).sort()).toEqual(['__evil.json', 'b.json'].sort())
  expect(JSON.parse(strFromU8(files['__evil.json'] as Uint8Array)).id).toBe(first)
  const empty = await createProject(ann, 'empty')
  expect((await download(ann, `/api/v1/projects/download/${empty}`)).status).toBe(404)
})

test('an uploaded project brings its flows, all of them owned by the caller', async () => {
  const flows = [
    { name: 'one', folder_id: await starterOf(bob), user_id: bob.userId },
    { name: 'one', data: { nodes: [], edges: [] } },
  ]
  const file = { folder_name: 'p', folder_description: 'd', flows }
  gate.proxy.reset()
  const { status, body } = await upload(ann, '/api/v1/projects/upload/', JSON.stringify(file))
  expect([status, gate.proxy.count]).toEqual([201, 1])
  const made = body as { id: string; name: string; folder_id: string; user_id: string }[]
  expect(made.map((flow) => [flow.name, flow.user_id])).toEqual([
    ['one', ann.userId],
    ['one (1)', ann.userId],
  ])
  const project = made[0]?.folder_id ?? ''
  expect((await ann.get(`/api/v1/projects/${project}`)).body).toMatchObject({
    name: 'p',
    description: 'd',
  })
  await expectStatus(204, ann.delete(`/api/v1/flows/${made[0]?.id}`))
})

test('an unreadable project file is a 400 and leaves nothing behind', async () => {
  const before = (await ann.get('/api/v1/projects/')).body.length
  const send = (content: string | Uint8Array<ArrayBuffer>) =>
    upload(ann, '/api/v1/projects/upload/', content)
  for (const content of ['', 'no json', '[]', 'null', new Uint8Array([0xff, 0xfe])])
    expect((await send(content)).status).toBe(400)
  expect((await send('{}')).body).toMatchObject({ detail: 'No flows found in the file' })
  expect((await send('{"folder_name":"p"}')).body).toMatchObject({
    detail: 'No flows found in the data',
  })
  expect((await send('{"flows":[]}')).status).toBe(400)
  expect((await send('{"flows":[{"name":"x"}]}')).body).toMatchObject({
    detail: [{ loc: ['body', 'folder_name'] }],
  })
  expect((await send('{"folder_name":"p","flows":[{}]}')).body).toMatchObject({
    detail: [{ loc: ['body', 'flows', 0, 'name'] }],
  })
  expect((await ann.get('/api/v1/projects/')).body.length).toBe(before)
})

test('/folders leads to /projects with its query', async () => {
  for (const [from, to] of [
    ['/folders/', '/projects/'],
    ['/folders', '/projects/'],
    [`/folders/${MISSING}?page=2&search=a%20b`, `/projects/${MISSING}?page=2&search=a%20b`],
    ['/folders/download/x', '/projects/download/x'],
    ['/folders//evil.example', '/projects//evil.example'],
  ]) {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      const response = await gate.fetch(`/api/v1${from}`, { method })
      expect([response.status, response.headers.get('location')]).toEqual([307, `/api/v1${to}`])
    }
  }
})

test('each read and write of a project is one request to the database', async () => {
  const project = await createProject(ann, 'p')
  const count = async (answer: () => Promise<unknown>) => {
    gate.proxy.reset()
    await answer()
    return gate.proxy.count
  }
  expect(await count(() => ann.get(`/api/v1/projects/${project}`))).toBe(1)
  expect(await count(() => ann.get(`/api/v1/projects/${project}?page=1`))).toBe(1)
  expect(await count(() => ann.patch(`/api/v1/projects/${project}`, { flows: [] }))).toBe(1)
  expect(await count(() => ann.delete(`/api/v1/projects/${project}`))).toBe(1)
})

test('a stranger reaches no project', async () => {
  for (const [method, path] of [
    ['GET', '/api/v1/projects/'],
    ['PATCH', `/api/v1/projects/${MISSING}`],
    ['DELETE', `/api/v1/projects/${MISSING}`],
    ['POST', '/api/v1/projects/upload/'],
    ['GET', `/api/v1/projects/download/${MISSING}`],
  ] as const)
    expect((await call(gate, method, path)).status).toBe(403)
})

/** A role of these permissions, for flows and projects, that nobody holds any more afterwards. */
async function withRole(name: string, permissions: string[], run: () => Promise<void>) {
  const id = crypto.randomUUID().replaceAll('-', '')
  await gate.db.execute({
    sql: "INSERT INTO role (id, name, is_system_role, created_at) VALUES (?, ?, 0, '2026-01-01 00:00:00.000000')",
    args: [id, name],
  })
  await gate.db.execute({
    sql: `INSERT INTO rolepermission (id, role_id, permission_id, created_at)
      SELECT lower(hex(randomblob(16))), ?, id, '2026-01-01 00:00:00.000000' FROM permission
      WHERE name IN (SELECT value FROM json_each(?))`,
    args: [id, JSON.stringify(permissions)],
  })
  await run()
}
