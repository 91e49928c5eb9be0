// Replacing SECRET_KEY: three deployments over one database, before, while and after both secrets are bound.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Flowgate,
  SECRET_KEY,
  SUPERUSER,
  SUPERUSER_PASSWORD,
  startFlowgate,
} from './support/flowgate.ts'
import { call, createFlow, expectStatus, login, signIn } from './support/world.ts'

const NEXT = 'the secret that replaces it, as long as that'
let before: Flowgate
let during: Flowgate
let after: Flowgate

beforeAll(async () => {
  before = await startFlowgate()
  await signIn(before)
  const LIBSQL_URL = before.sqld.url
  const bindings = { LIBSQL_URL, SECRET_KEY: NEXT }
  during = await startFlowgate({ bindings: { ...bindings, SECRET_KEY_PREVIOUS: SECRET_KEY } })
  after = await startFlowgate({ bindings })
})
afterAll(() => Promise.all([before, during, after].map((gate) => gate?.stop())))

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const list = (gate: Flowgate, token: string, cursor = '') =>
  call(gate, 'GET', `/api/v1/flows/?paged=all&size=1${cursor}`, undefined, bearer(token))

test('nobody is signed out, and nothing new hangs on the old secret', async () => {
  const { body: old } = await expectStatus(200, login(before, SUPERUSER, SUPERUSER_PASSWORD))
  expect((await list(during, old.access_token)).status).toBe(200)
  expect((await list(after, old.access_token)).status).toBe(401)
  const cookie = { cookie: `refresh_token_lf=${old.refresh_token}` }
  const { body: renewed } = await expectStatus(
    200,
    call(during, 'POST', '/api/v1/refresh', undefined, cookie),
  )
  expect((await list(after, renewed.access_token)).status).toBe(200)
  expect((await list(before, renewed.access_token)).status).toBe(401)
})

test('a walk goes on, and a request that is repeated makes nothing twice', async () => {
  const root = await signIn(before)
  for (const name of ['one', 'two']) await createFlow(root, name)
  const cursor = `&cursor=${(await list(before, root.token)).body.next_cursor}`
  expect((await list(during, root.token, cursor)).body.items).toHaveLength(1)
  const { body: later } = await login(after, SUPERUSER, SUPERUSER_PASSWORD)
  expect((await list(after, later.access_token, cursor)).body.code).toBe('cursor_invalid')

  const headers = { ...bearer(root.token), 'idempotency-key': 'once' }
  const make = (gate: Flowgate, name = 'made once') =>
    call(gate, 'POST', '/api/v1/flows/', { name }, headers)
  const made = await expectStatus(201, make(before))
  const again = await expectStatus(201, make(during))
  expect([again.body.id, again.headers.get('idempotent-replayed')]).toEqual([made.body.id, 'true'])
  expect((await make(during, 'something else')).status).toBe(422)
  const key = { ...bearer(root.token), 'idempotency-key': 'of-a-key' }
  const mint = (gate: Flowgate) => call(gate, 'POST', '/api/v1/api_key/', { name: 'k' }, key)
  const { body: minted } = await expectStatus(200, mint(before))
  expect((await expectStatus(200, mint(during))).body).toEqual(minted)
  const { rows } = await before.db.execute("SELECT 1 FROM flow WHERE name LIKE 'made once%'")
  expect(rows).toHaveLength(1)
})
