// Only the database's clock counts. An isolate whose own clock is wrong neither takes a live lease nor
// waits for a dead one; a holder that slept through its lease can do no harm when it wakes. And where the
// database's own clock is set, no time from before keeps anybody waiting: here the stored times are shifted.
import { expect, test, vi } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import type { Verdict } from '../../../src/migrate/plan.ts'
import { migrate } from '../../../src/migrate/run.ts'
import type { TestDatabase } from '../../support/database.ts'
import type { Fate } from '../../support/proxy.ts'
import { expectRightEnd, remember } from './invariants.ts'
import { count, forEachCase } from './pool.ts'
import { enter, type State, states } from './states.ts'
import { toy } from './toy.ts'

const HOUR = 3_600_000
const find = (name: string) => states.find((state) => state.name === name) as State

test.each([-HOUR, HOUR])('a clock that is off by %i ms takes no live lease', async (offset) => {
  const state = find('at t1_size')
  await forEachCase([state], 1, async (database) => {
    await enter(database, state)
    const before = await remember(database)
    let wake: () => void = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    // The holder sleeps before its third request: its lease was renewed by the second.
    let third: () => void = () => {}
    const reachedThird = new Promise<void>((resolve) => {
      third = resolve
    })
    database.proxy.decide(async (k): Promise<Fate> => {
      if (k === 3) {
        third()
        await asleep
      }
      return 'forward'
    })
    const holder = migrate(database.open(), state.build)
    await reachedThird
    let passed = 0
    const now = vi
      .spyOn(Date, 'now')
      .mockImplementation(
        () => Math.round(performance.timeOrigin + performance.now()) + offset + passed,
      )
    let looked = 0
    const other = await migrate(openDatabase({ url: database.url }), state.build, {
      // Its patience ends with the first pause: one look is all it has while the lease lives.
      pause: async () => {
        looked++
        passed = HOUR
      },
    })
    now.mockRestore()
    expect(other.report).toMatchObject({ verdict: 'held', applied: [] })
    expect(looked).toBe(1)
    expect(other.report.round_trips, 'it only looked').toBe(2)
    wake()
    expect((await holder).report.verdict).toBe('at_head')
    await expectRightEnd(database, state, before, `clock off by ${offset}`)
  })
  count('clocks', 1)
})

test('a holder that wakes up after its lease has gone does no harm', async () => {
  const names = ['empty', 'at t0_tables', 'at t1_size', 'at t2_data', 'unstamped at t2_data']
  let cases = 0
  await forEachCase(names.map(find), 4, async (database, state) => {
    for (let k = 2; k <= 4; k++) {
      if (k > 2) await database.reset()
      await enter(database, state)
      const before = await remember(database)
      let others: string | undefined
      database.proxy.reset()
      database.proxy.decide(async (n): Promise<Fate> => {
        if (n !== k) return 'forward'
        await database.client
          .execute('UPDATE flowgate_lease SET expires_at = 0')
          .catch(() => undefined)
        const other = await migrate(openDatabase({ url: database.url }), state.build)
        others = other.plan.kind
        return 'forward'
      })
      const holder = await migrate(database.open(), state.build)
      expect(holder.plan.kind).toBe('at_head')
      expect(others ?? 'at_head').toBe('at_head')
      await expectRightEnd(database, state, before, `${state.name}, asleep before request ${k}`)
      cases++
    }
  })
  count('sleeping holders', cases)
})

const DAYS = 72
const jumps = [-DAYS, -2, 2, DAYS]

/** As if the database's clock had been set: by +2 hours, what was stored lies 2 hours back. */
const setClock = (database: TestDatabase, hours: number) =>
  database.client
    .execute(
      `UPDATE flowgate_lease SET taken_at = taken_at - ${hours} * 3600,
        expires_at = iif(expires_at = 0, 0, expires_at - ${hours} * 3600), retry_at = retry_at - ${hours} * 3600`,
    )
    .catch(() => undefined)

/** A dead holder's lease, and a failure with the longest pause. */
const dying = `UPDATE flowgate_lease SET holder = 'gone', taken_at = unixepoch('subsec'), expires_at = unixepoch('subsec') + 3`
const failed = (hash: string) =>
  `UPDATE flowgate_lease SET taken_at = unixepoch('subsec'), expires_at = 0, failed_hash = '${hash}', failed_tag = 't',
    failed_code = 'SQL_ERROR', failures = 9, retry_at = unixepoch('subsec') + 300`

test('after the clock was set, a dead holder or a failure from before keeps nobody waiting', async () => {
  const state = find('at t1_size')
  const next = toy.find((revision) => revision.tag === 't2_data')?.hash ?? ''
  const stored: [string, string][] = [
    ['a lease', dying],
    ['a pause', failed(next)],
  ]
  const cases = jumps.flatMap((hours) => stored.map(([what, sql]) => ({ hours, what, sql })))
  await forEachCase(cases, 4, async (database, { hours, what, sql }) => {
    const where = `${what}, ${hours} hours`
    await enter(database, state)
    const before = await remember(database)
    await database.client.execute(sql)
    await setClock(database, hours)
    let waited = 0
    const { report } = await migrate(openDatabase({ url: database.url }), state.build, {
      pause: async () => void waited++,
    })
    expect([report.found, report.verdict, waited], where).toEqual(['behind', 'at_head', 0])
    await expectRightEnd(database, state, before, where)
  })
  count('stored times after the clock was set', cases.length)
})

test('a clock that is set while somebody is at work makes nothing happen twice or never', async () => {
  const names = ['at t1_size', 'unstamped at t2_data']
  const cases = names.flatMap((name) => jumps.map((hours) => ({ state: find(name), hours })))
  let done = 0
  await forEachCase(cases, 4, async (database, { state, hours }) => {
    for (const [k, isWatched] of [2, 3, 4, 5].flatMap((k) => [
      [k, false] as const,
      [k, true] as const,
    ])) {
      const where = `${state.name}, ${hours} hours before request ${k}${isWatched ? ', watched' : ''}`
      await database.reset()
      await enter(database, state)
      const before = await remember(database)
      let other: Verdict = 'at_head'
      database.proxy.decide(async (n): Promise<Fate> => {
        if (n !== k) return 'forward'
        await setClock(database, hours)
        if (isWatched)
          other = (await migrate(openDatabase({ url: database.url }), state.build)).plan.kind
        return 'forward'
      })
      const holder = await migrate(database.open(), state.build)
      expect([holder.plan.kind, other], where).toEqual(['at_head', 'at_head'])
      await expectRightEnd(database, state, before, where)
      done++
    }
  })
  count('clocks set at work', done)
})
