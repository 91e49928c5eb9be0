// Who sees which flows: the eight cases, through every form of the listing, over HTTP alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
const people: Record<string, Api> = {}
const flows: Record<string, string> = {}
const projects: Record<string, string> = {}

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  for (const name of ['admin', 'viewer', 'author', 'member', 'overridden', 'other']) {
    people[name] = await createUser(gate, root, name)
  }
  for (const name of ['north', 'south']) projects[name] = await createProject(root, name)
  for (const name of ['n1', 'n2', 'n3'])
    flows[name] = await createFlow(root, name, projects.north, graph)
  for (const name of ['s1', 's2']) flows[name] = await createFlow(root, name, projects.south, graph)
  await grant(root, person('admin'), 'Admin', 'Global')
  await grant(root, person('viewer'), 'Viewer', 'Flow', flows.n1)
  await grant(root, person('member'), 'Viewer', 'Project', projects.north)
  await grant(root, person('overridden'), 'Viewer', 'Project', projects.north)
  await grant(root, person('other'), 'Viewer', 'Project', projects.south)
  await makeAuthorWithoutGrants()
})
afterAll(() => gate.stop())

const graph = { data: { nodes: [{ id: 'a' }], edges: [] } }
const person = (name: string): Api => people[name] as Api
const named = (names: string[]) => names.map((name) => flows[name] as string).sort()

/** Someone whose user_id stands on two flows, and who holds no grant on them. */
async function makeAuthorWithoutGrants() {
  const author = person('author')
  const editor = await grant(root, author, 'Editor', 'Project', projects.south)
  flows.a1 = await createFlow(author, 'a1', projects.south)
  const owned = await root.get(`/api/v1/rbac/assignments?user_id=${author.userId}&scope_type=Flow`)
  for (const id of [editor, ...owned.body.map((a: { id: string }) => a.id)]) {
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${id}`))
  }
  expect((await root.get(`/api/v1/flows/${flows.a1}`)).body.user_id).toBe(author.userId)
}

const everything = ['n1', 'n2', 'n3', 's1', 's2', 'a1']
const cases: [guarantee: string, who: string, sees: string[]][] = [
  ['a superuser sees all flows', 'root', everything],
  ['a Global Admin sees all flows', 'admin', everything],
  ['a Viewer of one flow sees only that one', 'viewer', ['n1']],
  ['without grants nobody sees anything, not even flows carrying their user_id', 'author', []],
  ['a project grant opens all flows of the project', 'member', ['n1', 'n2', 'n3']],
  ['two users see different flows', 'other', ['s1', 's2', 'a1']],
]

describe.each(cases)('%s', (_, who, sees) => {
  const caller = () => (who === 'root' ? root : person(who))

  test('in the whole listing', async () => {
    const { status, body } = await caller().get('/api/v1/flows/')
    expect(status).toBe(200)
    expect(body.map((flow: { id: string }) => flow.id).sort()).toEqual(named(sees))
  })

  test('in the header form, which carries no graph', async () => {
    const { body } = await caller().get('/api/v1/flows/?header_flows=true')
    expect(body.map((flow: { id: string }) => flow.id).sort()).toEqual(named(sees))
    for (const flow of body) {
      expect(flow.data).toBeNull()
      expect(Object.keys(flow)).not.toContain('user_id')
    }
  })

  test('in the paged form, where items and total count visible flows only', async () => {
    const visible: string[] = []
    for (const project of Object.values(projects)) {
      const { body } = await caller().get(`/api/v1/flows/?get_all=false&folder_id=${project}`)
      expect(body.total).toBe(body.items.length)
      visible.push(...body.items.map((flow: { id: string }) => flow.id))
    }
    expect(visible.sort()).toEqual(named(sees))
  })

  test('one by one', async () => {
    for (const name of everything) {
      const { status } = await caller().get(`/api/v1/flows/${flows[name]}`)
      expect([name, status]).toEqual([name, sees.includes(name) ? 200 : 403])
    }
  })

  test('inside their projects', async () => {
    for (const project of Object.values(projects)) {
      const { status, body } = await caller().get(`/api/v1/projects/${project}`)
      if (status !== 200) continue
      const { body: page } = await caller().get(`/api/v1/flows/?get_all=false&folder_id=${project}`)
      const ids = (list: { id: string }[]) => list.map((flow) => flow.id).sort()
      expect(ids(body.flows)).toEqual(ids(page.items))
    }
  })
})

describe('an explicit flow grant replaces what the project gives', () => {
  test('also when it takes away: a role without Read hides the flow', async () => {
    await gate.db.execute(
      `INSERT INTO role (id, name, is_system_role, created_at) VALUES ('${'b'.repeat(32)}', 'Blind', 0, '2026-01-01 00:00:00')`,
    )
    const id = await grant(root, person('overridden'), 'Blind', 'Flow', flows.n2)
    await expectVisible(person('overridden'), ['n1', 'n3'])
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${id}`))
    await expectVisible(person('overridden'), ['n1', 'n2', 'n3'])
  })

  test('a union of roles on one scope decides, whichever was granted first', async () => {
    const blind = await grant(root, person('overridden'), 'Blind', 'Flow', flows.n1)
    await expectVisible(person('overridden'), ['n2', 'n3'])
    const viewer = await grant(root, person('overridden'), 'Viewer', 'Flow', flows.n1)
    await expectVisible(person('overridden'), ['n1', 'n2', 'n3'])
    for (const id of [blind, viewer]) await root.delete(`/api/v1/rbac/assignments/${id}`)
  })

  async function expectVisible(who: Api, names: string[]) {
    const all = await who.get('/api/v1/flows/?header_flows=true')
    expect(all.body.map((flow: { id: string }) => flow.id).sort()).toEqual(named(names))
    const page = await who.get(`/api/v1/flows/?get_all=false&folder_id=${projects.north}`)
    expect(page.body.items.map((flow: { id: string }) => flow.id).sort()).toEqual(named(names))
    expect(page.body.total).toBe(names.length)
    const project = await who.get(`/api/v1/projects/${projects.north}`)
    expect(project.body.flows.map((flow: { id: string }) => flow.id).sort()).toEqual(named(names))
  }
})

