// Rows that nobody should have stored: they never break a list, and everything else about them works.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { sendFiles } from './support/files.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { type OddRow, oddRows, showsOrdinary, toOdd } from './support/odd-rows.ts'
import { listRoutes } from './support/routes.ts'
import { runInSlices } from './support/slices.ts'
import { startRuledSqld } from './support/sqlds.ts'
import {
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  signIn,
} from './support/world.ts'

type Flow = { id: string; name: string; data: unknown; data_state?: string }

let gate: Flowgate
let root: Api
let ann: Api
let stranger: Api
let project: string
/** The flow of each odd row, and neighbours in between. */
const odd: Record<string, string> = {}
const neighbours: string[] = []
const hex = (id: string) => id.replaceAll('-', '')
const ordinary = { data: showsOrdinary.data, tags: [] }

beforeAll(async () => {
  gate = await startFlowgate({ maxRow: 40_000_000 })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  stranger = await createUser(gate, root, 'stranger')
  project = await createProject(ann, 'odd')
  for (const [n, [name, row]] of Object.entries(oddRows).entries()) {
    odd[name] = await createFlow(ann, `odd ${n}`, project, ordinary)
    if (n % 5 === 0) neighbours.push(await createFlow(ann, `near ${n}`, project, ordinary))
    await gate.db.execute(toOdd(row, hex(idOf(name))))
  }
  await gate.db.batch([
    `INSERT INTO folder (id, name) VALUES ('${'e'.repeat(32)}', 'Starter Projects')`,
    `UPDATE flowgate_examples SET folder_id = '${'e'.repeat(32)}'`, // as adoption does
  ])
})
afterAll(() => gate.stop())

const idOf = (name: string): string => odd[name] ?? ''
const everything = () => [...Object.values(odd), ...neighbours].sort()
const shown = ({ shows, state }: OddRow) => ({
  ...(shows ? {} : showsOrdinary),
  ...shows,
  ...(state ? { data: null, data_state: state } : {}),
})

/** The list is complete, each flow once, the neighbours as they are, the odd ones marked. */
function expectAll(flows: Flow[], { headers = false } = {}) {
  expect(flows.map(({ id }) => id).sort()).toEqual(everything())
  const byId = new Map(flows.map((flow) => [flow.id, flow]))
  for (const id of neighbours) {
    expect(byId.get(id)?.data).toEqual(headers ? null : ordinary.data)
    expect(byId.get(id)).not.toHaveProperty('data_state')
  }
  for (const [name, row] of Object.entries(oddRows)) {
    const flow = byId.get(idOf(name)) ?? { id: '' }
    const { data: _, data_state, ...rest } = shown(row) as Record<string, unknown>
    const isShown = !headers || row.set.is_component === '1'
    const fields = Object.entries(rest).filter(([key]) => !headers || key in flow)
    if (!headers && !row.shows?.data && !row.state && row.shows) expect(flow, name).toBeDefined()
    else if (!headers) expect(flow, name).toMatchObject(shown(row))
    expect(flow, name).toMatchObject(Object.fromEntries(fields))
    const state = (flow as Flow).data_state
    expect([name, state], name).toEqual([name, isShown ? data_state : undefined])
  }
}

async function walk(api: Api, query: string): Promise<Flow[]> {
  const flows: Flow[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor && `&cursor=${encodeURIComponent(cursor)}`
    const { body } = await expectStatus(200, api.get(`/api/v1/flows/?paged=all&${query}${from}`))
    flows.push(...body.items)
    if (flows.length > 2 * everything().length) throw new Error('The pages never end')
    cursor = body.next_cursor
  }
  return flows
}

