// Cloudflare Access: its assertion signs in on any request, is worth nothing that it does not say, and is off until
// it is configured.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUDIENCE, makeKey, startTeam, type Team } from './support/access.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { type Answer, type Api, call, login, signIn } from './support/world.ts'

const ORIGIN = 'https://app.example.com'
const HEADER = 'cf-access-jwt-assertion'

let team: Team
let gate: Flowgate
let root: Api

/** What the very first request of an empty database was answered. */
let first: Answer

beforeAll(async () => {
  team = await startTeam()
  gate = await startFlowgate({ isolates: 2, bindings: { ...team.bindings, CORS_ORIGINS: ORIGIN } })
  first = await call(gate, 'GET', '/api/v1/users/whoami', undefined, await team.as('zoe'))
  root = await signIn(gate)
  await login(gate, 'nobody', 'warms the other one', 1)
})
afterAll(async () => {
  await gate?.stop()
  await team?.stop()
})

type Headers = Record<string, string>

/** Sends requests as whoever passed Access under this name. */
async function pass(name: string, more: Headers = {}) {
  const headers = { ...(await team.as(name)), ...more }
  const send =
    (method: string) =>
    (path: string, body?: unknown, added: Headers = {}): Promise<Answer> =>
      call(gate, method, `/api/v1${path}`, body, { ...headers, ...added })
  return {
    headers,
    get: (path: string, added?: Headers) => send('GET')(path, undefined, added),
    post: send('POST'),
    patch: send('PATCH'),
    delete: send('DELETE'),
  }
}

const hex = (id: string) => id.replaceAll('-', '')
const flow = (name: string) => ({ name, data: { nodes: [{ id: name }], edges: [] } })
const rows = async (sql: string, ...args: string[]) => (await gate.db.execute({ sql, args })).rows
const countUsers = async () => Number((await rows('SELECT count(*) AS n FROM user'))[0]?.n)
const bindingsOf = (name: string) =>
  rows('SELECT issuer, user_id FROM flowgate_binding WHERE subject = ?', `subject of ${name}`)

