// What an isolate believes of a replica, for any clock.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { followerOf } from './replica.ts'

const NOW = 1_800_000_000_000
let n = 0
const startFollower = (boundMs = 500) =>
  followerOf({ url: `http://primary-${n++}` }, { url: 'http://replica', boundMs })

/** What the row says when it was set forward `ageMs` before `now`. */
const reading = (now: number, ageMs = 0, skewMs = 0) => ({
  version: now - ageMs + skewMs,
  at: now - ageMs,
  now,
})

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(() => vi.useRealTimers())

test('nothing is asked of a replica before the primary has told the time', () => {
  const follower = startFollower()
  expect(follower.ask(undefined)).toBeUndefined()
  follower.learn(reading(NOW), 1, NOW)
  expect(follower.ask(undefined)).toMatchObject({ now: NOW })
})

test.each([0, 3_600_000, -3_600_000])(
  'the age is by the primary clock, which may differ from ours by %i ms',
  (aheadMs) => {
    const follower = startFollower()
    follower.learn(reading(NOW + aheadMs), 1, NOW)
    const asking = follower.ask(undefined)
    if (!asking) throw new Error('not asked')
    expect(follower.judge(reading(NOW + aheadMs, 500), 1, asking)).toMatchObject({ ageMs: 500 })
    expect(follower.judge(reading(NOW + aheadMs, 501), 1, asking)).toBeUndefined()
  },
)

test('an answer that was long on its way makes the primary clock later than it is, never earlier', () => {
  const follower = startFollower()
  vi.setSystemTime(NOW + 300)
  follower.learn(reading(NOW + 250), 1, NOW)
  expect(follower.ask(undefined)?.now).toBe(NOW + 550)
  follower.learn(reading(NOW + 301), 1, NOW + 300)
  expect(follower.ask(undefined)?.now).toBe(NOW + 301)
  vi.setSystemTime(NOW + 10_400)
  follower.learn(reading(NOW + 10_450), 1, NOW + 10_400)
  expect(follower.ask(undefined)?.now).toBe(NOW + 10_450)
})

test('where our own clock goes back, what was measured by it is forgotten', () => {
  const follower = startFollower()
  follower.learn(reading(NOW), 1, NOW)
  expect(follower.ask(undefined)).toBeDefined()
  vi.setSystemTime(NOW - 1)
  expect(follower.ask(undefined)).toBeUndefined()
})

test('the time of the primary is good for half a minute, or for as long as answers may be behind', () => {
  for (const [boundMs, ms] of [
    [500, 30_000],
    [60_000, 60_000],
  ] as const) {
    const follower = startFollower(boundMs)
    vi.setSystemTime(NOW)
    follower.learn(reading(NOW), 1, NOW)
    vi.setSystemTime(NOW + ms)
    expect(follower.ask(undefined)).toBeDefined()
    vi.setSystemTime(NOW + ms + 1)
    expect(follower.ask(undefined)).toBeUndefined()
  }
})

test('a clock of the primary that was set back is believed again once it has caught up', () => {
  const follower = startFollower()
  follower.learn(reading(NOW), 1, NOW)
  follower.learn(reading(NOW - 5000, 0, 5001), 2, NOW)
  expect(follower.ask(undefined)).toBeUndefined()
  follower.learn(reading(NOW + 10), 3, NOW)
  expect(follower.ask(undefined)).toBeDefined()
})

test('nobody is shown less than anybody was, or than they have seen, unless the primary has less', () => {
  const follower = startFollower()
  const { position } = follower.learn(reading(NOW), 7, NOW)
  follower.show(position)
  const mine = { version: NOW + 9, index: 9 }
  expect(follower.ask(undefined)?.wanted).toMatchObject({ version: NOW, index: 7 })
  expect(follower.ask(mine, undefined)?.wanted).toEqual(mine)
  // Its log began anew: numbers of the old one are dropped, what was shown is not.
  follower.learn(reading(NOW + 1), 2, NOW)
  expect(follower.ask(undefined)?.wanted).toMatchObject({ version: NOW, index: 2 })
  // It was restored from before.
  vi.setSystemTime(NOW + 5)
  follower.learn({ version: NOW - 1000, at: NOW - 1000, now: NOW + 5 }, 1, NOW + 5)
  expect(follower.ask(undefined)?.wanted).toMatchObject({ version: NOW - 1000, index: 1 })
})

test('of many who wait for a replica that hangs, later one tries whether it is back', () => {
  const follower = startFollower(60_000)
  follower.learn(reading(NOW), 1, NOW)
  follower.rest(undefined)
  expect(follower.ask(undefined)).toBeUndefined()
  vi.setSystemTime(NOW + 5000)
  const asking = follower.ask(undefined)
  expect(asking).toBeDefined()
  expect(follower.ask(undefined)).toBeUndefined()
  if (asking) follower.judge(reading(NOW + 5000), 1, asking)
  expect(follower.ask(undefined)).toBeDefined()
})

test('one isolate beats as often as a third of the bound, however many ask', () => {
  const follower = startFollower(900)
  expect([follower.isToBeat(299), follower.isToBeat(300), follower.isToBeat(9999)]).toEqual([
    false,
    true,
    false,
  ])
  vi.setSystemTime(NOW + 300)
  expect(follower.isToBeat(300)).toBe(true)
})
