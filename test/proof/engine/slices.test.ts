// Data steps that are sent slice by slice: how much one transaction does, what is believed between two of
// them, and that a run which has to stop loses nothing.
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import { startPace, unlimited } from '../../../src/migrate/pace.ts'
import { migrate, type RunOptions } from '../../../src/migrate/run.ts'
import { readRows, type TestDatabase } from '../../support/database.ts'
import { older } from '../../support/databases.ts'
import type { Fate, Lie } from '../../support/proxy.ts'
import { count, forEachCase } from './pool.ts'
import { build, toyFiles } from './toy.ts'

const { t0_tables, t2b_marks, t4_tail } = toyFiles
const revisions = await build({ t0_tables, t2b_marks, t4_tail })
/** Every run has an end, also that of an engine which is broken. */
const rows = (n: number, requests = 40) =>
  startPace({ ...unlimited, requests }, { first: n, least: n, most: n })
const LINES = 25

const once = (run: (database: TestDatabase) => Promise<void>) =>
  forEachCase([null], 1, async (database) => {
    await migrate(openDatabase({ url: database.url }), older(revisions, 1))
    await database.client.executeMultiple(
      `PRAGMA foreign_keys = OFF; INSERT INTO line (id, doc_id, words) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LINES})
       SELECT i, 1, 'word' FROM n`,
    )
    await run(database)
    count('slices', 1)
  })

/** A run through the proxy, and what each of its transactions changed. */
async function run(database: TestDatabase, options: RunOptions) {
  const changed: number[] = []
  const { report, refusal } = await migrate(database.open(), revisions, {
    ...options,
    pause: async () => {},
    onProgress: (progress) => changed.push(progress.changed),
  })
  return { report, refusal, changed }
}

async function expectDone(database: TestDatabase): Promise<void> {
  const after = await readRows(database.client)
  const ids = Array.from({ length: LINES }, (_, i) => i + 1)
  expect(after.mark?.map((row) => row.line_id)).toEqual(ids)
  expect(after.line?.map((row) => row.words)).toEqual(Array(LINES).fill('word 4'))
  expect(after.__drizzle_migrations?.map((row) => [row.name, row.changed])).toEqual([
    ['t0_tables', null],
    ['t2b_marks', '{"lines marked":25,"words counted":25}'],
    ['t4_tail', null],
  ])
  expect(after.flowgate_lease).toMatchObject([{ expires_at: 0, changed: 0, progress: null }])
}

test('a transaction does no more than its slice, and the ledger says so only when nothing is left', () =>
  once(async (database) => {
    const ledgers: unknown[] = []
    const holders = new Set<unknown>()
    database.proxy.decide(async (k): Promise<Fate> => {
      // Before each request after the one that takes the lease.
      if (k > 2) {
        const { rows } = await database.client.execute(`SELECT holder, expires_at > 0 AS held,
          (SELECT count(*) FROM __drizzle_migrations) AS n FROM flowgate_lease`)
        ledgers.push(rows[0]?.n)
        holders.add(rows[0]?.held ? rows[0].holder : 'nobody')
      }
      return 'forward'
    })
    const { report, changed } = await run(database, { pace: rows(10) })
    // The lease, two slices of ten for both statements, one of five, one that finds nothing, the tail.
    expect(changed).toEqual([0, 20, 20, 10, 0, 0])
    expect(ledgers).toEqual([1, 1, 1, 1, 2])
    expect([...holders]).toEqual([report.run_id])
    expect(report).toMatchObject({
      verdict: 'at_head',
      changed: { 'lines marked': 25, 'words counted': 25 },
      round_trips: 7,
    })
    await expectDone(database)
  }))

test('the last revision may be one of slices: its lease is kept until nothing is left', () =>
  once(async (database) => {
    const held: unknown[] = []
    database.proxy.decide(async (k): Promise<Fate> => {
      if (k > 2)
        held.push(
          (await database.client.execute('SELECT expires_at > 0 AS held FROM flowgate_lease'))
            .rows[0]?.held,
        )
      return 'forward'
    })
    const { report } = await migrate(database.open(), older(revisions, 2), { pace: rows(10) })
    expect(report).toMatchObject({ verdict: 'at_head', applied: ['t2b_marks'] })
    expect(held).toEqual([1, 1, 1, 1])
    const { flowgate_lease: lease } = await readRows(database.client)
    expect(lease).toMatchObject([{ expires_at: 0 }])
  }))

