// The lease: a row that says who is at work, until when by the database's clock. It keeps others from
// doing the same work and from queueing for the write lock; nothing is right only because of it.
import type { InStatement } from '../db/client.ts'
import { guard } from './guard.ts'
import type { Lease, Seen } from './observe.ts'
import type { Revision } from './revision.ts'
import { LEASE } from './tables.ts'

/** Of a database where every transaction is short: the longest that a dead holder can stall the others. */
const SHORT_S = 3
/** By how much it outlasts what one transaction may take elsewhere: nobody must queue behind it because the lease ran out. */
const SPARE_S = 5
/** No lease ends later than this from now, or than its own length where that is more: the clock was set back. */
const LONGEST_S = 60
/** From this size on, building an index may take seconds. */
const LARGE_BYTES = 64 * 1024 * 1024

/** The longest pause after failures. */
const PAUSE_MAX_S = 300

/** Codes of a step that took longer than the database grants: it will again, unless others keep away. */
const TOO_SLOW = ['TRANSACTION_TIMEOUT', 'STEP_TIMEOUT']

export const isTooSlow = (code: string | undefined): boolean => TOO_SLOW.includes(code ?? '')

/**
 * How long a lease lasts, in seconds, counted anew by each transaction; one may take `stepMs`. After a step
 * that was too slow it is the long one: whoever queues behind it because the short one ran out would have it
 * thrown out again.
 */
export const leaseSecondsFor = ({ bytes, lease }: Seen, stepMs: number): number =>
  bytes > LARGE_BYTES || isTooSlow(lease?.failure?.reason) ? stepMs / 1000 + SPARE_S : SHORT_S

const NOW = `unixepoch('subsec')`
/** SQL boolean: one that ends later than a lease can last comes from another time: the clock was set back. */
const LIVE = `(expires_at > ${NOW} AND expires_at <= ${NOW} + max(coalesce(seconds, 0), ${LONGEST_S}))`

/** The same for one that was read. */
export const isLive = ({
  remainingMs,
  seconds = 0,
}: Pick<Lease, 'remainingMs' | 'seconds'>): boolean =>
  remainingMs > 0 && remainingMs <= Math.max(seconds, LONGEST_S) * 1000

/** Whether a failure still keeps everybody from trying again: a pause longer than the longest is over too. */
export const isPausing = ({ retryInMs }: NonNullable<Lease['failure']>): boolean =>
  retryInMs > 0 && retryInMs <= PAUSE_MAX_S * 1000

/** Takes a lease that is free or over, or renews our own; then aborts unless it is ours. */
export function holdLease(holder: string, seconds: number): InStatement[] {
  return [
    {
      sql: `INSERT INTO ${LEASE} (id, holder, fence, taken_at, expires_at, seconds)
        VALUES (1, ?1, 1, ${NOW}, ${NOW} + ?2, ?2)
        ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, fence = fence + 1,
          taken_at = excluded.taken_at, expires_at = excluded.expires_at, seconds = excluded.seconds, changed = 0
        WHERE holder IS excluded.holder OR NOT ${LIVE}`,
      args: [holder, seconds],
    },
    {
      sql: guard(
        'lease_lost',
        `NOT EXISTS (SELECT 1 FROM ${LEASE} WHERE id = 1 AND holder = ?1 AND ${LIVE})`,
      ),
      args: [holder],
    },
  ]
}

/** Counts the lease anew at the end of a transaction: what others see during the next one. */
export const prolongLease = (holder: string, seconds: number): InStatement => ({
  sql: `UPDATE ${LEASE} SET expires_at = ${NOW} + ?2 WHERE id = 1 AND holder = ?1`,
  args: [holder, seconds],
})

/** Ends our lease, and only ours; a recorded failure is settled. With `onlyIfDone`, unless slices changed something. */
export const dropLease = (holder: string, { onlyIfDone = false } = {}): InStatement => ({
  sql: `UPDATE ${LEASE} SET expires_at = 0, failed_hash = NULL, failed_tag = NULL, failed_code = NULL,
      failures = 0, retry_at = NULL, measured = NULL, progress = NULL
    WHERE id = 1 AND holder = ?1${onlyIfDone ? ' AND changed = 0' : ''}`,
  args: [holder],
})

/** Ends our lease with work left: the next one goes on where we stopped. */
export const handOver = (holder: string): InStatement => ({
  sql: `UPDATE ${LEASE} SET expires_at = 0 WHERE id = 1 AND holder = ?1`,
  args: [holder],
})

/** Ends anybody's lease and forgets a failure. Safe at any time: no write depends on the lease alone. */
export const breakLease = (): InStatement =>
  `UPDATE ${LEASE} SET expires_at = 0, failed_hash = NULL, failed_tag = NULL, failed_code = NULL,
    failures = 0, retry_at = NULL WHERE id = 1`

/** The cheap look while somebody else holds it: one row with `remaining_ms`, or none. */
export const REMAINING = `SELECT (expires_at - ${NOW}) * 1000 AS remaining_ms, seconds AS seconds FROM ${LEASE} WHERE id = 1`

/**
 * Tells all isolates that this revision failed. The pause doubles each time, from 2 seconds to 5 minutes; a step
 * that was too slow twice gets the longest at once, for trying again blindly only makes everybody wait.
 */
export const recordFailure = (revision: Revision, holder: string, code: string): InStatement => ({
  sql: `INSERT INTO ${LEASE} (id, holder, fence, taken_at, expires_at, failed_hash, failed_tag, failed_code, failures, retry_at)
    VALUES (1, ?1, 1, ${NOW}, 0, ?2, ?3, ?4, 1, ${NOW} + 2)
    ON CONFLICT (id) DO UPDATE SET expires_at = 0, failed_hash = excluded.failed_hash, failed_tag = excluded.failed_tag,
      failed_code = excluded.failed_code,
      failures = CASE WHEN failed_hash IS excluded.failed_hash THEN failures + 1 ELSE 1 END,
      retry_at = ${NOW} + CASE WHEN failed_hash IS NOT excluded.failed_hash THEN 2
        WHEN ${tooSlow('failed_code')} AND ${tooSlow('excluded.failed_code')} THEN ${PAUSE_MAX_S}
        ELSE min(${PAUSE_MAX_S}, 2 << min(failures, 10)) END
    WHERE holder IS excluded.holder OR NOT ${LIVE}`,
  args: [holder, revision.hash, revision.tag, code],
})

/** SQL boolean. */
const tooSlow = (code: string) => `${code} IN (${TOO_SLOW.map((name) => `'${name}'`).join(', ')})`
