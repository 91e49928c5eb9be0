// What several commands do: look with the engine's own eyes, and write under its guards.
import type { InStatement } from '../db/client.ts'
import { isLost, isRefusedBySql } from '../db/failures.ts'
import { prepareTables } from '../migrate/guard.ts'
import { dropLease, holdLease, leaseSecondsFor } from '../migrate/lease.ts'
import { expectLedger } from '../migrate/ledger.ts'
import { look as lookAt } from '../migrate/look.ts'
import type { Seen } from '../migrate/observe.ts'
import type { Plan } from '../migrate/plan.ts'
import type { Context } from './answers.ts'

export async function look({
  db,
  revisions,
}: Context): Promise<{ found: Plan; seen: Seen | undefined }> {
  const { seen, found } = await lookAt(db, revisions)
  return { found, seen: seen.kind === 'seen' ? seen : undefined }
}

/** One transaction under the same guards as a revision. */
export async function sendGuarded(
  { db, revisions }: Context,
  seen: Seen,
  statements: InStatement[],
): Promise<void> {
  const holder = crypto.randomUUID()
  const hashes = (seen.ledger ?? []).map((row) => row.hash)
  try {
    await db.migrate([
      ...prepareTables(seen),
      ...holdLease(holder, leaseSecondsFor(seen, db.limits.stepMs)),
      expectLedger(hashes, revisions),
      ...statements,
      dropLease(holder),
    ])
  } catch (error) {
    throw new Error(toCertainty(error), { cause: error })
  }
}

/** What is known of a transaction that failed. */
export const toCertainty = (error: unknown): string =>
  isRefusedBySql(error) && !isLost(error) ? 'Nothing was written' : 'Look again'