describe('lists are complete, and right about each row', () => {
  test.each([
    ['the whole listing', ''],
    ['by name', '?order=name'],
    ['with actions', '?include=actions'],
  ])('%s', async (_, query) => {
    expectAll((await expectStatus(200, ann.get(`/api/v1/flows/${query}`))).body)
  })

  test.each(['', '&order=name'])('headers%s', async (order) => {
    const { body } = await expectStatus(200, ann.get(`/api/v1/flows/?header_flows=true${order}`))
    expectAll(body, { headers: true })
  })

  test.each(['size=1', 'size=3', 'size=1&order=name', 'size=50'])(
    'pages by cursor, %s',
    async (query) => {
      expectAll(await walk(ann, query))
    },
  )

  test('pages of a project, of both kinds', async () => {
    const [listed, inside]: [Flow[], Flow[]] = [[], []]
    for (let page = 1; page <= 12; page++) {
      const of = `page=${page}&size=5`
      const flows = await ann.get(`/api/v1/flows/?get_all=false&folder_id=${project}&${of}`)
      listed.push(...flows.body.items)
      const { body } = await ann.get(`/api/v1/projects/${project}?${of}`)
      inside.push(...body.flows.items)
    }
    expectAll(listed)
    expectAll(inside)
  })

  test('components are told from flows', async () => {
    const { body } = await expectStatus(200, ann.get('/api/v1/flows/?components_only=true'))
    expect(body.map(({ id }: Flow) => id).sort()).toEqual(
      ['a component of 12 MB', 'a broken component'].map(idOf).sort(),
    )
  })

  test('archives carry every flow, those without a graph with their mark', async () => {
    const zips: [string, RequestInit][] = [
      [`/api/v1/projects/download/${project}`, auth()],
      [
        '/api/v1/flows/download/',
        {
          ...auth({ 'content-type': 'application/json' }),
          method: 'POST',
          body: JSON.stringify(everything()),
        },
      ],
    ]
    for (const [path, init] of zips) {
      // Read at once: undici cancels a body that still waits when its first Response object is collected.
      const response = await gate.fetch(path, init)
      expect(response.status).toBe(200)
      const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
      expectAll(Object.values(files).map((file) => JSON.parse(strFromU8(file))))
    }
  })

  test('every exported file is imported again, with the graph that it has', async () => {
    const response = await gate.fetch(`/api/v1/projects/download/${project}`, auth())
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
    for (const [name, content] of Object.entries(files)) {
      const flow = JSON.parse(strFromU8(content))
      // Left out is what the contract refuses: no nodes, an icon that names none, more than a body may hold.
      const isFlow = flow.data === null || 'nodes' in flow.data
      if (!isFlow || flow.icon?.length > 1000 || content.length > 4_000_000) continue
      const sent = [{ name, content: new Uint8Array(content) }]
      const { status, body } = await sendFiles(gate, stranger, '/api/v1/flows/upload/', sent)
      expect([name, status, body.detail]).toEqual([name, 201, undefined])
      expect([name, body[0].data]).toEqual([name, flow.data])
    }
    const made = await stranger.get('/api/v1/flows/')
    expect(made.body.length).toBeGreaterThan(everything().length - 10)
    const ids = made.body.map(({ id }: Flow) => id)
    await expectStatus(200, stranger.delete('/api/v1/flows/', ids))
  })

  test('reading changes nothing', async () => {
    const read = () =>
      gate.db.execute(`SELECT count(*) AS n, sum(octet_length(data)) AS bytes, count(DISTINCT typeof(data)) AS kinds,
        group_concat(typeof(name) || typeof(updated_at) || webhook) AS types FROM flow`)
    const before = (await read()).rows
    await ann.get('/api/v1/flows/')
    await ann.get(`/api/v1/projects/${project}`)
    for (const id of everything()) await ann.get(`/api/v1/flows/${id}`)
    expect(JSON.stringify((await read()).rows)).toBe(JSON.stringify(before))
  })
})

