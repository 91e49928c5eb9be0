// Providers as they are: with new keys, slow, down, confused, and asked for keys that nobody has. None of it costs more
// than a clear refusal in time, and whoever has a password signs in meanwhile.
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  codeOf,
  companyWorld,
  configured,
  newcomer,
  personOf,
  standing,
} from './support/company.ts'
import { flowgateForTest, SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import { buildMutant } from './support/mutant.ts'
import type { CompanyProvider, Turn } from './support/provider.ts'
import { forging, newKeys } from './support/provider-keys.ts'
import { newVisitor, type Seen, signInBy, startAt, travel } from './support/visitor.ts'
import { login as logIn } from './support/world.ts'

const world = companyWorld()
const DISCOVERY = '/.well-known/openid-configuration'
/** What we wait for a provider, and what a busy machine adds. */
const IN_TIME_MS = 9_000

/** Until the test is over. */
function weather(provider: CompanyProvider, turn: (path: string) => Turn): void {
  onTestFinished(() => provider.decide(() => 'forward'))
  provider.decide(turn)
}

const unknownKid = async (provider: CompanyProvider) => {
  const { key } = await newKeys(provider.keys.alg)
  return (path: string): Turn =>
    path === '/token' ? forging(provider, { key, header: { kid: crypto.randomUUID() } }) : 'forward'
}

describe('keys', () => {
  test('that nobody has, however many ask, cost one more look a minute', async () => {
    const { gate, okta } = world
    await gate.restart()
    const logins = Array.from({ length: 8 }, () => newcomer(okta))
    await personOf(world, okta, newcomer(okta))
    const ways = await Promise.all(
      logins.map(async (login) => {
        const visitor = newVisitor()
        const callback = await travel(visitor, startAt(gate.url, okta), login)
        return () => visitor.ask(callback)
      }),
    )
    const before = await standing(world)
    okta.reset()
    weather(okta, await unknownKid(okta))
    for (const half of [ways.slice(0, 6), ways.slice(6)]) {
      const seen = await Promise.all(half.map((arrive) => arrive()))
      expect(seen.map(({ status }) => status)).toEqual(half.map(() => 401))
      expect(new Set(seen.map(codeOf))).toEqual(new Set(['sign_in_invalid']))
    }
    expect(okta.count('/token')).toBe(8)
    expect(okta.count('/jwks')).toBeLessThanOrEqual(1)
    expect(okta.count(DISCOVERY)).toBe(0)
    expect(await standing(world)).toEqual(before)
    okta.decide(() => 'forward')
    expect((await personOf(world, okta, newcomer(okta))).seen.status).toBe(302)
  })

  test('that have turned are asked for once the minute is over, and what the old ones signed is over', async () => {
    const { okta } = world
    const bundle = await buildMutant({
      name: 'a minute of a millisecond',
      edits: [['identity/kept.ts', 'const PAUSE_MS = 60_000', 'const PAUSE_MS = 1']],
    })
    const gate = await flowgateForTest({ bundle, bindings: { OIDC_PROVIDERS: configured(world) } })
    await logIn(gate, SUPERUSER, SUPERUSER_PASSWORD)
    const here = { ...world, gate }
    await personOf(here, okta, newcomer(okta))
    const old = okta.keys
    await okta.rotate()
    expect(okta.keys.kid).not.toBe(old.kid)
    okta.reset()
    await personOf(here, okta, newcomer(okta))
    await personOf(here, okta, newcomer(okta))
    expect(okta.count('/jwks')).toBe(1)
    weather(okta, (path) =>
      path === '/token' ? forging(okta, { key: old.key, header: { kid: old.kid } }) : 'forward',
    )
    const seen = await signInBy(newVisitor(), gate.url, okta, newcomer(okta))
    expect({ status: seen.status, code: codeOf(seen) }).toEqual({
      status: 401,
      code: 'sign_in_invalid',
    })
  }, 90_000)
})

const html = { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Sorry</h1>' }
const bad: [what: string, turn: Turn][] = [
  ['says nothing', 'silent'],
  ['hangs up', 'cut'],
  ['answers 500', { status: 500, body: '{}' }],
  ['answers a page', html],
  ['answers without end', { body: JSON.stringify({ a: 'x'.repeat(2_000_000) }) }],
  ['leads elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
  ['has too much to do', { status: 429, body: '{}' }],
]

/** A refusal in time that says when to come again, while somebody signs in by password. */
async function expectUnavailable(asked: () => Promise<Seen>): Promise<void> {
  const before = Date.now()
  const [seen, byPassword] = await Promise.all([
    asked(),
    logIn(world.gate, SUPERUSER, SUPERUSER_PASSWORD),
  ])
  expect(Date.now() - before).toBeLessThan(IN_TIME_MS)
  expect({ status: seen.status, code: codeOf(seen) }).toEqual({
    status: 503,
    code: 'provider_unavailable',
  })
  expect(Number(seen.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(byPassword.status).toBe(200)
}

describe('a provider that, when it is first asked,', () => {
  test.each([...bad, ['is not there', 'down'] as const])(
    '%s: 503, and passwords go on',
    async (_, turn) => {
      const { gate, okta } = world
      await gate.restart()
      if (turn === 'down') {
        await okta.down()
        onTestFinished(() => okta.up())
      } else weather(okta, (path) => (path === DISCOVERY ? turn : 'forward'))
      await expectUnavailable(() => newVisitor().ask(startAt(gate.url, okta)))
      // Nor does one provider stand in the way of another.
      expect((await personOf(world, world.entra, newcomer(world.entra))).seen.status).toBe(302)
    },
  )

  test('is another issuer than was configured, or leads where nobody should go: 401', async () => {
    const { gate, okta } = world
    for (const change of [
      { issuer: 'https://evil.test' },
      { issuer: `${okta.issuer}/` },
      { authorization_endpoint: 'http://evil.test/auth' },
      { authorization_endpoint: 'javascript:alert(1)' },
      { token_endpoint: 'ftp://evil.test' },
      { jwks_uri: undefined },
    ]) {
      await gate.restart()
      weather(okta, (path) =>
        path === DISCOVERY
          ? (said) => ({ ...said, body: JSON.stringify({ ...JSON.parse(said.body), ...change }) })
          : 'forward',
      )
      const seen = await newVisitor().ask(startAt(gate.url, okta))
      expect({ change, status: seen.status, code: codeOf(seen) }).toEqual({
        change,
        status: 401,
        code: 'sign_in_invalid',
      })
    }
  }, 90_000)
})

describe('a provider that, when somebody comes back from it,', () => {
  beforeAll(async () => {
    await world.gate.restart()
    await personOf(world, world.okta, newcomer(world.okta))
  })

  test.each(bad)('%s: 503, nobody is made, and passwords go on', async (_, turn) => {
    const { gate, okta } = world
    const login = newcomer(okta)
    const visitor = newVisitor()
    const callback = await travel(visitor, startAt(gate.url, okta), login)
    const users = async () =>
      (await gate.db.execute({ sql: 'SELECT 1 FROM user WHERE username = ?', args: [login] })).rows
    weather(okta, (path) => (path === '/token' ? turn : 'forward'))
    await expectUnavailable(() => visitor.ask(callback))
    expect(await users()).toEqual([])
  })

  test.each([
    ['no id token', { id_token: undefined }],
    ['one that is no text', { id_token: 7 }],
    ['one that is no token', { id_token: 'a.b.c' }],
    ['one without end', { id_token: `a.${'b'.repeat(100_000)}.c` }],
  ])('gives %s: 401', async (_, change) => {
    const { gate, okta } = world
    weather(okta, (path) =>
      path === '/token'
        ? (said) => ({ ...said, body: JSON.stringify({ ...JSON.parse(said.body), ...change }) })
        : 'forward',
    )
    const seen = await signInBy(newVisitor(), gate.url, okta, newcomer(okta))
    expect({ status: seen.status, code: codeOf(seen) }).toEqual({
      status: 401,
      code: 'sign_in_invalid',
    })
  })

  test.each([
    ['says nothing of its keys', 'silent'],
    ['has no list of keys', { body: '{"keys":7}' }],
    ['is gone with its keys', { status: 404, body: '{}' }],
  ] as [string, Turn][])('%s: 503', async (_, turn) => {
    const { gate, entra } = world
    await gate.restart()
    weather(entra, (path) => (path === '/jwks' ? turn : 'forward'))
    await expectUnavailable(() => signInBy(newVisitor(), gate.url, entra, newcomer(entra)))
  })

  test('does not know our secret any more: 401 that names what to look at', async () => {
    const { gate, okta } = world
    weather(okta, (path) =>
      path === '/token' ? { status: 401, body: '{"error":"invalid_client"}' } : 'forward',
    )
    const seen = await signInBy(newVisitor(), gate.url, okta, newcomer(okta))
    expect(seen.status).toBe(401)
    expect(JSON.parse(seen.body).detail).toMatch(/invalid_client.*secret/)
    expect(seen.body).not.toContain(okta.clientSecret)
  })
})
