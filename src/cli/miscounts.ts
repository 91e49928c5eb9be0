// What triggers keep and may have failed to keep while one of them was lost or altered: the number of flows
// per project and the newest of them, the search's index, and the audit.
import type { Database } from '../db/client.ts'
import { differingCounts, restoreCounts } from '../db/counts.ts'
import { lostEntries, restoreEntries, staleEntries } from '../db/entries.ts'
import { isNoSuchTable } from '../db/failures.ts'
import { dropLease, holdLease, leaseSecondsFor } from '../migrate/lease.ts'
import type { Seen } from '../migrate/observe.ts'
import { sliceOf } from '../migrate/revision.ts'
import type { Context } from './answers.ts'

/** `folder_id` is '' for flows in no project, '*' for all flows. The same number twice: the newest flow is another one. */
export type Miscount = { folder_id: string; expected: number; found: number | null }

/** Counts that are not the number of their flows, or not with the newest of them; none where the table is still to come. */
export async function findMiscounts(db: Database): Promise<Miscount[]> {
  const rows = await rowsUnlessAbsent(db, differingCounts)
  return rows.map(({ folder_id, expected, found }) => ({
    folder_id: String(folder_id),
    expected: Number(expected),
    found: found === null ? null : Number(found),
  }))
}

/** How many flows the search does not know as they are, or knows without their being there. */
export async function countStale(db: Database): Promise<number> {
  const [row] = await rowsUnlessAbsent(
    db,
    `SELECT (SELECT count(*) FROM (${staleEntries})) + (SELECT count(*) FROM (${lostEntries})) AS n`,
  )
  return Number(row?.n ?? 0)
}

/** How many rows the audit has lost: its numbers rise by one, and nothing of ours ever deletes one. */
export async function countMissingAudit(db: Database): Promise<number> {
  const [row] = await rowsUnlessAbsent(
    db,
    `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'flowgate_audit'), 0) - count(*) AS n FROM flowgate_audit`,
  )
  return Number(row?.n ?? 0)
}

const ROWS = 5000

/** Sets the counts right, a slice per transaction; gives their number. */
export const restoreMiscounts = (context: Context, seen: Seen): Promise<number> =>
  restore(context, seen, restoreCounts, 'counts')

/** Enters anew what is stale; gives the number of steps' rows. */
export async function restoreStale(context: Context, seen: Seen): Promise<number> {
  let restored = 0
  for (const step of restoreEntries)
    restored = Math.max(restored, await restore(context, seen, step, 'entries of the search'))
  return restored
}

async function restore(
  { db, progress }: Context,
  seen: Seen,
  step: string,
  what: string,
): Promise<number> {
  const holder = crypto.randomUUID()
  let restored = 0
  for (;;) {
    const lease = holdLease(holder, leaseSecondsFor(seen, db.limits.stepMs))
    const results = await db.migrate([...lease, sliceOf(step, ROWS), dropLease(holder)])
    const rows = results[lease.length]?.rowsAffected ?? 0
    if (rows === 0) return restored
    restored += rows
    progress(`restored ${restored} ${what}`)
  }
}

async function rowsUnlessAbsent(db: Database, sql: string) {
  const [result] = await db.snapshot([sql], { limitMs: db.limits.stepMs })
  if (result && 'rows' in result) return result.rows
  if (result && isNoSuchTable(result.error, '')) return []
  throw result?.error
}