const auth = (headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${ann.token}`, ...headers },
})

/** What each GET route that is about flows, or may name one, is asked: a route without an entry fails. */
const reads: Record<string, (id: string) => string[]> = {
  'GET /health': () => ['/health'],
  'GET /health/ready': () => ['/health/ready'],
  'GET /openapi.json': () => [],
  'GET /.well-known/authzen-configuration': () => ['/.well-known/authzen-configuration'],
  'GET /docs': () => [],
  'GET /health_check': () => ['/health_check'],
  'GET /api/v1/config': () => [],
  'GET /api/v1/version': () => [],
  'GET /api/v1/store/check/': () => [],
  'GET /api/v1/store/check/api_key': () => [],
  'GET /api/v1/store/tags': () => [],
  'GET /api/v1/variables/': () => ['/api/v1/variables/'],
  'GET /api/v1/files/profile_pictures/list': () => [],
  'GET /api/v1/files/profile_pictures/:folder/:name': () => [],
  'GET /api/v1/auto_login': () => [],
  'GET /api/v1/users/whoami': () => ['/api/v1/users/whoami'],
  'GET /api/v1/users/': () => ['/api/v1/users/'],
  'GET /api/v1/users/search': () => ['/api/v1/users/search?q=an'],
  'GET /api/v1/sessions': () => ['/api/v1/sessions'],
  'GET /api/v1/auth/providers': () => [],
  'GET /api/v1/auth/access/start': () => [],
  'GET /api/v1/auth/:provider_id/start': () => [],
  'GET /api/v1/auth/:provider_id/callback': () => [],
  'GET /api/v1/bindings': () => [],
  'GET /api/v1/api_key/': () => ['/api/v1/api_key/'],
  'GET /api/v1/projects/': () => ['/api/v1/projects/', '/api/v1/projects/?include=actions'],
  'GET /api/v1/projects/:project_id': () => [
    `/api/v1/projects/${project}`,
    `/api/v1/projects/${project}?page=1&search=odd`,
  ],
  'GET /api/v1/projects/download/:project_id': () => [`/api/v1/projects/download/${project}`],
  'GET /scim/v2/ServiceProviderConfig': () => [],
  'GET /scim/v2/ResourceTypes': () => [],
  'GET /scim/v2/ResourceTypes/:id': () => [],
  'GET /scim/v2/Schemas': () => [],
  'GET /scim/v2/Schemas/:id': () => [],
  'GET /scim/v2/Users': () => [],
  'GET /scim/v2/Users/:id': () => [],
  'GET /scim/v2/Groups': () => [],
  'GET /scim/v2/Groups/:id': () => [],
  'GET /api/v1/flows/': () => ['/api/v1/flows/', '/api/v1/flows/?get_all=false'],
  'GET /api/v1/flows/:flow_id': (id) => [`/api/v1/flows/${id}`],
  'GET /api/v1/flows/public_flow/:flow_id': (id) => [`/api/v1/flows/public_flow/${id}`],
  'GET /api/v1/flows/basic_examples/': () => ['/api/v1/flows/basic_examples/'],
  'GET /api/v1/rbac/check-permission': (id) => [
    `/api/v1/rbac/check-permission?permission=Read&scope_type=Flow&scope_id=${id}`,
  ],
  'GET /api/v1/rbac/explain': (id) => [
    `/api/v1/rbac/explain?permission=Read&scope_type=Flow&scope_id=${id}`,
  ],
  'GET /api/v1/rbac/access': (id) => [`/api/v1/rbac/access?scope_type=Flow&scope_id=${id}`],
  'GET /api/v1/rbac/roles': () => ['/api/v1/rbac/roles'],
  'GET /api/v1/rbac/roles/:role_id': () => [],
  'GET /api/v1/rbac/assignments': () => [
    '/api/v1/rbac/assignments',
    '/api/v1/rbac/assignments?scope_type=Flow&size=100',
  ],
  'GET /api/v1/rbac/assignments/:assignment_id': () => [],
  'GET /api/v1/flows/:flow_id/shares': (id) => [`/api/v1/flows/${id}/shares`],
  'GET /api/v1/projects/:project_id/shares': () => [`/api/v1/projects/${project}/shares`],
  'GET /api/v1/me/shared': () => ['/api/v1/me/shared'],
  'GET /api/v1/me/granted': () => ['/api/v1/me/granted'],
  'GET /api/v1/teams/': () => ['/api/v1/teams/'],
  'GET /api/v1/teams/:team_id': () => [],
  'GET /api/v1/teams/:team_id/members': () => [],
  'GET /api/v1/audit': () => ['/api/v1/audit?size=100'],
}

test('every GET route has been judged', () => {
  const routes = listRoutes().filter((route) => route.startsWith('GET '))
  expect(routes.filter((route) => !(route in reads))).toEqual([])
  expect(Object.keys(reads).filter((route) => !routes.includes(route))).toEqual([])
})

describe.each(Object.entries(oddRows))('%s', (name, row) => {
  test('shows in its own GET as in lists; without its graph it is too large, for readers only', async () => {
    const { status, body } = await ann.get(`/api/v1/flows/${idOf(name)}`)
    if (row.state === 'too_large') {
      expect([status, body.code]).toEqual([413, 'too_large'])
      expect(body.detail).toMatch(/holds \d+ bytes/)
    } else {
      expect(status).toBe(200)
      expect(body).toMatchObject(shown(row))
      expect(body.data_state).toBe(row.state)
    }
    const refused = await stranger.get(`/api/v1/flows/${idOf(name)}`)
    expect([refused.status, refused.body.detail]).toEqual([
      403,
      'You do not have permission to view this flow',
    ])
  })

  test('is read, where it is public or an example, by strangers', async () => {
    const id = hex(idOf(name))
    await gate.db.execute(`UPDATE flow SET folder_id = '${'e'.repeat(32)}' WHERE id = '${id}'`)
    const { body } = await expectStatus(200, call(gate, 'GET', '/api/v1/flows/basic_examples/'))
    expect(body.map((flow: Flow) => [flow.id, flow.data_state])).toEqual([[idOf(name), row.state]])
    await gate.db.execute(`UPDATE flow SET folder_id = '${hex(project)}' WHERE id = '${id}'`)
    const before = await gate.db.execute(`SELECT access_type AS it FROM flow WHERE id = '${id}'`)
    await gate.db.execute(`UPDATE flow SET access_type = 'PUBLIC' WHERE id = '${id}'`)
    const open = await call(gate, 'GET', `/api/v1/flows/public_flow/${idOf(name)}`)
    expect(open.status).toBe(row.state === 'too_large' ? 413 : 200)
    await gate.db.execute({
      sql: `UPDATE flow SET access_type = ? WHERE id = '${id}'`,
      args: [before.rows[0]?.it ?? null],
    })
  })
})

test('no read of any route fails with all of them there', async () => {
  const ids = Object.values(odd)
  for (const [route, paths] of Object.entries(reads))
    for (const path of new Set(ids.flatMap(paths))) {
      const { status, body } = await (route.includes('audit') ? root : ann).get(path)
      const isDenied = status === 403 && ['users/', 'rbac/'].some((part) => route.includes(part))
      expect([
        path,
        isDenied || status < 400 || body.code === 'too_large' || isClosed(body),
      ]).toEqual([path, true])
      if (isDenied) expect((await root.get(path)).status, path).toBe(200)
    }
})

const isClosed = ({ detail }: { detail?: string }) => detail === 'Flow is not public'

describe.each(Object.entries(oddRows))('%s, changed', (name, row) => {
  test('is renamed, moved, shared, counted and deleted like any other', async () => {
    const id = idOf(name)
    const { body: renamed } = await expectStatus(
      200,
      ann.patch(`/api/v1/flows/${id}`, { name: `new ${name}` }),
    )
    expect([renamed.name, renamed.data_state]).toEqual([`new ${name}`, row.state])
    const other = await createProject(ann, `other ${name}`)
    await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, { folder_id: other }))
    await expectStatus(200, ann.patch(`/api/v1/projects/${project}`, { description: 'moved' }))
    const { body: page } = await ann.get(`/api/v1/flows/?get_all=false&folder_id=${other}`)
    expect([page.total, page.items[0].data_state]).toEqual([1, row.state])
    const grant = { user_id: root.userId, role_name: 'Viewer', scope_type: 'Flow', scope_id: id }
    await expectStatus(201, root.post('/api/v1/rbac/assignments', grant))
    const stored = await gate.db.execute({
      sql: `SELECT octet_length(data) AS bytes FROM flow WHERE id = ?`,
      args: [hex(id)],
    })
    await gate.db.execute(toOdd(row, hex(id)))
    const again = await gate.db.execute({
      sql: `SELECT octet_length(data) AS bytes FROM flow WHERE id = ?`,
      args: [hex(id)],
    })
    expect(stored.rows[0]?.bytes).toBe(again.rows[0]?.bytes)
    await expectStatus(204, ann.delete(`/api/v1/flows/${id}`))
    await expectStatus(404, root.get(`/api/v1/flows/${id}`))
    const { body: log } = await expectStatus(200, root.get(`/api/v1/audit?target_id=${id}`))
    expect(log.items[0].action).toBe('flow.delete')
  })
})

test('a graph that is given takes the place of a broken one, and of one that is too large', async () => {
  for (const set of ["'{'", `'{"x":"' || hex(zeroblob(4000000)) || '"}'`]) {
    const id = await createFlow(ann, 'mended', project, ordinary)
    await gate.db.execute(toOdd({ set: { data: set } }, hex(id)))
    const { body } = await expectStatus(200, ann.patch(`/api/v1/flows/${id}`, ordinary))
    expect(body.data).toEqual(ordinary.data)
    expect(body).not.toHaveProperty('data_state')
    await expectStatus(204, ann.delete(`/api/v1/flows/${id}`))
  }
})

// Twice, for the server with the large rows once never answered.
test('a row beyond what the server takes is listed, refused by name and deleted', {
  retry: 1,
}, async () => {
  const small = await flowgateForTest({ furnish: fillBeyondLimit })
  const admin = await signIn(small)
  const { body } = await expectStatus(200, admin.get('/api/v1/flows/?order=name'))
  expect(body.map((flow: Flow) => [flow.name, flow.data_state, flow.data !== null])).toEqual([
    ['a', undefined, true],
    ['b', 'too_large', false],
    ['c', undefined, true],
  ])
  const id = body[1].id
  const own = await admin.get(`/api/v1/flows/${id}`)
  expect([own.status, own.body.code]).toEqual([413, 'too_large'])
  const { body: inside } = await expectStatus(200, admin.get(`/api/v1/projects/${'f'.repeat(32)}`))
  const marked = inside.flows.filter((flow: Flow) => flow.data_state === 'too_large')
  expect([inside.flows.length, marked.map((flow: Flow) => flow.id)]).toEqual([3, [id]])
  const renamed = await admin.patch(`/api/v1/flows/${id}`, { name: 'z' })
  expect([renamed.status, renamed.body.code]).toEqual([413, 'too_large'])
  await expectStatus(204, admin.delete(`/api/v1/flows/${id}`))
  expect((await admin.get('/api/v1/flows/')).body).toHaveLength(2)
})

/** Three flows, the second larger than the server that is started afterwards takes. */
async function fillBeyondLimit(directory: string): Promise<void> {
  const roomy = await startRuledSqld(join(directory, 'roomy'), { max_row_size: 40_000_000 })
  const db = createClient({ url: roomy.url })
  await runInSlices(db, revisions, 500)
  await db.execute(`INSERT INTO folder (id, name) VALUES ('${'f'.repeat(32)}', 'full')`)
  for (const [name, bytes] of Object.entries({ c: 10, b: 5_500_000, a: 10 }))
    await db.execute({
      sql: `INSERT INTO flow (id, name, data, updated_at, access_type, folder_id)
        SELECT lower(hex(randomblob(16))), ?1, '{"x":"' || hex(zeroblob(?2)) || '"}', '2026-01-0' || unicode(?1) % 8, 'PRIVATE', '${'f'.repeat(32)}'`,
      args: [name, bytes / 2],
    })
  db.close()
  await roomy.stop()
  await (await startSqld(directory)).stop()
  const [from, to] = ['roomy/sqld/dbs/127', 'sqld/dbs/default'].map((path) => join(directory, path))
  cpSync(from ?? '', to ?? '', { recursive: true })
}
