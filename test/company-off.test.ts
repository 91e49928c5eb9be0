// What is not configured is not there, what is secret is shown nowhere, and whom nobody has sent costs nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { companyWorld, newcomer, personOf } from './support/company.ts'
import {
  type Flowgate,
  flowgateForTest,
  SUPERUSER,
  SUPERUSER_PASSWORD,
} from './support/flowgate.ts'
import { forging } from './support/provider-keys.ts'
import { listRoutes } from './support/routes.ts'
import { newVisitor, type Seen, signInBy, startAt, travel } from './support/visitor.ts'
import { call, expectStatus, login, signIn } from './support/world.ts'

const world = companyWorld({ files: true })

/** Every route of it, with something in the place of its parameters. */
const routes = listRoutes()
  .filter((route) => /\/(auth|bindings)(\/|$)/.test(route))
  .map((route) => route.replace(/:\w+/, 'okta').split(' ') as [method: string, path: string])

describe('nothing of it is there', () => {
  const shape = async (response: Response) => ({
    status: response.status,
    headers: [...response.headers.keys()].filter((name) => name !== 'x-request-id').sort(),
    body: JSON.stringify(await response.json()).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id'),
  })

  test('where it is not configured: every route answers like an address that nobody has', async () => {
    const gate = await flowgateForTest({ files: true })
    const root = await signIn(gate)
    expect(routes.length).toBeGreaterThanOrEqual(7)
    const bearer = { authorization: `Bearer ${root.token}` }
    for (const headers of [{}, bearer])
      for (const [method, path] of routes) {
        const body = method === 'POST' ? { body: '{}' } : {}
        const init = {
          method,
          headers: { ...headers, 'content-type': 'application/json' },
          ...body,
        }
        const nowhere = await shape(await gate.fetch('/api/v1/nowhere', init))
        expect({ method, path, ...(await shape(await gate.fetch(path, init))) }).toEqual({
          method,
          path,
          ...nowhere,
          status: 404,
        })
      }
    const settings = await (await gate.fetch('/console/settings.json')).json()
    expect(settings).toMatchObject({ providers: [], password_login: true })
  })

  test('of a provider that is not configured, beside one that is', async () => {
    const { gate } = world
    const nowhere = await shape(await gate.fetch('/api/v1/nowhere'))
    for (const id of ['nobody', 'access', 'OKTA', 'okta%20', '__proto__', 'constructor'])
      for (const end of ['start', 'callback']) {
        const answer = await shape(await gate.fetch(`/api/v1/auth/${id}/${end}?state=x&code=y`))
        expect({ id, end, ...answer }).toEqual({ id, end, ...nowhere })
      }
  })
})

test('what is configured is told to whoever asks: names, and nothing beside', async () => {
  const { gate } = world
  const told = {
    providers: [
      { id: 'okta', name: 'Okta' },
      { id: 'entra', name: 'Entra ID' },
      { id: 'strict', name: 'strict' },
    ],
    password_login: true,
  }
  expect((await call(gate, 'GET', '/api/v1/auth/providers')).body).toEqual(told)
  expect(await (await gate.fetch('/console/settings.json')).json()).toMatchObject(told)
})

test('a callback that nobody was sent with reads no database and asks no provider', async () => {
  const { gate, okta } = world
  await gate.restart()
  gate.proxy.reset()
  okta.reset()
  const visitor = newVisitor()
  const junk = { headers: { cookie: `flowgate_visit=${'x'.repeat(3000)}` } }
  for (const query of [
    '',
    '?state=x&code=y',
    '?error=access_denied',
    `?code=${'y'.repeat(3000)}`,
  ]) {
    const address = `${gate.url}/api/v1/auth/okta/callback${query}`
    expect((await visitor.ask(address)).status).toBe(400)
    expect((await newVisitor().ask(address, junk)).status).toBe(400)
  }
  const asked = ['/token', '/jwks', '/.well-known/openid-configuration'].map(okta.count)
  expect({ database: gate.proxy.count, asked }).toEqual({ database: 0, asked: [0, 0, 0] })
  // To begin a visit takes one look at the provider, whoever and however often.
  for (let n = 0; n < 5; n++) await newVisitor().ask(startAt(gate.url, okta))
  expect(gate.proxy.count).toBe(0)
  expect(okta.count('/.well-known/openid-configuration')).toBe(1)
})

