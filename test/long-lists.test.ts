// Every list is paged or streamed: none breaks because there is much of it, or because its rows are large.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { listRoutes } from './support/routes.ts'
import { type Api, createUser, signIn } from './support/world.ts'

const MANY = 2500
/** libSQL refuses an answer of 10 MB. */
const MAX_ANSWER = 9_000_000

let gate: Flowgate
let root: Api
let ann: Api
const hex = (id: string) => id.replaceAll('-', '')

beforeAll(async () => {
  gate = await startFlowgate({ bindings: paperProvider })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  // The worst that a text may hold: what becomes six characters in JSON.
  const text = (n: number) => `replace(hex(zeroblob(${n / 2})), '0', char(1))`
  const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})`
  const at = "'2026-01-01 00:00:00.000000'"
  await gate.db.batch(
    [
      `${rows} INSERT INTO user (id, username, password, profile_image, is_active, is_superuser, create_at, updated_at, optins)
       SELECT printf('%032x', i), 'user ' || i, '!', ${text(2000)}, 0, 0, ${at}, ${at}, '{"a":"' || ${text(600)} || '"}' FROM n`,
      `${rows} INSERT INTO folder (id, name, description, is_starter_project, user_id)
       SELECT printf('%032x', i), 'project ' || i, ${text(1000)}, 0, '${hex(ann.userId)}' FROM n`,
      `${rows} INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
       SELECT printf('%032x', i), '${hex(ann.userId)}', (SELECT id FROM role WHERE name = 'Owner'), 'Project', printf('%032x', i), 0, ${at} FROM n`,
      `${rows} INSERT INTO role (id, name, description, is_system_role, created_at)
       SELECT printf('%032x', i), 'role ' || i, ${text(1000)}, 0, ${at} FROM n`,
      `${rows} INSERT INTO flowgate_team (id, name, name_key, description, created_at)
       SELECT printf('%032x', i), 'team ' || i, 'team ' || i, ${text(1000)}, ${at} FROM n`,
      `${rows} INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
       SELECT printf('%032x', 1), printf('%032x', i), 'member', ${at} FROM n`,
      `${rows} INSERT INTO flowgate_team_grant (id, team_id, role_id, scope_type, scope_id, created_at, created_by)
       SELECT printf('a%031x', i), printf('%032x', i), (SELECT id FROM role WHERE name = 'Viewer'), 'Flow', printf('%032x', 1), ${at},
         '${hex(ann.userId)}' FROM n`,
      `${rows} INSERT INTO apikey (id, name, api_key, user_id, created_at, total_uses, is_active)
       SELECT printf('%032x', i), ${text(200)}, 'key ' || i, '${hex(ann.userId)}', ${at}, 0, 1 FROM n WHERE i <= 1000`,
      `${rows} INSERT INTO flow (id, name, description, data, access_type, folder_id, updated_at)
       SELECT printf('%032x', i), 'flow ' || i, ${text(200)}, '{}', 'PRIVATE', printf('%032x', 1), ${at} FROM n`,
    ],
    'write',
  )
})
afterAll(() => gate.stop())

// biome-ignore lint/suspicious/noExplicitAny: bodies are read field by field
type Body = any
type List = { as?: () => Api; query?: string; items: (body: Body) => Body[]; count?: number }

/** GET route -> how its items are found and how many there are; a page says its size. */
const lists: Record<string, List | 'one'> = {
  'GET /health': 'one',
  'GET /health/ready': 'one',
  'GET /health_check': 'one',
  'GET /api/v1/config': 'one',
  'GET /api/v1/version': 'one',
  'GET /api/v1/store/check/': 'one',
  'GET /api/v1/store/check/api_key': 'one',
  'GET /api/v1/store/tags': { items: (body) => body, count: 0 },
  'GET /api/v1/variables/': { items: (body) => body, count: 0 },
  'GET /api/v1/files/profile_pictures/list': { items: ({ files }) => files, count: 0 },
  'GET /api/v1/files/profile_pictures/:folder/:name': 'one',
  'GET /openapi.json': 'one',
  'GET /.well-known/authzen-configuration': 'one',
  'GET /docs': 'one',
  'GET /scim/v2/ServiceProviderConfig': 'one',
  'GET /scim/v2/ResourceTypes': 'one',
  'GET /scim/v2/ResourceTypes/:id': 'one',
  'GET /scim/v2/Schemas': 'one',
  'GET /scim/v2/Schemas/:id': 'one',
  'GET /scim/v2/Users': 'one', // pages of 100 at most: test/scim.test.ts
  'GET /scim/v2/Users/:id': 'one',
  'GET /scim/v2/Groups': 'one', // pages of 100 at most: test/scim.test.ts
  'GET /scim/v2/Groups/:id': 'one',
  'GET /api/v1/auto_login': 'one',
  'GET /api/v1/users/whoami': 'one',
  'GET /api/v1/users/search': { query: '?q=an', items: (body) => body, count: 1 },
  'GET /api/v1/users/': { query: '?limit=1000', items: ({ users }) => users, count: 1000 },
  'GET /api/v1/api_key/': { as: () => ann, items: (body) => body.api_keys, count: 1000 },
  'GET /api/v1/projects/': { as: () => ann, items: (body) => body, count: MANY + 1 },
  'GET /api/v1/projects/:project_id': {
    query: '?page=1&size=100',
    items: ({ flows }) => flows.items,
    count: 100,
  },
  'GET /api/v1/projects/download/:project_id': 'one',
  'GET /api/v1/flows/': { items: (body) => body, count: MANY },
  'GET /api/v1/flows/:flow_id': 'one',
  'GET /api/v1/flows/public_flow/:flow_id': 'one',
  'GET /api/v1/flows/basic_examples/': { items: (body) => body },
  'GET /api/v1/sessions': { items: ({ sessions }) => sessions },
  'GET /api/v1/auth/providers': { items: ({ providers }) => providers, count: 1 },
  'GET /api/v1/auth/access/start': 'one',
  'GET /api/v1/auth/:provider_id/start': 'one',
  'GET /api/v1/auth/:provider_id/callback': 'one',
  'GET /api/v1/bindings': { items: ({ bindings }) => bindings, count: 0 },
  'GET /api/v1/rbac/roles': { items: (body) => body, count: MANY + 4 },
  'GET /api/v1/rbac/roles/:role_id': 'one',
  'GET /api/v1/rbac/assignments': { items: (body) => body, count: 2 * MANY + 2 },
  'GET /api/v1/rbac/assignments/:assignment_id': 'one',
  'GET /api/v1/rbac/check-permission': 'one',
  'GET /api/v1/rbac/explain': 'one',
  'GET /api/v1/rbac/access': {
    query: `?scope_type=Project&scope_id=${'1'.padStart(32, '0')}`,
    items: (body) => body.items,
  },
  'GET /api/v1/flows/:flow_id/shares': { items: (body) => body, count: MANY },
  'GET /api/v1/projects/:project_id/shares': { items: (body) => body, count: 1 },
  'GET /api/v1/me/shared': { as: () => ann, items: (body) => body },
  'GET /api/v1/me/granted': { as: () => ann, items: (body) => body, count: MANY },
  'GET /api/v1/teams/': { items: (body) => body, count: MANY },
  'GET /api/v1/teams/:team_id': 'one',
  'GET /api/v1/teams/:team_id/members': { items: (body) => body, count: MANY },
  'GET /api/v1/audit': { query: '?size=100', items: (body) => body.items },
}

test('every route that reads is known here, as a list or as none', () => {
  expect(listRoutes().filter((route) => route.startsWith('GET ') && !(route in lists))).toEqual([])
})

test.each(
  Object.entries(lists).flatMap(([route, list]) => (list === 'one' ? [] : [{ route, list }])),
)('$route shows all of it, in answers that the database gives', async ({ route, list }) => {
  const path = route.replace('GET ', '').replace(/:\w+/, '1'.padStart(32, '0'))
  gate.proxy.reset()
  const { status, body } = await (list.as?.() ?? root).get(path + (list.query ?? ''))
  expect(status).toBe(200)
  const items = list.items(body)
  if (list.count !== undefined) expect(items).toHaveLength(list.count)
  const ids = items.map((item) => item.id ?? item.user_id)
  expect(new Set(ids).size).toBe(items.length)
  for (const answer of gate.proxy.answers) expect(answer.length).toBeLessThan(MAX_ANSWER)
})

test('a project with more flows than an answer holds says how to ask', async () => {
  const project = '2'.padStart(32, '0')
  await gate.db.execute(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 14000)
    INSERT INTO flow (id, name, access_type, folder_id) SELECT printf('f%031x', i), 'small ' || i, 'PRIVATE', '${project}' FROM n`)
  gate.proxy.reset()
  const { status, body } = await ann.get(`/api/v1/projects/${project}`)
  expect([status, body.code]).toEqual([400, 'bad_request'])
  expect(body.detail).toContain('`page` and `size`')
  for (const answer of gate.proxy.answers) expect(answer.length).toBeLessThan(MAX_ANSWER)
  const paged = await ann.get(`/api/v1/projects/${project}?page=3&size=100`)
  expect([paged.status, paged.body.flows.items.length]).toEqual([200, 100])
})

