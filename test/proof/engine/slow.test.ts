// What takes longer than the server grants: sqld ends a write transaction older than 5 s as soon as somebody
// else wants to write. Nothing of it stays, everybody is told, and only a person tries again before the pause ends.
import { expect, test, vi } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import { recordFailure } from '../../../src/migrate/lease.ts'
import { headOf } from '../../../src/migrate/revision.ts'
import { migrate } from '../../../src/migrate/run.ts'
import { readRows, type TestDatabase } from '../../support/database.ts'
import { older } from '../../support/databases.ts'
import { count, forEachCase } from './pool.ts'
import { build, toyFiles } from './toy.ts'

const open = (database: TestDatabase) => openDatabase({ url: database.url })

const { t0_tables, t4_tail } = toyFiles
/** Counts to a million, more or less: as far as the largest id of `doc` says. */
const counting = `INSERT INTO effect (step) SELECT 'slow ' || (
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT max(id) FROM doc)) SELECT count(*) FROM n);`
// sqld throws out between two statements: sixty take longer than 5 s on any machine, and none takes long itself.
const slow = Array(60).fill(counting).join('\n--> statement-breakpoint\n')

test('a revision that the server throws out is recorded under that name, and tried again by a person alone', () =>
  forEachCase([null], 1, async (database) => {
    const revisions = await build({ t0_tables, slow })
    await migrate(open(database), older(revisions, 1))
    await database.client.executeMultiple(
      `INSERT INTO doc (id, title) VALUES (1000000, 'many'); CREATE TABLE theirs (id INTEGER PRIMARY KEY);`,
    )
    const lines: string[] = []
    const error = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line))
    // The lease is committed first; beside the next request, the slow one, somebody writes.
    let writing: Promise<void> | undefined
    const write = async () => {
      while (lines.length === 0) await database.client.execute('INSERT INTO theirs VALUES (NULL)')
    }
    database.proxy.decide((k) => {
      if (k === 3) writing = write()
      return 'forward'
    })
    const before = await readRows(database.client)
    const first = await migrate(database.open(), revisions)
    error.mockRestore()
    await writing
    expect(first.report).toMatchObject({
      verdict: 'failed_recently',
      revision: 'slow',
      reason: 'TRANSACTION_TIMEOUT',
      attempts: 1,
    })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        event: 'migrate_failed',
        revision: 'slow',
        reason: 'TRANSACTION_TIMEOUT',
        way_out: expect.stringContaining('npm run db -- migrate'),
      },
    ])
    expect(String(first.refusal?.detail)).toContain('npm run db -- migrate')
    const after = await readRows(database.client)
    expect([after.effect, after.__drizzle_migrations]).toEqual([
      before.effect,
      before.__drizzle_migrations,
    ])

    const next = await migrate(open(database), revisions)
    expect(next.report).toMatchObject({ verdict: 'failed_recently', round_trips: 1 })

    // A quiet window: here, fewer rows. The pause still holds everybody else.
    await database.client.execute('UPDATE doc SET id = 10')
    await database.client.execute('UPDATE flowgate_lease SET retry_at = unixepoch() + 299')
    expect((await migrate(open(database), revisions)).report.verdict).toBe('failed_recently')
    const insisting = await migrate(open(database), revisions, { insist: true })
    expect(insisting.report).toMatchObject({ verdict: 'at_head', applied: ['slow'] })
    count('too slow', 1)
  }))

const pauses: [what: string, codes: string[], seconds: number[]][] = [
  ['fails otherwise', ['SQL_ERROR', 'SQL_ERROR', 'SQL_ERROR', 'SQL_ERROR'], [2, 4, 8, 16]],
  [
    'is thrown out',
    ['TRANSACTION_TIMEOUT', 'TRANSACTION_TIMEOUT', 'TRANSACTION_TIMEOUT'],
    [2, 300, 300],
  ],
  ['meets its time limit, then is thrown out', ['STEP_TIMEOUT', 'TRANSACTION_TIMEOUT'], [2, 300]],
  [
    'fails otherwise, then is thrown out',
    ['SQL_ERROR', 'TRANSACTION_TIMEOUT', 'STEP_TIMEOUT'],
    [2, 4, 300],
  ],
  [
    'fails a hundred times',
    Array(100).fill('SQL_ERROR'),
    [...[2, 4, 8, 16, 32, 64, 128, 256], ...Array(92).fill(300)],
  ],
]

test.each(pauses)('the pause of a revision that %s', (_, codes, seconds) =>
  forEachCase([null], 1, async (database) => {
    const revisions = await build({ t0_tables })
    await migrate(open(database), revisions)
    const found: number[] = []
    for (const code of codes) {
      await open(database).migrate([recordFailure(headOf(revisions), 'holder', code)])
      const { rows } = await database.client.execute(
        "SELECT round(retry_at - unixepoch('subsec')) AS pause FROM flowgate_lease",
      )
      found.push(Number(rows[0]?.pause))
    }
    expect(found).toEqual(seconds)
  }),
)

test('a lease counts anew at the end of each transaction, however long that took', () =>
  forEachCase([null], 1, async (database) => {
    const revisions = await build({ t0_tables, counting, t4_tail })
    await migrate(open(database), older(revisions, 1))
    await database.client.execute("INSERT INTO doc (id, title) VALUES (1000000, 'many')")
    const lengths: number[] = []
    database.proxy.decide(async (k) => {
      if (k > 2) {
        const { rows } = await database.client.execute(
          'SELECT expires_at - taken_at AS s FROM flowgate_lease',
        )
        lengths.push(Number(rows[0]?.s))
      }
      return 'forward' as const
    })
    await migrate(database.open(), revisions)
    // As its transactions began; the second has counted to a million since.
    const [taken, prolonged] = lengths
    expect(taken).toBeGreaterThanOrEqual(3)
    expect(prolonged).toBeGreaterThan(3.03)
  }))
