// From what was observed to what may be done: one verdict, one action. Pure and total.

import { type Difference, holdsOnlyCopy, isOnlySlow } from './difference.ts'
import { type History, readHistory } from './history.ts'
import { isLive, isPausing } from './lease.ts'
import { findLeftovers } from './leftovers.ts'
import type { Observed, Seen } from './observe.ts'
import { compareSchema, findEarly, listProof } from './proof.ts'
import { listRebuilt } from './rebuild.ts'
import { headOf, ownedBy, type Revision, type Revisions } from './revision.ts'
import type { Schema } from './schema.ts'
import { findMisshapen } from './shape.ts'

/** `from` is the newest revision that the ledger holds; `unnamed` ones were recorded by drizzle 0.x. */
export type Plan =
  /** None of our tables, no ledger: apply all revisions. */
  | { kind: 'empty'; from: null; stamp: []; apply: readonly Revision[] }
  /** The ledger is a proper prefix, and the schema is what it says: apply the rest. */
  | {
      kind: 'behind'
      from: string
      stamp: []
      apply: readonly Revision[]
      unnamed: readonly Revision[]
    }
  /** Our tables without a ledger, proven to be at a revision: stamp up to it, apply the rest. */
  | {
      kind: 'unstamped'
      from: null
      stamp: readonly Revision[]
      apply: readonly Revision[]
      proof: Proof
    }
  /** The ledger holds exactly the build's revisions: serve. */
  | { kind: 'at_head'; from: string; unnamed: readonly Revision[]; slow: Difference[] }
  /** All of ours and newer ones: serve and write nothing, unless one of them breaks older code. */
  | { kind: 'ahead'; from: string; newer: string[]; breaking: string | undefined }
  /** Some of our objects, but no revision is proven. */
  | { kind: 'partial'; from: null; nearest: string; differences: Difference[] }
  /** The schema falls short of what the ledger says. */
  | { kind: 'drifted'; from: string; differences: Difference[] }
  /** Ledger rows that are not ours among ours, or a gap. */
  | { kind: 'diverged'; from: string | null; rows: string[] }
  /** A revision's file changed after it was applied. */
  | { kind: 'tampered'; from: string; revision: string }
  /** There is work, and somebody else is at it. */
  | { kind: 'held'; from: string | null; remainingMs: number }
  /** There is work, and it failed a moment ago. */
  | {
      kind: 'failed_recently'
      from: string | null
      revision: string
      reason: string | undefined
      attempts: number
      retryInMs: number
    }
  /** The database could not be read. */
  | { kind: 'unknown'; from: null; error: unknown }

/** Why a revision is stamped: the schema that was found, and the revisions that cannot be told apart by it. */
export type Proof = { proven: string; runAgain: string[]; matched: string[] }

export type Verdict = Plan['kind']

/** The plans that write. */
export type Work = Extract<Plan, { apply: readonly Revision[] }>

export function isWork(plan: Plan): plan is Work {
  return plan.kind === 'empty' || plan.kind === 'behind' || plan.kind === 'unstamped'
}

/**
 * Decides for `holder`, whose own lease never holds itself up. `revisions` are the build's, oldest first.
 * Whoever insists does not wait for the end of a pause after a failure.
 */
export function plan(
  observed: Observed,
  revisions: Revisions,
  holder: string,
  insist = false,
): Plan {
  if (observed.kind === 'unreadable') return { kind: 'unknown', from: null, error: observed.error }
  const { ledger = [], schema } = observed
  const misshapen = findMisshapen(schema)
  if (misshapen) return { kind: 'diverged', from: null, rows: [misshapen] }
  const history = readHistory(ledger, revisions)
  const verdict =
    history.kind === 'none'
      ? planBySchema(schema, revisions)
      : planByLedger(history, schema, revisions)
  return isWork(verdict) ? yieldToOthers(verdict, observed, holder, insist) : verdict
}

/** What a plan becomes where rows stand in the way of a revision still to come: refused before the first write. */
export function refuseRows(work: Work, wrong: readonly Difference[]): Plan {
  const differences = [...wrong]
  if (work.kind === 'behind') return { kind: 'drifted', from: work.from, differences }
  const nearest = work.kind === 'unstamped' ? work.proof.proven : (work.apply[0]?.tag ?? '')
  return { kind: 'partial', from: null, nearest, differences }
}

