// The crash lattice: every start state, every request of the engine, every way for that request to go
// wrong. Afterwards a fresh isolate must reach the right end by itself, and nobody had to unlock.
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import { observe } from '../../../src/migrate/observe.ts'
import { startPace, unlimited } from '../../../src/migrate/pace.ts'
import { plan } from '../../../src/migrate/plan.ts'
import { migrate } from '../../../src/migrate/run.ts'
import type { TestDatabase } from '../../support/database.ts'
import type { Fate } from '../../support/proxy.ts'
import { isQuick, isWhole } from '../size.ts'
import { expectRightEnd, remember } from './invariants.ts'
import { count, forEachCase } from './pool.ts'
import { enter, type State, states } from './states.ts'
import { toy } from './toy.ts'

const faults = [
  'none',
  /** Never arrives, and its isolate is gone. */
  'lost, dead',
  /** Does its work, nobody hears of it, and its isolate is gone. */
  'unanswered, dead',
  'lost, alive',
  'unanswered, alive',
  'twice',
  /** Arrives when its lease is long over and another isolate has done everything. */
  'delayed',
  /** From here on the database says nothing: this request is not even read. */
  'hangs',
  /** The same, but this request does its work. */
  'works and hangs',
  /** SIGKILL of the server while the request is on its way, then a new start. */
  'killed',
] as const
type Fault = (typeof faults)[number]

/** Limits of an isolate whose database hangs. */
const HANGING = { requestMs: 500, stepMs: 500 }

/**
 * A fresh isolate, straight to the database. Whoever was hung up on may have recorded a failure before, on a slow
 * machine: then it comes back after the pause.
 */
async function expectFreshIsolateEnds(
  database: TestDatabase,
  state: State,
  where: string,
  mayPause = false,
) {
  const start = () => migrate(openDatabase({ url: database.url }), state.build)
  let run = await start()
  if (mayPause && run.refusal?.code === 'migration_failed') {
    await database.client.execute('UPDATE flowgate_lease SET retry_at = 0')
    run = await start()
  }
  const end = typeof state.end === 'string' ? state.end : state.end.refusal
  expect(run.refusal?.code ?? run.plan.kind, where).toBe(end)
}

async function expectAtHead(database: TestDatabase, state: State, where: string) {
  const seen = await observe(openDatabase({ url: database.url }), state.build)
  expect(plan(seen, state.build, '').kind, where).toBe('at_head')
}

/** Gives whether request k was reached. */
async function runCase(database: TestDatabase, state: State, fault: Fault, k: number) {
  const where = `${state.name}, request ${k} ${fault}`
  await enter(database, state)
  const before = await remember(database)
  const never = new Promise<never>(() => {})
  let crashed: Promise<void> | undefined
  let failure: unknown
  let died: () => void = () => {}
  const death = new Promise<void>((resolve) => {
    died = resolve
  })
  database.proxy.reset()
  database.proxy.decide(async (n): Promise<Fate> => {
    if (fault.endsWith('dead') && n > k) {
      died()
      return never
    }
    if (fault.endsWith('hangs') && n > k) return never
    if (n !== k) return 'forward'
    switch (fault) {
      case 'lost, dead':
      case 'lost, alive':
        return 'lost'
      case 'unanswered, dead':
      case 'unanswered, alive':
        return 'unanswered'
      case 'twice':
        return 'twice'
      case 'delayed':
        // Kept for later: thrown in here, it would leave the request unanswered for ever.
        failure = await expectFreshIsolateEnds(database, state, where).catch((error) => error)
        return 'forward'
      case 'hangs':
        return never
      case 'works and hangs':
        return 'silent'
      case 'killed':
        crashed = database.crash()
        return 'forward'
      case 'none':
        return 'forward'
    }
  })
  const pace = startPace(unlimited, { first: 1, least: 1, most: 1 })
  // Only who is hung up on needs to lose patience.
  const open = () => database.open(fault.endsWith('hangs') ? HANGING : {})
  const run = await Promise.race([migrate(open(), state.build, { pace }), death])
  const reached = database.proxy.count >= k
  await crashed
  if (failure) throw failure
  if (fault.endsWith('hangs') && reached) expect(run?.plan.kind, where).toBe('unknown')
  // What an isolate says of itself is true: it would serve on the strength of it.
  if (run?.plan.kind === 'at_head') await expectAtHead(database, state, where)
  await expectFreshIsolateEnds(database, state, where, fault.endsWith('hangs'))
  await expectRightEnd(database, state, before, where)
  return reached
}

const canHang = ({ build, end }: State) => build === toy && (end === 'at_head' || !isQuick)

const quick = [
  'empty',
  'at t2_data',
  'unstamped at t2_data',
  'tampered',
  'diverged: a gap',
  'drifted: the ledger says more than the schema',
  'partial: the only copy is in a leftover',
  'partial: nothing but a leftover',
  "behind in drizzle 0.x's ledger",
]

/**
 * LangBuilder's databases take two thirds of the time, and differ in little: made fresh or migrated, at one of two heads.
 * One of each is drawn, so that either way of being made, and either head, is met in every run.
 */
const langbuilders = states.filter(({ name }) => name.startsWith('LangBuilder '))
const isDrawn = Math.random() < 0.5
const omitted = langbuilders.filter(({ name }) => {
  const head = name.split(' ').at(-1)
  const isFirstHead = langbuilders[0]?.name.endsWith(` ${head}`)
  return (name.includes(' fresh ') === isFirstHead) === isDrawn
})

test('after a fault at any request, a fresh isolate reaches the right end or the same refusal', async () => {
  const chosen = isQuick
    ? states.filter((state) => quick.includes(state.name))
    : states.filter((state) => isWhole || !omitted.includes(state))
  const lines = chosen.flatMap((state) =>
    faults
      // Each takes seconds: a refusal is one look, and LangBuilder's databases take many requests.
      .filter((fault) => !fault.endsWith('hangs') || canHang(state))
      .map((fault) => ({ state, fault })),
  )
  let cases = 0
  await forEachCase(lines, 8, async (database, { state, fault }) => {
    for (let k = 1, reached = true; reached; k++) {
      if (k > 1) await database.reset()
      reached = await runCase(database, state, fault, k)
      cases++
      if (fault === 'none') break
    }
  })
  const without = omitted.map(({ name }) => name).join(', ')
  count(isWhole || isQuick ? 'crash lattice' : `crash lattice, without ${without}`, cases)
  expect(cases).toBeGreaterThan(lines.length)
}, 1_800_000)
