// `Idempotency-Key`: whatever becomes of an answer, sending a request again makes nothing twice. Walked over
// every POST route of the app: one that nobody has judged fails.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Operation } from '../src/reference/document.ts'
import { description } from './support/described.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { sendText } from './support/matrix.ts'
import { PAPER, paperProvider } from './support/paper-provider.ts'
import { listRoutes } from './support/routes.ts'
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

/** What a request makes, under the n-th name; or why repeating it does no harm. */
type Made = { path?: string; body?: unknown; file?: unknown }
type Judged = ((n: number) => Made) | string

const graph = (n: number) => ({ nodes: [{ id: `node ${n}` }], edges: [] })
const flow = (n: number) => ({ name: `flow ${n}`, tags: [`${n}`], data: graph(n) })

const judged: Record<string, Judged> = {
  'POST /api/v1/flows/': (n) => ({ body: flow(n) }),
  'POST /api/v1/flows/batch/': (n) => ({
    body: { flows: [9, 1, 5, 3].map((m) => flow(10 * n + m)) },
  }),
  'POST /api/v1/flows/upload/': (n) => ({ file: { flows: [flow(n), flow(n + 1)] } }),
  'POST /api/v1/projects/': (n) => ({
    body: { name: `project ${n}`, auth_settings: { secret: `s${n}` } },
  }),
  'POST /api/v1/projects/upload/': (n) => ({
    file: { folder_name: `project ${n}`, flows: [flow(n), flow(n + 1)] },
  }),
  'POST /api/v1/users/': (n) => ({ body: { username: `user ${n}`, password: 'x'.repeat(12) } }),
  'POST /api/v1/api_key/': (n) => ({ body: { name: `key ${n}` } }),
  'POST /api/v1/rbac/roles': (n) => ({ body: { name: `role ${n}`, permissions: ['Flow:Read'] } }),
  'POST /api/v1/rbac/assignments': (n) => ({
    body: {
      user_id: ann.userId,
      role_name: 'Viewer',
      scope_type: 'Global',
      expires_at: `${3000 + n / 100}-01-01`,
    },
  }),
  'POST /api/v1/flows/:flow_id/shares': (n) => ({
    path: `/api/v1/flows/${shared.flow}/shares`,
    body: { user_id: userOf(n), role: 'Viewer' },
  }),
  'POST /api/v1/projects/:project_id/shares': (n) => ({
    path: `/api/v1/projects/${shared.project}/shares`,
    body: { user_id: userOf(n), role: 'Viewer' },
  }),
  'POST /api/v1/teams/': (n) => ({ body: { name: `team ${n}` } }),
  'POST /api/v1/teams/:team_id/members': (n) => ({
    path: `/api/v1/teams/${shared.team}/members`,
    body: { user_id: userOf(n) },
  }),
  'POST /api/v1/bindings': (n) => ({
    body: { user_id: userOf(n), provider: PAPER, subject: `subject ${n}` },
  }),
  'POST /api/v1/auth/:provider_id/bind': 'makes nothing that lasts',
  'POST /scim/v2/Users': 'a repeat is 409: the userName is taken',
  'POST /scim/v2/Groups': 'a repeat is 409: the displayName is taken',
  'POST /api/v1/login': 'makes nothing that lasts',
  'POST /api/v1/refresh': 'makes nothing that lasts',
  'POST /api/v1/logout': 'makes nothing',
  'POST /api/v1/api_key/store': 'puts the same value in the same place',
  'POST /api/v1/flows/download/': 'reads',
  'POST /api/v1/rbac/check-permissions': 'reads',
  'POST /access/v1/evaluation': 'reads',
  'POST /access/v1/evaluations': 'reads',
  'POST /access/v1/search/subject': 'reads',
  'POST /access/v1/search/resource': 'reads',
  'POST /access/v1/search/action': 'reads',
}
const makers = Object.entries(judged).flatMap(([route, make]) =>
  typeof make === 'string' ? [] : [{ route, make }],
)
const shared = { flow: '', project: '', team: '' }
/** Somebody for each name. */
const userOf = (n: number) => String(n).padStart(32, '0')
const SIGN_UP = 'POST /api/v1/users/'

