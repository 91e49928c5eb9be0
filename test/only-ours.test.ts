// What else is in a database: tables of other applications, of any kind and number. Nothing of it hinders or slows,
// and what stands in our way is refused by its name before the first write, the same at every start.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { observe } from '../src/migrate/observe.ts'
import { createTables, migrateTo } from './support/databases.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import { rowsRead } from './support/rows-read.ts'
import { databaseForFile, expectRefused, expectServed, start } from './support/starts.ts'

const server = databaseForFile()

/** A server over a file that was written past it. */
async function serve(write: (db: Client) => Promise<unknown>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'flowgate-foreign-'))
  const place = join(folder, 'sqld', 'dbs', 'default')
  mkdirSync(place, { recursive: true })
  const file = createClient({ url: `file:${join(place, 'data')}` })
  await write(file)
  file.close()
  const sqld = await startSqld(folder)
  onTestFinished(async () => {
    await sqld.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return sqld.url
}

const vectors = `PRAGMA writable_schema = ON;
  INSERT INTO sqlite_master VALUES ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0(x float[4])');
  PRAGMA writable_schema = OFF;`

test('virtual tables of a module that the server does not have are left alone, beside any start', async () => {
  const empty = await serve((db) => db.executeMultiple(vectors))
  await expectServed(empty, 'empty')
  const old = await serve((db) =>
    db.executeMultiple(langbuilderSql({ origin: 'migrated', at: '3162e83e485f' }) + vectors),
  )
  await expectServed(old, 'unstamped')
})

test('a virtual table of a module that the server does not have, under a name of ours, is refused by that name', async () => {
  const url = await serve((db) => db.executeMultiple(vectors.replaceAll('vectors', 'flow')))
  const { refusal } = await start(url)
  expect([refusal?.code, String(refusal?.detail)]).toEqual([
    'schema_partial',
    expect.stringContaining('table flow is different'),
  ])
})

test('two thousand foreign tables make no look longer, and none of them is read', async () => {
  const looking = async () => {
    server.now.proxy.reset()
    const seen = await observe(server.now.open(), revisions)
    expect(seen.kind).toBe('seen')
    const { answers, bodies } = server.now.proxy
    expect(bodies).toHaveLength(1)
    return { answer: answers[0]?.length ?? 0, body: bodies[0]?.length, read: rowsRead(answers) }
  }
  await start(server.now.url)
  const alone = await looking()
  const FOREIGN = 2000
  const tables = Array.from(
    { length: FOREIGN },
    (_, i) => `CREATE TABLE theirs_${i} (id INTEGER PRIMARY KEY, a, b, c)`,
  )
  await server.now.client.batch(tables, 'write')
  const among = await looking()
  expect(among.body).toBe(alone.body)
  // The numbers of the schema's version and size have more digits.
  expect(among.answer - alone.answer).toBeLessThan(20)
  // The list of objects is gone through once by each of four queries; no pragma of theirs is asked for.
  expect(among.read - alone.read).toBeLessThanOrEqual(4 * FOREIGN)
})

const alembics: [what: string, sql: string][] = [
  ['a view', `CREATE VIEW alembic_version AS SELECT 'v' AS version_num`],
  [
    'a view that never ends',
    `CREATE VIEW alembic_version AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
      SELECT max(i) AS version_num FROM n`,
  ],
  ['a view of nothing', 'CREATE VIEW alembic_version AS SELECT version_num FROM gone'],
  ['a virtual table', 'CREATE VIRTUAL TABLE alembic_version USING fts5(version_num)'],
  [
    'without our column',
    'CREATE TABLE alembic_version (a, b); INSERT INTO alembic_version VALUES (1, 2)',
  ],
  [
    'full of BLOBs',
    `CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES (x'ff00'), (NULL), (9223372036854775807), (9e999)`,
  ],
  [
    '10,000 rows',
    `CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT 'version ' || i FROM n`,
  ],
  [
    'more than an answer can hold',
    `CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8) SELECT zeroblob(3000000) FROM n`,
  ],
]

test.each(alembics)('an alembic_version that is %s hinders nobody', async (_, sql) => {
  await server.prepare(sql)
  await expectServed(server.now.url, 'empty')
})

test("others' triggers and indexes on our tables stay where they are", async () => {
  await createTables(server.now.client, 1)
  const theirs = [
    'CREATE TRIGGER theirs AFTER INSERT ON flow BEGIN SELECT 1; END',
    'CREATE UNIQUE INDEX theirs_too ON flow (id, name)',
    'CREATE INDEX theirs_else ON folder (description) WHERE description IS NOT NULL',
  ]
  await server.now.client.migrate(theirs)
  await expectServed(server.now.url, 'unstamped')
  const { rows } = await server.now.client.execute(
    "SELECT sql FROM sqlite_master WHERE name LIKE 'theirs%' ORDER BY name = 'theirs' DESC, name = 'theirs_too' DESC",
  )
  expect(rows.map((row) => row.sql)).toEqual(theirs)
})

const taken: [name: string, sql: string, words: string][] = [
  ['an index', 'CREATE INDEX ix_flow_updated ON orders (a)', 'index ix_flow_updated'],
  ['an index in other case', 'CREATE INDEX IX_Flow_Name ON orders (a)', 'index ix_flow_name'],
  [
    'a trigger',
    'CREATE TRIGGER flowgate_audit_keeps_rows AFTER INSERT ON orders BEGIN SELECT 1; END',
    'trigger flowgate_audit_keeps_rows',
  ],
  ['a table under the name of an index', 'CREATE TABLE ix_flow_updated (a)', 'ix_flow_updated'],
]

test.each(taken)('%s of theirs under a name of ours is refused by name', async (_, sql, words) => {
  for (const [code, count] of [
    ['schema_partial', 0],
    ['schema_drifted', 1],
  ] as const) {
    await server.now.reset()
    if (count > 0) await migrateTo(server.now.url, count)
    // What the first revision has cannot be taken any more.
    if (count > 0 && words === 'index ix_flow_name') continue
    await server.prepare(`CREATE TABLE orders (a); ${sql}`)
    await expectRefused(server.now, code, words)
  }
})