test('a grant shows at the very next request, and so does its end', async () => {
  const someone = await createUser(gate, root, 'someone')
  const id = await grant(root, someone, 'Viewer', 'Flow', flows.s1)
  expect((await someone.get('/api/v1/flows/')).body).toHaveLength(1)
  await root.delete(`/api/v1/rbac/assignments/${id}`)
  expect((await someone.get('/api/v1/flows/')).body).toEqual([])
})

test('a Global role that is not Admin is inherited, unless a more specific grant exists', async () => {
  const globe = await createUser(gate, root, 'globe')
  await grant(root, globe, 'Viewer', 'Global')
  expect((await globe.get('/api/v1/flows/')).body).toHaveLength(everything.length)
  await grant(root, globe, 'Blind', 'Project', projects.north)
  expect((await globe.get('/api/v1/flows/')).body.map((f: { id: string }) => f.id).sort()).toEqual(
    named(['s1', 's2', 'a1']),
  )
})

test('a grant that has expired by the database clock opens nothing', async () => {
  const late = await createUser(gate, root, 'late')
  const id = await grant(root, late, 'Viewer', 'Project', projects.north)
  const expire = (when: string) =>
    gate.db.execute(
      `UPDATE userroleassignment SET expires_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '${when}') WHERE id = '${id.replaceAll('-', '')}'`,
    )
  await expire('+1 hour')
  expect((await late.get('/api/v1/flows/')).body).toHaveLength(3)
  await expire('-1 second')
  expect((await late.get('/api/v1/flows/')).body).toEqual([])
})