describe('whoever passed Access', () => {
  test('is signed in by the first request of an empty database', () => {
    expect([first.status, first.body.username]).toEqual([200, 'zoe@example.com'])
  })

  test('is a user from the first request on, whatever it asks, and the same one at the next', async () => {
    const ada = await pass('ada')
    const made = await ada.post('/flows/', flow('first of all'))
    expect(made.status).toBe(201)
    const me = (await ada.get('/users/whoami')).body
    expect(me).toMatchObject({
      ...{ username: 'ada@example.com', is_active: true, is_superuser: false },
      last_login_at: expect.any(String),
    })
    expect(made.body.user_id).toBe(me.id)
    expect((await ada.get('/flows/')).body).toMatchObject([{ name: 'first of all' }])
    expect((await ada.get('/projects/')).body).toMatchObject([{ name: 'Starter Project' }])
    expect(await bindingsOf('ada')).toEqual([{ issuer: team.issuer, user_id: hex(me.id) }])
    const said = await rows(
      "SELECT action FROM flowgate_audit WHERE actor_id = ? AND action IN ('user.create', 'binding.create') ORDER BY action",
      hex(me.id),
    )
    expect(said.map(({ action }) => action)).toEqual(['binding.create', 'user.create'])
  })

  test('comes into being once, however many requests come first at once and wherever', async () => {
    const before = await countUsers()
    const headers = await team.as('many')
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 3
          ? call(gate, 'GET', '/api/v1/users/whoami', undefined, headers, n % 2)
          : call(gate, 'POST', '/api/v1/flows/', flow(`flow ${n}`), headers, n % 2),
      ),
    )
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 201]))
    const ids = all.map(({ body }) => body.user_id ?? body.id)
    expect(new Set(ids).size).toBe(1)
    expect(await countUsers()).toBe(before + 1)
    expect((await (await pass('many')).get('/flows/')).body).toHaveLength(4)
  })

  test('costs no round trip more than a session, once there is a user', async () => {
    const bea = await pass('bea')
    gate.proxy.reset()
    const id = (await bea.post('/flows/', flow('counted'))).body.id
    // Nobody is found, somebody comes into being, and it is done.
    expect(gate.proxy.count).toBe(3)
    const session = { authorization: `Bearer ${root.token}` }
    const asked = [
      ['GET', '/api/v1/flows/'],
      ['GET', '/api/v1/users/whoami'],
      ['GET', `/api/v1/flows/${id}`],
      ['PATCH', `/api/v1/flows/${id}`, { description: 'changed' }],
      ['POST', '/api/v1/flows/', flow('another')],
    ] as const
    for (const [method, path, body] of asked) {
      const counts: number[] = []
      for (const headers of [session, bea.headers]) {
        await call(gate, 'GET', '/api/v1/flows/', undefined, headers)
        gate.proxy.reset()
        const { status } = await call(gate, method, path, body, headers)
        expect(status).toBeLessThan(300)
        counts.push(gate.proxy.count)
      }
      expect([method, path, counts[1]]).toEqual([method, path, counts[0]])
      if (method === 'GET') expect(counts[1]).toBe(1)
    }
  })

  test('repeats a first request safely, and reads lists page by page and as a stream', async () => {
    const cyd = await pass('cyd')
    const once = { 'idempotency-key': 'the-first-of-cyd' }
    const [a, b] = [
      await cyd.post('/flows/', flow('one'), once),
      await cyd.post('/flows/', flow('one'), once),
    ]
    expect([a.status, b.status, b.body.id]).toEqual([201, 201, a.body.id])
    expect(b.headers.get('idempotent-replayed')).toBe('true')
    await cyd.post('/flows/', flow('two'))
    const page = await cyd.get('/flows/?get_all=false&size=1')
    const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? ''
    const { pathname, search } = new URL(next, gate.url)
    const second = await call(gate, 'GET', pathname + search, undefined, cyd.headers)
    const names = [page, second].flatMap(({ body }) =>
      body.items.map((one: Answer['body']) => one.name),
    )
    expect(names.sort()).toEqual(['one', 'two'])
    expect((await cyd.get('/flows/?get_all=true')).body).toHaveLength(2)
  })

  test('gets a name of their own where another has it, and never that account', async () => {
    const made = await root.post('/api/v1/users/', {
      ...{ username: 'dan@example.com', password: 'long enough for dan' },
    })
    const dan = (await (await pass('dan')).get('/users/whoami')).body
    expect(dan.username).toBe('dan@example.com (access)')
    expect(dan.id).not.toBe(made.body.id)
    const boss = (
      await (await pass('boss', await team.as('boss', { email: 'root' }))).get('/users/whoami')
    ).body
    expect([boss.username, boss.is_superuser]).toEqual(['root (access)', false])
  })

  test('is whom an admin bound them to', async () => {
    const made = await root.post('/api/v1/users/', {
      ...{ username: 'eve of old', password: 'long enough for eve' },
    })
    const bound = await root.post('/api/v1/bindings', {
      ...{ user_id: made.body.id, provider: 'access', subject: 'subject of eve' },
    })
    expect(bound.status).toBe(201)
    await root.patch(`/api/v1/users/${made.body.id}`, { is_active: true })
    expect((await (await pass('eve')).get('/users/whoami')).body.username).toBe('eve of old')
    const { body } = await root.get(`/api/v1/bindings?user_id=${made.body.id}`)
    expect(body.bindings).toMatchObject([{ provider: 'access', issuer: team.issuer }])
  })
})

