// Several isolates, every order of their requests. A scheduler holds each request at the proxy until it
// is chosen, so an order is a list of choices: it can be enumerated, sampled from a seed, and replayed
// (PROOF_SCHEDULE='<state>: 0 1 1 0'). One more choice lets the lease run out, as if its holder had slept.
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate, type Run } from '../../../src/migrate/run.ts'
import type { TestDatabase } from '../../support/database.ts'
import { type Fate, startProxy } from '../../support/proxy.ts'
import { isQuick, isWhole } from '../size.ts'
import { expectRightEnd, remember } from './invariants.ts'
import { count, forEachCase } from './pool.ts'
import { enter, type State, states } from './states.ts'

/** What was chosen at each step, and among how many. */
type Trace = { chosen: number[]; options: number[] }
type Chooser = (options: number, depth: number) => number

type Isolate = {
  /** Set while a request waits at the proxy. */
  release?: (() => void) | undefined
  isLook: boolean
  /** How much the database had moved when it last looked and had to wait. */
  lookedAt: number
  run?: Run
}

async function runSchedule(
  database: TestDatabase,
  state: State,
  isolateCount: number,
  choose: Chooser,
): Promise<Trace> {
  await enter(database, state)
  const before = await remember(database)
  const trace: Trace = { chosen: [], options: [] }
  let moves = 0
  let sleeps = 0
  let notify: () => void = () => {}
  const proxies = await Promise.all(
    Array.from({ length: isolateCount }, () => startProxy(database.url)),
  )
  const isolates = proxies.map((proxy): Isolate => {
    const isolate: Isolate = { isLook: true, lookedAt: -1 }
    proxy.decide(
      (_, body) =>
        new Promise<Fate>((resolve) => {
          isolate.isLook = /pragma_table_xinfo|remaining_ms/.test(body)
          isolate.release = () => {
            isolate.release = undefined
            resolve('forward')
          }
          notify()
        }),
    )
    // Whoever waits is told by the schedule when to look again.
    const patient = { pause: async () => {}, patienceMs: Number.POSITIVE_INFINITY }
    void migrate(openDatabase({ url: proxy.url }), state.build, patient).then((run) => {
      isolate.run = run
      notify()
    })
    return isolate
  })

  for (;;) {
    while (isolates.some((isolate) => !isolate.run && !isolate.release))
      await new Promise<void>((resolve) => {
        notify = resolve
      })
    const pending = isolates.filter((isolate) => isolate.release)
    if (pending.length === 0) break
    // Looking again at a database that has not moved shows the same: such an order is no other order.
    const fresh = pending.filter((isolate) => !isolate.isLook || isolate.lookedAt < moves)
    const able = fresh.length > 0 ? fresh : pending
    const maySleep = sleeps < 1 && moves > 0 && fresh.length > 0
    const options = able.length + (maySleep ? 1 : 0)
    const choice = choose(options, trace.chosen.length)
    trace.chosen.push(choice)
    trace.options.push(options)
    const isolate = able[choice]
    if (!isolate) {
      sleeps++
      moves++
      await database.client
        .execute('UPDATE flowgate_lease SET expires_at = 0')
        .catch(() => undefined)
      continue
    }
    if (isolate.isLook) isolate.lookedAt = moves
    else moves++
    isolate.release?.()
  }

  await Promise.all(proxies.map((proxy) => proxy.stop()))
  const where = `PROOF_SCHEDULE='${state.name}: ${trace.chosen.join(' ')}' with ${isolateCount} isolates`
  for (const { run } of isolates) expect(run?.refusal?.code, where).toBeUndefined()
  await expectRightEnd(database, state, before, where)
  return trace
}

/** Depth first: the next list of choices after this trace, or undefined after the last. */
function nextChoices({ chosen, options }: Trace): number[] | undefined {
  const last = chosen.findLastIndex((choice, depth) => choice < (options[depth] as number) - 1)
  return last === -1 ? undefined : [...chosen.slice(0, last), (chosen[last] as number) + 1]
}

const follow =
  (choices: readonly number[]): Chooser =>
  (options, depth) =>
    Math.min(choices[depth] ?? 0, options - 1)

/** A small generator of numbers in [0, 1), the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const racing = [
  'empty',
  'unstamped at t3_rebuild',
  'at t3_rebuild',
  'unstamped at t2_data among foreign tables',
  'at t1_size',
  "behind in drizzle 0.x's ledger",
]
const chosen = states.filter((state) =>
  (isQuick ? racing.slice(0, 3) : racing).includes(state.name),
)
/** Beyond this many orders of one state, the rest is left to the seeds; the count says so. */
const MOST = isWhole ? 600 : 300

test('two isolates, every order of their requests', async () => {
  let cases = 0
  const capped: string[] = []
  await forEachCase(chosen, 4, async (database, state) => {
    let choices: number[] | undefined = []
    for (let n = 0; choices; n++) {
      if (n === MOST) {
        capped.push(state.name)
        break
      }
      if (n > 0) await database.reset()
      choices = nextChoices(await runSchedule(database, state, 2, follow(choices)))
      cases++
    }
  })
  count(
    `interleavings of two isolates${capped.length > 0 ? `, cut off at ${MOST} for: ${capped.join(', ')}` : ''}`,
    cases,
  )
})

test('three and four isolates, orders drawn from a seed', async () => {
  const seed = Number(process.env.PROOF_SEED ?? Date.now() % 1e9)
  const samples = Array.from({ length: isQuick ? 8 : 120 }, (_, i) => i)
  try {
    await forEachCase(samples, 4, async (database, i) => {
      const next = random(seed + i)
      const state = chosen[i % chosen.length] as State
      await runSchedule(database, state, 3 + (i % 2), (options) => Math.floor(next() * options))
    })
  } catch (error) {
    throw new Error(`PROOF_SEED=${seed}`, { cause: error })
  }
  count(`interleavings of three and four isolates, seed ${seed}`, samples.length)
})

const replay = process.env.PROOF_SCHEDULE
test.runIf(replay)('the order given in PROOF_SCHEDULE', async () => {
  const [name = '', list = ''] = String(replay).split(': ')
  const state = states.find((one) => one.name === name)
  if (!state) throw new Error(`no state is called ${name}`)
  const isolateCount = Number(process.env.PROOF_ISOLATES ?? 2)
  await forEachCase([state], 1, async (database) => {
    await runSchedule(database, state, isolateCount, follow(list.split(' ').map(Number)))
  })
})