test('a deactivated user gets 401 with a token issued before', async () => {
  const gone = await createUser(gate, root, 'gone')
  await expectStatus(200, root.patch(`/api/v1/users/${gone.userId}`, { is_active: false }))
  const { status, body } = await gone.get('/api/v1/flows/')
  expect([status, body.detail]).toEqual([401, 'User not found or is inactive.'])
})

test('components_only and remove_example_flows narrow the listing', async () => {
  flows.part = await createFlow(root, 'part', projects.south, { is_component: true, ...graph })
  const { body } = await person('other').get(
    '/api/v1/flows/?header_flows=true&components_only=true',
  )
  expect(body.map((f: { id: string }) => f.id)).toEqual([flows.part])
  expect(body[0].data).toEqual(graph.data)
  expect((await person('other').get('/api/v1/flows/?remove_example_flows=true')).body).toHaveLength(
    4,
  )
})

test('pages visit every flow exactly once, and end in an empty page', async () => {
  const seen: string[] = []
  for (const page of [1, 2, 3]) {
    const { body } = await person('member').get(
      `/api/v1/flows/?get_all=false&folder_id=${projects.north}&page=${page}&size=2`,
    )
    expect(body).toMatchObject({ total: 3, page, size: 2, pages: 2 })
    seen.push(...body.items.map((flow: { id: string }) => flow.id))
  }
  expect(seen.sort()).toEqual(named(['n1', 'n2', 'n3']))
})

test('without a project, the page shows the own Starter Project', async () => {
  const mine = await createFlow(person('viewer'), 'mine')
  const { body } = await person('viewer').get('/api/v1/flows/?get_all=false')
  expect(body.items.map((flow: { id: string }) => flow.id)).toEqual([mine])
})

test('a hidden id and a missing id are answered alike', async () => {
  const hidden = await person('viewer').get(`/api/v1/flows/${flows.s1}`)
  const missing = await person('viewer').get('/api/v1/flows/00000000-0000-4000-8000-000000000000')
  expect({ ...hidden.body, request_id: '' }).toEqual({ ...missing.body, request_id: '' })
  expect([hidden.status, hidden.body.detail]).toEqual([
    403,
    'You do not have permission to view this flow',
  ])
  expect((await root.get('/api/v1/flows/00000000-0000-4000-8000-000000000000')).status).toBe(404)
})

test('projects are listed by their own permission', async () => {
  const names = async (who: Api) =>
    (await who.get('/api/v1/projects/')).body.map((p: { name: string }) => p.name)
  expect(await names(person('member'))).toEqual(['Starter Project', 'north'])
  expect(await names(person('other'))).toEqual(['Starter Project', 'south'])
  expect((await person('member').get(`/api/v1/projects/${projects.south}`)).status).toBe(403)
})

test('a warm listing is one request to libSQL, a cold one at head at most one more', async () => {
  const requests = async (path: string) => {
    gate.proxy.reset()
    await expectStatus(200, person('member').get(path))
    return gate.proxy.count
  }
  const forms = [
    '/api/v1/flows/',
    '/api/v1/flows/?header_flows=true',
    `/api/v1/flows/?get_all=false&folder_id=${projects.north}`,
    `/api/v1/flows/${flows.n1}`,
    '/api/v1/projects/',
    `/api/v1/projects/${projects.north}`,
  ]
  for (const path of forms) expect([path, await requests(path)]).toEqual([path, 1])
  for (const path of forms) {
    await gate.restart()
    expect([path, await requests(path)]).toEqual([path, 2])
  }
})

test('libSQL is asked for plain answers: its best compression takes longer than the query', async () => {
  await gate.restart()
  gate.proxy.reset()
  await expectStatus(200, person('member').get('/api/v1/flows/'))
  expect(gate.proxy.headers.map((headers) => headers['accept-encoding'])).toEqual([
    'identity',
    'identity',
  ])
})
