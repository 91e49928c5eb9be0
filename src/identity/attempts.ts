// How often somebody may be wrong about a password: growing pauses, counted in the transactions of the sign-in
// itself, so that no isolate, and no guess sent beside others, is without them.
//
// What counts first is an account from an address. An address alone (somebody tries names) and an account
// alone (somebody tries from everywhere) only slow down, for behind the one may be an office and behind the
// other its owner; and they do not count where this account was signed in to from this address before.
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { keyOfName } from '../names.ts'
import type { Secrets } from './house.ts'
import { fingerprintOf } from './secrets.ts'

/** `free` mistakes bring no pause; from there it doubles, from `first` seconds to `most`. */
const rules = {
  both: { free: 5, first: 5, most: 900 },
  address: { free: 50, first: 5, most: 60 },
  account: { free: 50, first: 5, most: 10 },
}
const FORGET_S = 3600
const KNOWN_S = 30 * 24 * 3600
/** Rows that one write sweeps: more than it adds. */
const SWEPT_AT_ONCE = 100

type Bucket = { kind: keyof typeof rules; key: string }

/** One sign-in: where it counts, and by what a repeated mistake is known. */
export type Attempt = { readonly buckets: readonly Bucket[]; readonly tried: string }

/** Where there are no limits, nothing is counted. */
export const uncounted: Attempt = { buckets: [], tried: '' }

/** Without an address only the account counts: what cannot be told apart shares no pause with all others. */
export async function attemptOf(
  { username, password }: { username: string; password: string },
  address: string | undefined,
  secrets: Secrets,
): Promise<Attempt> {
  const account = keyOfName(username)
  const hash = (...parts: string[]) => fingerprintOf(JSON.stringify(parts), 'attempt', secrets)
  const buckets: Bucket[] = [{ kind: 'account', key: await hash('account', account) }]
  if (address !== undefined)
    buckets.unshift(
      { kind: 'both', key: await hash('both', account, address) },
      { kind: 'address', key: await hash('address', address) },
    )
  // Three bytes: enough to know a mistake again, too few to learn a password from.
  return { buckets, tried: (await hash('password', account, password)).slice(0, 4) }
}

const now = sql`unixepoch()`

const bucketRows = ({ buckets }: Attempt) =>
  sql`json_each(${JSON.stringify(buckets.map(({ kind, key }) => ({ kind, key, ...rules[kind] })))}) b
    LEFT JOIN flowgate_attempt a ON a.key = b.value ->> 'key'`

const firstKey = ({ buckets }: Attempt) => sql`${buckets[0]?.key ?? ''}`

/** SQL: for how many seconds nobody is listened to; 0 for nobody waits. A longer pause than there is comes of a clock. */
const wait = (
  attempt: Attempt,
) => sql`(SELECT coalesce(max(a.free_at - ${now}), 0) FROM ${bucketRows(attempt)}
  WHERE a.free_at > ${now} AND a.free_at - ${now} <= b.value ->> 'most'
    AND (b.value ->> 'kind' = 'both' OR NOT EXISTS (
      SELECT 1 FROM flowgate_attempt k WHERE k.key = ${firstKey(attempt)} AND k.known AND k.expires_at > ${now})))`

/** SQL boolean: the sign-in may go on. Whatever it writes asks this, for others may have failed in between. */
export const mayTry = (attempt: Attempt): SQL => sql`(${wait(attempt)} = 0)`

/** The row that `requirePatience` judges. */
export const patience = (attempt: Attempt) => sql`SELECT ${wait(attempt)} AS wait`

/** Throws 429 while nobody is listened to. */
export function requirePatience(rows: readonly Row[]): void {
  const seconds = Number(rows[0]?.wait ?? 0)
  if (seconds > 0)
    throw new ApiError(
      'too_many_requests',
      `Too many failed attempts. Try again in ${seconds} seconds.`,
      { retryAfter: seconds },
    )
}

/** Counts a mistake, unless it is the last one again or nobody is listened to. */
export const countMistake = (attempt: Attempt): SQL[] => [
  sweep,
  sql`INSERT OR REPLACE INTO flowgate_attempt (key, failures, failed_at, free_at, tried, known, expires_at)
    SELECT x.key, x.n, ${now}, CASE WHEN x.n >= x.free THEN ${now} + min(x.most, x.first << min(x.n - x.free, 20)) ELSE 0 END,
      ${attempt.tried}, x.known, max(${now} + ${FORGET_S}, x.known_until)
    FROM (SELECT b.value ->> 'key' AS key, b.value ->> 'free' AS free, b.value ->> 'first' AS first, b.value ->> 'most' AS most,
        1 + iif(a.failed_at > ${now} - ${FORGET_S}, a.failures, 0) AS n,
        coalesce(a.known, 0) AS known, iif(a.known, a.expires_at, 0) AS known_until
      FROM ${bucketRows(attempt)}) x
    WHERE ${mayTry(attempt)} AND NOT EXISTS (SELECT 1 FROM flowgate_attempt r WHERE r.key = ${firstKey(attempt)}
      AND r.tried = ${attempt.tried} AND r.failed_at > ${now} - ${FORGET_S})`,
]

/** Whoever is right starts anew from this address, and is known there. */
export const countSuccess = (attempt: Attempt): SQL[] =>
  attempt.buckets
    .filter(({ kind }) => kind === 'both')
    .flatMap(({ key }) => [
      sweep,
      sql`INSERT OR REPLACE INTO flowgate_attempt (key, failures, failed_at, free_at, tried, known, expires_at)
        SELECT ${key}, 0, 0, 0, NULL, 1, ${now} + ${KNOWN_S} WHERE ${mayTry(attempt)}`,
    ])

const sweep = sql`DELETE FROM flowgate_attempt WHERE key IN (
  SELECT key FROM flowgate_attempt WHERE expires_at < ${now} ORDER BY expires_at LIMIT ${SWEPT_AT_ONCE})`
