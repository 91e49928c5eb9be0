// Carries out a plan's work, transaction by transaction. Each proves its own conditions, so nothing here
// needs to be undone, and any doubt ends in "observe again".
import type { Database, InStatement, Result } from '../db/client.ts'
import {
  codeOf,
  isBusy,
  isForbidden,
  isFull,
  isRefusedBySql,
  isThrownOut,
  isTimedOut,
  statementIndexOf,
} from '../db/failures.ts'
import { hasMoved, prepareTables } from './guard.ts'
import {
  dropLease,
  handOver,
  holdLease,
  leaseSecondsFor,
  prolongLease,
  recordFailure,
} from './lease.ts'
import {
  countChanges,
  expectLedger,
  type How,
  measure,
  nameRevision,
  recordRevision,
} from './ledger.ts'
import type { Seen } from './observe.ts'
import type { Pace } from './pace.ts'
import type { Work } from './plan.ts'
import { guardRebuild } from './rebuild.ts'
import { type Revision, type Revisions, sliceOf } from './revision.ts'

/** One HTTP request, one transaction: the revisions it brings, and everything that is sent. */
export type Request = {
  readonly how: How
  readonly revisions: readonly Revision[]
  readonly statements: readonly InStatement[]
  /** Where each revision's statements begin. */
  readonly starts: readonly number[]
  /** Sent again, a slice at a time, until it changes nothing; then it has recorded its revision. */
  readonly repeated: boolean
}

/** What one transaction has done; `changed` counts the rows of its slices, `ms` is the database's time. */
export type Progress = { readonly request: Request; readonly changed: number; readonly ms: number }

/** Rows that repeated statements changed, by what they do. */
export type Changed = Readonly<Record<string, number>>

export type Outcome =
  | { kind: 'done'; changed: Changed }
  /** The time or the requests of this run are used up; the lease is given back. */
  | { kind: 'handed_over' }
  /** Somebody else moved first. */
  | { kind: 'moved' }
  /** No answer: the database knows what happened, we do not. */
  | { kind: 'lost'; error: unknown }
  /** The database takes no writes, or none from us. */
  | { kind: 'forbidden'; error: unknown }
  | { kind: 'failed'; revision: Revision; error: unknown; reason: string }

/** Who does it: the build with its revisions, in a run that the lease and the ledger name. */
export type Runner = { readonly revisions: Revisions; readonly runId: string }

