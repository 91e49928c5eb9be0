// Sessions: what ends both tokens, what a stolen refresh token is worth, and what a new password takes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashPassword } from '../src/identity/passwords.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Answer,
  type Api,
  as,
  call,
  createUser,
  expectStatus,
  login,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api

beforeAll(async () => {
  gate = await startFlowgate({ isolates: 2 })
  root = await signIn(gate)
  await login(gate, 'nobody', 'warms the other one', 1)
})
afterAll(() => gate?.stop())

const hex = (id: string) => id.replaceAll('-', '')
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const cookie = (token: string) => ({ cookie: `refresh_token_lf=${token}` })
const whoami = async (token: string, isolate = 0) =>
  (await call(gate, 'GET', '/api/v1/users/whoami', undefined, bearer(token), isolate)).status
const refresh = (token: string, isolate = 0) =>
  call(gate, 'POST', '/api/v1/refresh', undefined, cookie(token), isolate)
const logout = (headers: Record<string, string>) =>
  call(gate, 'POST', '/api/v1/logout', undefined, headers)
const passwordOf = (name: string) => `${name}-password`
const signInAgain = async (name: string) => (await login(gate, name, passwordOf(name))).body

/** Moves all that a session of this user knows of time back. */
const age = (api: Api, by: string) =>
  gate.db.execute({
    sql: `UPDATE flowgate_session SET ${['created_at', 'renewed_at', 'expires_at']
      .map((name) => `${name} = strftime('%Y-%m-%d %H:%M:%f000', ${name}, '-${by}')`)
      .join(', ')} WHERE user_id = ?`,
    args: [hex(api.userId)],
  })

async function countOf(table: string, api: Api): Promise<number> {
  const { rows } = await gate.db.execute({
    sql: `SELECT count(*) AS n FROM ${table} WHERE user_id = ?`,
    args: [hex(api.userId)],
  })
  return Number(rows[0]?.n)
}

/** Both tokens are worth nothing, in either isolate. */
async function expectOver({ access_token, refresh_token }: Answer['body']) {
  for (const isolate of [0, 1]) {
    expect(await whoami(access_token, isolate)).toBe(401)
    const { status, body } = await refresh(refresh_token, isolate)
    expect([status, body.detail]).toEqual([401, 'Invalid refresh token'])
  }
}

describe('signing out', () => {
  test.each([
    ['the access token as bearer', (b: Answer['body']) => bearer(b.access_token)],
    ['the refresh cookie', (b: Answer['body']) => cookie(b.refresh_token)],
    ['the access cookie', (b: Answer['body']) => ({ cookie: `access_token_lf=${b.access_token}` })],
  ])(
    'with %s ends both tokens at once and everywhere, and no other session',
    async (what, send) => {
      const name = `out-${what.replaceAll(' ', '-')}`
      const ann = await createUser(gate, root, name)
      const [first, second] = [await signInAgain(name), await signInAgain(name)]
      const { status, body, headers } = await logout(send(first))
      expect([status, body]).toEqual([200, { message: 'Logout successful' }])
      expect(headers.getSetCookie()).toHaveLength(3)
      await expectOver(first)
      expect([await whoami(second.access_token), await whoami(ann.token, 1)]).toEqual([200, 200])
      expect((await logout(send(first))).status).toBe(200)
    },
  )

  test('that the database does not take is no sign-out: the cookies stay, to try again', async () => {
    await createUser(gate, root, 'out-in-rain')
    const signedIn = await signInAgain('out-in-rain')
    gate.proxy.decide(() => 'lost')
    const failed = await logout(cookie(signedIn.refresh_token))
    gate.proxy.decide(() => 'forward')
    expect([failed.status, failed.headers.getSetCookie()]).toEqual([503, []])
    expect(await whoami(signedIn.access_token)).toBe(200)
    expect((await logout(cookie(signedIn.refresh_token))).headers.getSetCookie()).toHaveLength(3)
    await expectOver(signedIn)
  })

  test('is 200 for whoever asks, and asks the database nothing for a stranger', async () => {
    gate.proxy.reset()
    for (const headers of [{}, bearer('x'), cookie('x'), bearer(`${root.token}x`)])
      expect((await logout(headers)).status).toBe(200)
    expect(gate.proxy.count).toBe(0)
  })
})

