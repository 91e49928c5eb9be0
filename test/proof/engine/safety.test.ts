// What guards a revision from itself: children, rows and references survive a rebuild or the whole
// request is undone; a failure is told to everybody and tried again only after a pause.
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import type { Revisions } from '../../../src/migrate/revision.ts'
import { migrate } from '../../../src/migrate/run.ts'
import { readRows, type TestDatabase } from '../../support/database.ts'
import { older } from '../../support/databases.ts'
import { count, forEachCase } from './pool.ts'
import { enter, states } from './states.ts'
import { build, toyFiles, toyRows } from './toy.ts'

const open = (database: TestDatabase) => openDatabase({ url: database.url })
const once = (run: (database: TestDatabase) => Promise<void>) =>
  forEachCase([run], 1, (database) => run(database))

const { t0_tables } = toyFiles
const rebuild = `-- flowgate:acknowledge note must not be null
CREATE TABLE __new_doc (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL, note TEXT DEFAULT '' NOT NULL);
--> statement-breakpoint
INSERT INTO __new_doc (id, title) SELECT id, title FROM doc;
--> statement-breakpoint
DROP TABLE doc;
--> statement-breakpoint
ALTER TABLE __new_doc RENAME TO doc;`

async function prepare(database: TestDatabase, texts: Record<string, string>) {
  const revisions = await build(texts)
  await migrate(open(database), older(revisions, 1))
  await database.client.executeMultiple(`PRAGMA foreign_keys = OFF; ${toyRows}`)
  return revisions
}

/** Its second revision asks for a table that is not there. */
const breakSecond = ([first, second, ...later]: Revisions): Revisions => [
  first,
  ...(second ? [{ ...second, statements: ['INSERT INTO missing_table VALUES (1)'] }] : []),
  ...later,
]

test('a rebuild keeps the children of its table, and an orphan that was there before', () =>
  once(async (database) => {
    const revisions = await prepare(database, { t0_tables, rebuild })
    const before = await readRows(database.client)
    const { report } = await migrate(open(database), revisions)
    expect(report).toMatchObject({ verdict: 'at_head', applied: ['rebuild'] })
    const after = await readRows(database.client)
    expect(after.line).toEqual(before.line)
    expect(after.doc).toHaveLength(2)
  }))

test.each([
  ['loses rows', rebuild.replace('FROM doc;', 'FROM doc WHERE id = 1;')],
  ['changes the ids that children refer to', rebuild.replace('SELECT id,', 'SELECT id + 10,')],
])('a rebuild that %s is undone as a whole', (_, bad) =>
  once(async (database) => {
    const revisions = await prepare(database, { t0_tables, bad })
    const before = await readRows(database.client)
    const { report, refusal } = await migrate(open(database), revisions)
    expect(refusal?.code).toBe('migration_failed')
    expect(report.applied).toEqual([])
    const { flowgate_lease: _lease, ...after } = await readRows(database.client)
    const { flowgate_lease: _was, ...was } = before
    expect(after).toEqual(was)
  }),
)

