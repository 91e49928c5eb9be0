// Defence: how often, how much, from where; and no input that makes the service fall over.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { sendText } from './support/matrix.ts'
import { missingId } from './support/random-worlds.ts'
import { listRoutes } from './support/routes.ts'
import { type Api, call, createUser, login, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
})
afterAll(() => gate?.stop())

const ORIGIN = 'https://app.example.com'

/** As a browser on another origin sends it. */
const from = (flowgate: Flowgate, origin: string, init: RequestInit = {}) =>
  fetch(`${flowgate.url}/api/v1/flows/`, { ...init, headers: { origin, ...init.headers } })

async function expectTooLarge(path: string, most: number, headers: Record<string, string> = {}) {
  const text = 'x'.repeat(most + 1)
  const streamed = { body: new Response(text).body, duplex: 'half' } as RequestInit
  for (const init of [{ body: text }, streamed]) {
    const response = await gate.fetchByName(path, { method: 'POST', headers, ...init })
    const { code } = (await response.json()) as { code: string }
    expect([response.status, code]).toEqual([413, 'too_large'])
  }
}

describe('limits', () => {
  test('login and sign-up are limited per address, and nothing else is', async () => {
    const strict = await flowgateForTest({ rateLimit: 3 })
    const attempt = (path: string, ip: string) =>
      call(strict, 'POST', path, {}, { 'cf-connecting-ip': ip })
    for (const path of ['/api/v1/login', '/api/v1/users/']) {
      let heard = 0
      let refused = await attempt(path, '192.0.2.1')
      // A minute that ends in between begins anew.
      for (; refused.status === 422 && heard < 6; heard++)
        refused = await attempt(path, '192.0.2.1')
      expect(heard).toBeGreaterThanOrEqual(3)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
      expect(refused.body.code).toBe('too_many_requests')
      expect((await attempt(path, '192.0.2.2')).status).toBe(422)
    }
    for (let i = 0; i < 5; i++)
      expect((await call(strict, 'GET', '/api/v1/flows/')).status).toBe(403)
  })

  test('limits that are neither on nor off are a configuration error, not a quiet off', async () => {
    const broken = await flowgateForTest({ bindings: { RATE_LIMIT: 'maybe' } })
    const { status, body } = await call(broken, 'GET', '/api/v1/flows/')
    expect([status, body.detail]).toEqual([500, "Configuration: RATE_LIMIT must be 'on' or 'off'"])
  })

  test.each(listRoutes().filter((route) => /^(POST|PUT|PATCH|DELETE) \/api/.test(route)))(
    '%s takes 512 KiB at most, unless it takes graphs',
    async (route) => {
      const [method = '', pattern = ''] = route.split(' ')
      const headers = { authorization: `Bearer ${ann.token}` }
      const { status } = await sendText(
        gate,
        method,
        pattern.replace(/:\w+/g, missingId),
        `"${'x'.repeat(512 * 1024)}"`,
        { ...headers, 'content-type': 'application/json' },
      )
      if (/\/(flows|projects)\//.test(pattern)) expect(status).not.toBe(413)
      else expect(status).toBe(413)
    },
  )

  test('a body over 4 MiB is 413, announced or not', async () => {
    const headers = { authorization: `Bearer ${ann.token}` }
    await expectTooLarge('/api/v1/flows/', 4 * 1024 * 1024, headers)
    const fits = { name: 'x'.repeat(1_000_000) }
    expect((await call(gate, 'POST', '/api/v1/flows/', fits, headers)).status).toBe(422)
  })

  test('a stranger is not listened to beyond 64 KiB', async () => {
    for (const path of ['/api/v1/login', '/api/v1/users/']) await expectTooLarge(path, 64 * 1024)
    const fits = { username: 'x'.repeat(60_000), password: 'pppppppp' }
    expect((await call(gate, 'POST', '/api/v1/users/', fits)).status).toBe(422)
  })
})

describe('browsers', () => {
  test('other origins get no permission by default', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await from(gate, ORIGIN, { method })
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('a listed origin may call, with errors readable; any other still may not', async () => {
    const open = await flowgateForTest({
      bindings: { CORS_ORIGINS: `${ORIGIN}, http://localhost:3000` },
    })
    const preflight = await from(open, ORIGIN, {
      method: 'OPTIONS',
      headers: {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
    const refused = await from(open, ORIGIN)
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      403,
      ORIGIN,
    ])
    const foreign = await from(open, 'https://evil.example')
    expect(foreign.headers.get('access-control-allow-origin')).toBe(null)
    const plain = await flowgateForTest({ bindings: { CORS_ORIGINS: 'http://x.test' } })
    expect((await call(plain, 'GET', '/api/v1/flows/')).status).toBe(500)
    const star = await flowgateForTest({ bindings: { CORS_ORIGINS: '*' } })
    expect((await call(star, 'GET', '/api/v1/flows/')).status).toBe(500)
  })

  test('answers and errors carry secure headers; tokens are not stored by caches', async () => {
    for (const path of ['/health', '/api/v1/flows/', '/nowhere']) {
      const { headers } = await call(gate, 'GET', path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('strict-transport-security')).toMatch(/max-age/)
    }
    const { headers } = await login(gate, 'ann', 'ann-password')
    expect(headers.get('cache-control')).toBe('private, no-store')
  })
})

describe('bad input', () => {
  const id = '00000000-0000-4000-8000-000000000000'
  const routes = [
    ['GET', '/api/v1/users/'],
    ['POST', '/api/v1/users/'],
    ['PATCH', `/api/v1/users/${id}`],
    ['PATCH', `/api/v1/users/${id}/reset-password`],
    ['DELETE', `/api/v1/users/${id}`],
    ['POST', '/api/v1/login'],
    ['POST', '/api/v1/refresh'],
    ['POST', '/api/v1/api_key/'],
    ['POST', '/api/v1/api_key/store'],
    ['DELETE', `/api/v1/api_key/${id}`],
    ['GET', '/api/v1/rbac/assignments'],
    ['POST', '/api/v1/rbac/assignments'],
    ['PATCH', `/api/v1/rbac/assignments/${id}`],
    ['POST', '/api/v1/rbac/roles'],
    ['PATCH', `/api/v1/rbac/roles/${id}`],
    ['GET', '/api/v1/rbac/check-permission'],
    ['POST', '/api/v1/rbac/check-permissions'],
    ['GET', '/api/v1/rbac/explain'],
    ['GET', '/api/v1/rbac/access'],
    ['GET', '/api/v1/audit'],
  ] as const

  const fields = [
    ...['username', 'password', 'is_active', 'is_superuser', 'optins', 'last_login_at'],
    ...['name', 'api_key', 'user_id', 'role_name', 'scope_type', 'scope_id', 'expires_at'],
    ...['permissions', 'description', 'checks', 'permission', 'skip', 'limit', 'size', 'page'],
    ...['cursor', 'since', 'actor_id', '__proto__', 'constructor'],
  ]
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\0', '\ud800', "' OR 1=1 --", '%_', 'Flow', 'Project', 'Read', 'Admin', id),
    fc.constantFrom('9'.repeat(40), '1e400', '-0', '2026-99-99', '0001-01-01T00:00:00+14:00'),
  )
  const value = fc.oneof(nasty, fc.jsonValue({ maxDepth: 3 }), fc.array(nasty, { maxLength: 3 }))
  const input = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 8 })

  test('generated bodies and queries never make a 5xx, and every refusal is a problem body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), input, input, fc.boolean(), check),
      { numRuns: 400 },
    )
  })

  async function check(
    [method, path]: (typeof routes)[number],
    query: Record<string, unknown>,
    sent: Record<string, unknown>,
    admin: boolean,
  ) {
    const texts = Object.entries(query).map(([key, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
      return [key, text.toWellFormed()]
    })
    const url = `${path}?${new URLSearchParams(texts as [string, string][])}`
    const headers = { authorization: `Bearer ${(admin ? root : ann).token}` }
    const answer = await call(gate, method, url, method === 'GET' ? undefined : sent, headers)
    if (answer.status >= 500) throw new Error(`${method} ${url}: ${JSON.stringify(answer.body)}`)
    if (answer.status >= 400) expect(answer.body).toMatchObject({ status: answer.status })
  }

  test('what is no JSON, no UTF-8, too deep or twice there is refused by name or counts once', async () => {
    const post = (body: string | Uint8Array) =>
      gate.fetch('/api/v1/users/', {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${root.token}` },
      })
    const deep = '{"optins":{"a":'.concat('['.repeat(20_000), ']'.repeat(20_000), '}}')
    const { username, password } = { username: 'deep', password: 'pppppppp' }
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '"text"',
      deep,
      new Uint8Array([0xff, 0xfe, 0x7b]),
      JSON.stringify({ username: 'nul\0', password }),
      `{"username":"lone \\ud800","password":"pppppppp"}`,
      JSON.stringify({ username, password: 'p'.repeat(50_000) }),
    ]) {
      const response = await post(body)
      expect([String(body).slice(0, 30), response.status]).toEqual([String(body).slice(0, 30), 422])
      expect(((await response.json()) as { detail: { loc: string[] }[] }).detail[0]?.loc[0]).toBe(
        'body',
      )
    }
    expect((await root.get('/api/v1/users/?limit=x&limit=1')).body.users).toHaveLength(1)
    for (const bearer of ['', 'x', 'a.b.c', '\u00ff', `${root.token}x`])
      expect(
        (
          await call(gate, 'GET', '/api/v1/flows/', undefined, {
            authorization: `Bearer ${bearer}`,
          })
        ).status,
      ).toBeLessThan(404)
  })
})
