// Signing in with a company: to a real OpenID provider, through its login page, and back; and everything that somebody
// might bring back in place of what they were sent for.
import { describe, expect, onTestFinished, test } from 'vitest'
import { codeOf, companyWorld, newcomer, personOf, standing } from './support/company.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import type { CompanyProvider } from './support/provider.ts'
import { type Forgery, forging, newKeys } from './support/provider-keys.ts'
import { newVisitor, type Seen, signInBy, startAt, travel } from './support/visitor.ts'
import { call } from './support/world.ts'

const LANGBUILDER = 'https://langbuilder.acme.test'
const world = companyWorld({ bindings: { LANGBUILDER_URL: LANGBUILDER } })
const providers = ['okta', 'entra', 'strict'] as const

/** The refusal, after which nothing is as if it had been a sign-in. */
async function refused(seen: Promise<Seen>): Promise<{ status: number; code: string }> {
  const before = await standing(world)
  const answer = await seen
  expect(answer.headers.getSetCookie().join()).not.toMatch(/access_token|refresh_token/)
  expect(await standing(world)).toEqual(before)
  return { status: answer.status, code: codeOf(answer) }
}

const stale = { status: 400, code: 'sign_in_stale' }
const invalid = { status: 401, code: 'sign_in_invalid' }

describe('whoever comes back from the provider', () => {
  test.each(providers)(
    '%s: is signed in, with the cookies of a login, where they wanted',
    async (id) => {
      const provider = world[id]
      const login = newcomer(provider)
      const visitor = newVisitor()
      const seen = await signInBy(
        visitor,
        world.gate.url,
        provider,
        login,
        '/console/teams?search=a+b',
      )
      expect({ status: seen.status, body: seen.body }).toEqual({ status: 302, body: '' })
      expect(seen.headers.get('location')).toBe('/console/teams?search=a+b')
      const byPassword = await newVisitor().ask(`${world.gate.url}/api/v1/login`, {
        method: 'POST',
        body: new URLSearchParams({ username: SUPERUSER, password: SUPERUSER_PASSWORD }),
      })
      const shapes = (answer: Seen) =>
        answer.headers
          .getSetCookie()
          .filter((cookie) => !cookie.startsWith('flowgate_visit='))
          .map((cookie) => cookie.replace(/=[^;]+/, '='))
          .sort()
      expect(shapes(seen)).toEqual(shapes(byPassword))
      expect(shapes(seen).length).toBe(3)
      expect(visitor.cookie('flowgate_visit')).toBe(undefined)
      const token = visitor.cookie('access_token_lf')?.value
      const headers = { authorization: `Bearer ${token}` }
      const me = await call(world.gate, 'GET', '/api/v1/users/whoami', undefined, headers)
      expect(me.body).toMatchObject({ username: login, is_active: true, is_superuser: false })
      const renewed = await visitor.ask(`${world.gate.url}/api/v1/refresh`, { method: 'POST' })
      expect(renewed.status).toBe(200)
    },
  )

  test('is asked by code, with PKCE, state and nonce, and keeps the visit in a cookie of their own', async () => {
    const visitor = newVisitor()
    const { status, location, headers } = await visitor.ask(startAt(world.gate.url, world.okta))
    expect(status).toBe(302)
    const asked = new URL(location ?? '')
    expect(asked.origin).toBe(world.okta.issuer)
    const { state, nonce, code_challenge, ...rest } = Object.fromEntries(asked.searchParams)
    expect(rest).toEqual({
      response_type: 'code',
      client_id: world.okta.clientId,
      redirect_uri: `${world.gate.url}/api/v1/auth/okta/callback`,
      scope: 'openid profile email',
      code_challenge_method: 'S256',
    })
    expect(new Set([state, nonce, code_challenge]).size).toBe(3)
    for (const text of [state, nonce, code_challenge]) expect(text).toMatch(/^[\w-]{43}$/)
    const cookie = visitor.cookie('flowgate_visit')
    expect(cookie?.path).toBe('/api/v1/auth')
    expect(cookie?.attributes).toMatch(
      /^Max-Age=600; Path=\/api\/v1\/auth; HttpOnly; SameSite=Lax$/i,
    )
    expect(headers.get('cache-control')).toMatch(/no-store/)
  })

  test('goes to a page of the console or to LangBuilder, and nowhere else', async () => {
    const { entra, gate } = world
    const login = newcomer(entra)
    const visitor = newVisitor()
    for (const [to, location] of [
      [undefined, '/console/'],
      ['/console/', '/console/'],
      ['/console', '/console'],
      ['/console/flows?search=a%20b', '/console/flows?search=a%20b'],
      ['langbuilder', LANGBUILDER],
    ] as const) {
      const seen = await signInBy(visitor, gate.url, entra, login, to)
      expect({ to, location: seen.headers.get('location') }).toEqual({ to, location })
    }
    const elsewhere = `
      https://evil.test //evil.test /\\evil.test \\\\evil.test /console/../../evil.test /console//evil.test
      /console/..//evil.test /console/%2f%2fevil.test /console/\\evil.test /console@evil.test
      /console.evil.test https:/console /console:evil http://127.0.0.1/console javascript:alert(1)
      data:text/html,x /api/v1/logout /docs / /consoles /console/#evil /console/?a=//evil.test
      langbuilder.evil.test langbuilder/ LANGBUILDER %2f%2fevil.test /console/%0d%0aset-cookie:a=b
      `.match(/\S+/g)
    const odd = [
      '',
      ' /console/',
      '/console/\t',
      '/console/\r\nset-cookie: a=b',
      '/console/\0',
      '​/console/',
      `/console/${'a'.repeat(500)}`,
    ]
    for (const to of [...(elsewhere ?? []), ...odd]) {
      const seen = await newVisitor().ask(startAt(gate.url, entra, to))
      expect({ to, status: seen.status, location: seen.location }).toEqual({
        to,
        status: 422,
        location: undefined,
      })
    }
    const twice = await newVisitor().ask(`${startAt(gate.url, entra, '/console/')}&to=//evil.test`)
    expect(twice.location ?? '').not.toMatch(/evil/)
  })
})

