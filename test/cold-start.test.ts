// What a cold isolate does with the database it finds: migrate, stamp, serve or refuse.
import { expect, test } from 'vitest'
import { createTables, listTables, migrateTo, readLedger, tags } from './support/databases.ts'
import { type Flowgate, flowgateForTest } from './support/flowgate.ts'
import { call, login, signIn } from './support/world.ts'

const report = (gate: Flowgate) => gate.logs.find((line) => line.event === 'migrate')
const root = { username: 'root', password: 'correct horse battery' }
const knock = (gate: Flowgate) => login(gate, root.username, root.password)

test('a fresh database is migrated in two round trips', async () => {
  const gate = await flowgateForTest()
  expect((await knock(gate)).status).toBe(200)
  expect(report(gate)).toMatchObject({
    found: 'empty',
    verdict: 'at_head',
    before: null,
    after: tags().at(-1),
    applied: tags(),
    stamped: [],
    round_trips: 2,
  })
  expect(await readLedger(gate.db)).toEqual(tags().map((tag) => `${tag} applied`))
})

test('a database at an old revision gets the rest, and keeps its rows', async () => {
  const gate = await flowgateForTest({
    async prepare(db, url) {
      await migrateTo(url, 1)
      await db.execute(`INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
        VALUES ('${'a'.repeat(32)}', 'old', 'x', 1, 0, '2025-01-01 00:00:00', '2025-01-01 00:00:00')`)
      await db.execute(
        `INSERT INTO folder (id, name, user_id) VALUES ('${'c'.repeat(32)}', 'Kept', '${'a'.repeat(32)}')`,
      )
    },
  })
  expect((await knock(gate)).status).toBe(200)
  expect(report(gate)).toMatchObject({
    found: 'behind',
    before: tags()[0],
    after: tags().at(-1),
    applied: tags(1),
    stamped: [],
  })
  const { rows } =
    await gate.db.execute(`SELECT r.name FROM userroleassignment a JOIN role r ON r.id = a.role_id
    WHERE a.scope_id = '${'c'.repeat(32)}' AND a.user_id = '${'a'.repeat(32)}'`)
  expect(rows.map((row) => row.name)).toEqual(['Owner'])
})

test('a database at head is served after one look, and written by nobody', async () => {
  const gate = await flowgateForTest({ prepare: (_, url) => migrateTo(url, tags().length) })
  const before = await readLedger(gate.db)
  expect((await knock(gate)).status).toBe(200)
  expect(report(gate)).toMatchObject({ found: 'at_head', applied: [], stamped: [], round_trips: 1 })
  expect(await readLedger(gate.db)).toEqual(before)
})

for (const [count, proven] of [
  [1, 1],
  [2, 2],
  [4, 2],
  [tags().length, tags().length],
] as const) {
  test(`tables of ${tags()[count - 1]} without a ledger are proven, stamped and completed`, async () => {
    const gate = await flowgateForTest({
      async prepare(db) {
        await createTables(db, count)
        await db.execute('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)')
        await db.execute('CREATE TABLE message (id CHAR(32) NOT NULL, text VARCHAR)')
      },
    })
    expect((await knock(gate)).status).toBe(200)
    expect(report(gate)).toMatchObject({
      found: 'unstamped',
      verdict: 'at_head',
      stamped: tags(0, proven),
      applied: tags(proven),
    })
    expect(await readLedger(gate.db)).toEqual([
      ...tags(0, proven).map((tag) => `${tag} stamped`),
      ...tags(proven).map((tag) => `${tag} applied`),
    ])
    expect(await listTables(gate.db)).toEqual(
      expect.arrayContaining(['alembic_version', 'message']),
    )
  })
}

