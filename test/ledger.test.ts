// The ledger belongs to drizzle and to whoever else migrates with it. Rows of other applications say nothing
// about ours and stay as they are; ours are known however drizzle came to write them.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import type { Context } from '../src/cli/answers.ts'
import { commands } from '../src/cli/commands.ts'
import { openDatabase } from '../src/db/client.ts'
import { LEDGER } from '../src/migrate/tables.ts'
import { readRows } from './support/database.ts'
import { createTables, migrateTo, readLedger, tags } from './support/databases.ts'
import { databaseForFile, expectRefused, expectServed, start, verdicts } from './support/starts.ts'

const server = databaseForFile()

const HEAD = tags().length
const [first, second] = revisions
const between = (revisions[1]?.when ?? 0) - 1000

/** Recorded by others before, among and after ours: drizzle 0.x writes no name, 1.0 one of its own kind. */
const theirs = [
  { hash: 'a'.repeat(64), created_at: 1_500_000_000_000, name: null },
  { hash: 'b'.repeat(64), created_at: between, name: null },
  { hash: 'c'.repeat(64), created_at: 1_900_000_000_000, name: null },
  { hash: 'd'.repeat(64), created_at: 1_500_000_001_000, name: '20170714024000_their_first' },
  { hash: 'e'.repeat(64), created_at: between + 1, name: '20251101000000_their_next' },
  { hash: 'f'.repeat(64), created_at: 1_900_000_001_000, name: '20300317174640_their_last' },
  // What nobody would write, and what is there all the same.
  { hash: '', created_at: null, name: null },
  { hash: 'no hash at all', created_at: 9_007_199_254_740_993n, name: 'theirs' },
]

/** In the shape that drizzle 0.x makes where there is none yet; ours was there before it otherwise. */
const recordTheirs = async () => {
  const { client } = server.now
  await client.execute(
    `CREATE TABLE IF NOT EXISTS ${LEDGER} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`,
  )
  const { rows } = await client.execute(`SELECT name FROM pragma_table_info('${LEDGER}')`)
  const isNamed = rows.some((row) => row.name === 'name')
  for (const { hash, created_at, name } of theirs.filter(({ name }) => isNamed || name === null))
    await client.execute({
      sql: `INSERT INTO ${LEDGER} (hash, created_at${isNamed ? ', name' : ''}) VALUES (?, ?${isNamed ? ', ?' : ''})`,
      args: [hash, created_at, ...(isNamed ? [name] : [])],
    })
}

/** As they are stored, without what widening the table gave them. */
async function readTheirs() {
  const { rows } = await server.now.client.execute(
    `SELECT hash, CAST(created_at AS TEXT) AS at, typeof(created_at) AS type FROM ${LEDGER}
     WHERE hash IN (${theirs.map(({ hash }) => `'${hash}'`)}) ORDER BY rowid`,
  )
  return rows.map((row) => ({ ...row }))
}

async function db(name: string, options: Partial<Context> = {}) {
  const url = server.now.url
  const fixed = { db: openDatabase({ url }), url, revisions, yes: false, progress: () => {} }
  const answer = await commands[name]?.({
    force: undefined,
    yesIKnow: undefined,
    ...fixed,
    ...options,
  })
  if (!answer) throw new Error(`no command ${name}`)
  return answer
}

const migrated = () => start(server.now.url)
const databases: [verdict: string, prepare: () => Promise<unknown>][] = [
  ['empty', async () => {}],
  ['behind', () => migrateTo(server.now.url, 2)],
  ['unstamped', () => createTables(server.now.client, 2)],
  ['at_head', () => migrateTo(server.now.url, HEAD)],
]

test.each(databases)(
  'rows of other applications neither change the verdict %s nor are touched',
  async (verdict, prepare) => {
    await prepare()
    await recordTheirs()
    const before = await readTheirs()
    expect(before.length).toBeGreaterThanOrEqual(4)
    expect((await db('status')).report.verdict).toBe(verdict)
    if (verdict === 'unstamped') expect((await db('stamp')).report.verdict).toBe('behind')
    expect(verdicts(await migrated())[1]).toBe('at_head')
    expect((await db('check')).code).toBe(0)
    expect(await readTheirs()).toEqual(before)
    expect(await readLedger(server.now.client)).toEqual(
      expect.arrayContaining(tags().map((tag) => expect.stringContaining(tag))),
    )

    // Ours are taken back and written again; theirs are not.
    const [some] = tags().slice(3, 4)
    await db('stamp', { force: some, yesIKnow: some })
    const ours = (await readLedger(server.now.client)).filter((row) => !row.endsWith(' null'))
    expect(ours).toEqual(tags(0, 4).map((tag) => `${tag} forced`))
    expect(await readTheirs()).toEqual(before)
    await db('stamp', { force: tags().at(-1), yesIKnow: tags().at(-1) })
    await server.now.client.execute('DROP TRIGGER flowgate_audit_keeps_rows')
    expect((await db('repair', { yes: true })).report.verdict).toBe('at_head')
    expect((await db('unlock')).code).toBe(0)
    expect(await readTheirs()).toEqual(before)
    expect(verdicts(await migrated())).toEqual(['at_head', 'at_head'])
  },
)