describe('PASSWORD_LOGIN=off', () => {
  test('leaves the password to superusers, and says so to the console', async () => {
    const { okta } = world
    const bindings = {
      PASSWORD_LOGIN: 'off',
      OIDC_PROVIDERS: JSON.stringify([okta.settings({ name: 'Okta' })]),
    }
    const gate = await flowgateForTest({ bindings, files: true })
    const root = await signIn(gate)
    await createUserByRoot(gate, root)
    const refused = await login(gate, 'paul', 'paul-password')
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(refused.status).toBeLessThan(404)
    expect(refused.headers.getSetCookie()).toEqual([])
    expect((await login(gate, SUPERUSER, SUPERUSER_PASSWORD)).status).toBe(200)
    // A wrong password says no more than it did.
    const wrong = await login(gate, 'paul', 'wrong-password')
    expect(wrong.status).toBe(401)
    const here = { ...world, gate, root }
    const login_ = newcomer(okta)
    expect((await personOf(here, okta, login_)).name).toBe(login_)
    expect((await call(gate, 'GET', '/api/v1/auth/providers')).body.password_login).toBe(false)
    expect(await (await gate.fetch('/console/settings.json')).json()).toMatchObject({
      password_login: false,
    })
  })
})

async function createUserByRoot(gate: Flowgate, root: Awaited<ReturnType<typeof signIn>>) {
  const body = { username: 'paul', password: 'paul-password' }
  // Nor do strangers make passwords for themselves.
  await expectStatus(403, call(gate, 'POST', '/api/v1/users/', body))
  const { body: user } = await expectStatus(201, root.post('/api/v1/users/', body))
  await expectStatus(200, root.patch(`/api/v1/users/${user.id}`, { is_active: true }))
}

test('no secret of a provider is in an answer, a log line, a page, the description or the database', async () => {
  const { gate, okta, entra, strict } = world
  const seen: Seen[] = []
  const remember = async (answer: Promise<Seen>) => {
    seen.push(await answer)
  }
  // All that can come of it: in, refused in every way, down, bound.
  for (const provider of [okta, entra, strict]) {
    const visitor = newVisitor()
    const person = await personOf(world, provider, newcomer(provider), visitor)
    await person.api.get('/api/v1/bindings')
    await remember(
      signInBy(newVisitor(), gate.url, provider, newcomer(provider, { email_verified: false })),
    )
    provider.decide((path) =>
      path === '/token' ? forging(provider, { claims: { nonce: 'x' } }) : 'forward',
    )
    await remember(signInBy(newVisitor(), gate.url, provider, newcomer(provider)))
    for (const turn of [
      { status: 400, body: '{"error":"invalid_client"}' },
      'cut',
      { body: 'junk' },
    ] as const) {
      provider.decide((path) => (path === '/token' ? turn : 'forward'))
      await remember(signInBy(newVisitor(), gate.url, provider, newcomer(provider)))
    }
    provider.decide(() => 'forward')
    const callback = await travel(newVisitor(), startAt(gate.url, provider), newcomer(provider))
    await remember(newVisitor().ask(callback))
    seen.push(...visitor.seen)
  }
  const secrets = [okta, entra, strict].flatMap((provider) => [...provider.secrets])
  expect(secrets.length).toBeGreaterThan(20)
  const visible = seen
    .filter(({ url }) => url.startsWith(gate.url))
    .map(({ headers, body }) => `${JSON.stringify([...headers])} ${body}`)
  expect(visible.length).toBeGreaterThan(20)
  const pages = [
    '/openapi.json',
    '/docs',
    '/console/',
    '/console/settings.json',
    '/api/v1/auth/providers',
    '/api/v1/config',
    '/health/ready',
  ]
  for (const path of pages) visible.push(await (await gate.fetch(path)).text())
  for (const name of readdirSync('dist/files'))
    visible.push(readFileSync(`dist/files/${name}`, 'latin1'))
  visible.push(...gate.logs.map((line) => JSON.stringify(line)))
  const tables = await gate.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
  for (const { name } of tables.rows) {
    const { rows } = await gate.db.execute(`SELECT * FROM "${name}"`)
    visible.push(
      JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    )
  }
  const all = visible.join('\n')
  expect(gate.logs.length).toBeGreaterThan(0)
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
  // Nor are claims that nothing here needs, and what the visit proves itself by.
  const verifiers = [...all.matchAll(/code_verifier|client_secret=/g)]
  expect(verifiers).toEqual([])
})

test('a setting that is wrong is named, and its value is not told', async () => {
  const { okta } = world
  for (const broken of [
    { issuer: 'http://evil.test' },
    { id: 'Not An Id' },
    { client_secret: undefined },
    { unknown_field: 1 },
    { allowed_domains: [] },
    { superuser_group: 'house' },
  ]) {
    const bindings = { OIDC_PROVIDERS: JSON.stringify([{ ...okta.settings(), ...broken }]) }
    const gate = await flowgateForTest({ bindings })
    const { status, body } = await call(gate, 'GET', '/api/v1/auth/providers')
    expect({ broken, status, code: body.code }).toEqual({
      broken,
      status: 500,
      code: 'misconfigured',
    })
    expect(JSON.stringify(body)).toContain('OIDC_PROVIDERS')
    expect(JSON.stringify([body, gate.logs])).not.toContain(okta.clientSecret)
    expect(JSON.stringify([body, gate.logs])).not.toContain('evil.test')
  }
}, 90_000)
