// API keys: whose they are, how they are stored, and what a stolen table is worth.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type Flowgate,
  flowgateForTest,
  SUPERUSER_PASSWORD,
  startFlowgate,
} from './support/flowgate.ts'
import { listRoutes } from './support/routes.ts'
import { type Api, call, createUser, expectStatus, login, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
})
afterAll(() => gate?.stop())

const hex = (id: string) => id.replaceAll('-', '')
const withKey = (key: string, path = '/api/v1/users/whoami') =>
  call(gate, 'GET', path, undefined, { 'x-api-key': key })

async function row(id: string) {
  const { rows } = await gate.db.execute({ sql: 'SELECT * FROM apikey WHERE id = ?', args: [id] })
  return rows[0]
}

async function makeKey(api: Api, name = 'k'): Promise<{ id: string; api_key: string }> {
  return (await expectStatus(200, api.post('/api/v1/api_key/', { name }))).body
}

test('a key is shown once, and stored as a hash that does not open anything', async () => {
  const { body } = await expectStatus(200, ann.post('/api/v1/api_key/', { name: 'mine', id: 'x' }))
  expect(Object.keys(body).sort()).toEqual(
    'api_key decisions expires_at id is_active last_used_at name read_only total_uses user_id'.split(
      ' ',
    ),
  )
  expect(body.api_key).toMatch(/^sk-[\w-]{43}$/)
  const stored = String((await row(hex(body.id)))?.api_key)
  expect(stored).toMatch(/^sha256:[0-9a-f]{64}$/)
  const stolen = await withKey(stored)
  expect([stolen.status, stolen.body.detail]).toEqual([403, 'Invalid or missing API key'])
  const list = await ann.get('/api/v1/api_key/')
  expect([list.body.total_count, list.body.user_id]).toEqual([1, ann.userId])
  expect(list.body.api_keys[0].api_key).toBe(body.api_key.slice(0, 8) + '*'.repeat(38))
  expect(list.body.api_keys[0].created_at).toMatch(/^20/)
  expect((await bob.get('/api/v1/api_key/')).body.api_keys).toEqual([])
})

test('the use of a key is counted by a write that no answer waits for', async () => {
  const { id, api_key } = await makeKey(ann)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  gate.proxy.reset()
  gate.proxy.decide(async (_, body) => {
    if (body.includes('UPDATE apikey')) await held
    return 'forward' as const
  })
  expect((await withKey(api_key)).body.username).toBe('ann')
  expect((await call(gate, 'GET', `/api/v1/projects/?x-api-key=${api_key}`)).status).toBe(200)
  expect(gate.proxy.bodies.filter((body) => !body.includes('UPDATE apikey'))).toHaveLength(2)
  expect(await row(hex(id))).toMatchObject({ total_uses: 0, last_used_at: null })
  release()
  await vi.waitFor(async () => expect(await row(hex(id))).toMatchObject({ total_uses: 2 }))
  expect((await row(hex(id)))?.last_used_at).not.toBe(null)
  gate.proxy.decide(() => 'forward')
})

test('a key of an adopted database works, and is hashed at its first use', async () => {
  const key = 'sk-from-before-flowgate-0123456789'
  await gate.db.execute({
    sql: `INSERT INTO apikey (id, name, api_key, user_id, created_at, total_uses, is_active)
      VALUES ('ad0b7ed0000000000000000000000000', 'old', ?, ?, '2026-01-01 00:00:00', 7, 1)`,
    args: [key, hex(bob.userId)],
  })
  expect((await withKey(key)).body.username).toBe('bob')
  expect((await withKey(key)).body.username).toBe('bob')
  await vi.waitFor(async () => {
    const stored = await row('ad0b7ed0000000000000000000000000')
    expect(stored).toMatchObject({ total_uses: 9, prefix: 'sk-from-' })
    expect(String(stored?.api_key)).toMatch(/^sha256:/)
  })
})

test('a key that is switched off, or whose user is, does not work', async () => {
  const carl = await createUser(gate, root, 'carl')
  const [off, on] = [await makeKey(carl), await makeKey(carl)]
  await gate.db.execute({
    sql: 'UPDATE apikey SET is_active = 0 WHERE id = ?',
    args: [hex(off.id)],
  })
  expect((await withKey(off.api_key)).status).toBe(403)
  expect((await withKey(on.api_key)).status).toBe(200)
  await root.patch(`/api/v1/users/${carl.userId}`, { is_active: false })
  const refused = await withKey(on.api_key)
  expect([refused.status, refused.body.detail]).toEqual([401, 'Inactive user'])
})

test('nobody deletes the key of another user, or learns that it exists', async () => {
  const { id, api_key } = await makeKey(ann)
  const [foreign, missing] = [
    await bob.delete(`/api/v1/api_key/${id}`),
    await bob.delete('/api/v1/api_key/00000000-0000-4000-8000-000000000000'),
  ]
  expect([foreign.status, foreign.body.detail]).toEqual([400, 'API Key not found'])
  expect([missing.status, missing.body.detail]).toEqual([400, 'API Key not found'])
  expect((await bob.delete('/api/v1/api_key/no-uuid')).status).toBe(422)
  expect((await withKey(api_key)).status).toBe(200)
  const { body } = await expectStatus(200, ann.delete(`/api/v1/api_key/${id}`))
  expect(body).toEqual({ detail: 'API Key deleted' })
  expect((await withKey(api_key)).status).toBe(403)
})