const partial: [what: string, statements: string[], detail: string][] = [
  ['a table is missing', ['DROP TABLE rolepermission'], 'table rolepermission is missing'],
  [
    'a column is missing',
    [
      'DROP INDEX ix_flow_endpoint_name',
      'DROP INDEX unique_flow_endpoint_name',
      'ALTER TABLE flow DROP COLUMN endpoint_name',
    ],
    'column flow.endpoint_name is missing',
  ],
  [
    'a unique index is missing',
    ['DROP INDEX unique_folder_name'],
    'unique folder(user_id, name) is missing',
  ],
  [
    'a table lost its keys',
    ['ALTER TABLE folder RENAME TO f2', 'CREATE TABLE folder AS SELECT * FROM f2', 'DROP TABLE f2'],
    'primary key folder is different',
  ],
]
test.each(partial)(
  'where %s, everything is refused with the exact difference and nothing is written',
  async (_, statements, detail) => {
    const gate = await flowgateForTest({
      async prepare(db) {
        await createTables(db, 2)
        await db.migrate(statements)
      },
    })
    const before = await listTables(gate.db)
    const { status, body, headers } = await knock(gate)
    expect([status, body.code]).toEqual([503, 'schema_partial'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(body.detail).toContain(detail)
    expect(await listTables(gate.db)).toEqual(before)
    const health = await call(gate, 'GET', '/health/ready')
    expect([health.status, health.body.verdict]).toEqual([503, 'partial'])
  },
)

test('foreign tables alone are left alone: the database counts as empty', async () => {
  const gate = await flowgateForTest({
    prepare: (db) =>
      db.batch(['CREATE TABLE orders (id INTEGER PRIMARY KEY)', 'INSERT INTO orders VALUES (7)']),
  })
  expect((await knock(gate)).status).toBe(200)
  expect(report(gate)).toMatchObject({ found: 'empty' })
  expect((await gate.db.execute('SELECT id FROM orders')).rows).toHaveLength(1)
})

test('a database ahead of the build is served and not written', async () => {
  const gate = await flowgateForTest({
    async prepare(db, url) {
      await migrateTo(url, tags().length)
      await db.execute(
        "INSERT INTO __drizzle_migrations (hash, created_at, name) VALUES ('f', 9999999999999, '9999_future')",
      )
    },
  })
  expect((await knock(gate)).status).toBe(200)
  expect(report(gate)).toMatchObject({ found: 'ahead', applied: [], stamped: [] })
  const ready = await call(gate, 'GET', '/health/ready')
  expect([ready.status, ready.body]).toMatchObject([200, { status: 'ready', verdict: 'ahead' }])
  expect(await readLedger(gate.db)).toHaveLength(tags().length + 1)
})

test('a database that cannot be reached is a 503 that says so, and health still lives', async () => {
  const gate = await flowgateForTest()
  gate.proxy.decide(() => 'lost')
  const { status, body } = await knock(gate)
  expect([status, body.code]).toEqual([503, 'database_unavailable'])
  expect((await call(gate, 'GET', '/health')).status).toBe(200)
  gate.proxy.decide(() => 'forward')
  expect((await knock(gate)).status).toBe(200)
})

test('readiness tells verdict and revisions, and a warm isolate looks at most once in 10 s', async () => {
  const gate = await flowgateForTest()
  const ready = () => call(gate, 'GET', '/health/ready')
  const cold = await ready()
  expect(cold).toMatchObject({ status: 503, body: { status: 'not_ready', verdict: 'empty' } })
  expect(Number(cold.headers.get('retry-after'))).toBeGreaterThan(0)
  await signIn(gate)
  const started = Date.now()
  gate.proxy.reset()
  const [head] = tags().slice(-1)
  const fine = { status: 'ready', verdict: 'at_head', revision: head, head }
  for (const { status, body } of await Promise.all([ready(), ready(), ready()]))
    expect([status, body]).toEqual([200, fine])
  expect(gate.proxy.count).toBe(0)

  gate.proxy.decide(() => 'lost')
  const gone = { status: 503, body: { verdict: 'unknown', code: 'database_unavailable' } }
  await expect.poll(ready, { timeout: 20_000, interval: 100 }).toMatchObject(gone)
  expect(await ready()).toMatchObject(gone)
  // Asked a hundred times, it looked once in each 10 s that have passed.
  expect(gate.proxy.count).toBeLessThanOrEqual(1 + (Date.now() - started) / 10_000)
})

test('readiness names the indexes whose lack makes a database slow, which is served all the same', async () => {
  const gate = await flowgateForTest()
  await signIn(gate)
  await gate.db.execute('DROP INDEX ix_flowgate_audit_actor')
  await gate.restart()
  const { status, body } = await call(gate, 'GET', '/health/ready')
  expect([status, body.verdict, body.slow]).toEqual([
    200,
    'at_head',
    ['index flowgate_audit(actor_id, seq)'],
  ])
})

test('missing and malformed bindings are named in one clear answer, without their values', async () => {
  const gate = await flowgateForTest({
    bindings: { SECRET_KEY: 'short', LIBSQL_URL: 'ftp://nowhere' },
  })
  const { status, body } = await call(gate, 'GET', '/api/v1/flows/')
  expect([status, body.code]).toEqual([500, 'misconfigured'])
  expect(body.detail).toMatch(/LIBSQL_URL must start with libsql:\/\//)
  expect(body.detail).toMatch(/SECRET_KEY must be at least 32 bytes/)
  expect(body.detail).not.toMatch(/short|nowhere/)
})
