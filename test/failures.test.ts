// What a failure of the database means, learned from real ones: its codes and texts change with its version.
import { createClient } from '@libsql/client/http'
import { expect, onTestFinished, test } from 'vitest'
import { startSqld } from '../src/cli/sqld.ts'
import { type Database, openDatabase } from '../src/db/client.ts'
import { DatabaseError } from '../src/db/database-error.ts'
import {
  isForbidden,
  isUnknown,
  kindOf,
  statementIndexOf,
  violationOf,
} from '../src/db/failures.ts'
import { sql } from '../src/db/sql.ts'
import { type Fate, startProxy } from './support/proxy.ts'
import { forTest, startRuledSqld, startTokenSqld } from './support/sqlds.ts'

/** What a call is refused with. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`no failure: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}

const fresh = async () => openDatabase({ url: (await forTest(startSqld)).url })

const rules: [statement: string, what: string | undefined, name: string | undefined][] = [
  ['INSERT INTO t (id, n) VALUES (1, 0)', 'UNIQUE', 't.id'],
  ['INSERT INTO t (id, n) VALUES (2, -1)', 'CHECK', 'positive'],
  ['INSERT INTO t (id, n) VALUES (2, 9)', 'CHECK', ''],
  ['INSERT INTO t (id) VALUES (2)', 'NOT NULL', 't.n'],
  ['INSERT INTO t (id, n, u) VALUES (2, 1, 7)', 'FOREIGN KEY', ''],
  ['INSERT INTO t (id, n) VALUES (8, 1)', undefined, undefined],
  ["INSERT INTO s VALUES ('text')", undefined, undefined],
]

test('each rule of a schema is known by its kind and, where it has one, its name', async () => {
  const db = await fresh()
  await db.migrate([
    `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CONSTRAINT positive CHECK (n >= 0),
      u INTEGER REFERENCES t (id), CHECK (n <> 9 OR 'a' = 'b'))`,
    'CREATE TABLE s (n INTEGER) STRICT',
    "CREATE TRIGGER no_eight BEFORE INSERT ON t WHEN new.id = 8 BEGIN SELECT RAISE(ABORT, 'no such table: database is locked'); END",
    'INSERT INTO t (id, n) VALUES (1, 0)',
  ])
  for (const [statement, what, name] of rules) {
    const error = await failure(db.write({ it: sql.raw(statement) }))
    expect([statement, kindOf(error)]).toEqual([statement, 'constraint'])
    expect(violationOf(error), statement).toEqual(what === undefined ? undefined : { what, name })
    expect(isUnknown(error), statement).toBe(false)
  }
})

test('a schema that moved, and SQL that is wrong, are told apart', async () => {
  const db = await fresh()
  await db.migrate(['CREATE TABLE t (n)'])
  for (const moved of ['SELECT 1 FROM u', 'SELECT m FROM t', 'INSERT INTO t (m) VALUES (1)'])
    expect([moved, kindOf(await failure(db.write({ it: sql.raw(moved) })))]).toEqual([
      moved,
      'schema',
    ])
  for (const wrong of [
    'SELEC 1',
    "SELECT json('{') FROM (SELECT 1)",
    'SELECT abs(-9223372036854775808)',
  ])
    expect([wrong, kindOf(await failure(db.read(sql.raw(wrong))))]).toEqual([wrong, 'sql'])
  expect(kindOf(new Error('no such table: t'))).toBeUndefined()
  expect(kindOf(Object.assign(new Error('x'), { status: 403 }))).toBeUndefined()
})

test('a lock that another has is busy; a transaction that was thrown out is not', async () => {
  const sqld = await forTest((directory) => startRuledSqld(directory, { txn_timeout_s: 1 }))
  const client = createClient({ url: sqld.url })
  onTestFinished(() => client.close())
  await client.execute('CREATE TABLE t (n)')
  const stale = await client.transaction('deferred')
  await stale.execute('SELECT * FROM t')
  await client.execute('INSERT INTO t VALUES (1)')
  const kindOfRaw = async (run: Promise<unknown>) =>
    kindOf(new DatabaseError('write', await failure(run)))
  expect(await kindOfRaw(stale.execute('INSERT INTO t VALUES (2)'))).toBe('busy')
  stale.close()
  const slow = await client.transaction('write')
  await slow.execute('INSERT INTO t VALUES (3)')
  await openDatabase({ url: sqld.url }).write({ it: sql`INSERT INTO t VALUES (4)` })
  expect(await kindOfRaw(slow.execute('INSERT INTO t VALUES (5)'))).toBe('thrown_out')
  slow.close()
})

test('a full and a blocked database say so, and a write there is known not to have happened', async () => {
  const sqld = await forTest((directory) => startRuledSqld(directory, { max_db_size: '200kb' }))
  const db = openDatabase({ url: sqld.url })
  await db.migrate(['CREATE TABLE t (b)'])
  const full = await failure(db.write({ it: sql`INSERT INTO t VALUES (randomblob(300000))` }))
  expect([kindOf(full), isForbidden(full), isUnknown(full)]).toEqual(['full', true, false])
  const step = ['INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (randomblob(300000))']
  const inMigration = await failure(db.migrate(step))
  expect([kindOf(inMigration), statementIndexOf(inMigration)]).toEqual(['full', 1])
  expect((await db.read(sql`SELECT count(*) AS n FROM t`))[0]).toEqual([{ n: 0 }])

  await sqld.rule({ block_writes: true, block_reason: 'a bill' })
  for (const call of [
    () => db.write({ it: sql`INSERT INTO t VALUES (1)` }),
    () => db.migrate(step),
  ])
    expect(kindOf(await failure(call()))).toBe('blocked')
  await sqld.rule({ block_reads: true })
  for (const call of [() => db.read(sql`SELECT 1`), () => db.snapshot(['SELECT 1'])])
    expect(kindOf(await failure(call()))).toBe('blocked')
})

test('a token that may only read is read-only; one that is wrong, old or missing is refused', async () => {
  const sqld = await forTest(startTokenSqld)
  const as = (authToken?: string) => openDatabase({ url: sqld.url, authToken })
  await as(sqld.token('rw')).migrate(['CREATE TABLE t (n)'])
  const reader = as(sqld.token('ro'))
  expect(await reader.read(sql`SELECT n FROM t`)).toEqual([[]])
  const writes = [
    (db: Database) => db.write({ it: sql`INSERT INTO t VALUES (1)` }),
    (db: Database) => db.migrate(['DROP TABLE t']),
  ]
  for (const call of writes) expect(kindOf(await failure(call(reader)))).toBe('read_only')
  for (const token of [undefined, 'a.b.c', sqld.token('rw', { exp: 1 })])
    for (const call of [(db: Database) => db.read(sql`SELECT 1`), ...writes])
      expect(kindOf(await failure(call(as(token))))).toBe('refused')
})

/** What a server does that is no database -> what a read and a write mean by it. */
const answers: [name: string, fate: Fate, kind: string, isUnknown: boolean][] = [
  ['is not reached', 'lost', 'unanswered', true],
  ['works and says nothing', 'unanswered', 'unanswered', true],
  ['answers 502', { status: 502, type: 'text/html', body: '<html>' }, 'unanswered', true],
  ['answers 504', { status: 504 }, 'unanswered', true],
  ['answers 500', { status: 500, body: '{"error":"x"}' }, 'unanswered', true],
  ['answers 404', { status: 404 }, 'unanswered', false],
  ['answers 429', { status: 429 }, 'busy', false],
  ['answers 503', { status: 503 }, 'busy', false],
  ['answers 403', { status: 403 }, 'refused', false],
  [
    'is blocked by status',
    { status: 403, body: '{"error":"Operation was blocked"}' },
    'blocked',
    false,
  ],
  ['answers HTML', { type: 'text/html', body: '<html>' }, 'unanswered', true],
  ['answers nothing', {}, 'unanswered', true],
  ['answers half', { body: '{"results":[' }, 'unanswered', true],
  ['is cut off', { body: '{"results":[', end: 'cut' }, 'unanswered', true],
  ['never ends', { body: '{"results":[', end: 'endless' }, 'unanswered', true],
  ['never ends an error', { status: 500, body: 'x', end: 'endless' }, 'unanswered', true],
  ['answers another shape', { body: '{"rows":[]}' }, 'unanswered', true],
  ['answers null', { body: 'null' }, 'unanswered', true],
  [
    'answers without the steps',
    {
      body: '{"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[],"step_errors":[]}}},{"type":"ok","response":{"type":"close"}}]}',
    },
    'unanswered',
    true,
  ],
]

