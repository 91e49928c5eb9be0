// Bad weather, through the real Worker: a database that hangs, lies, is full or says no. Every caller has an
// answer in time, with a code that says what to do, and nothing of the database's own words.
import { expect, onTestFinished, test } from 'vitest'
import { type Flowgate, flowgateForTest } from './support/flowgate.ts'
import type { Fate } from './support/proxy.ts'
import { forTest, startRuledSqld, startTokenSqld } from './support/sqlds.ts'
import { type Answer, type Api, call, login, signIn } from './support/world.ts'

const newFlow = { name: 'weather', data: { nodes: [], edges: [] } }
const read = (api: Api) => api.get('/api/v1/flows/')
const write = (api: Api) => api.post('/api/v1/flows/', newFlow)
const ready = (gate: Flowgate, isolate = 0) =>
  call(gate, 'GET', '/health/ready', undefined, {}, isolate)

/** What every failure keeps to. */
function expectFault(answer: Answer, status: number, code: string, what = ''): void {
  expect([what, answer.status, answer.body.code]).toEqual([what, status, code])
  const retryAfter = Number(answer.headers.get('retry-after'))
  if (status === 503) expect(retryAfter, what).toBeGreaterThan(0)
  expect(JSON.stringify(answer.body), what).not.toMatch(
    /SELECT|INSERT|BEGIN|SQLITE|hrana|<html|secret|JSON|fetch|timeout|aborted/i,
  )
}

test('a database that hangs costs its callers one time limit, keeps nothing open, and is forgiven', async () => {
  const gate = await flowgateForTest({ bindings: { DATABASE_TIMEOUT_MS: '1000' }, isolates: 2 })
  const api = await signIn(gate)
  gate.sqld.signal('SIGSTOP')
  onTestFinished(() => gate.sqld.signal('SIGCONT'))
  const [reading, writing, cold, coldReady, health] = await Promise.all([
    read(api),
    write(api),
    login(gate, 'nobody', 'nothing at all', 1),
    ready(gate, 1),
    call(gate, 'GET', '/health'),
  ])
  expectFault(reading, 503, 'database_unavailable')
  expectFault(writing, 503, 'write_unknown')
  expectFault(cold, 503, 'database_unavailable')
  expectFault(coldReady, 503, 'database_unavailable')
  expect(coldReady.body).toMatchObject({ status: 'not_ready', verdict: 'unknown' })
  expect(health.status).toBe(200)
  await expect.poll(() => gate.proxy.open).toBe(0)

  gate.sqld.signal('SIGCONT')
  await expect.poll(async () => (await read(api)).status).toBe(200)
  expect((await write(api)).status).toBe(201)
  expect((await login(gate, 'nobody', 'nothing at all', 1)).status).toBe(401)
  expect((await ready(gate, 1)).status).toBe(200)
})

test('readiness gives up before a request does, and one look at a time is enough for all who ask', async () => {
  const gate = await flowgateForTest({ isolates: 2 })
  const api = await signIn(gate)
  expect((await ready(gate, 1)).body).toMatchObject({ status: 'ready', verdict: 'at_head' })
  gate.sqld.signal('SIGSTOP')
  onTestFinished(() => gate.sqld.signal('SIGCONT'))
  gate.proxy.reset()
  const reading = read(api)
  const looking = ready(gate, 1)
  await expect.poll(() => gate.proxy.count).toBe(2)
  // While one looks, the others hear what was seen last.
  for (const { status } of await Promise.all([ready(gate, 1), ready(gate, 1)]))
    expect(status).toBe(200)
  expect(gate.proxy.count).toBe(2)
  const first = await Promise.race([looking, reading])
  expectFault(first, 503, 'database_unavailable')
  expect(first.body).toHaveProperty('verdict')
  gate.sqld.signal('SIGCONT')
  expect((await reading).status).toBe(200)
})