describe('renewing', () => {
  test('a refresh token that is used a second time ends the session, for its thief and its owner', async () => {
    const ann = await createUser(gate, root, 'thief-ann')
    const stolen = await signInAgain('thief-ann')
    const { body: renewed } = await expectStatus(200, refresh(stolen.refresh_token))
    await age(ann, '11 seconds')
    expect((await refresh(stolen.refresh_token, 1)).status).toBe(401)
    await expectOver(renewed)
    expect(await whoami(ann.token)).toBe(200)
    const { body } = await root.get(`/api/v1/audit?action=session.delete&actor_id=${ann.userId}`)
    expect(body.items[0].before).toEqual({ user_id: hex(ann.userId), reason: 'reuse' })
  })

  test('two tabs that renew at once both go on; a token two rounds old does not', async () => {
    await createUser(gate, root, 'tabs-ann')
    const first = await signInAgain('tabs-ann')
    const tabs = await Promise.all([0, 1].map((n) => refresh(first.refresh_token, n)))
    expect(tabs.map(({ status }) => status)).toEqual([200, 200])
    for (const tab of tabs) expect(await whoami(tab.body.access_token)).toBe(200)
    const next = await expectStatus(200, refresh(tabs[1]?.body.refresh_token))
    expect((await refresh(first.refresh_token)).status).toBe(401)
    await expectOver(next.body)
  })

  test('a session is over after 30 days, however often it was renewed', async () => {
    const ann = await createUser(gate, root, 'month-ann')
    const first = await signInAgain('month-ann')
    await age(ann, '29 days')
    const { body: renewed } = await expectStatus(200, refresh(first.refresh_token))
    expect(await whoami(renewed.access_token)).toBe(200)
    await age(ann, '1 day')
    await expectOver(renewed)
    expect((await ann.get('/api/v1/sessions')).status).toBe(401)
  })

  test('a sign-in sweeps a hundred sessions that are over, and leaves a user a hundred', async () => {
    const ann = await createUser(gate, root, 'many-ann')
    const many = (user: string, n: number, expires: string) =>
      gate.db.execute(`WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < ${n})
        INSERT INTO flowgate_session (id, user_id, created_at, expires_at, round, renewed_at)
        SELECT lower(hex(randomblob(16))), '${user}', '2026-01-01', '${expires}', 0, '2026-01-01' FROM x`)
    await many('gone', 250, '2026-01-02')
    await many(hex(ann.userId), 150, '2999-01-01')
    await expectStatus(200, login(gate, 'many-ann', passwordOf('many-ann')))
    expect(await countOf('flowgate_session', ann)).toBe(100)
    const { rows } = await gate.db.execute("SELECT 1 FROM flowgate_session WHERE user_id = 'gone'")
    expect(rows).toHaveLength(150)
    expect(await whoami(ann.token)).toBe(200)
  })
})

describe("sessions of one's own and of others", () => {
  test('are listed with the one that asks, and ended one by one or all others at once', async () => {
    const ann = await createUser(gate, root, 'own-ann')
    const [second, third] = [await signInAgain('own-ann'), await signInAgain('own-ann')]
    const { body } = await ann.get('/api/v1/sessions')
    expect(body.total_count).toBe(3)
    expect(body.sessions.map((one: { current: boolean }) => one.current)).toEqual([
      false,
      false,
      true,
    ])
    expect(Object.keys(body.sessions[0]).sort()).toEqual(
      'created_at current expires_at id renewed_at user_agent user_id'.split(' '),
    )
    const latest = body.sessions[0].id
    expect((await ann.delete(`/api/v1/sessions/${latest}`)).status).toBe(200)
    expect((await ann.delete(`/api/v1/sessions/${latest}`)).status).toBe(404)
    await expectOver(third)
    expect((await ann.delete('/api/v1/sessions')).body).toMatchObject({ ended: 1, keys_deleted: 0 })
    await expectOver(second)
    expect(await whoami(ann.token)).toBe(200)
  })

  test('of others are for superusers alone', async () => {
    const ann = await createUser(gate, root, 'theirs-ann')
    const bob = await createUser(gate, root, 'theirs-bob')
    const { body } = await root.get(`/api/v1/sessions?user_id=${ann.userId}`)
    expect(body.sessions).toMatchObject([{ user_id: ann.userId, current: false }])
    await ann.post('/api/v1/api_key/', { name: 'k' })
    for (const [method, path, status] of [
      ['GET', `/api/v1/sessions?user_id=${ann.userId}`, 403],
      ['DELETE', `/api/v1/sessions?user_id=${ann.userId}&keys=true`, 403],
      ['DELETE', `/api/v1/sessions/${body.sessions[0].id}`, 404],
    ] as const)
      expect((await call(gate, method, path, undefined, bearer(bob.token))).status).toBe(status)
    expect([await countOf('flowgate_session', ann), await countOf('apikey', ann)]).toEqual([1, 1])
    const ended = await root.delete(`/api/v1/sessions?user_id=${ann.userId}&keys=true`)
    expect(ended.body).toMatchObject({ ended: 1, keys_deleted: 1 })
    expect(await whoami(ann.token)).toBe(401)
    expect(await countOf('apikey', ann)).toBe(0)
  })

  test.each([
    ['a reset', { password: 'set by the root' }],
    ['a deactivation', { is_active: false }],
  ])('%s by a superuser ends them, and on request the keys', async (what, change) => {
    for (const keys of [false, true]) {
      const name = `${what.replaceAll(' ', '-')}-${keys}`
      const ann = await createUser(gate, root, name)
      await ann.post('/api/v1/api_key/', { name: 'k' })
      const tokens = await signInAgain(name)
      await expectStatus(200, root.patch(`/api/v1/users/${ann.userId}?keys=${keys}`, change))
      await expectOver(tokens)
      expect(await countOf('flowgate_session', ann)).toBe(0)
      expect(await countOf('apikey', ann)).toBe(keys ? 0 : 1)
    }
  })

  test('a superuser who deactivates themself, with a session or a key, leaves nothing behind', async () => {
    for (const how of ['session', 'key']) {
      const ann = await createUser(gate, root, `self-${how}`)
      await expectStatus(200, root.patch(`/api/v1/users/${ann.userId}`, { is_superuser: true }))
      const { body: key } = await ann.post('/api/v1/api_key/', { name: 'k' })
      const headers = how === 'key' ? { 'x-api-key': key.api_key } : bearer(ann.token)
      const path = `/api/v1/users/${ann.userId}?keys=true`
      await expectStatus(200, call(gate, 'PATCH', path, { is_active: false }, headers))
      expect([await countOf('flowgate_session', ann), await countOf('apikey', ann)]).toEqual([0, 0])
    }
  })
})