const calls: [name: string, isWrite: boolean, (db: Database) => Promise<unknown>][] = [
  ['read', false, (db) => db.read(sql`SELECT 1`)],
  ['read', false, (db) => db.read({ one: sql`SELECT 1`, two: sql`SELECT 2` })],
  ['snapshot', false, (db) => db.snapshot(['SELECT 1'])],
  ['rehearse', false, (db) => db.rehearse(['CREATE TABLE t (n)'], [])],
  ['write', true, (db) => db.write({ it: sql`CREATE TABLE IF NOT EXISTS t (n)` })],
  ['migrate', true, (db) => db.migrate(['CREATE TABLE IF NOT EXISTS t (n)'])],
]

test('whatever a server answers, each call ends in time with its kind, and leaves no rejection behind', async () => {
  const left: unknown[] = []
  const note = (error: unknown) => left.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const proxy = await startProxy((await forTest(startSqld)).url)
  onTestFinished(() => proxy.stop())
  const limits = { requestMs: 400, stepMs: 400 }
  for (const [what, fate, kind, unknown] of answers) {
    proxy.decide(() => fate)
    for (const [name, isWrite, call] of calls) {
      const error = await failure(call(openDatabase({ url: proxy.url, limits })))
      const found = { what, name, kind: kindOf(error), unknown: isUnknown(error) }
      expect(found).toEqual({ what, name, kind, unknown: unknown && isWrite })
    }
  }
  await expect.poll(() => proxy.open).toBe(0)
  expect(left).toEqual([])
})