describe('what Access did not say', () => {
  const whoami = (assertion: string, more: Headers = {}) =>
    call(gate, 'GET', '/api/v1/users/whoami', undefined, { [HEADER]: assertion, ...more })

  test('is refused before anything is read or written for it', async () => {
    const now = Math.floor(Date.now() / 1000)
    const others = await makeKey('first')
    const refused: Record<string, string> = {
      audience: await team.assert({ aud: ['1'.repeat(64)] }),
      'no audience': await team.assert({ aud: [] }),
      issuer: await team.assert({ iss: 'https://evil.cloudflareaccess.com' }),
      expired: await team.assert({ exp: now - 60 }),
      'not yet': await team.assert({ nbf: now + 120 }),
      'no end': await team.assert({ exp: undefined } as never),
      'the key of another': await team.assert({}, others),
      'another algorithm': await team.assert({}, await makeKey('first', 'ES256')),
      nobody: await team.assert({ sub: '' }),
      junk: 'junk',
    }
    const before = await countUsers()
    gate.proxy.reset()
    for (const [why, assertion] of Object.entries(refused)) {
      const { status, body } = await whoami(assertion)
      expect([why, status, body.code]).toEqual([why, 401, 'sign_in_invalid'])
      expect(JSON.stringify(body)).not.toContain(assertion)
    }
    expect(gate.proxy.count).toBe(0)
    expect(await countUsers()).toBe(before)
    expect(JSON.stringify(gate.logs)).not.toContain(String(refused.audience))
  })

  test('a service token is told that it is nobody', async () => {
    const { status, body } = await whoami(await team.assert({ sub: '', common_name: 'x.access' }))
    expect([status, body.code]).toEqual([403, 'sign_in_refused'])
    expect(body.detail).toContain('x-api-key')
    const key = (await root.post('/api/v1/api_key/', { name: 'of a program' })).body.api_key
    const service = await team.assert({ sub: '', common_name: 'x.access' })
    expect((await whoami(service, { 'x-api-key': key })).body.username).toBe('root')
  })

  test('a bearer token or an API key comes first, right or wrong', async () => {
    const right = await team.assert()
    const bearer = { authorization: `Bearer ${root.token}` }
    expect((await whoami('junk', bearer)).body.username).toBe('root')
    expect((await whoami(right, bearer)).body.username).toBe('root')
    expect((await whoami(right, { authorization: 'Bearer junk' })).status).toBe(401)
    expect((await whoami(right, { 'x-api-key': 'sk-nobody' })).status).toBe(403)
    const none = await call(gate, 'GET', '/api/v1/users/whoami')
    expect([none.status, none.body.code]).toEqual([403, 'not_authenticated'])
  })

  test('names of keys that nobody has are asked for once a minute at most, and others go on', async () => {
    const asked = team.asked
    const forged = await makeKey('forged')
    const storm = Array.from({ length: 40 }, async (_, n) =>
      whoami(await team.assert({}, { ...forged, kid: `made up ${n}` })),
    )
    for (const { status, body } of await Promise.all(storm))
      expect([status, body.code]).toEqual([401, 'sign_in_invalid'])
    expect((await (await pass('ada')).get('/users/whoami')).status).toBe(200)
    expect(team.asked - asked).toBeLessThanOrEqual(1)
  })

  test('keys that have been rotated are those of a new isolate, and the old ones nobody has', async () => {
    const own = await startTeam()
    const flowgate = await flowgateForTest({ bindings: own.bindings })
    const as = (headers: Headers) =>
      call(flowgate, 'GET', '/api/v1/users/whoami', undefined, headers)
    const old = await own.as('ada')
    const id = (await as(old)).body.id
    await own.rotate('second')
    const young = await own.as('ada')
    expect((await as(old)).status).toBe(200)
    await flowgate.restart()
    expect((await as(young)).body.id).toBe(id)
    expect((await as(old)).body.code).toBe('sign_in_invalid')
    expect(own.asked).toBe(2)
    await own.stop()
  })

  test('where its keys cannot be had this is said, and signing in by password goes on', async () => {
    const gone = await startTeam()
    await gone.stop()
    const flowgate = await flowgateForTest({ bindings: gone.bindings })
    const headers = await gone.as('ada')
    const answers = await Promise.all(
      [1, 2, 3].map(() => call(flowgate, 'GET', '/api/v1/users/whoami', undefined, headers)),
    )
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).toEqual([503, 'provider_unavailable'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const me = await (await signIn(flowgate)).get('/api/v1/users/whoami')
    expect(me.body.username).toBe('root')
  })
})

describe('what a page of another site sends along', () => {
  test('changes nothing, unless its origin is ours or listed', async () => {
    const fay = await pass('fay')
    const id = (await fay.post('/flows/', flow('kept'))).body.id
    const evil: Headers[] = [
      { origin: 'https://evil.example.com' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const from of evil) {
      const answers = [
        await fay.post('/flows/', flow('forged'), from),
        await fay.patch(`/flows/${id}`, { name: 'forged' }, from),
        await fay.delete(`/flows/${id}`, undefined, from),
        await fay.post('/api_key/', { name: 'forged' }, from),
      ]
      for (const { status, body } of answers)
        expect([status, body.code]).toEqual([403, 'forbidden'])
    }
    expect((await fay.get('/flows/')).body).toMatchObject([{ name: 'kept' }])
    for (const from of [{ origin: gate.url }, { origin: ORIGIN }])
      expect((await fay.patch(`/flows/${id}`, { description: from.origin }, from)).status).toBe(200)
  })

  test('reads nothing that it could see', async () => {
    const fay = await pass('fay')
    const seen = async (origin: string) =>
      (await fay.get('/flows/', { origin })).headers.get('access-control-allow-origin')
    expect([await seen('https://evil.example.com'), await seen(ORIGIN)]).toEqual([null, ORIGIN])
  })

  test('with a key or a token of its own it is not by Access that it acts', async () => {
    const authorization = `Bearer ${root.token}`
    const from = { origin: 'https://evil.example.com', authorization }
    const { status } = await (await pass('fay')).post('/flows/', flow('by token'), from)
    expect(status).toBe(201)
  })
})

describe('a session by Access', () => {
  const start = async (name: string, query = '', more: Headers = {}) =>
    call(gate, 'GET', `/api/v1/auth/access/start${query}`, undefined, {
      ...(await team.as(name)),
      ...more,
    })
  const cookiesOf = ({ headers }: Answer) =>
    Object.fromEntries(
      headers.getSetCookie().map((cookie) => (cookie.split(';')[0] ?? '').split(/=(.*)/)),
    ) as Record<string, string>

  test('begins at its start, with the cookies of a login, and goes on to a page of ours', async () => {
    const answer = await start('gus', '?to=/console/flows')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console/flows'])
    const cookies = cookiesOf(answer)
    expect(Object.keys(cookies).sort()).toEqual([
      ...['access_token_lf', 'apikey_tkn_lflw', 'refresh_token_lf'],
    ])
    const authorization = `Bearer ${cookies.access_token_lf}`
    const me = await call(gate, 'GET', '/api/v1/users/whoami', undefined, { authorization })
    expect(me.body.id).toBe((await (await pass('gus')).get('/users/whoami')).body.id)
    const refreshed = await call(gate, 'POST', '/api/v1/refresh', undefined, {
      cookie: `refresh_token_lf=${cookies.refresh_token_lf}`,
    })
    expect(refreshed.status).toBe(200)
  })

  test('leads nowhere else, and begins by no picture and without Access', async () => {
    for (const to of ['https://evil.example.com', '//evil.example.com', '/api/v1/logout'])
      expect((await start('gus', `?to=${encodeURIComponent(to)}`)).status).toBe(422)
    const image = await start('gus', '', { 'sec-fetch-dest': 'image' })
    expect([image.status, image.headers.getSetCookie()]).toEqual([403, []])
    const without = await call(gate, 'GET', '/api/v1/auth/access/start')
    expect([without.status, without.body.code]).toEqual([401, 'sign_in_invalid'])
    const browser = await start('gus', '', { [HEADER]: 'junk', accept: 'text/html' })
    expect([browser.status, browser.headers.get('location')]).toEqual([
      ...[302, '/console/?refused=sign_in_invalid'],
    ])
  })

  test('is what a new password takes; a key and the sessions of a user are open to the header alone', async () => {
    const hal = await pass('hal')
    const id = (await hal.get('/users/whoami')).body.id
    const session = `Bearer ${cookiesOf(await start('hal')).access_token_lf}`
    const reset = await hal.patch(`/users/${id}/reset-password`, { password: 'a new one for hal' })
    expect([reset.status, reset.body.detail]).toEqual([
      ...[403, expect.stringContaining('/api/v1/auth/access/start')],
    ])
    expect((await hal.get('/sessions')).body).toMatchObject({
      ...{ total_count: 1, sessions: [{ current: false }] },
    })
    const key = await hal.post('/api_key/', { name: 'of hal' })
    expect(key.status).toBe(200)
    expect((await hal.delete('/sessions')).body).toMatchObject({ ended: 1 })
    const bySession = { authorization: session }
    expect((await call(gate, 'GET', '/api/v1/users/whoami', undefined, bySession)).status).toBe(401)
    expect((await hal.post('/logout')).status).toBe(200)
    expect((await hal.get('/users/whoami')).status).toBe(200)
  })

  test('ends, as do keys and the header itself, at the next request of whoever is deactivated', async () => {
    const ida = await pass('ida')
    const id = (await ida.get('/users/whoami')).body.id
    const key = (await ida.post('/api_key/', { name: 'of ida' })).body.api_key
    const authorization = `Bearer ${cookiesOf(await start('ida')).access_token_lf}`
    const all = async () => [
      (await ida.get('/users/whoami')).status,
      (await ida.post('/flows/', flow('late'))).status,
      (await call(gate, 'GET', '/api/v1/users/whoami', undefined, { authorization })).status,
      (await call(gate, 'GET', '/api/v1/users/whoami', undefined, { 'x-api-key': key })).status,
      (await start('ida')).status,
    ]
    expect(await all()).toEqual([200, 201, 200, 200, 302])
    await root.patch(`/api/v1/users/${id}`, { is_active: false })
    const before = await countUsers()
    expect(await all()).toEqual([401, 401, 401, 401, 403])
    expect(await countUsers()).toBe(before)
    await root.patch(`/api/v1/users/${id}`, { is_active: true })
    expect((await ida.get('/users/whoami')).body.id).toBe(id)
  })
})

test('where sign-up is off, a superuser makes users by the header too, and nobody else', async () => {
  const flowgate = await flowgateForTest({ bindings: { ...team.bindings, SIGNUP: 'off' } })
  const admin = await signIn(flowgate)
  const headers = await team.as('jo')
  const id = (await call(flowgate, 'GET', '/api/v1/users/whoami', undefined, headers)).body.id
  const make = (username: string, more: Headers = {}) =>
    call(
      flowgate,
      'POST',
      '/api/v1/users/',
      { username, password: 'long enough for them' },
      { ...headers, ...more },
    )
  expect((await make('one')).status).toBe(403)
  await admin.patch(`/api/v1/users/${id}`, { is_superuser: true })
  expect((await make('two')).status).toBe(201)
  expect((await make('three', { origin: 'https://evil.example.com' })).status).toBe(403)
  expect((await make('four', { [HEADER]: 'junk' })).body.code).toBe('sign_in_invalid')
})

test('a replica that has not heard of somebody yet does not keep them out', async () => {
  const flowgate = await flowgateForTest({
    ...{ replicas: 1, bindings: { ...team.bindings, CONSISTENCY: 'bounded:5000' } },
  })
  await signIn(flowgate)
  const headers = await team.as('kim')
  for (const path of ['/api/v1/flows/', '/api/v1/flows/', '/api/v1/users/whoami'])
    expect((await call(flowgate, 'GET', path, undefined, headers)).status).toBe(200)
})

test('off until it is configured: the header means nothing, and its addresses are not there', async () => {
  const flowgate = await flowgateForTest()
  await signIn(flowgate)
  for (const assertion of [await team.assert(), 'junk']) {
    const headers = { [HEADER]: assertion }
    const { status, body } = await call(flowgate, 'GET', '/api/v1/users/whoami', undefined, headers)
    expect([status, body.code]).toEqual([403, 'not_authenticated'])
    const start = await call(flowgate, 'GET', '/api/v1/auth/access/start', undefined, headers)
    expect([start.status, start.body.code]).toEqual([404, 'not_found'])
  }
  const asked = await call(gate, 'GET', '/api/v1/auth/providers')
  expect(asked.body.providers).toContainEqual({ id: 'access', name: 'Cloudflare Access' })
})

test('settings that do not go together are named, and their values are not', async () => {
  const wrong = [
    [{ CF_ACCESS_TEAM_DOMAIN: team.issuer }, 'CF_ACCESS_TEAM_DOMAIN and CF_ACCESS_AUD go together'],
    [{ CF_ACCESS_AUD: AUDIENCE }, 'CF_ACCESS_TEAM_DOMAIN and CF_ACCESS_AUD go together'],
  ] as const
  for (const [bindings, said] of wrong) {
    const flowgate = await flowgateForTest({ bindings })
    const { status, body } = await call(flowgate, 'GET', '/api/v1/users/whoami')
    expect([status, body.detail]).toEqual([500, expect.stringContaining(said)])
    expect(body.detail).not.toContain(AUDIENCE)
  }
})