test('a run whose allowance is spent gives the lease back, and the next goes on where it stopped', () =>
  once(async (database) => {
    const all: number[] = []
    for (let runs = 1; ; runs++) {
      database.proxy.reset()
      const { report, refusal, changed } = await run(database, { pace: rows(4, 5) })
      all.push(...changed.filter((n) => n > 0))
      expect(report.round_trips).toBeLessThanOrEqual(6)
      expect(report.found, 'nobody has to wait for what was given back').toBe('behind')
      if (report.verdict === 'at_head') break
      expect([report.verdict, refusal?.code, refusal?.retryAfter]).toEqual([
        'held',
        'migration_running',
        1,
      ])
      expect(runs).toBeLessThan(10)
    }
    // Seven slices of four lines: none was done twice.
    expect(all).toEqual([8, 8, 8, 8, 8, 8, 2])
    await expectDone(database)
  }))

test('a run without any time left hands over before its first write', () =>
  once(async (database) => {
    const before = await readRows(database.client)
    const { report } = await run(database, { pace: startPace({ requests: 40, ms: 0 }) })
    expect(report).toMatchObject({ verdict: 'held', applied: [] })
    expect(await readRows(database.client)).toEqual(before)
  }))

/** What sqld answers where it threw the transaction out. */
const thrownOut: Lie = {
  body: JSON.stringify({
    baton: null,
    base_url: null,
    results: Array(2).fill({
      type: 'error',
      error: { message: 'Transaction timed out', code: 'TRANSACTION_TIMEOUT' },
    }),
  }),
}

test('slices of one revision grow, and those of the next begin as small as the first', async () => {
  const pace = startPace(unlimited)
  const { slice: first } = pace
  for (let n = 0; n < 9; n++) await pace.rest(1, true)
  expect(pace.slice).toBeGreaterThan(first)
  await pace.rest(1, false)
  expect(pace.slice).toBe(first)
})

test('a slice that was thrown out comes again smaller', () =>
  once(async (database) => {
    const large = { first: 16, least: 2, most: 16 }
    database.proxy.decide((k) => (k === 3 ? thrownOut : 'forward'))
    const { report, changed } = await run(database, {
      pace: startPace({ ...unlimited, requests: 40 }, large),
    })
    expect(report.verdict).toBe('at_head')
    // The lease, and then two lines instead of sixteen.
    expect(changed.slice(0, 2)).toEqual([0, 4])
    await expectDone(database)
  }))

test('a slice that cannot get smaller is a failure, under its own name', () =>
  once(async (database) => {
    database.proxy.decide((k) => (k === 4 ? thrownOut : 'forward'))
    const { report, changed } = await run(database, { pace: rows(10) })
    expect(report).toMatchObject({
      verdict: 'failed_recently',
      revision: 't2b_marks',
      reason: 'TRANSACTION_TIMEOUT',
      attempts: 1,
    })
    expect(changed).toEqual([0, 20])
    // What was done is done, and counts when it goes on.
    await database.client.execute('UPDATE flowgate_lease SET retry_at = 0')
    database.proxy.decide(() => 'forward')
    expect((await run(database, { pace: rows(10) })).changed).toEqual([0, 20, 10, 0, 0])
    await expectDone(database)
  }))

const no = (status: number, error: string): Lie => ({ status, body: JSON.stringify({ error }) })
test.each([
  ['is blocked', no(403, 'Operation was blocked: the account is in trouble'), 'database_blocked'],
  ['refuses the token', no(401, 'Unauthorized'), 'database_refused'],
])('a database that %s is asked for one write and no more', (_, answer, code) =>
  once(async (database) => {
    database.proxy.decide((k) => (k > 1 ? answer : 'forward'))
    const { report, refusal } = await run(database, { pace: rows(10) })
    expect([report.verdict, refusal?.code]).toEqual(['unknown', code])
    expect(report.round_trips).toBe(2)
  }),
)

test.each(['lost', 'unanswered'] as const)(
  'a slice whose answer is %s is looked for, not believed',
  (fate) =>
    once(async (database) => {
      for (const k of [2, 3, 4, 6, 7]) {
        await database.client.execute('UPDATE flowgate_lease SET retry_at = 0')
        database.proxy.reset()
        database.proxy.decide((n) => (n === k ? fate : 'forward'))
        const { report } = await run(database, { pace: rows(10) })
        expect(report.verdict).toBe('at_head')
        if (k === 2) await expectDone(database)
        // Once more, from what is left of it.
        await database.client.executeMultiple(
          `DELETE FROM mark; UPDATE line SET words = 'word'; DROP TABLE tail; DELETE FROM effect;
         DELETE FROM __drizzle_migrations WHERE name <> 't0_tables'`,
        )
      }
    }),
)
