// `npm run db -- backup FILE`: what a person relies on when everything else is gone.
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { commands } from '../src/cli/commands.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { openDatabase } from '../src/db/client.ts'
import { readRows, startDatabase, type TestDatabase } from './support/database.ts'
import { migrateTo, tags } from './support/databases.ts'
import { langbuilderSql } from './support/langbuilder.ts'

let database: TestDatabase
let directory: string
beforeAll(async () => {
  database = await startDatabase()
  directory = mkdtempSync(join(tmpdir(), 'flowgate-backup-'))
})
afterAll(async () => {
  await database.stop()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => database.reset())

type Target = { url?: string; yes?: boolean }
const backup = (file: string, target: Target = {}) => run('backup', file, target)
const run = (
  command: string,
  file: string | undefined,
  { url = database.url, yes = false }: Target,
) =>
  commands[command]?.({
    db: openDatabase({ url }),
    url,
    file,
    revisions,
    yes,
    force: undefined,
    yesIKnow: undefined,
    progress: () => {},
  })

function openFile(file: string): Client {
  const client = createClient({ url: `file:${file}`, intMode: 'bigint' })
  onTestFinished(() => client.close())
  return client
}

/** A server over a fresh folder that holds nothing but this file, as the README says, or nothing at all. */
async function placed(file?: string) {
  const folder = mkdtempSync(join(directory, 'restored-'))
  mkdirSync(join(folder, 'sqld', 'dbs', 'default'), { recursive: true })
  if (file) copyFileSync(file, join(folder, 'sqld', 'dbs', 'default', 'data'))
  const sqld = await startSqld(folder)
  onTestFinished(() => sqld.stop('SIGKILL'))
  const db = createClient({ url: sqld.url })
  onTestFinished(() => db.close())
  return { url: sqld.url, db }
}

/** Every value as it is stored. */
async function storedValues(db: Client): Promise<string[]> {
  const { rows } = await db.execute(
    'SELECT oid, typeof(x), hex(CAST(x AS BLOB)), x IS 0.0 AND hex(x) FROM "odd ""table" ORDER BY 1',
  )
  return rows.map((row) => Array.from({ length: 4 }, (_, n) => String(row[n])).join(' '))
}

const odd = `
  CREATE TABLE "odd ""table" (rowid TEXT, x, twice GENERATED ALWAYS AS (x || x) STORED);
  INSERT INTO "odd ""table" (oid, x) VALUES (-5, 9223372036854775807), (7, -9223372036854775808), (8, NULL),
    (9, x'00ff00'), (10, x''), (11, ''), (12, 'a' || char(0) || 'b'), (13, CAST(x'ff61' AS TEXT)), (14, '1e3'),
    (15, 0.1 + 0.2), (16, 2.0), (17, -0.0), (18, 9e999), (19, -9e999), (20, 5e-324), (21, 'ünï😀; COMMIT;');
  CREATE TABLE pairs (a TEXT, b, n INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID;
  INSERT INTO pairs VALUES ('x', 1, 1), ('y', x'00', 2), ('z', '1', 3);
  CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT COLLATE NOCASE UNIQUE, CHECK (id > 0)) STRICT;
  INSERT INTO counted (id, note) VALUES (41, 'kept'), (99, 'gone'); DELETE FROM counted WHERE id = 99;
  CREATE TABLE child (of INTEGER REFERENCES counted (id));
  CREATE TABLE twin (a); CREATE INDEX twin_a ON twin (a DESC) WHERE a IS NOT NULL; CREATE VIEW seen AS SELECT x FROM "odd ""table";
  CREATE TRIGGER noted AFTER INSERT ON child BEGIN INSERT INTO twin VALUES (new.of || '; END'); END;
  INSERT INTO child VALUES (41);
  CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES ('hello world'), ('good bye');
  ANALYZE;
  PRAGMA user_version = 12;
  PRAGMA writable_schema = ON;
  INSERT INTO sqlite_master VALUES ('table', 'strange', 'strange', 0, 'CREATE VIRTUAL TABLE strange USING vec0(x float[4])');
  PRAGMA writable_schema = OFF;`

test('a backup holds every value, object and counter as stored, also what is not ours', async () => {
  // Made past the server, which takes no ANALYZE and has no such module.
  await createClient({ url: `file:${join(directory, 'source.db')}` }).executeMultiple(odd)
  const source = await placed(join(directory, 'source.db'))
  const file = join(directory, 'odd.db')
  expect(await backup(file, source)).toMatchObject({
    code: 0,
    report: { tables: { pairs: 3, child: 1 } },
  })

  const copy = openFile(file)
  expect(await storedValues(copy)).toEqual(await storedValues(source.db))
  const objects = `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name, type`
  const rows = async (db: Client, sql: string) =>
    (await db.execute(sql)).rows.map((row) => ({ ...row }))
  expect(await rows(copy, objects)).toEqual(await rows(source.db, objects))
  for (const sql of [
    'SELECT a, typeof(b), hex(b) FROM pairs ORDER BY a',
    'SELECT hex(name), CAST(seq AS TEXT) FROM sqlite_sequence',
    'SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2',
    'SELECT a FROM twin',
    `SELECT body FROM words WHERE words MATCH 'world'`,
    'SELECT CAST(user_version AS TEXT) FROM pragma_user_version',
  ])
    expect([sql, await rows(copy, sql)]).toEqual([sql, await rows(source.db, sql)])
  expect((await copy.execute('PRAGMA integrity_check')).rows[0]?.[0]).toBe('ok')
  await copy.execute(`INSERT INTO counted (note) VALUES ('next')`)
  expect((await copy.execute('SELECT max(id) FROM counted')).rows[0]?.[0]).toBe(100n)
})

test('a backup is one moment, however many write while it is made', async () => {
  await database.client.executeMultiple(
    `CREATE TABLE debit (n INTEGER, pad TEXT); CREATE TABLE between_them (pad BLOB); CREATE TABLE credit (n INTEGER)`,
  )
  await database.client.batch(
    Array.from({ length: 40 }, () => 'INSERT INTO between_them VALUES (zeroblob(500000))'),
    'write',
  )
  let [stop, written] = [false, 0]
  const writer = (async () => {
    for (; !stop; written++)
      await database.client.batch(
        ['INSERT INTO debit VALUES (1, hex(zeroblob(500)))', 'INSERT INTO credit VALUES (1)'],
        'write',
      )
  })()
  onTestFinished(async () => {
    stop = true
    await writer.catch(() => {})
  })
  await expect.poll(() => written).toBeGreaterThan(20)
  const file = join(directory, 'moment.db')
  const before = written
  await backup(file)
  expect(written, 'nobody waited for the backup').toBeGreaterThan(before)
  stop = true
  await writer

  const { rows } = await openFile(file).execute(
    `SELECT (SELECT count(*) FROM debit) AS debit, (SELECT count(*) FROM credit) AS credit`,
  )
  expect(rows[0]?.debit).toBe(rows[0]?.credit)
  expect(Number(rows[0]?.debit)).toBeGreaterThanOrEqual(before)
})

test('rows too large for one answer together are all in it, in their order', async () => {
  await database.client.execute('CREATE TABLE large (id TEXT PRIMARY KEY, data) WITHOUT ROWID')
  for (let n = 0; n < 30; n++)
    await database.client.execute({
      sql: 'INSERT INTO large VALUES (?, hex(zeroblob(?)))',
      args: [`${n}`, n % 10 === 0 ? 2_000_000 : n],
    })
  await database.client.execute(`WITH RECURSIVE i (n) AS (VALUES (100) UNION ALL SELECT n + 1 FROM i WHERE n < 9000)
    INSERT INTO large SELECT n, n FROM i`)
  const file = join(directory, 'large.db')
  expect(await backup(file)).toMatchObject({ report: { tables: { large: 8931 } } })
  const sums = 'SELECT CAST(sum(length(data)) AS TEXT), CAST(count(DISTINCT id) AS TEXT) FROM large'
  const sum = async (db: Client) => Object.values((await db.execute(sums)).rows[0] ?? {})
  expect(await sum(openFile(file))).toEqual(await sum(database.client))
})

test('a fresh server over the file serves the same database, and head stays head', async () => {
  await database.client.executeMultiple(langbuilderSql({ origin: 'migrated', at: 'f5fcbdff490d' }))
  await migrateTo(database.url, tags().length)
  const file = join(directory, 'whole.db')
  await backup(file)
  const { url, db } = await placed(file)
  expect(await readRows(db)).toEqual(await readRows(database.client))
  const status = await run('status', undefined, { url })
  expect(status?.report).toMatchObject({ verdict: 'at_head' })
  await db.execute(`UPDATE flow SET name = 'written' WHERE id = '${'f1'.repeat(16)}'`)
})

test('a backup restored through a server is the same database, and nothing else is touched', async () => {
  await database.client.executeMultiple(langbuilderSql({ origin: 'fresh', at: '3162e83e485f' }))
  await migrateTo(database.url, tags().length)
  await database.client.executeMultiple(
    `CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO counted VALUES (41, x'00'), (42, 9e999);
     DELETE FROM counted WHERE id = 42`,
  )
  const file = join(directory, 'through.db')
  await backup(file)
  expect(await run('restore', file, {})).toMatchObject({
    code: 2,
    lines: [expect.stringContaining('exists there already')],
  })

  const { url, db } = await placed()
  await db.execute('CREATE TABLE theirs (x)')
  expect(await run('restore', file, { url })).toMatchObject({
    code: 2,
    lines: [expect.stringContaining('theirs is in the database')],
  })
  expect(await run('restore', file, { url, yes: true })).toMatchObject({ code: 0 })
  const restored = await readRows(db)
  expect(restored).toEqual({ ...(await readRows(database.client)), theirs: [] })
  const [before, after] = await Promise.all(
    [database.client, db].map(async (one) => {
      const { rows } = await one.execute(
        `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'theirs' ORDER BY 1, 2`,
      )
      const next = await one.execute('INSERT INTO counted (x) VALUES (1) RETURNING id')
      return [rows.map((row) => ({ ...row })), next.rows[0]?.id]
    }),
  )
  expect(after).toEqual(before)
  expect((await run('status', undefined, { url }))?.report).toMatchObject({ verdict: 'at_head' })
})

test('a file that is there is replaced only on demand, and readable by its owner alone', async () => {
  const file = join(directory, 'there.db')
  writeFileSync(file, 'precious')
  expect(await backup(file)).toMatchObject({ code: 2 })
  expect(statSync(file).size).toBe('precious'.length)
  expect(await backup(file, { yes: true })).toMatchObject({ code: 0 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('what fails leaves no file behind and says why', async () => {
  const file = join(directory, 'failed', 'never.db')
  expect(await backup(file)).toMatchObject({
    code: 2,
    lines: [expect.stringContaining('no folder')],
  })
  mkdirSync(join(directory, 'failed'))
  await expect(backup(file, { url: 'http://127.0.0.1:1' })).rejects.toThrow('No backup was made')
  await database.client.execute('CREATE TABLE t (x)')
  await database.client.execute('INSERT INTO t VALUES (1)')
  database.proxy.decide((k) => (k > 8 ? 'lost' : 'forward'))
  await expect(backup(file, { url: database.proxy.url })).rejects.toThrow('No backup was made')
  expect(readdirSync(join(directory, 'failed'))).toEqual([])
  expect(existsSync(file)).toBe(false)
})

test('as a process: progress on stderr, one answer on stdout, and a file is asked for', async () => {
  const file = join(directory, 'process.db')
  const db = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
      execFile('npx', ['tsx', 'src/cli/db.ts', ...args], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      ),
    )
  const made = await db('backup', file, '--json', '--url', database.url)
  expect(made.code).toBe(0)
  expect(JSON.parse(made.stdout)).toMatchObject({ file, rows: 0 })
  expect(made.stderr).toContain('checking')
  expect(await db('backup', '--url', database.url)).toMatchObject({ code: 2, stdout: '' })
})
