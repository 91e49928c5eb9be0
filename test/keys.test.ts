// API keys: whose they are, how they are stored, and what a stolen table is worth.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { type Api, call, createUser, expectStatus, signIn } from './support/world.ts'

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
    'api_key id is_active last_used_at name total_uses user_id'.split(' '),
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

test('each use is counted in the same single request to the database, by header or query', async () => {
  const { id, api_key } = await makeKey(ann)
  gate.proxy.reset()
  expect((await withKey(api_key)).body.username).toBe('ann')
  expect(gate.proxy.count).toBe(1)
  expect((await call(gate, 'GET', `/api/v1/projects/?x-api-key=${api_key}`)).status).toBe(200)
  expect(await row(hex(id))).toMatchObject({ total_uses: 2 })
  expect((await row(hex(id)))?.last_used_at).not.toBe(null)
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
  const stored = await row('ad0b7ed0000000000000000000000000')
  expect(stored).toMatchObject({ total_uses: 9, prefix: 'sk-from-' })
  expect(String(stored?.api_key)).toMatch(/^sha256:/)
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
