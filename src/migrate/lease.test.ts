import { expect, test } from 'vitest'
import { isLive, leaseSecondsFor } from './lease.ts'
import type { Seen } from './observe.ts'

const MB = 1024 * 1024
const seconds = (bytes: number, reason?: string) => {
  const failure = { hash: 'h', tag: 't', attempts: 1, retryInMs: 0, ...(reason ? { reason } : {}) }
  const lease = { holder: 'gone', remainingMs: 0, failure }
  const seen: Seen = { kind: 'seen', ledger: [], lease, schema: {}, schemaVersion: 1, bytes }
  return leaseSecondsFor(seen, 30_000)
}

test('a dead holder stalls a small database for seconds, and nobody queues behind what is slow', () => {
  expect([seconds(MB), seconds(MB, 'SQL_ERROR')]).toEqual([3, 3])
  expect([
    seconds(65 * MB),
    seconds(MB, 'TRANSACTION_TIMEOUT'),
    seconds(MB, 'STEP_TIMEOUT'),
  ]).toEqual([35, 35, 35])
})

test('every lease that can be taken is one that is believed', () => {
  for (const length of [seconds(MB), seconds(65 * MB)])
    expect(isLive({ remainingMs: length * 1000, seconds: length })).toBe(true)
  expect(isLive({ remainingMs: 61_000 })).toBe(false)
  expect(isLive({ remainingMs: 0 })).toBe(false)
})