const html = { type: 'text/html', body: '<html>secret</html>' }
const half = '{"results":[{"type":"ok","response":{"type":"execute","secret":'
const lies: [what: string, fate: Fate, reading: string, writing: string, status?: number][] = [
  ['is lost', 'lost', 'database_unavailable', 'write_unknown'],
  ['works and says nothing', 'unanswered', 'database_unavailable', 'write_unknown'],
  ['HTML', html, 'database_unavailable', 'write_unknown'],
  ['nothing', {}, 'database_unavailable', 'write_unknown'],
  ['half', { body: half }, 'database_unavailable', 'write_unknown'],
  ['half, cut off', { body: half, end: 'cut' }, 'database_unavailable', 'write_unknown'],
  ['no end', { body: half, end: 'endless' }, 'database_unavailable', 'write_unknown'],
  ['another shape', { body: '{"secret":[]}' }, 'database_unavailable', 'write_unknown'],
  ['null', { body: 'null' }, 'database_unavailable', 'write_unknown'],
  ['502', { status: 502, ...html }, 'database_unavailable', 'write_unknown'],
  ['504', { status: 504, ...html }, 'database_unavailable', 'write_unknown'],
  ['500', { status: 500, body: '{"error":"secret"}' }, 'database_unavailable', 'write_unknown'],
  ['404', { status: 404, ...html }, 'database_unavailable', 'database_unavailable'],
  ['429', { status: 429 }, 'database_busy', 'database_busy'],
  ['503', { status: 503, ...html }, 'database_busy', 'database_busy'],
  ['401', { status: 401 }, 'database_refused', 'database_refused', 500],
  ['403', { status: 403, ...html }, 'database_refused', 'database_refused', 500],
]

test('whatever a database answers, requests warm and cold, and readiness, say the right thing', async () => {
  const gate = await flowgateForTest({ bindings: { DATABASE_TIMEOUT_MS: '500' }, isolates: 2 })
  const api = await signIn(gate)
  const asCold = { authorization: `Bearer ${api.token}` }
  for (const [what, fate, reading, writing, status = 503] of lies) {
    gate.proxy.decide(() => fate)
    expectFault(await read(api), status, reading, `${what}: read`)
    expectFault(await write(api), status, writing, `${what}: write`)
    // The second isolate has never seen the database: it knows only that it may not write.
    const code = status === 500 ? reading : 'database_unavailable'
    const cold = await call(gate, 'GET', '/api/v1/flows/', undefined, asCold, 1)
    expectFault(cold, status, code, `${what}: cold`)
    expectFault(await ready(gate, 1), 503, code, `${what}: ready`)
  }
  await expect.poll(() => gate.proxy.open).toBe(0)
  gate.proxy.decide(() => 'forward')
  expect((await read(api)).status).toBe(200)
  expect((await ready(gate, 1)).status).toBe(200)
})

test('a write that was done although nobody said so is told as unknown, not as undone', async () => {
  const gate = await flowgateForTest()
  const api = await signIn(gate)
  gate.proxy.decide(() => 'unanswered')
  expectFault(await write(api), 503, 'write_unknown')
  gate.proxy.decide(() => 'forward')
  const { body } = await read(api)
  expect(body.map((flow: { name: string }) => flow.name)).toContain('weather')
})

test('a full and a blocked database refuse writes with codes of their own and go on being read', async () => {
  const sqld = await forTest((directory) => startRuledSqld(directory, { max_db_size: '1mb' }))
  const gate = await flowgateForTest({ bindings: { LIBSQL_URL: sqld.url } })
  const api = await signIn(gate)
  const large = { name: 'large', data: { nodes: [], edges: [], filler: 'x'.repeat(1_500_000) } }
  expectFault(await api.post('/api/v1/flows/', large), 503, 'database_full')
  expect((await read(api)).status).toBe(200)

  await sqld.rule({ block_writes: true, block_reason: 'the secret bill' })
  expectFault(await write(api), 503, 'database_blocked')
  expect((await read(api)).status).toBe(200)
  await sqld.rule({ block_reads: true })
  expectFault(await read(api), 503, 'database_blocked')
  await gate.restart()
  expectFault(await read(api), 503, 'database_blocked')
  expectFault(await ready(gate), 503, 'database_blocked')
  await sqld.rule({ block_reads: false, block_writes: false })
  expect((await write(api)).status).toBe(201)
})

