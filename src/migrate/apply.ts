// Carries out a plan's work, request by request. Each request is one transaction that proves its own
// conditions, so nothing here needs to be undone, and any doubt ends in "observe again".
import type { Database, InStatement } from '../db/client.ts'
import { isRefusedBySql } from '../db/failures.ts'
import {
  dropLease,
  expectLedger,
  expectSchema,
  hasMoved,
  holdLease,
  prepareTables,
  recordFailure,
  recordRevision,
} from './bookkeeping.ts'
import type { Observed } from './observe.ts'
import type { Work } from './plan.ts'
import type { Revision } from './revision.ts'

/** One HTTP request: the revisions it brings, and everything that is sent. */
export type Request = {
  readonly revisions: readonly Revision[]
  readonly statements: InStatement[]
}

export type Outcome =
  | { kind: 'done' }
  /** Somebody else moved first, or the reply was lost: the database knows, we do not. */
  | { kind: 'moved' }
  | { kind: 'failed'; revision: Revision; error: unknown }

type Seen = Extract<Observed, { kind: 'seen' }>

/** Sends a plan's requests in order until one does not succeed. */
export async function apply(db: Database, seen: Seen, work: Work, runId: string): Promise<Outcome> {
  for (const { revisions, statements } of planRequests(seen, work, runId)) {
    try {
      await db.migrate(statements)
    } catch (error) {
      if (hasMoved(error) || !isRefusedBySql(error)) return { kind: 'moved' }
      const revision = revisions.at(-1) as Revision
      await db
        .migrate([...prepareTables(seen.schema), recordFailure(revision, runId)])
        .catch(() => {})
      return { kind: 'failed', revision, error }
    }
  }
  return { kind: 'done' }
}

/**
 * What goes over the wire, in order. An empty database has no rows that could make a revision slow, so
 * it gets all of them in one request; otherwise one request per revision, so that each attempt
 * makes progress that lasts.
 */
export function planRequests(seen: Seen, work: Work, runId: string): Request[] {
  const groups: { revisions: readonly Revision[]; how: 'applied' | 'stamped' }[] =
    work.kind === 'empty'
      ? [{ revisions: work.apply, how: 'applied' }]
      : [
          ...(work.stamp.length > 0 ? [{ revisions: work.stamp, how: 'stamped' as const }] : []),
          ...work.apply.map((revision) => ({ revisions: [revision], how: 'applied' as const })),
        ]
  let rows = seen.ledger?.length ?? 0
  let newest = seen.ledger?.at(-1)?.createdAt ?? null
  return groups.map(({ revisions, how }, i) => {
    const tables = i === 0 ? prepareTables(seen.schema) : []
    const statements: InStatement[] = [
      ...tables,
      ...holdLease(runId),
      expectLedger(rows, newest),
      ...(i === 0 ? [expectSchema(seen.schemaVersion + tables.length)] : []),
      ...revisions.flatMap((revision) => [
        ...(how === 'applied' ? revision.statements : []),
        recordRevision(revision, how, runId),
      ]),
      ...(i === groups.length - 1 ? [dropLease(runId)] : []),
    ]
    rows += revisions.length
    newest = revisions.at(-1)?.when ?? newest
    return { revisions, statements }
  })
}
