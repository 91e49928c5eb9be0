// Waiting for somebody else: cheaply, until the lease ends, and for no longer than patience lasts.
import { expect, test, vi } from 'vitest'
import { migrate } from '../../../src/migrate/run.ts'
import { forEachCase } from './pool.ts'
import { enter, type State, states } from './states.ts'

const state = states.find(({ name }) => name === 'at t3_rebuild') as State
const held = `UPDATE flowgate_lease SET holder = 'somebody', expires_at = unixepoch('subsec') + 50`

test('whoever waits asks for one row, and goes on as soon as the lease has ended', () =>
  forEachCase([state], 1, async (database) => {
    await enter(database, state)
    await database.client.execute(held)
    let pauses = 0
    const { report } = await migrate(database.open(), state.build, {
      patienceMs: 60_000,
      pause: async () => {
        pauses++
        expect(pauses, 'it looks again').toBeLessThanOrEqual(4)
        if (pauses === 4) await database.client.execute('UPDATE flowgate_lease SET expires_at = 0')
      },
    })
    expect([report.found, report.verdict, pauses]).toEqual(['held', 'at_head', 4])
    // The first look and the last, four for one row, and one for the lease and one for the work.
    const whole = database.proxy.bodies.filter((body) => body.includes('pragma_table_xinfo'))
    expect([whole.length, database.proxy.count]).toEqual([2, 8])
  }))

test('patience is time that has passed, not pauses', () =>
  forEachCase([state], 1, async (database) => {
    await enter(database, state)
    await database.client.execute(held)
    let passed = 0
    const now = vi.spyOn(Date, 'now').mockImplementation(() => passed)
    let pauses = 0
    try {
      const { report } = await migrate(database.open(), state.build, {
        pause: async () => {
          pauses++
          passed += 2000
          expect(pauses).toBeLessThanOrEqual(3)
        },
      })
      expect([report.verdict, pauses]).toEqual(['held', 3])
    } finally {
      now.mockRestore()
    }
  }))