test('a token that may only read, and one that is refused, are named as what they are', async () => {
  const sqld = await forTest(startTokenSqld)
  const bindings = { LIBSQL_URL: sqld.url, LIBSQL_AUTH_TOKEN: sqld.token('rw') }
  const gate = await flowgateForTest({ bindings })
  const api = await signIn(gate)
  bindings.LIBSQL_AUTH_TOKEN = sqld.token('ro')
  await gate.restart()
  expect((await read(api)).status).toBe(200)
  expectFault(await write(api), 503, 'database_read_only')
  bindings.LIBSQL_AUTH_TOKEN = sqld.token('rw', { exp: 1 })
  await gate.restart()
  expectFault(await read(api), 500, 'database_refused')
  expectFault(await ready(gate), 503, 'database_refused')
})

test('a table that is gone under a warm isolate is a time to come back, and then named', async () => {
  const tables = ['apikey', 'flow', 'flowgate_idempotency']
  const gate = await flowgateForTest({ isolates: tables.length })
  const api = await signIn(gate)
  const key = (await api.post('/api/v1/api_key/', { name: 'mine' })).body.api_key
  const headers = { 'x-api-key': key, 'idempotency-key': 'once' }
  const bearer = { authorization: `Bearer ${api.token}` }
  const list = (isolate: number) => call(gate, 'GET', '/api/v1/flows/', undefined, headers, isolate)
  const create = (isolate: number) =>
    call(gate, 'POST', '/api/v1/flows/', newFlow, headers, isolate)
  for (const isolate of tables.keys()) expect((await list(isolate)).status).toBe(200)
  for (const [isolate, table] of tables.reverse().entries()) {
    await gate.db.migrate([`DROP TABLE ${table}`])
    expectFault(await create(isolate), 503, 'migration_running', table)
    // Cold again: without any table of keys no key is right, so a token asks.
    const again = await call(gate, 'GET', '/api/v1/flows/', undefined, bearer, isolate)
    expectFault(again, 503, 'schema_drifted', table)
    expect(again.body.detail).toContain(`table ${table} is missing`)
  }
})

/** What an operator may add to their own database -> what breaks it, and how it is told. */
const additions: [what: string, sql: string, told: RegExp][] = [
  [
    'a CHECK',
    `ALTER TABLE flow ADD COLUMN calm INTEGER DEFAULT 1 CONSTRAINT only_calm CHECK (name <> 'weather')`,
    /CHECK only_calm/,
  ],
  [
    'a unique index',
    `CREATE UNIQUE INDEX theirs ON flow (access_type);
     INSERT INTO flow (id, name, user_id, access_type) SELECT lower(hex(randomblob(16))), 'other', id, 'PRIVATE' FROM user`,
    /UNIQUE flow\.access_type/,
  ],
  [
    'a trigger',
    `CREATE TRIGGER theirs BEFORE INSERT ON flow BEGIN SELECT RAISE(ABORT, 'SELECT secret'); END`,
    /trigger/,
  ],
  [
    'a key elsewhere',
    `CREATE TABLE theirs (id INTEGER PRIMARY KEY, f REFERENCES gone (id));
     CREATE TABLE gone (id INTEGER PRIMARY KEY);
     CREATE TRIGGER theirs_key AFTER INSERT ON flow BEGIN INSERT INTO theirs (f) VALUES (9); END`,
    /FOREIGN KEY/,
  ],
]

test('a rule that an operator added to a table is a conflict with its name, not a fault', async () => {
  for (const [what, sql, told] of additions) {
    const gate = await flowgateForTest()
    const api = await signIn(gate)
    await gate.db.executeMultiple(sql)
    const answer = await write(api)
    expectFault(answer, 409, 'conflict', what)
    expect(answer.body.detail, what).toMatch(told)
  }
})

test('an integer beyond 2^53 anywhere in a table breaks no answer', async () => {
  const gate = await flowgateForTest()
  const api = await signIn(gate)
  const { body: flow } = await write(api)
  const large = '9223372036854775807'
  await gate.db.executeMultiple(`UPDATE flow SET tags = ${large}, locked = ${large}, icon = ${large};
    UPDATE folder SET auth_settings = ${large}, description = ${large};
    UPDATE user SET last_login_at = ${large}, profile_image = ${large};`)
  const paths = [`flows/`, `flows/${flow.id}`, 'projects/', 'users/', 'users/whoami', 'audit']
  for (const path of paths)
    expect([path, (await api.get(`/api/v1/${path}`)).status]).toEqual([path, 200])
})