describe('a way back that is not the one that was begun', () => {
  const arrive = async (provider: CompanyProvider = world.okta) => {
    const visitor = newVisitor()
    const login = newcomer(provider)
    const callback = new URL(await travel(visitor, startAt(world.gate.url, provider), login))
    return { visitor, login, callback }
  }

  test('without its state, or with another: 400, and the provider is not asked', async () => {
    const { visitor, callback } = await arrive()
    const right = callback.searchParams.get('state')
    world.okta.reset()
    for (const state of ['', 'x', right?.slice(1), `${right}x`, undefined]) {
      if (state === undefined) callback.searchParams.delete('state')
      else callback.searchParams.set('state', state)
      expect(await refused(visitor.ask(callback.href))).toEqual(stale)
    }
    expect(world.okta.count('/token')).toBe(0)
    // Nobody who is wrong ends the visit of who is right.
    callback.searchParams.set('state', right ?? '')
    expect((await visitor.ask(callback.href)).status).toBe(302)
  })

  test('in another browser, into which somebody wants to be signed in: 400', async () => {
    const { callback } = await arrive()
    expect(await refused(newVisitor().ask(callback.href))).toEqual(stale)
    const begun = newVisitor()
    await begun.ask(startAt(world.gate.url, world.okta))
    expect(await refused(begun.ask(callback.href))).toEqual(stale)
  })

  test('a second time: 400, and with its cookie put back the provider refuses the code', async () => {
    const { visitor, callback } = await arrive()
    const kept = [...visitor.cookies]
    expect((await visitor.ask(callback.href)).status).toBe(302)
    expect(await refused(visitor.ask(callback.href))).toEqual(stale)
    visitor.cookies.splice(0, visitor.cookies.length, ...kept)
    world.okta.reset()
    expect(await refused(visitor.ask(callback.href))).toEqual(stale)
    expect(world.okta.count('/token')).toBe(1)
  })

  test('with the code of somebody else: PKCE tells them apart', async () => {
    const [theirs, mine] = [await arrive(), await arrive()]
    const code = theirs.callback.searchParams.get('code') ?? ''
    mine.callback.searchParams.set('code', code)
    expect(await refused(mine.visitor.ask(mine.callback.href))).toEqual(stale)
  })

  test('to another provider than was visited: 400; from another, as it says itself: 401', async () => {
    const { okta, entra, gate } = world
    const { visitor, callback } = await arrive()
    const other = new URL(callback.href.replace('/auth/okta/', '/auth/entra/'))
    expect(await refused(visitor.ask(other.href))).toEqual(stale)
    const another = await arrive()
    for (const iss of [entra.issuer, `${okta.issuer}/`, gate.url, '']) {
      const { visitor, callback } = await arrive()
      okta.reset()
      callback.searchParams.set('iss', iss)
      expect(await refused(visitor.ask(callback.href))).toEqual(invalid)
      expect(okta.count('/token')).toBe(0)
    }
    another.callback.searchParams.delete('iss')
    expect(await refused(another.visitor.ask(another.callback.href))).toEqual(invalid)
  })

  test('because somebody gave up there: 403, and a browser stands at the sign-in page', async () => {
    const { okta, gate } = world
    const visitor = newVisitor()
    const callback = await travel(visitor, startAt(gate.url, okta))
    expect(await refused(visitor.ask(callback))).toEqual({ status: 403, code: 'sign_in_refused' })
    const accept = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }
    const again = await travel(visitor, startAt(gate.url, okta))
    const seen = await visitor.ask(again, accept)
    expect(seen.status).toBe(302)
    expect(seen.headers.get('location')).toBe('/console/?refused=sign_in_refused')
    const lost = await newVisitor().ask(callback, accept)
    expect(lost.headers.get('location')).toBe('/console/?refused=sign_in_stale')
  })

  test('with a cookie that is not ours to the letter: 400', async () => {
    const { visitor, callback } = await arrive()
    const cookie = visitor.cookie('flowgate_visit')
    if (!cookie) throw new Error('no visit')
    const [head = '', claims = '', signature = ''] = cookie.value.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)
    // A token of the house for another purpose is none of a visit.
    const session = await personOf(world, world.okta, newcomer(world.okta))
    for (const value of [
      `${head}.${claims}.${flipped}`,
      `${none}.${claims}.`,
      session.api.token,
      'x',
      '',
    ]) {
      cookie.value = value
      expect(await refused(visitor.ask(callback.href))).toEqual(stale)
    }
  })
})

