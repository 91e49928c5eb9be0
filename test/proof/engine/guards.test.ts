// Each guard alone, against a request that was planned on what is no longer true: the request must fail
// as a whole, by the guard's own name, and be told apart from an error.
import { expect, test } from 'vitest'
import { type InStatement, openDatabase } from '../../../src/db/client.ts'
import { isConstraint } from '../../../src/db/failures.ts'
import { planRequests, type Request } from '../../../src/migrate/apply.ts'
import { hasMoved } from '../../../src/migrate/guard.ts'
import { dropLease, handOver, recordFailure } from '../../../src/migrate/lease.ts'
import { observe } from '../../../src/migrate/observe.ts'
import { isWork, plan } from '../../../src/migrate/plan.ts'
import type { TestDatabase } from '../../support/database.ts'
import { count, forEachCase } from './pool.ts'
import { enter, type State, states } from './states.ts'
import { toy } from './toy.ts'

const open = (database: TestDatabase) => openDatabase({ url: database.url })
const find = (name: string) => states.find((state) => state.name === name) as State

async function planFor(database: TestDatabase, state: State, runId: string): Promise<Request[]> {
  const seen = await observe(open(database), state.build)
  const work = plan(seen, state.build, runId)
  if (seen.kind !== 'seen' || !isWork(work)) throw new Error(`no work: ${work.kind}`)
  return planRequests(seen, work, { revisions: state.build, runId }, 30_000)
}

const send = (database: TestDatabase, request: Request | undefined) =>
  open(database)
    .migrate([...(request?.statements ?? [])])
    .then(
      () => undefined,
      (error: unknown) => error,
    )

const cases: [
  string,
  string,
  string | undefined,
  (database: TestDatabase, state: State) => Promise<unknown>,
][] = [
  [
    'the ledger grew since it was read',
    'at t1_size',
    'ledger_moved',
    async (database, state) => {
      const [, , third] = await planFor(database, state, 'sleeper')
      await database.client.execute('UPDATE flowgate_lease SET expires_at = 0')
      // The request after one that never arrived: what it continues is not there.
      return send(database, third)
    },
  ],
  [
    'the ledger was emptied since it was read',
    'at t1_size',
    'ledger_moved',
    async (database, state) => {
      const [first] = await planFor(database, state, 'sleeper')
      await database.client.execute('DELETE FROM __drizzle_migrations')
      return send(database, first)
    },
  ],
  [
    'somebody else holds the lease',
    'at t1_size',
    'lease_lost',
    async (database, state) => {
      const [first] = await planFor(database, state, 'late')
      await database.client.execute(
        "UPDATE flowgate_lease SET holder = 'somebody', expires_at = unixepoch('subsec') + 20",
      )
      return send(database, first)
    },
  ],
  [
    'the schema changed since it was read',
    'unstamped at t1_size',
    'schema_moved',
    async (database, state) => {
      const [first] = await planFor(database, state, 'late')
      await database.client.execute('ALTER TABLE doc DROP COLUMN title')
      return send(database, first)
    },
  ],
  [
    'two isolates widen the ledger of drizzle at once',
    "behind in drizzle 0.x's ledger",
    'schema_moved',
    async (database, state) => {
      const [mine] = await planFor(database, state, 'mine')
      const [theirs] = await planFor(database, state, 'theirs')
      expect(await send(database, theirs)).toBeUndefined()
      return send(database, mine)
    },
  ],
]

test.each(cases)('%s: refused as a whole', async (_, name, guard, run) => {
  await forEachCase([find(name)], 1, async (database, state) => {
    await enter(database, state)
    const error = await run(database, state)
    expect(isConstraint(error, String(guard)), String(error)).toBe(true)
    expect(hasMoved(error)).toBe(true)
    const { rows } = await database.client.execute(
      "SELECT count(*) AS n FROM sqlite_master WHERE name = 'tail'",
    )
    expect(rows[0]?.n).toBe(0)
  })
  count('guards', 1)
})

const endings: [what: string, statement: InStatement][] = [
  ['last request', dropLease('sleeper')],
  ['handing over', handOver('sleeper')],
  ['failure', recordFailure(toy[0], 'sleeper', 'SQL_ERROR')],
]

test.each(endings)(
  "only the holder ends its lease: a sleeper's %s leaves its successor's alone",
  async (_, statement) => {
    await forEachCase([find('at t1_size')], 1, async (database, state) => {
      await enter(database, state)
      await database.client.execute(
        "UPDATE flowgate_lease SET holder = 'successor', expires_at = unixepoch('subsec') + 20",
      )
      await open(database).migrate([statement])
      const seen = await observe(open(database), state.build)
      const lease = seen.kind === 'seen' ? seen.lease : undefined
      expect(lease).toMatchObject({ holder: 'successor' })
      expect(lease).not.toHaveProperty('failure')
      expect(Number(lease?.remainingMs)).toBeGreaterThan(10_000)
    })
    count('guards', 1)
  },
)
