// The gate every request passes. A warm isolate compares one string; a cold one looks at the database,
// does what its plan allows, and looks again, until it may serve or must refuse.
import type { Database } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import { apply } from './apply.ts'
import { observe } from './observe.ts'
import { isWork, type Plan, plan, type Verdict } from './plan.ts'
import type { Revision } from './revision.ts'

/** Longer than a lease lives, so that waiting for a dead holder ends in serving. */
const WAIT_MAX_MS = 5000
const WAIT_STEP_MS = 150

/** What one run found and did: the log line, and the body of `/health/ready`. */
export type Report = {
  event: 'migrate'
  run_id: string
  /** What the first look found, and what the last one says. */
  found: Verdict
  verdict: Verdict
  before: string | null
  after: string | null
  stamped: string[]
  applied: string[]
  round_trips: number
  ms: number
  detail?: unknown
}

/** The database that this isolate has seen at head. A settled fact, never a pending promise. */
let readyUrl: string | undefined

export const isReady = (url: string) => readyUrl === url

/**
 * Brings the database to head or finds that it is there; then `isReady(url)` holds for this isolate.
 * Throws ApiError 503 with the code of the verdict. Logs one line either way.
 */
export async function ensureReady(
  db: Database,
  url: string,
  revisions: readonly Revision[],
): Promise<void> {
  const { report, refusal } = await migrate(db, revisions)
  console.log(JSON.stringify(report))
  if (refusal) throw refusal
  readyUrl = url
}

/** What `/health/ready` answers: looks and never writes; a warm isolate does not even look. */
export async function checkReady(db: Database, url: string, revisions: readonly Revision[]) {
  const head = (revisions.at(-1) as Revision).tag
  if (isReady(url))
    return { body: { status: 'ready', verdict: 'at_head', head }, status: 200 as const }
  const found = plan(await observe(db), revisions, '')
  const refusal = refusalOf(found)
  const serving = found.kind === 'at_head' || (found.kind === 'ahead' && !refusal)
  return {
    body: {
      status: serving ? 'ready' : 'not_ready',
      verdict: found.kind,
      revision: revisionOf(found),
      head,
      ...(refusal ? { code: refusal.code, detail: refusal.detail } : {}),
    },
    status: serving ? (200 as const) : (503 as const),
  }
}

/** One run of the engine: observe, plan, apply, and again, until the verdict is final. */
export async function migrate(
  db: Database,
  revisions: readonly Revision[],
): Promise<{ report: Report; refusal?: ApiError }> {
  const runId = crypto.randomUUID()
  const started = Date.now()
  const done = { stamped: [] as string[], applied: [] as string[] }
  let first: Plan | undefined
  let waited = 0
  for (;;) {
    const seen = await observe(db)
    const next = plan(seen, revisions, runId)
    first ??= next
    let refusal = refusalOf(next)
    if (seen.kind === 'seen' && isWork(next)) {
      const outcome = await apply(db, seen, next, runId)
      if (outcome.kind === 'done') {
        done.stamped.push(...next.stamp.map((r) => r.tag))
        done.applied.push(...next.apply.map((r) => r.tag))
      }
      if (outcome.kind === 'failed') {
        console.error(
          JSON.stringify({
            event: 'migrate_failed',
            run_id: runId,
            revision: outcome.revision.tag,
            error: String(outcome.error),
          }),
        )
      }
      if (outcome.kind !== 'done') waited += await pause()
      else {
        const head = revisions.at(-1) as Revision
        return { report: toReport({ kind: 'at_head', from: head.tag }) }
      }
      if (waited < WAIT_MAX_MS) continue
      refusal = refusalOf({ kind: 'held', remainingMs: 1000 })
    }
    if (next.kind === 'held' && waited < WAIT_MAX_MS) {
      waited += await pause()
      continue
    }
    return refusal ? { report: toReport(next), refusal } : { report: toReport(next) }
  }

  function toReport(last: Plan): Report {
    const found = first as Plan
    return {
      event: 'migrate',
      run_id: runId,
      found: found.kind,
      verdict: last.kind,
      before: revisionOf(found),
      after: revisionOf(last),
      ...done,
      round_trips: db.roundTrips,
      ms: Date.now() - started,
      ...(detailOf(last) === undefined ? {} : { detail: detailOf(last) }),
    }
  }
}

/** Why a plan may not be served, or undefined where it may. */
export function refusalOf(plan: Plan): ApiError | undefined {
  switch (plan.kind) {
    case 'at_head':
    case 'empty':
    case 'behind':
    case 'unstamped':
      return undefined
    case 'ahead':
      return plan.breaking === undefined
        ? undefined
        : new ApiError(
            'schema_breaking',
            `The database has revision ${plan.breaking}, which this build must not serve. Deploy the newer build.`,
            { retryAfter: 60 },
          )
    case 'partial':
      return new ApiError(
        'schema_partial',
        `The schema matches no known revision; the nearest is ${plan.nearest}: ${plan.differences.map((d) => `${d.object} is ${d.kind}`).join(', ')}. Nothing was written.`,
        { retryAfter: 60 },
      )
    case 'diverged':
      return new ApiError(
        'schema_diverged',
        `The ledger does not continue this build's revisions: ${plan.rows.join(', ')}. Nothing was written.`,
        { retryAfter: 60 },
      )
    case 'tampered':
      return new ApiError(
        'schema_tampered',
        `Revision ${plan.revision} was edited after it was applied. Restore its file. Nothing was written.`,
        { retryAfter: 60 },
      )
    case 'held':
      return new ApiError(
        'migration_running',
        'The database is being brought up to date. Try again in a moment.',
        { retryAfter: Math.max(1, Math.ceil(plan.remainingMs / 1000)) },
      )
    case 'failed_recently':
      return new ApiError(
        'migration_failed',
        `Revision ${plan.revision} failed. It will be tried again after a pause; see the log.`,
        { retryAfter: Math.max(1, Math.ceil(plan.retryInMs / 1000)) },
      )
    case 'unknown':
      return new ApiError(
        'database_unavailable',
        'The database cannot be read. Nothing was written.',
        { cause: plan.error, retryAfter: 2 },
      )
    default:
      return plan satisfies never
  }
}

function revisionOf(plan: Plan): string | null {
  return 'from' in plan ? plan.from : null
}

function detailOf(plan: Plan): unknown {
  if (plan.kind === 'partial') return { nearest: plan.nearest, differences: plan.differences }
  if (plan.kind === 'diverged') return plan.rows
  if (plan.kind === 'ahead') return plan.newer
  return undefined
}

async function pause(): Promise<number> {
  const ms = WAIT_STEP_MS * (0.5 + Math.random())
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ms
}