/** Sends a plan's transactions in order until one does not succeed; tells `onProgress` after each. */
export async function apply(
  db: Database,
  seen: Seen,
  work: Work,
  runner: Runner,
  pace: Pace,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Outcome> {
  const { runId } = runner
  let finished: Changed = {}
  for (const request of planRequests(seen, work, runner, db.limits.stepMs)) {
    for (let again = true; again; ) {
      if (pace.isSpent(db.roundTrips)) {
        await db.migrate([handOver(runId)]).catch(() => {})
        return { kind: 'handed_over' }
      }
      try {
        const results = await db.migrate(cut(request, pace.slice))
        const { changed, ms, finished: now } = measured(results)
        finished = now
        onProgress({ request, changed, ms })
        again = request.repeated && changed > 0
        await pace.rest(ms, again)
      } catch (error) {
        // Thrown out of the queue for taking too long: a smaller slice takes less.
        if (isThrownOut(error) && request.repeated && pace.shrink()) continue
        return judge(db, seen, request, runId, error)
      }
    }
  }
  return { kind: 'done', changed: finished }
}

async function judge(
  db: Database,
  seen: Seen,
  request: Request,
  runId: string,
  error: unknown,
): Promise<Outcome> {
  if (hasMoved(error)) return { kind: 'moved' }
  if (isForbidden(error)) {
    // A full database still takes what needs no room: the others are to hear that it is full, not that somebody is at work.
    if (isFull(error)) await db.migrate([handOver(runId)]).catch(() => {})
    return { kind: 'forbidden', error }
  }
  const tookTooLong = isThrownOut(error) || isTimedOut(error)
  if (!tookTooLong && isBusy(error)) return { kind: 'moved' }
  if (!tookTooLong && !isRefusedBySql(error)) return { kind: 'lost', error }
  const revision = findCulprit(request, error)
  const reason = isTimedOut(error) ? 'STEP_TIMEOUT' : codeOf(error)
  if (revision === undefined) return { kind: 'lost', error }
  // What this transaction had prepared was undone with it.
  const failure = [...prepareTables(seen), recordFailure(revision, runId, reason)]
  await db
    .migrate(failure)
    .catch(() => db.migrate([recordFailure(revision, runId, reason)]))
    .catch(() => {})
  return { kind: 'failed', revision, error, reason }
}

/** A repeated request with slices of this many rows. */
const cut = ({ statements, repeated }: Request, rows: number): InStatement[] =>
  statements.map((statement) =>
    repeated && typeof statement === 'string' ? sliceOf(statement, rows) : statement,
  )

/** The row of `measure`, which ends every transaction. */
function measured(results: readonly Result[]): { changed: number; ms: number; finished: Changed } {
  const row = results.at(-1)?.rows[0]
  const finished: Changed[] = JSON.parse(String(row?.finished ?? '[]'))
  return {
    changed: Number(row?.changed ?? 0),
    ms: Number(row?.ms ?? 0),
    finished: Object.assign({}, ...finished),
  }
}

/**
 * What goes over the wire, in order. An empty database has no rows that could make a revision slow, so
 * it gets all of them in one transaction. Otherwise the first one takes the lease, for others to see, and
 * stamps; then comes one per revision, so that each attempt makes progress that lasts.
 */
export function planRequests(
  seen: Seen,
  work: Work,
  { revisions: known, runId }: Runner,
  stepMs: number,
): Request[] {
  const hashes = (seen.ledger ?? []).map((row) => row.hash)
  const seconds = leaseSecondsFor(seen, stepMs)
  const groups: { how: How; revisions: readonly Revision[] }[] =
    work.kind === 'empty'
      ? [{ how: 'applied', revisions: work.apply }]
      : [
          { how: 'stamped', revisions: work.stamp },
          ...work.apply.map((revision) => ({ how: 'applied' as const, revisions: [revision] })),
        ]
  return groups.map(({ how, revisions }, i) => {
    const isFirst = i === 0
    const isLast = i === groups.length - 1
    // In an empty database there is nothing to be repeated.
    const repeated = work.kind !== 'empty' && revisions.some(({ repeats }) => repeats.length > 0)
    const statements: InStatement[] = [
      ...(isFirst ? prepareTables(seen) : []),
      ...holdLease(runId, seconds),
      expectLedger(hashes, known),
      ...(isFirst && work.kind === 'behind' ? work.unnamed.map(nameRevision) : []),
    ]
    const starts = revisions.map((revision) => {
      const start = statements.length
      if (how === 'applied')
        statements.push(...(repeated ? countedSlices(revision) : guardRebuild(revision.statements)))
      statements.push(recordRevision(revision, how, runId))
      return start
    })
    statements.push(
      isLast ? dropLease(runId, { onlyIfDone: repeated }) : prolongLease(runId, seconds),
      measure(runId),
    )
    hashes.push(...revisions.map((revision) => revision.hash))
    return { how, revisions, statements, starts, repeated }
  })
}

const countedSlices = ({ tag, statements, repeats }: Revision): InStatement[] =>
  statements.flatMap((sql, i) => [sql, countChanges(tag, repeats[i] ?? '')])

/** The revision whose statement the database refused; the last one where it does not say which. */
function findCulprit({ revisions, starts }: Request, error: unknown): Revision | undefined {
  const index = statementIndexOf(error) ?? Number.POSITIVE_INFINITY
  return revisions[starts.findLastIndex((start) => start <= index)] ?? revisions[0]
}

/** Gives names to rows that drizzle 0.x wrote. Best effort: nothing of ours depends on it. */
export async function nameRows(
  db: Database,
  seen: Seen,
  unnamed: readonly Revision[],
): Promise<void> {
  await db.migrate([...prepareTables(seen), ...unnamed.map(nameRevision)]).catch(() => {})
}