test('an integer that no number holds hides nothing: it comes as a bigint, the others as numbers', async () => {
  const db = await fresh()
  const created = await db.migrate([
    'CREATE TABLE t (n)',
    { sql: 'INSERT INTO t VALUES (?)', args: [9223372036854775807n] },
    { sql: 'INSERT INTO t VALUES (?)', args: [7] },
    'SELECT n FROM t',
  ])
  const rows = [{ n: 9223372036854775807n }, { n: 7 }]
  expect(created.map((result) => result.rowsAffected)).toEqual([0, 1, 1, 0])
  expect(created[3]?.rows).toEqual(rows)
  expect(await db.read(sql`SELECT n FROM t`)).toEqual([rows])
  expect(await db.snapshot(['SELECT n FROM t', 'SELECT n FROM u'])).toMatchObject([
    { rows },
    { error: expect.anything() },
  ])
  const { it: first } = await db.write({ it: sql`UPDATE t SET n = n RETURNING n` })
  expect(first.rows).toEqual(rows)
})

test('a rehearsal shows what would be and leaves nothing, nor the foreign keys off', async () => {
  const db = await fresh()
  await db.migrate(['CREATE TABLE t (id INTEGER PRIMARY KEY, u REFERENCES t (id))'])
  const orphan = 'INSERT INTO t VALUES (1, 9)'
  expect(await db.rehearse([orphan], ['SELECT count(*) AS n FROM t'])).toEqual([[{ n: 1 }]])
  const error = await failure(db.rehearse([orphan, orphan], ['SELECT 1']))
  expect([kindOf(error), statementIndexOf(error)]).toEqual(['constraint', 1])
  expect(await db.read(sql`SELECT count(*) AS n FROM t`)).toEqual([[{ n: 0 }]])
  expect(violationOf(await failure(db.write({ it: sql.raw(orphan) })))).toMatchObject({
    what: 'FOREIGN KEY',
  })
})