describe('an id token that the provider would not have issued', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const forgeries: [what: string, forge: () => Forgery | Promise<Forgery>][] = [
    ['of another nonce', () => ({ claims: { nonce: 'another' } })],
    ['without a nonce', () => ({ claims: { nonce: undefined } })],
    ['of another issuer', () => ({ claims: { iss: world.entra.issuer } })],
    ['of no issuer', () => ({ claims: { iss: undefined } })],
    ['for another audience', () => ({ claims: { aud: 'another-client' } })],
    ['for no audience', () => ({ claims: { aud: undefined } })],
    [
      'for us and others, made for one of those',
      () => ({ claims: { aud: [world.okta.clientId, 'another'], azp: 'another' } }),
    ],
    ['for several, made for nobody', () => ({ claims: { aud: [world.okta.clientId, 'another'] } })],
    ['that has expired', () => ({ claims: { exp: now() - 120 } })],
    ['that never expires', () => ({ claims: { exp: undefined } })],
    ['of the future', () => ({ claims: { iat: now() + 600, exp: now() + 1200 } })],
    ['that is old', () => ({ claims: { iat: now() - 3600 } })],
    ['not valid yet', () => ({ claims: { nbf: now() + 600 } })],
    ['about nobody', () => ({ claims: { sub: undefined } })],
    ['about an empty name', () => ({ claims: { sub: '' } })],
    ['about a number', () => ({ claims: { sub: 7 } })],
    ['with a subject without end', () => ({ claims: { sub: 'x'.repeat(5000) } })],
    ['without a signature', () => ({ header: { alg: 'none' }, key: 'none' })],
    ['without a signature, by name of its algorithm', () => ({ key: 'none' })],
    [
      'signed by a stranger who uses the name of the key',
      async () => ({ key: (await newKeys('RS256')).key }),
    ],
    [
      'signed by a key that nobody knows',
      async () => ({ key: (await newKeys('RS256')).key, header: { kid: 'unknown' } }),
    ],
    [
      'signed by the client secret',
      () => ({ header: { alg: 'HS256' }, key: new TextEncoder().encode(world.okta.clientSecret) }),
    ],
    [
      'signed by the public key',
      () => ({
        header: { alg: 'HS256' },
        key: new TextEncoder().encode(JSON.stringify(world.okta.keys.public)),
      }),
    ],
  ]
  test.each(forgeries)('%s: 401, and nobody comes into being', async (_, forge) => {
    const { okta, gate } = world
    onTestFinished(() => okta.decide(() => 'forward'))
    const forgery = await forge()
    okta.decide((path) => (path === '/token' ? forging(okta, forgery) : 'forward'))
    const login = newcomer(okta)
    expect(await refused(signInBy(newVisitor(), gate.url, okta, login))).toEqual(invalid)
  })

  test('but one that is forged in nothing is taken', async () => {
    const { okta } = world
    onTestFinished(() => okta.decide(() => 'forward'))
    okta.decide((path) => (path === '/token' ? forging(okta, {}) : 'forward'))
    const login = newcomer(okta)
    expect((await personOf(world, okta, login)).name).toBe(login)
  })
})
