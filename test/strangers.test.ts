// Who is refused, with what words, and at what cost: a stranger never reaches the database.
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byName, type Flowgate, SECRET_KEY, SUPERUSER, startFlowgate } from './support/flowgate.ts'
import { mintToken } from './support/tokens.ts'
import { type Api, as, call, createUser, expectStatus, login, signIn } from './support/world.ts'

let gate: Flowgate
beforeAll(async () => {
  gate = await startFlowgate()
})
afterAll(() => gate.stop())

const listing = '/api/v1/flows/'
const sub = '00000000000040008000000000000000'
const unsigned = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const sign = (claims: Record<string, unknown>, secret = SECRET_KEY) =>
  mintToken(sub, claims, secret)

const badTokens: [what: string, detail: string, token: () => string | Promise<string>][] = [
  ['no token at all', 'Could not validate credentials', () => 'x'],
  [
    'alg none',
    'Could not validate credentials',
    () =>
      `${unsigned({ alg: 'none' })}.${unsigned({ sub, sid: sub, round: 0, type: 'access', iss: 'flowgate', exp: 9e9 })}.`,
  ],
  [
    'a wrong signature',
    'Could not validate credentials',
    () => sign({}, 'another secret of at least 32 bytes'),
  ],
  [
    'one signed with SECRET_KEY itself',
    'Could not validate credentials',
    () =>
      new SignJWT({ sub, sid: sub, round: 0, type: 'access', iss: 'flowgate' })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(SECRET_KEY)),
  ],
  ['an expired one', 'Could not validate credentials', () => sign({ exp: 1 })],
  ['one that never expires', 'Could not validate credentials', () => sign({ exp: undefined })],
  ['a refresh token', 'Could not validate credentials', () => sign({ type: 'refresh' })],
  ['one without a subject', 'Invalid token details.', () => sign({ sub: undefined })],
  ['one without a session', 'Could not validate credentials', () => sign({ sid: undefined })],
  ['one of another issuer', 'Could not validate credentials', () => sign({ iss: 'elsewhere' })],
  ['one without a type', 'Invalid token details.', () => sign({ type: undefined })],
]

describe('before the database exists, a stranger cannot bring it into being', () => {
  test('without a credential: 403', async () => {
    gate.proxy.reset()
    for (const path of [
      listing,
      '/api/v1/users/whoami',
      '/api/v1/projects/',
      '/api/v1/rbac/roles',
    ]) {
      const { status, body } = await call(gate, 'GET', path)
      expect([path, status, body.detail]).toEqual([
        path,
        403,
        'An API key must be passed as query or header',
      ])
    }
    expect(gate.proxy.count).toBe(0)
  })

  test.each(badTokens)('with %s: 401 %s', async (_, detail, token) => {
    gate.proxy.reset()
    const { status, body, headers } = await as(gate, await token()).get(listing)
    expect([status, body.detail, headers.get('www-authenticate')]).toEqual([401, detail, 'Bearer'])
    expect(gate.proxy.count).toBe(0)
  })

  test('a bad bearer token is not saved by an API key', async () => {
    const { status } = await call(gate, 'GET', `${listing}?x-api-key=sk-any`, undefined, {
      authorization: 'Bearer x',
    })
    expect(status).toBe(401)
    expect(gate.proxy.count).toBe(0)
  })

  test('with a bad refresh cookie: 401', async () => {
    const { status, body } = await call(gate, 'POST', '/api/v1/refresh', undefined, {
      cookie: 'refresh_token_lf=x',
    })
    expect([status, body.detail]).toEqual([401, 'Invalid refresh token'])
    expect(gate.proxy.count).toBe(0)
  })
})