const counted = (
  n: number,
  values: string,
) => `INSERT INTO ${LEDGER} (hash, created_at) WITH RECURSIVE
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n}) SELECT ${values} FROM n`
const drizzles = `CREATE TABLE ${LEDGER} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`
const strange: [what: string, sql: string][] = [
  // An answer of sqld holds 10 MB.
  ['more than an answer holds', `${drizzles}; ${counted(100_000, 'hex(randomblob(64)), i')}`],
  ['values of megabytes', `${drizzles}; ${counted(4, 'hex(zeroblob(2400000)), i')}`],
  ['hashes that are bytes', `${drizzles}; ${counted(2, "x'00ff' || i, i")}`],
  ['hashes that are numbers, and times that are text', `${drizzles}; ${counted(2, "i, 'never'")}`],
  [
    'columns in capitals',
    `CREATE TABLE "__Drizzle_MIGRATIONS" (ID INTEGER PRIMARY KEY, HASH text, Created_At numeric); ${counted(2, "'ab' || i, i")}`,
  ],
]

test.each(strange)('rows of theirs with %s are neither read nor waited for', async (_, sql) => {
  for (const [verdict, prepare] of databases.filter(([verdict]) =>
    /empty|unstamped/.test(verdict),
  )) {
    await server.now.reset()
    await prepare()
    await server.now.client.executeMultiple(sql)
    server.now.proxy.reset()
    await expectServed(server.now.proxy.url, verdict)
    // The look at our own objects is half of it.
    const { bodies, answers } = server.now.proxy
    for (const text of [...bodies, ...answers]) expect(text.length).toBeLessThan(200_000)
  }
})

/** As drizzle 0.x records: no name, and a hash of the text as the checkout has it. */
const recordOurs = async (count: number, hashOf: (i: number) => string | null, notNull = true) => {
  const { client } = server.now
  await createTables(client, count)
  await client.execute(
    `CREATE TABLE ${LEDGER} (id SERIAL PRIMARY KEY, hash text${notNull ? ' NOT NULL' : ''}, created_at numeric)`,
  )
  for (const [i, { when }] of revisions.slice(0, count).entries())
    await client.execute({
      sql: `INSERT INTO ${LEDGER} (hash, created_at) VALUES (?, ?)`,
      args: [hashOf(i), when],
    })
}

/** As drizzle makes it in a checkout with such line ends. */
const crlfHash = (i: number) =>
  createHash('sha256')
    .update(readFileSync(`migrations/${tags()[i]}.sql`, 'utf8').replace(/\n/g, '\r\n'))
    .digest('hex')

test.each([2, HEAD])(
  '%i revisions recorded from a checkout with CRLF line ends are ours',
  async (count) => {
    await recordOurs(count, crlfHash)
    await expectServed(server.now.url, count === HEAD ? 'at_head' : 'behind')
    const rows = (await readRows(server.now.client))[LEDGER]
    expect(rows?.map((row) => row.name)).toEqual(tags())
    expect(rows?.slice(0, count).map((row) => row.hash)).toEqual(
      revisions.slice(0, count).map((_, i) => crlfHash(i)),
    )
  },
)

test('a hash of neither line ends is an edited file', async () => {
  await recordOurs(2, (i) => (i === 1 ? 'f'.repeat(64) : (first.hash ?? '')))
  await expectRefused(server.now, 'schema_tampered', second?.tag ?? '')
})

test("a row without a hash says that its revision is there, and is in nobody's way", async () => {
  await recordOurs(2, (i) => (i === 1 ? null : first.hash), false)
  await expectServed(server.now.url, 'behind')
})

test("a row of theirs without a hash, among ours, is in nobody's way", async () => {
  await recordOurs(2, (i) => revisions[i]?.hash ?? '', false)
  await server.now.client.execute(
    `INSERT INTO ${LEDGER} (hash, created_at) VALUES (NULL, NULL), (NULL, 5)`,
  )
  await expectServed(server.now.url, 'behind')
})

test.each([
  ['drizzle', `INSERT INTO ${LEDGER} (hash, created_at) SELECT hash, created_at FROM ${LEDGER}`],
  [
    'flowgate',
    `INSERT INTO ${LEDGER} (hash, created_at, name, how, content_hash) SELECT hash, created_at, name, how, content_hash FROM ${LEDGER}`,
  ],
])('the same rows twice, by %s, count once', async (_, sql) => {
  for (const count of [2, HEAD]) {
    await server.now.reset()
    await migrateTo(server.now.url, count)
    await server.now.client.execute(sql)
    await expectServed(server.now.url, count === HEAD ? 'at_head' : 'behind')
    await db('stamp', { force: tags()[1], yesIKnow: tags()[1] })
    expect(await readLedger(server.now.client)).toEqual(tags(0, 2).map((tag) => `${tag} forced`))
  }
})
