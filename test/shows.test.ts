// What answers say beside their content: nothing that was secret in the request, and to caches the truth.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { inStandard, listRoutes } from './support/routes.ts'
import { type Api, call, createFlow, createUser, login, signIn } from './support/world.ts'

const MISSING = '00000000-0000-4000-8000-000000000000'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
let gate: Flowgate
let root: Api
let ann: Api
let open: string

beforeAll(async () => {
  gate = await startFlowgate({ files: true, bindings: { CORS_ORIGINS: 'https://app.test' } })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  open = await createFlow(ann, 'open', undefined, { access_type: 'PUBLIC' })
})
afterAll(() => gate?.stop())

/** Open to everybody, and the same for all. */
const publicRoutes = [
  ...['/openapi.json', '/docs', '/flows/public_flow/', '/flows/basic_examples/'],
  '/files/profile_pictures/',
  '/.well-known/authzen-configuration',
]
const isPublic = (path: string) => publicRoutes.some((route) => path.includes(route))

const SECRET = 'planted-0-secret'
const fields = [
  'password',
  'api_key',
  'token',
  'new_password',
  'secret',
  'username',
  'current_password',
]
/** Bodies that no route takes, each with secrets in it. */
const bodies = [
  JSON.stringify(Object.fromEntries(fields.map((name) => [name, [SECRET]]))),
  JSON.stringify({
    ...Object.fromEntries(fields.map((name) => [name, `${SECRET}\0`])),
    username: 1,
  }),
  JSON.stringify([{ password: SECRET }]),
  JSON.stringify(SECRET),
  `{"password":"${SECRET}`,
  `password=${SECRET}&username=`,
]

type Shown = { route: string; status: number; headers: Headers; text: string }

async function send(route: string, api: Api | undefined, body: string, more = {}): Promise<Shown> {
  const [method = '', pattern = ''] = route.split(' ')
  const named = method === 'DELETE' ? pattern : pattern.replace(':flow_id', open)
  const path = named.replace(/:\w+/g, MISSING)
  const type = body.startsWith('password=')
    ? 'application/x-www-form-urlencoded'
    : 'application/json'
  const response = await gate.fetch(`${path}?x-api-key=${SECRET}-key`, {
    method,
    headers: {
      'content-type': type,
      'x-request-id': 'mine-1',
      cookie: `refresh_token_lf=${SECRET}-cookie`,
      ...(api ? { authorization: `Bearer ${api.token}` } : {}),
      ...more,
    },
    ...(method === 'GET' ? {} : { body }),
  })
  return { route, status: response.status, headers: response.headers, text: await response.text() }
}

/** Every request of the walk: each route, for a stranger, a user and an admin. */
async function walk(each: (shown: Shown, api: Api | undefined) => void): Promise<void> {
  const routes = listRoutes().filter((route) => !route.startsWith('DELETE /api/v1/users'))
  const endings = ['POST /api/v1/logout', 'DELETE /api/v1/sessions']
  const inOrder = [...routes.filter((route) => !endings.includes(route)), ...endings]
  for (const api of [undefined, ann, root])
    for (const route of inOrder)
      for (const body of route.startsWith('GET') ? [''] : bodies)
        each(await send(route, api, body), api)
  root = await signIn(gate)
  ann = await signIn(gate, 'ann', 'ann-password')
}

test('no route shows, sets or logs a secret that was sent, and each says who may keep its answer', async () => {
  const faults: unknown[] = []
  const secrets = [SECRET, ann.token, root.token]
  await walk(({ route, status, headers, text }) => {
    // A redirect sends its caller on with what they sent.
    const said = [...headers].filter(([name]) => name !== 'location').map(String)
    const shown = [text, ...said].filter((part) => secrets.some((secret) => part.includes(secret)))
    if (shown.length > 0) faults.push({ route, status, shown })
    const id = headers.get('x-request-id') ?? ''
    const ours = status < 400 ? undefined : JSON.parse(text).request_id
    const isRight = inStandard(route)
      ? id === 'mine-1' && UUID.test(ours ?? MISSING)
      : UUID.test(id) && (ours ?? id) === id
    if (!isRight || headers.get('x-client-request-id') !== 'mine-1')
      faults.push({ route, id, ours })
    const [cache = '', vary = ''] = ['cache-control', 'vary'].map((name) => headers.get(name) ?? '')
    const forAll = isPublic(route) && status < 400
    const listed = route === 'GET /api/v1/flows/' && status === 200
    const right = forAll
      ? /^public, max-age=\d+$/
      : listed
        ? /^private, no-cache$/
        : /^private, no-store$/
    if (!right.test(cache)) faults.push({ route, status, cache })
    if (!forAll && !/Authorization.*X-API-Key.*Cookie/.test(vary))
      faults.push({ route, status, vary })
    if (forAll && /Authorization/.test(vary)) faults.push({ route, status, vary })
  })
  expect(faults).toEqual([])
  const lines = gate.logs.map((line) => JSON.stringify(line))
  expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([])
}, 180_000)