describe('with a database', () => {
  let root: Api
  beforeAll(async () => {
    root = await signIn(gate)
  })

  test('a token of a user who does not exist: 401', async () => {
    const { status, body } = await as(gate, await sign({})).get(listing)
    expect([status, body.detail]).toEqual([401, 'User not found or is inactive.'])
  })

  test('an unknown API key: 403', async () => {
    const { status, body } = await call(gate, 'GET', listing, undefined, {
      'x-api-key': 'sk-unknown',
    })
    expect([status, body.detail]).toEqual([403, 'Invalid or missing API key'])
  })

  test('the account state is told only to who knows the password', async () => {
    await expectStatus(
      201,
      call(gate, 'POST', '/api/v1/users/', { username: 'new', password: 'secret-secret' }),
    )
    const answers = [
      await login(gate, 'new', 'wrong'),
      await login(gate, 'nobody', 'wrong'),
      await login(gate, 'new', 'secret-secret'),
    ]
    expect(answers.map(({ status, body }) => [status, body.detail])).toEqual([
      [401, 'Incorrect username or password'],
      [401, 'Incorrect username or password'],
      [400, 'Waiting for approval'],
    ])
  })

  test('nobody signs up under the name of the first superuser', async () => {
    const { status, body } = await call(gate, 'POST', '/api/v1/users/', {
      username: SUPERUSER,
      password: 'mine-mine',
    })
    expect([status, body.detail]).toEqual([400, 'This username is unavailable.'])
  })

  test('a refresh cookie gives a new pair; an access token in its place does not', async () => {
    const { body, headers } = await login(byName(gate), SUPERUSER, 'correct horse battery')
    expect(body).toMatchObject({ token_type: 'bearer' })
    const cookies = headers.getSetCookie()
    expect(cookies.find((c) => c.startsWith('refresh_token_lf='))).toMatch(
      /HttpOnly; Secure; SameSite=Lax/,
    )
    const refresh = (token: string) =>
      call(gate, 'POST', '/api/v1/refresh', undefined, { cookie: `refresh_token_lf=${token}` })
    const renewed = await refresh(body.refresh_token)
    expect(renewed.status).toBe(200)
    expect((await as(gate, renewed.body.access_token).get(listing)).status).toBe(200)
    expect((await refresh(body.access_token)).status).toBe(401)
  })

  test('logging out takes the cookies back', async () => {
    const { status, body, headers } = await call(gate, 'POST', '/api/v1/logout')
    expect([status, body]).toEqual([200, { message: 'Logout successful' }])
    expect(headers.getSetCookie()).toHaveLength(3)
  })

  test('role administration is for admins', async () => {
    const ann = await createUser(gate, root, 'ann')
    for (const answer of [
      await ann.get('/api/v1/rbac/roles'),
      await ann.get('/api/v1/rbac/assignments'),
      await ann.post('/api/v1/rbac/assignments', {
        user_id: ann.userId,
        role_name: 'Admin',
        scope_type: 'Global',
      }),
    ]) {
      expect([answer.status, answer.body.detail]).toEqual([403, 'Admin access required'])
    }
    expect((await ann.get('/api/v1/users/whoami')).body.is_superuser).toBe(false)
  })

  const bad: [
    what: string,
    send: () => ReturnType<Api['get']>,
    status: number,
    loc: (string | number)[] | undefined,
  ][] = [
    ['a malformed flow id', () => root.get('/api/v1/flows/xyz'), 422, ['path', 'flow_id']],
    ['page 0', () => root.get(`${listing}?page=0`), 422, ['query', 'page']],
    ['size 101', () => root.get(`${listing}?size=101`), 422, ['query', 'size']],
    ['a size that is no number', () => root.get(`${listing}?size=1e2`), 422, ['query', 'size']],
    ['a flag that is none', () => root.get(`${listing}?get_all=maybe`), 422, ['query', 'get_all']],
    [
      'a malformed project id in the query',
      () => root.get(`${listing}?folder_id=1`),
      422,
      ['query', 'folder_id'],
    ],
    ['a flow without a name', () => root.post(listing, {}), 422, ['body', 'name']],
    [
      'a graph without nodes',
      () => root.post(listing, { name: 'x', data: { edges: [] } }),
      422,
      ['body', 'data'],
    ],
    ['a list as a body', () => root.post(listing, []), 422, ['body']],
    [
      'an assignment without a user',
      () => root.post('/api/v1/rbac/assignments', { role_name: 'Viewer', scope_type: 'Global' }),
      422,
      ['body', 'user_id'],
    ],
    ['an unknown URL', () => root.get('/api/v1/nothing'), 404, undefined],
  ]
  test.each(bad)('%s is refused by name', async (_, send, status, loc) => {
    const answer = await send()
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    if (loc)
      expect(answer.body.detail.map((issue: { loc: unknown }) => issue.loc)).toContainEqual(loc)
  })

  test('a body that is no JSON is refused, not stumbled over', async () => {
    const response = await gate.fetch(listing, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${root.token}` },
      body: '{"name": ',
    })
    expect(response.status).toBe(422)
  })

  test('the other spelling of a path redirects, with its query', async () => {
    const { status, headers } = await root.get('/api/v1/flows?size=5')
    expect([status, headers.get('location')]).toEqual([307, '/api/v1/flows/?size=5'])
    expect((await root.get('/api/v1/users/whoami/')).headers.get('location')).toBe(
      '/api/v1/users/whoami',
    )
  })

  test('a method that a path does not know is refused with those that it does', async () => {
    const { status, body, headers } = await call(gate, 'PUT', listing)
    expect([status, body.code, headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      'GET, HEAD, POST, DELETE',
    ])
  })

  const refusals: [body: object, status: number, detail: string | RegExp][] = [
    [{ user_id: sub }, 404, /^User '.*' not found$/],
    [{ role_name: 'Nothing' }, 404, "Role 'Nothing' not found"],
    [{ scope_type: 'Flow' }, 400, 'Flow scope requires scope_id'],
    [{ scope_type: 'Project' }, 400, 'Project scope requires scope_id'],
    [{ scope_type: 'Global', scope_id: sub }, 400, 'Global scope should not have scope_id'],
    [
      { scope_type: 'Planet' },
      400,
      "Invalid scope_type: Planet. Must be 'Flow', 'Project', or 'Global'",
    ],
    [{ scope_type: 'Flow', scope_id: sub }, 404, /^Flow '.*' not found$/],
    [{ scope_type: 'Project', scope_id: sub }, 404, /^Project '.*' not found$/],
  ]
  test.each(refusals)('a grant of %j is refused', async (change, status, detail) => {
    const body = { user_id: root.userId, role_name: 'Viewer', scope_type: 'Global', ...change }
    const answer = await root.post('/api/v1/rbac/assignments', body)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(detail)
  })

  test('a grant is made once, changes its role, and the immutable one stays', async () => {
    const bob = await createUser(gate, root, 'bob')
    const body = { user_id: bob.userId, role_name: 'Viewer', scope_type: 'Global' }
    const { body: made } = await expectStatus(201, root.post('/api/v1/rbac/assignments', body))
    expect(made).toMatchObject({
      scope_id: null,
      is_immutable: false,
      created_by: root.userId,
      role: { name: 'Viewer' },
    })
    const twice = await root.post('/api/v1/rbac/assignments', body)
    expect([twice.status, twice.body.detail]).toEqual([409, 'Role assignment already exists'])
    const changed = await root.patch(`/api/v1/rbac/assignments/${made.id}`, { role_name: 'Editor' })
    expect([changed.status, changed.body.role.name]).toEqual([200, 'Editor'])
    const { body: own } = await root.get(
      `/api/v1/rbac/assignments?user_id=${bob.userId}&scope_type=Project`,
    )
    const removal = await root.delete(`/api/v1/rbac/assignments/${own[0].id}`)
    expect([removal.status, removal.body.detail]).toEqual([
      400,
      'Cannot remove immutable assignment (Starter Project Owner)',
    ])
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${made.id}`))
    await expectStatus(404, root.delete(`/api/v1/rbac/assignments/${made.id}`))
  })
})