test('a store key is kept encrypted', async () => {
  const { body } = await expectStatus(
    200,
    ann.post('/api/v1/api_key/store', { api_key: 'secret-x' }),
  )
  expect(body).toEqual({ detail: 'API Key saved' })
  const { rows } = await gate.db.execute({
    sql: 'SELECT store_api_key FROM user WHERE id = ?',
    args: [hex(ann.userId)],
  })
  expect(String(rows[0]?.store_api_key)).toMatch(/^aesgcm:[\w-]{40,}$/)
  expect((await ann.post('/api/v1/api_key/store', {})).status).toBe(422)
  const audit = await gate.db.execute("SELECT * FROM flowgate_audit WHERE after LIKE '%secret-x%'")
  expect(audit.rows).toEqual([])
})

test('a superuser sees and revokes the keys of anybody, masked; nobody else does', async () => {
  const { id, api_key } = await makeKey(ann)
  const { body } = await expectStatus(200, root.get(`/api/v1/api_key/?user_id=${ann.userId}`))
  expect(body.user_id).toBe(ann.userId)
  const shown = body.api_keys.find((key: { id: string }) => key.id === id)
  expect(shown.api_key).toBe(api_key.slice(0, 8) + '*'.repeat(38))
  expect((await bob.get(`/api/v1/api_key/?user_id=${ann.userId}`)).status).toBe(403)
  expect((await ann.get(`/api/v1/api_key/?user_id=${ann.userId}`)).body).toEqual(body)
  await expectStatus(200, root.delete(`/api/v1/api_key/${id}`))
  expect((await withKey(api_key)).status).toBe(403)
})

test('a key opens nothing once it has expired, in a cold isolate neither', async () => {
  const input = { name: 'short', expires_at: '2999-01-01T00:00:00Z' }
  const { body: made } = await expectStatus(200, ann.post('/api/v1/api_key/', input))
  expect(made.expires_at).toBe('2999-01-01T00:00:00.000000+00:00')
  expect((await withKey(made.api_key)).status).toBe(200)
  await gate.db.execute({
    sql: "UPDATE apikey SET expires_at = '2020-01-01 00:00:00.000000' WHERE id = ?",
    args: [hex(made.id)],
  })
  const post = () =>
    call(gate, 'POST', '/api/v1/flows/', { name: 'x' }, { 'x-api-key': made.api_key })
  for (const ask of [() => withKey(made.api_key), post, () => gate.restart().then(post)]) {
    gate.proxy.reset()
    expect((await ask())?.status).toBe(403)
    expect(gate.proxy.count).toBe(1)
  }
})

test('a key mints no key and changes no password, not even the key of a superuser', async () => {
  const { api_key } = await makeKey(root)
  const headers = { 'x-api-key': api_key }
  const password = { password: 'another password' }
  const proved = { ...password, current_password: SUPERUSER_PASSWORD }
  for (const [method, path, body] of [
    ['POST', '/api/v1/api_key/', { name: 'a child' }],
    ['PATCH', `/api/v1/users/${root.userId}/reset-password`, proved],
    ['PATCH', `/api/v1/users/${root.userId}`, password],
    ['PATCH', `/api/v1/users/${ann.userId}`, password],
  ] as const) {
    const answer = await call(gate, method, path, body, headers)
    expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'forbidden'])
  }
  const { rows } = await gate.db.execute("SELECT 1 FROM apikey WHERE name = 'a child'")
  expect(rows).toEqual([])
})

test('who keeps coming with keys that are none is told to stop, and may still sign in', async () => {
  const strict = await flowgateForTest({ rateLimit: 3 })
  const wrong = (method: string) =>
    call(strict, method, '/api/v1/flows/', method === 'POST' ? {} : undefined, {
      'x-api-key': 'sk-wrong',
      'cf-connecting-ip': '192.0.2.9',
    })
  for (const method of ['GET', 'POST', 'GET']) expect((await wrong(method)).status).toBe(403)
  for (const method of ['GET', 'POST']) expect((await wrong(method)).status).toBe(429)
  expect((await login(strict, 'root', 'correct horse battery')).status).toBe(200)
})

test('no answer shows a store key, sealed or not, nor does a cookie', async () => {
  await expectStatus(200, root.post('/api/v1/api_key/store', { api_key: 'the-store-key' }))
  const { headers, body } = await login(gate, 'root', 'correct horse battery')
  const cookieOf = (headers: Headers) =>
    headers.getSetCookie().find((cookie) => cookie.startsWith('apikey_tkn_lflw='))
  expect(cookieOf(headers)).toMatch(/=\*{8};/)
  expect(cookieOf((await login(gate, 'bob', 'bob-password')).headers)).toMatch(/=None;/)
  const whoami = await root.get('/api/v1/users/whoami')
  expect(whoami.body.store_api_key).toBe('********')
  expect((await bob.get('/api/v1/users/whoami')).body.store_api_key).toBe(null)
  const answers = [JSON.stringify([...headers, body])]
  const id = '00000000-0000-4000-8000-000000000000'
  for (const route of listRoutes().filter((route) => route.startsWith('GET '))) {
    const path = route.slice(4).replace(/:\w+/g, root.userId)
    for (const query of [
      '',
      `?user_id=${root.userId}&scope_type=Flow&scope_id=${id}&permission=Read`,
    ])
      answers.push(JSON.stringify((await root.get(path + query)).body))
  }
  answers.push(
    JSON.stringify((await root.patch(`/api/v1/users/${root.userId}`, { optins: { x: 1 } })).body),
  )
  expect(answers.length).toBeGreaterThan(40)
  for (const answer of answers) expect(answer).not.toMatch(/aesgcm:|the-store-key/)
})
