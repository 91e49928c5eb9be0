// Who makes users, as SIGNUP says, and what becomes of those who sign up and are forgotten.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  call,
  createFlow,
  createUser,
  expectStatus,
  grant,
  login,
  signIn,
} from './support/world.ts'

const USERS = '/api/v1/users/'
const signUp = (on: Flowgate, username: string, headers: Record<string, string> = {}) =>
  call(on, 'POST', USERS, { username, password: 'a password' }, headers)
const hex = (id: string) => id.replaceAll('-', '')

describe('SIGNUP', () => {
  test('off: a stranger is refused before anything is read, and superusers alone make users', async () => {
    const off = await flowgateForTest({ bindings: { SIGNUP: 'off' } })
    off.proxy.reset()
    const broken = await off.fetch(USERS, { method: 'POST', body: '{' })
    for (const refused of [await signUp(off, 'ann'), { ...broken, body: await broken.json() }])
      expect((refused as { body: unknown }).body).toMatchObject({
        status: 403,
        detail: 'Sign-up is switched off. Ask an administrator for an account.',
      })
    expect((await signUp(off, 'ann', { authorization: 'Bearer x' })).status).toBe(401)
    expect(off.proxy.count).toBe(0)
    const root = await signIn(off)
    const as = (api: Api) => ({ authorization: `Bearer ${api.token}` })
    const { body: made } = await expectStatus(201, signUp(off, 'ann', as(root)))
    expect(made.is_active).toBe(false)
    await expectStatus(200, root.patch(`${USERS}${made.id}`, { is_active: true }))
    const ann = await signIn(off, 'ann', 'a password')
    await grant(root, ann, 'Admin', 'Global')
    const refused = await signUp(off, 'bob', as(ann))
    expect([refused.status, refused.body.detail]).toEqual([
      403,
      "The user doesn't have enough privileges",
    ])
    expect((await signUp(off, 'bob', { 'x-api-key': 'sk-any' })).status).toBe(403)
  })

  test('open: whoever signs up is active at once, and is nobody special', async () => {
    const open = await flowgateForTest({ bindings: { SIGNUP: 'open' } })
    const { body } = await expectStatus(201, signUp(open, 'ann'))
    expect([body.is_active, body.is_superuser]).toEqual([true, false])
    const ann = await signIn(open, 'ann', 'a password')
    expect((await ann.get('/api/v1/flows/')).body).toEqual([])
    const { rows } = await open.db.execute('SELECT pending_since FROM user')
    expect(rows).toEqual([{ pending_since: null }])
  })

  test('anything else is a configuration error', async () => {
    const wrong = await flowgateForTest({ bindings: { SIGNUP: 'yes' } })
    const { status, body } = await signUp(wrong, 'ann')
    expect([status, body.detail]).toEqual([
      500,
      "Configuration: SIGNUP must be 'off', 'approve' or 'open'",
    ])
  })
})