test('a fault of the database is logged without what was secret in the request', async () => {
  gate.proxy.decide(() => ({ status: 500 }))
  const from = gate.logs.length
  for (const route of listRoutes().filter((route) => /^(GET|PATCH)/.test(route)))
    await send(route, ann, bodies[0] ?? '')
  await login(gate, 'ann', `${SECRET}-password`)
  gate.proxy.decide(() => 'forward')
  const lines = gate.logs.slice(from).map((line) => JSON.stringify(line))
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.filter((line) => line.includes(SECRET) || line.includes(ann.token))).toEqual([])
})

test('a 422 says again what a field was, but nothing of one that holds secrets', async () => {
  const refused = async (body: unknown) =>
    (await call(gate, 'POST', '/api/v1/users/', body)).body.detail as {
      loc: string[]
      input?: unknown
    }[]
  const [name] = await refused({ username: 7, password: 'long enough' })
  expect(name).toMatchObject({ loc: ['body', 'username'], input: 7 })
  for (const body of [
    { username: 'x', password: 7 },
    { username: 'x', password: '' },
    'text',
    ['x'],
  ])
    expect((await refused(body)).filter((issue) => 'input' in issue)).toEqual([])
})

test("a request has an id of ours; the caller's stands beside it where it is plain and short", async () => {
  for (const [theirs, echoed] of [
    ['req-1.a:b_C', 'req-1.a:b_C'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['x'.repeat(65), null],
    ['a b', null],
    ['<script>', null],
  ]) {
    const { headers, body } = await call(gate, 'GET', '/nowhere', undefined, {
      'x-request-id': String(theirs),
    })
    expect(headers.get('x-request-id')).toMatch(UUID)
    expect(body.request_id).toBe(headers.get('x-request-id'))
    expect(headers.get('x-client-request-id')).toBe(echoed)
  }
})

test('a link to another page is without the key that the request came with', async () => {
  await createFlow(ann, 'second')
  const { body: made } = await ann.post('/api/v1/api_key/', { name: 'k' })
  const path = `/api/v1/flows/?paged=all&size=1&x-api-key=${made.api_key}`
  const { status, headers } = await call(gate, 'GET', path)
  expect([status, headers.get('link')?.includes('rel="next"')]).toEqual([200, true])
  expect(headers.get('link')).not.toContain('x-api-key')
})

test('what is open to all is kept by caches for a short while, and asked for again by its ETag', async () => {
  const paths = [
    ...['/openapi.json', '/docs', '/api/v1/flows/basic_examples/'],
    `/api/v1/flows/public_flow/${open}`,
  ]
  for (const path of paths) {
    const { status, headers } = await call(gate, 'GET', path)
    expect([path, status]).toEqual([path, 200])
    const etag = headers.get('etag') ?? ''
    expect(Number(/max-age=(\d+)$/.exec(headers.get('cache-control') ?? '')?.[1])).toBeLessThan(601)
    const again = await call(gate, 'GET', path, undefined, { 'if-none-match': etag })
    expect([path, again.status, again.body]).toEqual([path, 304, ''])
    expect(again.headers.get('cache-control')).toMatch(/^public/)
  }
  const closed = await call(gate, 'GET', `/api/v1/flows/public_flow/${MISSING}`)
  expect([closed.status, closed.headers.get('cache-control')]).toEqual([403, 'private, no-store'])
})

describe('other sites', () => {
  test('sign nobody in or out: their Origin is refused before anything is read', async () => {
    const own = await flowgateForTest({ bindings: { CORS_ORIGINS: 'https://app.test' } })
    const post = (path: string, origin: string | undefined) =>
      fetch(`${own.url}/api/v1/${path}`, {
        method: 'POST',
        headers: origin ? { origin } : {},
        body: new URLSearchParams({ username: 'nobody', password: 'no' }),
      })
    const paths = ['login', 'refresh', 'logout']
    for (const path of paths)
      for (const origin of ['https://evil.test', 'null', 'https://app.test.evil.test']) {
        const response = await post(path, origin)
        expect([path, origin, response.status]).toEqual([path, origin, 403])
        expect(response.headers.get('set-cookie')).toBe(null)
      }
    expect(own.proxy.count).toBe(0)
    for (const path of paths)
      for (const origin of [undefined, own.url, 'https://app.test']) {
        const response = await post(path, origin)
        expect([path, origin, response.status]).not.toEqual([path, origin, 403])
      }
  })
})
