// Only the database's clock counts. An isolate whose own clock is wrong neither takes a live lease nor
// waits for a dead one; a holder that slept through its lease can do no harm when it wakes.
import { expect, test, vi } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/migrate/run.ts'
import type { Fate } from '../../support/proxy.ts'
import { expectRightEnd, remember } from './invariants.ts'
import { count, forEachCase } from './pool.ts'
import { enter, type State, states } from './states.ts'

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