describe('a new password', () => {
  const reset = (api: Api, body: object) =>
    api.patch(`/api/v1/users/${api.userId}/reset-password`, body)

  test('takes a session younger than 15 minutes, which renewing does not make young again, or the current one', async () => {
    const ann = await createUser(gate, root, 'fresh-ann')
    await age(ann, '14 minutes')
    await expectStatus(200, reset(ann, { password: 'the second one' }))
    const { body: tokens } = await login(gate, 'fresh-ann', 'the second one')
    await age(ann, '15 minutes')
    const { body: renewed } = await expectStatus(200, refresh(tokens.refresh_token))
    const later = as(gate, renewed.access_token, ann.userId)
    const refused = await reset(later, { password: 'the third one' })
    expect([refused.status, refused.body.detail]).toMatchObject([
      403,
      expect.stringMatching(/15 minutes/),
    ])
    const wrong = { password: 'the third one', current_password: 'the first one' }
    expect((await reset(later, wrong)).status).toBe(400)
    expect((await login(gate, 'fresh-ann', 'the third one')).status).toBe(401)
    await expectStatus(200, reset(later, { ...wrong, current_password: 'the second one' }))
    expect((await login(gate, 'fresh-ann', 'the third one')).status).toBe(200)
    await expectOver(renewed)
  })

  test('of a superuser takes the same', async () => {
    const ann = await createUser(gate, root, 'super-ann')
    await expectStatus(200, root.patch(`/api/v1/users/${ann.userId}`, { is_superuser: true }))
    await age(ann, '15 minutes')
    const path = `/api/v1/users/${ann.userId}`
    expect((await ann.patch(path, { password: 'another one' })).status).toBe(403)
    expect((await login(gate, 'super-ann', 'another one')).status).toBe(401)
    const again = as(gate, (await signInAgain('super-ann')).access_token)
    await expectStatus(200, again.patch(path, { password: 'another one' }))
    expect(await whoami(ann.token)).toBe(401)
  })

  test('has 8 to 128 characters; those from before open as they are', async () => {
    const ann = await createUser(gate, root, 'length-ann')
    const ways = [
      (password: string) => reset(ann, { password, current_password: passwordOf('length-ann') }),
      (password: string) => root.patch(`/api/v1/users/${ann.userId}`, { password }),
      (password: string) =>
        call(gate, 'POST', '/api/v1/users/', { username: `of ${password.length}`, password }),
    ]
    for (const [n, send] of ways.entries()) {
      for (const wrong of ['7 chars', '\u{1f511}'.repeat(7), 'x'.repeat(129)])
        expect((await send(wrong)).status, `way ${n}`).toBe(422)
    }
    for (const send of ways.slice(1))
      for (const right of ['8 chars!', '\ufb03'.repeat(128)])
        expect((await send(right)).status).toBeLessThan(300)
    for (const old of ['p', 'x'.repeat(900)]) {
      const args = [await hashPassword(old), hex(ann.userId)]
      await gate.db.execute({ sql: 'UPDATE user SET password = ? WHERE id = ?', args })
      expect((await login(gate, 'length-ann', old)).status).toBe(200)
    }
  })
})

test('a password that is replaced while somebody signs in with it opens no session', async () => {
  const ann = await createUser(gate, root, 'race-ann')
  const replaced = await hashPassword('replaced meanwhile')
  gate.proxy.reset()
  gate.proxy.decide(async (_, body) => {
    if (body.includes('INSERT INTO flowgate_session'))
      await gate.db.execute({
        sql: 'UPDATE user SET password = ? WHERE id = ?',
        args: [replaced, hex(ann.userId)],
      })
    return 'forward' as const
  })
  const before = await countOf('flowgate_session', ann)
  expect((await login(gate, 'race-ann', passwordOf('race-ann'))).status).toBe(401)
  gate.proxy.decide(() => 'forward')
  expect(await countOf('flowgate_session', ann)).toBe(before)
  expect((await login(gate, 'race-ann', 'replaced meanwhile')).status).toBe(200)
})
