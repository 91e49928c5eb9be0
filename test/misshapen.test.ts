// Things under names of ours that are not what we would make: proven or refused by name before the first write, and
// never served today and refused tomorrow.
import { expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { createTables, migrateTo, tags } from './support/databases.ts'
import { flowgateForTest } from './support/flowgate.ts'
import { databaseForFile, expectRefused, expectServed, start, verdicts } from './support/starts.ts'
import { login, signIn } from './support/world.ts'

const server = databaseForFile()

const ledger = 'CREATE TABLE __drizzle_migrations'
const full = 'id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric'

test.each([
  [
    'rows of others with numbers beyond 2^53',
    `${ledger} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric); INSERT INTO __drizzle_migrations
      VALUES (9223372036854775807, 'theirs', 9223372036854775807), (-9223372036854775807, 'more', NULL)`,
  ],
  ['columns of others', `${ledger} (${full}, note TEXT NOT NULL DEFAULT 'n')`],
  [
    'STRICT types',
    `${ledger} (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER) STRICT`,
  ],
])('a ledger with %s is written like any other', async (_, sql) => {
  await server.prepare(sql)
  await expectServed(server.now.url, 'empty')
})

const leaseWith = (
  id: string,
  seconds = 'seconds REAL',
) => `CREATE TABLE flowgate_lease (${id}, holder TEXT NOT NULL,
  fence INTEGER NOT NULL, taken_at REAL NOT NULL, expires_at REAL NOT NULL, ${seconds}, retry_at REAL)`
const guardWith = (moved: string, more = '') =>
  `CREATE TABLE flowgate_guard (schema_moved INTEGER CHECK (schema_moved = 1), ledger_moved INTEGER ${moved}${more})`
const CHECKED = 'CHECK ("Ledger_Moved" =1)'

test.each([
  ['a lease with names in capitals', leaseWith('ID INTEGER PRIMARY KEY').toUpperCase()],
  [
    'a lease whose key is an index',
    `${leaseWith('id')}; CREATE UNIQUE INDEX k ON flowgate_lease (id)`,
  ],
  ['a guard that checks in other words', guardWith(CHECKED)],
])('%s is used as it is', async (_, sql) => {
  await server.prepare(sql)
  await expectServed(server.now.url, 'empty')
  await server.now.reset()
  await createTables(server.now.client, 1)
  await server.prepare(sql)
  await expectServed(server.now.url, 'unstamped')
})

test('a live lease is seen under names in capitals too', async () => {
  await createTables(server.now.client, 1)
  await server.prepare(`${leaseWith('ID INTEGER PRIMARY KEY').toUpperCase()};
    INSERT INTO flowgate_lease VALUES (1, 'somebody', 1, 0, unixepoch() + 100000, 200000, NULL)`)
  expect(verdicts(await start(server.now.url))).toEqual(['held', 'held'])
})

test('a lease with numbers beyond 2^53 holds nobody up', async () => {
  await migrateTo(server.now.url, 1)
  await server.prepare(`UPDATE flowgate_lease SET fence = 9223372036854775807, failures = 9223372036854775807,
    expires_at = 9223372036854775807, retry_at = 9223372036854775807, taken_at = -9223372036854775807, failed_hash = 'h'`)
  await expectServed(server.now.url, 'behind')
})

const misshapen: [sql: string, words: string][] = [
  [`${ledger} (${full}) WITHOUT ROWID`, '__drizzle_migrations is WITHOUT ROWID'],
  [`${ledger} (hash text PRIMARY KEY, created_at numeric) WITHOUT ROWID`, 'is WITHOUT ROWID'],
  [`${ledger} (hash text, created_at numeric)`, '__drizzle_migrations has no column id'],
  [`${ledger} (id INTEGER PRIMARY KEY, at numeric)`, '__drizzle_migrations has no column hash'],
  [`${ledger} (${full}, note TEXT NOT NULL)`, '__drizzle_migrations has a column note'],
  [
    `${ledger} (id TEXT NOT NULL, hash text NOT NULL, created_at numeric)`,
    '__drizzle_migrations has a column id',
  ],
  [`${ledger} (${full}, name TEXT AS (hash))`, '__drizzle_migrations has a column name'],
  [
    `CREATE VIEW __drizzle_migrations AS SELECT 1 AS id, 'h' AS hash, 1 AS created_at`,
    '__drizzle_migrations is a view',
  ],
  [
    'CREATE VIRTUAL TABLE __drizzle_migrations USING fts5(id, hash, created_at)',
    '__drizzle_migrations is a virtual table',
  ],
  ['CREATE TABLE flowgate_lease (id TEXT, holder)', 'flowgate_lease has no column fence'],
  ['CREATE TABLE Flowgate_Lease (id INTEGER PRIMARY KEY)', 'flowgate_lease has no column holder'],
  [`CREATE VIEW flowgate_lease AS SELECT 1 AS id`, 'flowgate_lease is a view'],
  [leaseWith('id INTEGER'), 'flowgate_lease has no key on id'],
  [
    leaseWith('id INTEGER PRIMARY KEY', 'seconds REAL AS (1)'),
    'flowgate_lease has a column seconds',
  ],
  [
    leaseWith('id INTEGER PRIMARY KEY ON CONFLICT IGNORE'),
    'flowgate_lease has a clause ON CONFLICT',
  ],
  ['CREATE TABLE flowgate_guard (x TEXT)', 'flowgate_guard has no column schema_moved'],
  [guardWith(''), 'flowgate_guard does not check ledger_moved'],
  [guardWith('CHECK (ledger_moved = 1 OR 1)'), 'flowgate_guard does not check ledger_moved'],
  [
    guardWith(CHECKED, ', theirs DEFAULT 1 NOT NULL ON CONFLICT IGNORE'),
    'flowgate_guard has a clause ON CONFLICT',
  ],
  [
    `${guardWith(CHECKED)}; CREATE TRIGGER theirs BEFORE INSERT ON flowgate_guard BEGIN SELECT RAISE(IGNORE); END`,
    'flowgate_guard has a trigger theirs',
  ],
]

test.each(misshapen)('%s is refused by name', async (sql, words) => {
  await server.prepare(sql)
  await expectRefused(server.now, 'schema_diverged', words)
})

const isOurs = /^(?!flowgate_(lease|guard)|__drizzle)/
const definitions = async () =>
  (
    await server.now.client.execute(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
  ).rows.flatMap(({ name, sql }) =>
    isOurs.test(String(name)) && !isOfSearch.test(String(name))
      ? [{ table: String(name), sql: String(sql) }]
      : [],
  )
/** What triggers and virtual tables lean on takes no other form than those below. */
const isOfSearch = /^flowgate_search/

/** One of ours is WITHOUT ROWID as it should be: there, it is an ordinary one that is wrong. */
const withoutRowid = /\s*WITHOUT ROWID\s*$/i
const forms: [what: string, change: (table: string, sql: string) => string][] = [
  [
    'WITHOUT ROWID',
    (_, sql) =>
      withoutRowid.test(sql)
        ? sql.replace(withoutRowid, '')
        : `${sql.replace(/\bAUTOINCREMENT\b/gi, '')} WITHOUT ROWID`,
  ],
  [
    'STRICT',
    (_, sql) => {
      const typed = sql
        .replace(/\b(?:CHAR|VARCHAR)\(\d+\)|\bVARCHAR\b|\bDATETIME\b|\bJSON\b/g, 'TEXT')
        .replace(/\bBOOLEAN\b/g, 'INTEGER')
      return withoutRowid.test(typed)
        ? typed.replace(withoutRowid, ' STRICT, WITHOUT ROWID')
        : `${typed} STRICT`
    },
  ],
  ['a view', (table) => `CREATE VIEW "${table}" AS SELECT 1 AS id`],
  ['a virtual table', (table) => `CREATE VIRTUAL TABLE "${table}" USING fts5(id)`],
]

test.each(forms)('%s in the place of any table of ours is refused by name', async (_, change) => {
  const replace = (table: string, sql: string) =>
    server.now.client.migrate([`DROP TABLE "${table}"`, change(table, sql)])
  // Recorded in the ledger, for each table of head; and without one, for those that LangBuilder has.
  await migrateTo(server.now.url, tags().length)
  const atHead = await definitions()
  expect(atHead.length).toBeGreaterThanOrEqual(10)
  for (const { table, sql } of atHead) {
    await server.now.reset()
    await migrateTo(server.now.url, tags().length)
    await replace(table, sql)
    await expectRefused(server.now, 'schema_drifted', `table ${table} is different`)
  }
  for (const { table } of atHead.filter(({ table }) => revisions[0].schema[table])) {
    await server.now.reset()
    await createTables(server.now.client, 1)
    const sql = (await definitions()).find((one) => one.table === table)?.sql ?? ''
    await replace(table, sql)
    await expectRefused(server.now, 'schema_partial', `table ${table} is different`)
  }
})

test.each([
  ['flowgate_search', "USING fts5(name, words, labels, content='', contentless_delete=1)"],
  ['flowgate_search_term', '(term, doc, col, offset)'],
  [
    'flowgate_search_entry',
    '(flow_id CHAR(32) PRIMARY KEY NOT NULL, at integer, moved integer, folder_id CHAR(32), updated_at DATETIME, size integer)',
  ],
])('%s as a table %s is refused by name', async (table, form) => {
  await migrateTo(server.now.url, tags().length)
  const kind = form.startsWith('USING') ? 'VIRTUAL TABLE' : 'TABLE'
  await server.now.client.migrate([`DROP TABLE "${table}"`, `CREATE ${kind} "${table}" ${form}`])
  await expectRefused(server.now, 'schema_drifted', `table ${table} is different`)
})

const inPlaceOf = (text: string, replacement: string) => {
  const sql = revisions[0].statements.map((statement) => statement.replaceAll(text, replacement))
  expect(sql.join()).toContain(replacement)
  return server.now.client.migrate(sql)
}

test('a column of ours that is generated is refused by name; one of theirs is fine', async () => {
  await inPlaceOf('`icon` VARCHAR,', "`icon` VARCHAR AS ('i'),")
  await expectRefused(server.now, 'schema_partial', 'column flow.icon is different')
  await server.now.reset()
  await createTables(server.now.client, 1)
  await server.prepare('ALTER TABLE flow ADD COLUMN theirs TEXT GENERATED ALWAYS AS (name) VIRTUAL')
  await expectServed(server.now.url, 'unstamped')
})

test('a CHECK that somebody added is served, at the first start and at the next', async () => {
  await inPlaceOf('`fs_path` VARCHAR,', '`fs_path` VARCHAR CHECK (length(`fs_path`) < 100),')
  await expectServed(server.now.url, 'unstamped')
})

test('a table of ours in another case is served through its whole life', async () => {
  const gate = await flowgateForTest({
    async prepare(db) {
      const sql = revisions[0].statements.map((s) =>
        s.replaceAll('`flow`', '"Flow"').replaceAll('`user_id`', '"User_ID"'),
      )
      await db.migrate(sql)
    },
  })
  const knock = () => login(gate, 'root', 'correct horse battery')
  const reports = () =>
    gate.logs
      .filter((line) => line.event === 'migrate')
      .map(({ found, verdict }) => [found, verdict])
  expect((await knock()).status).toBe(200)
  await expect.poll(reports).toEqual([['unstamped', 'at_head']])
  await gate.restart()
  const api = await signIn(gate)
  expect((await api.post('/api/v1/flows/', { name: 'mine', data: {} })).status).toBe(201)
  const { body } = await api.get('/api/v1/flows/')
  expect(body).toMatchObject([{ name: 'mine' }])
  await expect.poll(reports).toEqual([
    ['unstamped', 'at_head'],
    ['at_head', 'at_head'],
  ])
  expect(verdicts(await start(gate.sqld.url))).toEqual(['at_head', 'at_head'])
})