function planByLedger(
  history: Exclude<History, { kind: 'none' }>,
  schema: Schema,
  revisions: Revisions,
): Plan {
  if (history.kind !== 'continuous') return history
  const { known, newer, breaking, unnamed } = history
  const newest = known.at(-1) ?? known[0]
  const from = newest.tag
  if (newer.length > 0) return { kind: 'ahead', from, newer, breaking }
  const apply = revisions.slice(known.length)
  const differences = compareSchema(newest.schema, schema)
  const wrong = [
    // At head a missing index is only slow; before that, the next revision may be about to drop it.
    ...differences.filter((difference) => apply.length > 0 || !isOnlySlow(difference)),
    ...findObstacles(newest.schema, apply, schema, revisions),
  ]
  if (wrong.length > 0) return { kind: 'drifted', from, differences: wrong }
  if (apply.length > 0) return { kind: 'behind', from, stamp: [], apply, unnamed }
  return { kind: 'at_head', from, unnamed, slow: differences }
}

function planBySchema(schema: Schema, revisions: Revisions): Plan {
  const owned = ownedBy(revisions).tables
  const lost = findLeftovers(owned, schema).filter(holdsOnlyCopy)
  const highest = revisions.findLastIndex((r) => compareSchema(r.schema, schema).length === 0)
  const isEmpty = lost.length === 0 && !owned.some((table) => schema[table])
  const proven = revisions[highest]
  if (!isEmpty && (!proven || lost.length > 0)) return planPartial(schema, revisions)
  // Data revisions leave the schema as it was and cannot be proven: stamp up to the first with this
  // schema and run the (idempotent) rest again.
  const same = proven ? revisions.filter((r) => isSameSchema(r, proven)) : []
  const first = proven ? revisions.indexOf(same[0] ?? proven) : -1
  const apply = revisions.slice(first + 1)
  const obstacles = findObstacles(proven?.schema ?? {}, apply, schema, revisions)
  // Where nothing of ours is, what stands in its way is all there is to say.
  if (obstacles.length > 0 && !proven)
    return { kind: 'partial', from: null, nearest: revisions[0].tag, differences: obstacles }
  if (obstacles.length > 0) return planPartial(schema, revisions)
  if (!proven) return { kind: 'empty', from: null, stamp: [], apply }
  return {
    kind: 'unstamped',
    from: null,
    stamp: revisions.slice(0, first + 1),
    apply,
    proof: {
      proven: proven.tag,
      runAgain: same.slice(1).map((r) => r.tag),
      matched: listProof(proven.schema),
    },
  }
}

/** Names the revision that the fewest differences separate from the database. */
function planPartial(schema: Schema, revisions: Revisions): Plan {
  const distances = revisions.map((revision, i) => ({
    nearest: revision.tag,
    differences: [
      ...compareSchema(revision.schema, schema),
      ...findObstacles(revision.schema, revisions.slice(i + 1), schema, revisions),
    ],
  }))
  const nearest = distances.reduce((best, one) =>
    one.differences.length < best.differences.length ? one : best,
  )
  return { kind: 'partial', from: null, ...nearest }
}

/** What would make the revisions of `apply` fail, or hide rows, on a database that is otherwise at `proven`. */
function findObstacles(
  proven: Schema,
  apply: readonly Revision[],
  found: Schema,
  revisions: Revisions,
): Difference[] {
  const head = headOf(revisions).schema
  const rebuilt = apply.flatMap((revision) => listRebuilt(revision.statements))
  return [
    ...(apply.length > 0 ? findEarly(head, proven, found) : []),
    ...findLeftovers(rebuilt, found).filter((leftover) => !holdsOnlyCopy(leftover)),
    ...findLeftovers(ownedBy(revisions).tables, found).filter(holdsOnlyCopy),
  ]
}

const isSameSchema = (a: Revision, b: Revision) =>
  a.schema === b.schema || JSON.stringify(a.schema) === JSON.stringify(b.schema)

function yieldToOthers(work: Work, { lease }: Seen, holder: string, insist: boolean): Plan {
  const { from } = work
  const failure = lease?.failure
  const failed = failure && work.apply.find((revision) => revision.hash === failure.hash)
  if (failure && failed && !insist && isPausing(failure)) {
    const { reason, attempts, retryInMs } = failure
    return { kind: 'failed_recently', from, revision: failed.tag, reason, attempts, retryInMs }
  }
  if (lease && lease.holder !== holder && isLive(lease)) {
    return { kind: 'held', from, remainingMs: lease.remainingMs }
  }
  return work
}
