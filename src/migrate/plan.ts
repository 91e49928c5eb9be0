// From what was observed to what may be done: one verdict, one action. Pure and total.
import type { LedgerRow, Observed } from './observe.ts'
import { compareSchema, type Difference, findEarly } from './proof.ts'
import type { Revision } from './revision.ts'
import type { Schema } from './schema.ts'

type Seen = Extract<Observed, { kind: 'seen' }>

export type Plan =
  /** None of our tables, no ledger: apply all revisions. */
  | { kind: 'empty'; from: null; stamp: []; apply: readonly Revision[] }
  /** The ledger is a proper prefix: apply the rest. */
  | { kind: 'behind'; from: string; stamp: []; apply: readonly Revision[] }
  /** Our tables without a ledger, proven to be at a revision: stamp up to it, apply the rest. */
  | { kind: 'unstamped'; from: null; stamp: readonly Revision[]; apply: readonly Revision[] }
  /** The ledger holds exactly the build's revisions: serve. */
  | { kind: 'at_head'; from: string }
  /** All of ours and newer ones: serve and write nothing, unless one of them breaks older code. */
  | { kind: 'ahead'; from: string; newer: string[]; breaking: string | undefined }
  /** Some of our objects, but no revision is proven. */
  | { kind: 'partial'; nearest: string; differences: Difference[] }
  /** Ledger rows that are not ours among ours, or a gap. */
  | { kind: 'diverged'; rows: string[] }
  /** A revision's file changed after it was applied. */
  | { kind: 'tampered'; revision: string }
  /** There is work, and somebody else is at it. */
  | { kind: 'held'; remainingMs: number }
  /** There is work, and it failed a moment ago. */
  | { kind: 'failed_recently'; revision: string; attempts: number; retryInMs: number }
  /** The database could not be read. */
  | { kind: 'unknown'; error: unknown }

export type Verdict = Plan['kind']

/** The plans that write. */
export type Work = Extract<Plan, { apply: readonly Revision[] }>

export function isWork(plan: Plan): plan is Work {
  return plan.kind === 'empty' || plan.kind === 'behind' || plan.kind === 'unstamped'
}

/** Decides for `holder`, whose own lease never holds itself up. `revisions` are the build's, oldest first. */
export function plan(observed: Observed, revisions: readonly Revision[], holder: string): Plan {
  if (observed.kind === 'unreadable') return { kind: 'unknown', error: observed.error }
  const ledger = observed.ledger ?? []
  const verdict =
    ledger.length > 0 ? planByLedger(ledger, revisions) : planBySchema(observed.schema, revisions)
  return isWork(verdict) ? yieldToOthers(verdict, observed, holder) : verdict
}

function planByLedger(ledger: readonly LedgerRow[], revisions: readonly Revision[]): Plan {
  const known = revisions.filter((revision) => ledger.some((row) => isRowOf(row, revision)))
  const strangers = ledger.filter((row) => !revisions.some((revision) => isRowOf(row, revision)))
  const newest = Math.max(...known.map((revision) => revision.when), 0)
  const early = strangers.filter(
    (row) => row.createdAt <= newest || known.length < revisions.length,
  )
  const gaps = revisions
    .slice(0, revisions.findLastIndex((r) => known.includes(r)) + 1)
    .filter((r) => !known.includes(r))
  if (early.length > 0 || gaps.length > 0 || known.length + strangers.length < ledger.length) {
    const rows = [
      ...early.map((row) => row.name ?? `created_at ${row.createdAt}`),
      ...gaps.map((r) => `${r.tag} (missing)`),
    ]
    return { kind: 'diverged', rows: rows.length > 0 ? rows : ['a revision is recorded twice'] }
  }
  const edited = known.find((revision) =>
    ledger.some((row) => isRowOf(row, revision) && isEdited(row, revision)),
  )
  if (edited) return { kind: 'tampered', revision: edited.tag }
  const from = (known.at(-1) as Revision).tag
  if (strangers.length > 0) {
    const newer = strangers.map((row) => row.name ?? `created_at ${row.createdAt}`)
    return {
      kind: 'ahead',
      from,
      newer,
      breaking: strangers.find((row) => row.breaks)?.name ?? undefined,
    }
  }
  const apply = revisions.slice(known.length)
  return apply.length === 0 ? { kind: 'at_head', from } : { kind: 'behind', from, stamp: [], apply }
}

/** drizzle's 1.0 keeps times to the second; the name, where there is one, decides. */
function isRowOf(row: LedgerRow, revision: Revision): boolean {
  if (row.name !== null) return row.name === revision.tag
  return Math.floor(row.createdAt / 1000) === Math.floor(revision.when / 1000)
}

/** An empty hash was written by a reader of bundled files: it says nothing. */
function isEdited(row: LedgerRow, revision: Revision): boolean {
  if (row.hash === '' || row.hash === revision.hash) return false
  return row.contentHash !== revision.contentHash
}

function planBySchema(schema: Schema, revisions: readonly Revision[]): Plan {
  const head = (revisions.at(-1) as Revision).schema
  const owned = new Set(revisions.flatMap((revision) => Object.keys(revision.schema)))
  if (![...owned].some((table) => schema[table])) {
    return { kind: 'empty', from: null, stamp: [], apply: revisions }
  }
  const highest = revisions.findLastIndex((r) => compareSchema(r.schema, schema).length === 0)
  const proven = revisions[highest]
  if (!proven) return planPartial(schema, revisions)
  const early = findEarly(head, proven.schema, schema)
  if (early.length > 0) return planPartial(schema, revisions, revisions[highest + 1])
  // Data revisions leave the schema as it was and cannot be proven: stamp up to the first with this
  // schema and run the (idempotent) rest again.
  const first = revisions.findIndex(
    (r) => JSON.stringify(r.schema) === JSON.stringify(proven.schema),
  )
  return {
    kind: 'unstamped',
    from: null,
    stamp: revisions.slice(0, first + 1),
    apply: revisions.slice(first + 1),
  }
}

/** Names the revision that the fewest differences separate from the database, or `towards`. */
function planPartial(schema: Schema, revisions: readonly Revision[], towards?: Revision): Plan {
  const candidates = (towards ? [towards] : revisions).map((revision) => ({
    nearest: revision.tag,
    differences: compareSchema(revision.schema, schema),
  }))
  const [nearest] = candidates.sort((a, b) => a.differences.length - b.differences.length)
  return { kind: 'partial', ...(nearest as (typeof candidates)[number]) }
}

function yieldToOthers(work: Work, { lease }: Seen, holder: string): Plan {
  const failure = lease?.failure
  const failed = failure && work.apply.find((revision) => revision.hash === failure.hash)
  if (failure && failed && failure.retryInMs > 0) {
    return {
      kind: 'failed_recently',
      revision: failed.tag,
      attempts: failure.attempts,
      retryInMs: failure.retryInMs,
    }
  }
  if (lease && lease.holder !== holder && lease.remainingMs > 0) {
    return { kind: 'held', remainingMs: lease.remainingMs }
  }
  return work
}