test('a failure is shared: the next isolate sends nothing, the pause grows, and a new file is tried at once', () =>
  once(async (database) => {
    const revisions = await prepare(database, { t0_tables, bad: 'CREATE TABLE x (id INTEGER);' })
    await database.client.execute('CREATE VIEW y AS SELECT 1')
    const broken = breakSecond(revisions)
    const first = await migrate(open(database), broken)
    expect(first.refusal).toMatchObject({ code: 'migration_failed' })
    expect(first.report).toMatchObject({ revision: 'bad', attempts: 1 })
    const second = await migrate(open(database), broken)
    expect(second.report).toMatchObject({ verdict: 'failed_recently', round_trips: 1 })
    expect(String(second.refusal?.detail)).not.toMatch(/missing_table|INSERT/)
    const insisting = await migrate(open(database), broken, { insist: true })
    expect(insisting.report, 'a person does not wait').toMatchObject({ attempts: 2 })
    const pauses: number[] = []
    for (let attempt = 3; attempt <= 5; attempt++) {
      await database.client.execute('UPDATE flowgate_lease SET retry_at = 0')
      const { report } = await migrate(open(database), broken)
      expect(report.attempts).toBe(attempt)
      pauses.push(Number(report.retryInMs))
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    const fixed = await build({ t0_tables, bad: 'CREATE TABLE x (id INTEGER, more TEXT);' })
    expect((await migrate(open(database), fixed)).report).toMatchObject({ applied: ['bad'] })
    const { rows } = await database.client.execute(
      'SELECT failed_hash, failures FROM flowgate_lease',
    )
    expect(rows[0]).toMatchObject({ failed_hash: null, failures: 0 })
  }))

test('in a fresh database, the failure names the revision whose statement failed', () =>
  once(async (database) => {
    const revisions = await build({
      t0_tables,
      bad: 'CREATE TABLE x (id INTEGER);',
      last: 'CREATE TABLE z (id INTEGER);',
    })
    const broken = breakSecond(revisions)
    const { report } = await migrate(open(database), broken)
    expect(report).toMatchObject({ verdict: 'failed_recently', revision: 'bad' })
    expect(Object.keys(await readRows(database.client)).sort()).toEqual([
      '__drizzle_migrations',
      'flowgate_guard',
      'flowgate_lease',
    ])
    count('safety of revisions', 5)
  }))

test('a database that cannot be read is unknown, and nothing is sent to it but one look', () =>
  once(async (database) => {
    await database.client.executeMultiple('CREATE VIEW __drizzle_migrations AS SELECT * FROM gone;')
    const revisions = await build({ t0_tables })
    const { report, refusal } = await migrate(open(database), revisions)
    expect(report).toMatchObject({ verdict: 'unknown', round_trips: 1 })
    expect(refusal?.code).toBe('database_unavailable')
  }))

test('a failure after other revisions went well is recorded too, and they stay', () =>
  once(async (database) => {
    const texts = { t0_tables, t1_size: toyFiles.t1_size, bad: 'CREATE TABLE x (id INTEGER);' }
    const revisions = await build(texts)
    await migrate(open(database), older(revisions, 1))
    const [first, second, bad] = revisions
    if (!second || !bad) throw new Error('there are three')
    const broken = [
      first,
      second,
      { ...bad, statements: ['INSERT INTO missing_table VALUES (1)'] },
    ] as const
    const { report } = await migrate(open(database), broken)
    expect(report).toMatchObject({
      verdict: 'failed_recently',
      revision: 'bad',
      applied: ['t1_size'],
    })
    const next = await migrate(open(database), broken)
    expect(next.report).toMatchObject({ verdict: 'failed_recently', attempts: 1, round_trips: 1 })
  }))

test('rows of drizzle 0.x have their names after the run that meets them', () =>
  once(async (database) => {
    const state = states.find(({ name }) => name === "behind in drizzle 0.x's ledger")
    if (!state) throw new Error('no such state')
    await enter(database, state)
    await migrate(open(database), state.build)
    const { __drizzle_migrations: ledger } = await readRows(database.client)
    expect(ledger?.map((row) => row.name)).toEqual(state.build.map(({ tag }) => tag))
  }))

test('what a revision requires of the rows is asked before the first write, also where a table is still to come', () =>
  once(async (database) => {
    const picky = `-- flowgate:require a doc without a title
SELECT 'doc ' || id FROM doc WHERE title = '';
--> statement-breakpoint
-- flowgate:require a later thing that is wrong
SELECT id FROM later WHERE id < 0;
--> statement-breakpoint
CREATE TABLE x (id INTEGER);`
    const revisions = await build({ t0_tables, later: 'CREATE TABLE later (id INTEGER);', picky })
    await migrate(open(database), older(revisions, 1))
    await database.client.execute("INSERT INTO doc (id, title) VALUES (7, '')")
    const before = await readRows(database.client)
    const refused = await migrate(open(database), revisions)
    expect([refused.report.verdict, refused.refusal?.detail]).toEqual([
      'drifted',
      expect.stringContaining('a doc without a title: doc 7'),
    ])
    expect(await readRows(database.client)).toEqual(before)
    await database.client.execute("UPDATE doc SET title = 'seven'")
    expect((await migrate(open(database), revisions)).report).toMatchObject({ verdict: 'at_head' })
  }))