describe('who waits', () => {
  let gate: Flowgate
  let root: Api
  beforeAll(async () => {
    gate = await startFlowgate()
    root = await signIn(gate)
  })
  afterAll(() => gate?.stop())
  beforeEach(() => gate.db.execute('UPDATE user SET pending_since = NULL'))

  let n = 0
  const newcomer = async () => {
    const username = `newcomer ${n++}`
    const { body } = await expectStatus(201, signUp(gate, username))
    return { id: hex(body.id), username }
  }
  const age = (ids: string[], by = '-31 days') =>
    gate.db.execute({
      sql: `UPDATE user SET pending_since = strftime('%Y-%m-%d %H:%M:%f000', 'now', ?)
        WHERE id IN (SELECT value FROM json_each(?))`,
      args: [by, JSON.stringify(ids)],
    })
  const remaining = async (ids: string[]) => {
    const list = JSON.stringify(ids)
    const { rows } = await gate.db.execute({
      sql: `SELECT (SELECT count(*) FROM user WHERE id IN (SELECT value FROM json_each(?))) AS users,
        (SELECT count(*) FROM folder WHERE user_id IN (SELECT value FROM json_each(?))) AS projects,
        (SELECT count(*) FROM userroleassignment WHERE user_id IN (SELECT value FROM json_each(?))) AS grants`,
      args: [list, list, list],
    })
    return { ...rows[0] }
  }

  test('for thirty days is swept by the next sign-up, with what everybody has, and recorded', async () => {
    const [old, young] = [await newcomer(), await newcomer()]
    await age([old.id])
    await age([young.id], '-29 days')
    await newcomer()
    expect(await remaining([old.id])).toEqual({ users: 0, projects: 0, grants: 0 })
    expect(await remaining([young.id])).toEqual({ users: 1, projects: 1, grants: 1 })
    const { rows } = await gate.db.execute({
      sql: `SELECT action, actor_id, before ->> 'username' AS name FROM flowgate_audit
        WHERE action LIKE '%.delete' AND request_id = (SELECT request_id FROM flowgate_audit
          WHERE action = 'user.delete' AND target_id = ?)`,
      args: [old.id],
    })
    expect(rows.map((row) => [row.action, row.actor_id, row.name])).toEqual([
      ['grant.delete', null, null],
      ['project.delete', null, null],
      ['user.delete', null, old.username],
    ])
    // The name is free again.
    await expectStatus(201, signUp(gate, old.username))
  })

  test('a few at a time, and nobody who was activated, signed in, or was given anything', async () => {
    const waiting = []
    for (let i = 0; i < 24; i++) waiting.push(await newcomer())
    const ids = waiting.map(({ id }) => id)
    const [activated = '', switchedOff = '', granted = ''] = ids
    await expectStatus(200, root.patch(`${USERS}${activated}`, { is_active: true }))
    await expectStatus(200, root.patch(`${USERS}${switchedOff}`, { is_active: true }))
    await expectStatus(200, root.patch(`${USERS}${switchedOff}`, { is_active: false }))
    const { rows } = await gate.db.execute({
      sql: 'SELECT count(pending_since) AS n FROM user WHERE id IN (?, ?)',
      args: [activated, switchedOff],
    })
    expect(rows).toEqual([{ n: 0 }])
    const owner = await createUser(gate, root, 'owner of a flow')
    const flow = await createFlow(owner, 'shared')
    await grant(root, { userId: granted } as Api, 'Viewer', 'Flow', flow)
    const swept = ids.slice(2)
    await age(swept)
    await newcomer()
    expect((await remaining(swept)).users).toBe(2)
    await newcomer()
    expect((await remaining(swept)).users).toBe(1)
    expect((await remaining([activated, switchedOff, granted])).users).toBe(3)
    expect((await login(gate, waiting[0]?.username ?? '', 'a password')).status).toBe(200)
  })

  test('nothing is swept where rows of foreign tables stand in the way, and sign-up goes on', async () => {
    const old = await newcomer()
    await gate.db.batch([
      'CREATE TABLE variable (id TEXT PRIMARY KEY, user_id CHAR(32) NOT NULL REFERENCES user(id))',
      { sql: "INSERT INTO variable VALUES ('v', ?)", args: [old.id] },
    ])
    await age([old.id])
    await newcomer()
    expect((await remaining([old.id])).users).toBe(1)
    await gate.db.execute('DROP TABLE variable')
  })

  test('with a thousand others is one too many: 429, until some are swept', async () => {
    await gate.db.execute(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at, pending_since)
      SELECT printf('%032x', i), 'waits ' || i, 'waits ' || i, '!', 0, 0, '2026', '2026', '2999-01-01 00:00:00' FROM n`)
    const before = (await gate.db.execute('SELECT count(*) AS n FROM user')).rows[0]?.n
    const { status, headers, body } = await signUp(gate, 'one too many')
    expect([status, headers.get('retry-after'), body.detail]).toEqual([
      429,
      '3600',
      expect.stringMatching(/^1000 people wait/),
    ])
    expect((await gate.db.execute('SELECT count(*) AS n FROM user')).rows[0]?.n).toBe(before)
    await gate.db.execute(
      "UPDATE user SET pending_since = '2020-01-01 00:00:00' WHERE username = 'waits 7'",
    )
    await expectStatus(201, signUp(gate, 'not too many'))
    await gate.db.execute("DELETE FROM user WHERE username LIKE 'waits %'")
  })

  test('a password that is too long is refused before it is hashed', async () => {
    const body = { username: 'long', password: '\u0301'.repeat(30_000) }
    expect((await call(gate, 'POST', USERS, body)).status).toBe(422)
  })
})