let gate: Flowgate
let root: Api
let ann: Api
beforeAll(async () => {
  gate = await startFlowgate({ isolates: 2, bindings: paperProvider })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  await call(gate, 'GET', '/api/v1/users/whoami', undefined, bearer(root), 1)
  shared.project = await createProject(root, 'shared')
  shared.flow = await createFlow(root, 'shared', shared.project)
  shared.team = (await root.post('/api/v1/teams/', { name: 'shared' })).body.id
  await gate.db.execute(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
    SELECT printf('%032d', i), 'somebody ' || i, 'somebody ' || i, '!', 1, 0, '2026-01-01', '2026-01-01' FROM n WHERE i % 100 < 2`)
})
afterAll(() => gate.stop())
beforeEach(async () => {
  gate.proxy.decide(() => 'forward')
  await gate.db.execute("DELETE FROM userroleassignment WHERE scope_type = 'Global'")
})

const bearer = ({ token }: Api) => ({ authorization: `Bearer ${token}` })
let names = 0
const newName = () => (names += 100)
const newKey = () => `key-${newName()}`

/** Sends what a route takes, with a key or without; a form has another boundary each time. */
async function post(
  route: string,
  { body, file, ...made }: Made,
  key?: string,
  { headers = bearer(root), isolate = 0 }: { headers?: object; isolate?: number } = {},
): Promise<Answer> {
  const path = made.path ?? route.replace('POST ', '')
  const all = { ...headers, ...(key === undefined ? {} : { 'idempotency-key': key }) }
  if (file === undefined) return call(gate, 'POST', path, body, all, isolate)
  const boundary = `boundary-${crypto.randomUUID()}`
  const part = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.json"\r\n\r\n${JSON.stringify(file)}\r\n--${boundary}--\r\n`
  const type = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const via = { ...gate, fetch: (p, i) => gate.fetch(p, i, isolate) } as Flowgate
  return sendText(via, 'POST', path, part, { ...all, ...type })
}

/** Everything that a request may make, counted. */
async function count(): Promise<unknown> {
  const tables =
    'user folder flow apikey role rolepermission userroleassignment flowgate_audit flowgate_team flowgate_team_member'
  const counts = tables.split(' ').map((table) => `(SELECT count(*) FROM ${table}) AS "${table}"`)
  return (await gate.db.execute(`SELECT ${counts.join(', ')}`)).rows[0]
}
const claims = async () => (await gate.db.execute('SELECT * FROM flowgate_idempotency')).rows
const isReplayed = ({ headers }: Answer) => headers.get('idempotent-replayed') === 'true'

test('every POST route is judged: it takes a key, or a repeat does no harm', () => {
  const posts = listRoutes().filter((route) => route.startsWith('POST '))
  expect(Object.keys(judged).sort()).toEqual(posts.sort())
})

describe.each(makers)('$route', ({ route, make }) => {
  test('a repeat makes nothing and answers the same, at one round trip more', async () => {
    const [plain, key, input] = [make(newName()), newKey(), make(newName())]
    gate.proxy.reset()
    const without = await post(route, plain)
    const cost = gate.proxy.count
    await gate.db.execute("DELETE FROM userroleassignment WHERE scope_type = 'Global'")
    gate.proxy.reset()
    const first = await post(route, input, key)
    expect([first.status, gate.proxy.count]).toEqual([without.status, cost])
    expect(isReplayed(first)).toBe(false)
    const before = await count()
    gate.proxy.reset()
    const again = await post(route, input, key)
    expect([again.status, again.body]).toEqual([first.status, first.body])
    expect([isReplayed(again), gate.proxy.count]).toEqual([true, cost + 1])
    expect(await count()).toEqual(before)
  })

  test('twelve at once, in two isolates, make one', async () => {
    const [key, input, alone] = [newKey(), make(newName()), make(newName())]
    const start = await tally(() => post(route, alone))
    await gate.db.execute("DELETE FROM userroleassignment WHERE scope_type = 'Global'")
    const answers: Answer[] = []
    const made = await tally(async () => {
      const sent = Array.from({ length: 12 }, (_, i) => post(route, input, key, { isolate: i % 2 }))
      answers.push(...(await Promise.all(sent)))
    })
    expect(made).toEqual(start)
    expect(
      new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size,
    ).toBe(1)
    expect(answers.filter(isReplayed)).toHaveLength(11)
  })

  test.each(['lost', 'unanswered'] as const)(
    'one that was %s on its way, sent again, is done once',
    async (fate) => {
      const [key, input, alone] = [newKey(), make(newName()), make(newName())]
      const once = await tally(() => post(route, alone))
      await gate.db.execute("DELETE FROM userroleassignment WHERE scope_type = 'Global'")
      let again: Answer | undefined
      const made = await tally(async () => {
        gate.proxy.reset()
        gate.proxy.decide(() => fate)
        expect((await post(route, input, key)).status).toBeGreaterThanOrEqual(500)
        gate.proxy.decide(() => 'forward')
        again = await post(route, input, key)
      })
      expect(made).toEqual(once)
      expect(again?.status).toBeLessThan(300)
      expect(again && isReplayed(again)).toBe(fate === 'unanswered')
    },
  )

  test.runIf(route !== SIGN_UP)('the key of another request is refused by name', async () => {
    const key = newKey()
    expect((await post(route, make(newName()), key)).status).toBeLessThan(300)
    const before = await count()
    gate.proxy.reset()
    const { status, body } = await post(route, make(newName()), key)
    expect([status, body.detail[0].loc]).toEqual([422, ['header', 'Idempotency-Key']])
    expect(gate.proxy.count).toBe(2)
    expect(await count()).toEqual(before)
  })

  test.each(['k'.repeat(256), 'a b', 'schlüssel'])(
    'a malformed key is refused: %j',
    async (key) => {
      const before = await count()
      const { status, body } = await post(route, make(newName()), key)
      expect([status, body.detail[0]?.loc]).toEqual([422, ['header', 'Idempotency-Key']])
      expect(await count()).toEqual(before)
    },
  )
})

/** By how much each count grows. */
async function tally(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const [before] = [await count()] as [Record<string, number>]
  await act()
  const after = (await count()) as Record<string, number>
  return Object.fromEntries(
    Object.entries(after).map(([name, n]) => [name, n - Number(before[name])]),
  )
}

const FLOWS = 'POST /api/v1/flows/'

test('a key used on one route is refused on another', async () => {
  const key = newKey()
  await post(FLOWS, { body: { name: 'x' } }, key)
  expect((await post('POST /api/v1/projects/', { body: { name: 'x' } }, key)).status).toBe(422)
  const { status } = await post('POST /api/v1/flows/upload/', { file: { name: 'x' } }, key)
  expect(status).toBe(422)
})

test('an empty key is none, and refused', async () => {
  for (const key of ['', ' ']) {
    const headers = { ...bearer(root), 'content-type': 'application/json', 'idempotency-key': key }
    // Past miniflare's own dispatch, which drops empty headers.
    const sent = { method: 'POST', headers, body: '{"name":"x"}' }
    expect((await fetch(`${gate.url}/api/v1/flows/`, sent)).status).toBe(422)
  }
})

test('keys of two callers never meet; those of one caller do, whatever they sign in with', async () => {
  const [key, body] = [newKey(), { name: 'shared' }]
  const mine = await post(FLOWS, { body }, key)
  const theirs = await post(FLOWS, { body }, key, { headers: bearer(ann) })
  expect([theirs.status, isReplayed(theirs)]).toEqual([201, false])
  expect(theirs.body.id).not.toBe(mine.body.id)
  const { body: made } = await post('POST /api/v1/api_key/', { body: {} })
  const again = await post(FLOWS, { body }, key, { headers: { 'x-api-key': made.api_key } })
  expect([isReplayed(again), again.body.id]).toEqual([true, mine.body.id])
  const inQuery = await post(`${FLOWS}?x-api-key=${made.api_key}`, { body }, key, { headers: {} })
  expect([isReplayed(inQuery), inQuery.body.id]).toEqual([true, mine.body.id])
})

test('a stranger claims nothing, and is told who they are not before what their key is not', async () => {
  const before = await claims()
  for (const key of [newKey(), ' '])
    expect((await post(FLOWS, { body: { name: 'x' } }, key, { headers: {} })).status).toBe(403)
  const unknown = { headers: { 'x-api-key': 'sk-unknown' } }
  expect((await post(FLOWS, { body: { name: 'x' } }, newKey(), unknown)).status).toBe(403)
  expect(await claims()).toEqual(before)
})

test('a refusal is not kept: the same request succeeds once it may', async () => {
  const { body: project } = await post('POST /api/v1/projects/', { body: { name: 'closed' } })
  const [key, headers] = [newKey(), bearer(ann)]
  const input = { body: { name: 'mine', folder_id: project.id } }
  const before = await claims()
  expect((await post(FLOWS, input, key, { headers })).status).toBe(403)
  expect(await claims()).toEqual(before)
  await grant(root, ann, 'Editor', 'Project', project.id)
  const made = await post(FLOWS, input, key, { headers })
  expect([made.status, isReplayed(made)]).toEqual([201, false])
})

test('a repeat answers what was answered first, also when it has changed or gone since', async () => {
  const [key, input] = [newKey(), { body: { name: 'first', description: 'as it was' } }]
  const { body: first } = await post(FLOWS, input, key)
  await root.patch(`/api/v1/flows/${first.id}`, { description: 'changed' })
  expect((await post(FLOWS, input, key)).body).toEqual(first)
  await root.delete(`/api/v1/flows/${first.id}`)
  expect((await post(FLOWS, input, key)).body).toEqual(first)
})

test('somebody whose right is gone gets no repeat either', async () => {
  const eve = await createUser(gate, root, 'eve')
  const [key, input] = [newKey(), { body: { name: 'x' } }]
  await post(FLOWS, input, key, { headers: bearer(eve) })
  await gate.db.execute("UPDATE user SET is_active = 0 WHERE username = 'eve'")
  expect((await post(FLOWS, input, key, { headers: bearer(eve) })).status).toBe(401)
})

test('a new API key is the same in the repeat, works, and lies nowhere in clear', async () => {
  const [key, input] = [newKey(), { body: { name: 'of a script' } }]
  const first = await post('POST /api/v1/api_key/', input, key)
  const again = await post('POST /api/v1/api_key/', input, key)
  expect(again.body.api_key).toBe(first.body.api_key)
  const whoami = await call(gate, 'GET', '/api/v1/users/whoami', undefined, {
    'x-api-key': again.body.api_key,
  })
  expect(whoami.status).toBe(200)
  const stored = JSON.stringify(await claims())
  expect(stored).not.toContain(first.body.api_key)
  expect(stored).not.toContain(key)
})

test('strangers who sign up share no keys: another body under a key is another request', async () => {
  const key = newKey()
  const sign = (username: string, password = 'a long password') =>
    post(SIGN_UP, { body: { username, password } }, key, { headers: {} })
  const first = await sign('signs up')
  expect((await sign('signs up too')).status).toBe(201)
  const again = await sign('signs up')
  expect([again.status, isReplayed(again), again.body]).toEqual([201, true, first.body])
  const guess = await sign('signs up', 'another password')
  expect([guess.status, isReplayed(guess)]).toEqual([400, false])
  expect(JSON.stringify(await claims())).not.toMatch(/scrypt|a long password/)
})

test('after a day a key is forgotten, and old ones are swept a hundred at a time', async () => {
  const [key, input] = [newKey(), { body: { name: 'daily' } }]
  const { body: first } = await post(FLOWS, input, key)
  const age = (by: string) =>
    gate.db.execute(
      `UPDATE flowgate_idempotency SET at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '${by}')`,
    )
  await age('-23 hours')
  expect((await post(FLOWS, input, key)).body.id).toBe(first.id)
  await gate.db.execute(`INSERT INTO flowgate_idempotency (caller_id, key_hash, request_hash, at)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) SELECT '', i, '', '2000-01-01 00:00:00.000000' FROM n`)
  await gate.db.execute(
    "UPDATE flowgate_idempotency SET at = '2001-01-01 00:00:00.000000' WHERE caller_id <> ''",
  )
  const later = await post(FLOWS, input, key)
  expect([later.status, isReplayed(later)]).toEqual([201, false])
  expect(later.body.id).not.toBe(first.id)
  const left = async () => (await claims()).filter(({ at }) => String(at) < '2001').length
  expect(await left()).toBe(150)
  for (let i = 0; i < 3; i++) await post(FLOWS, { body: { name: 'sweeps' } }, newKey())
  expect(await left()).toBe(0)
  const plan = await gate.db.execute(
    "EXPLAIN QUERY PLAN SELECT rowid FROM flowgate_idempotency WHERE at < '2001' ORDER BY at LIMIT 100",
  )
  expect(plan.rows.map(({ detail }) => detail).join()).toMatch(
    /^SEARCH .* ix_flowgate_idempotency_at/,
  )
})

test('an answer too large to keep is still made once, and the repeat says so', async () => {
  const text = '\u0001'.repeat(90_000)
  const flows = Array.from({ length: 6 }, (_, n) => ({ name: `long ${n}`, description: text }))
  const key = newKey()
  expect((await post('POST /api/v1/flows/batch/', { body: { flows } }, key)).status).toBe(201)
  const before = await count()
  const again = await post('POST /api/v1/flows/batch/', { body: { flows } }, key)
  expect([again.status, again.body.code]).toEqual([409, 'conflict'])
  expect(again.body.detail).toContain('nothing was made again')
  expect(await count()).toEqual(before)
})

test('the API description names the header on those routes and on no other', async () => {
  const paths: Record<string, Record<string, Operation>> = (await description()).paths
  const told = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { parameters }]) =>
        parameters?.some((p) => p.in === 'header' && p.name === 'Idempotency-Key'),
      )
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  )
  expect(told.sort()).toEqual(makers.map(({ route }) => route.replace(/:(\w+)/g, '{$1}')).sort())
})
