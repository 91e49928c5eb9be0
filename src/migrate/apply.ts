// Carries out a plan's work, request by request. Each request is one transaction that proves its own
// conditions, so nothing here needs to be undone, and any doubt ends in "observe again".
import type { Database, InStatement } from '../db/client.ts'
import { codeOf, isRefusedBySql, statementIndexOf } from '../db/failures.ts'
import {
  dropLease,
  expectLedger,
  type How,
  hasMoved,
  holdLease,
  nameRevision,
  prepareTables,
  recordFailure,
  recordRevision,
} from './bookkeeping.ts'
import type { Observed } from './observe.ts'
import type { Work } from './plan.ts'
import { guardRebuild } from './rebuild.ts'
import type { Revision } from './revision.ts'

/** One HTTP request: the revisions it brings, and everything that is sent. */
export type Request = {
  readonly how: How
  readonly revisions: readonly Revision[]
  readonly statements: InStatement[]
  /** Where each revision's statements begin. */
  readonly starts: readonly number[]
}

export type Outcome =
  | { kind: 'done' }
  /** Somebody else moved first. */
  | { kind: 'moved' }
  /** No answer: the database knows what happened, we do not. */
  | { kind: 'lost'; error: unknown }
  | { kind: 'failed'; revision: Revision; error: unknown }

type Seen = Extract<Observed, { kind: 'seen' }>

/** Sends a plan's requests in order until one does not succeed; tells `onRequest` before each. */
export async function apply(
  db: Database,
  seen: Seen,
  work: Work,
  runId: string,
  onRequest: (request: Request) => void = () => {},
): Promise<Outcome> {
  for (const [i, request] of planRequests(seen, work, runId).entries()) {
    onRequest(request)
    try {
      await db.migrate(request.statements)
    } catch (error) {
      if (hasMoved(error)) return { kind: 'moved' }
      if (!isRefusedBySql(error)) return { kind: 'lost', error }
      const revision = findCulprit(request, error)
      // What the first request had prepared was undone with it.
      const tables = i === 0 ? prepareTables(seen.schema, seen.schemaVersion) : []
      const failure = recordFailure(revision, runId, codeOf(error))
      await db.migrate([...tables, failure]).catch(() => {})
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
  const groups: { revisions: readonly Revision[]; how: How }[] =
    work.kind === 'empty'
      ? [{ revisions: work.apply, how: 'applied' }]
      : [
          ...(work.stamp.length > 0 ? [{ revisions: work.stamp, how: 'stamped' as const }] : []),
          ...work.apply.map((revision) => ({ revisions: [revision], how: 'applied' as const })),
        ]
  const unnamed = work.kind === 'behind' ? work.unnamed : []
  const hashes = (seen.ledger ?? []).map((row) => row.hash)
  return groups.map(({ revisions, how }, i) => {
    const statements: InStatement[] = [
      ...(i === 0 ? prepareTables(seen.schema, seen.schemaVersion) : []),
      ...holdLease(runId),
      expectLedger(hashes),
      ...(i === 0 ? unnamed.map(nameRevision) : []),
    ]
    const starts = revisions.map((revision) => {
      const start = statements.length
      if (how === 'applied') statements.push(...guardRebuild(revision.statements))
      statements.push(recordRevision(revision, how, runId))
      return start
    })
    if (i === groups.length - 1) statements.push(dropLease(runId))
    hashes.push(...revisions.map((revision) => revision.hash))
    return { how, revisions, statements, starts }
  })
}

/** The revision whose statement the database refused; the last one where it does not say which. */
function findCulprit({ revisions, starts }: Request, error: unknown): Revision {
  const index = statementIndexOf(error) ?? Number.POSITIVE_INFINITY
  return revisions[starts.findLastIndex((start) => start <= index)] ?? (revisions[0] as Revision)
}

/** Gives names to rows that drizzle 0.x wrote. Best effort: nothing of ours depends on it. */
export async function nameRows(
  db: Database,
  seen: Seen,
  unnamed: readonly Revision[],
): Promise<void> {
  const statements = [
    ...prepareTables(seen.schema, seen.schemaVersion),
    ...unnamed.map(nameRevision),
  ]
  await db.migrate(statements).catch(() => {})
}