test('of more grants than an answer holds, those that decide explain it', async () => {
  const [user, flow] = [hex(ann.userId), '1'.padStart(32, '0')]
  await gate.db.execute(`INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
    SELECT 'a' || substr(id, 2), '${user}', id, 'Flow', '${flow}', 0, created_at FROM role`)
  const query = `permission=Read&scope_type=Flow&scope_id=${flow}`
  const { status, body } = await ann.get(`/api/v1/rbac/explain?${query}`)
  expect([status, body.allowed, body.grants.length]).toEqual([200, true, 1000])
})

test('a slice goes on where the one before it ended, in the order of the list', async () => {
  const { body: projects } = await ann.get('/api/v1/projects/')
  const names = projects.map(({ name }: { name: string }) => name)
  expect(names[0]).toBe('Starter Project')
  expect(names.slice(1)).toEqual(names.slice(1).toSorted())
  const { body } = await root.get('/api/v1/users/?skip=2000&limit=1000')
  expect([body.total_count, body.users.length]).toEqual([MANY + 2, MANY + 2 - 2000])
  const { body: one } = await root.get('/api/v1/users/?limit=0')
  expect(one).toEqual({ total_count: MANY + 2, users: [] })
})

test('a user has a thousand API keys and no more', async () => {
  const refused = await ann.post('/api/v1/api_key/', { name: 'one too many' })
  expect([refused.status, refused.body.code]).toEqual([409, 'conflict'])
  expect((await root.post('/api/v1/api_key/', { name: 'first' })).status).toBe(200)
})

test('whoever loses what they read loses the connection, not the end of the list', async () => {
  gate.proxy.reset()
  let requests = 0
  gate.proxy.decide(() => (++requests > 1 ? 'lost' : 'forward'))
  const headers = { authorization: `Bearer ${ann.token}` }
  const broken = await fetch(`${gate.url}/api/v1/projects/`, { headers })
    .then((response) => response.text())
    .catch(() => 'broken')
  gate.proxy.decide(() => 'forward')
  expect(broken).toBe('broken')
})
