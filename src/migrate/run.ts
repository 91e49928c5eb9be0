// One run of the engine: observe, plan, apply, and again, until the verdict is final.
import type { Database } from '../db/client.ts'
import { codeOf } from '../db/failures.ts'
import type { ApiError } from '../errors.ts'
import { apply, nameRows, type Outcome, type Request } from './apply.ts'
import { type Observed, observe } from './observe.ts'
import { isWork, type Plan, plan, type Work } from './plan.ts'
import { type Report, toReport } from './report.ts'
import type { Revision } from './revision.ts'
import { refusalOf } from './verdicts.ts'

/** Longer than a lease lives, so that waiting for a dead holder ends in serving. */
const WAIT_MAX_MS = 5000
const WAIT_STEP_MS = 150

export type Run = { readonly report: Report; readonly plan: Plan; readonly refusal?: ApiError }

export type RunOptions = {
  /** Waits before looking again and gives the milliseconds that count against the patience of a request. */
  pause?: () => Promise<number>
  /** Called before each writing request. */
  onRequest?: (request: Request) => void
}

/** Brings the database as far as its verdict allows. Never throws; writes only what a plan says. */
export async function migrate(
  db: Database,
  revisions: readonly Revision[],
  { pause = pauseWithJitter, onRequest }: RunOptions = {},
): Promise<Run> {
  const runId = crypto.randomUUID()
  const started = Date.now()
  let found: Plan | undefined
  let trouble: Plan | undefined
  let waited = 0
  for (;;) {
    const seen = await observe(db)
    const next = plan(seen, revisions, runId)
    found ??= next
    if (seen.kind === 'seen' && isWork(next) && !(trouble && waited >= WAIT_MAX_MS)) {
      const outcome = await apply(db, seen, next, runId, onRequest)
      if (outcome.kind === 'done') return finish(seen, toHead(revisions), found, next)
      trouble = toTrouble(outcome, next)
      if (outcome.kind === 'failed') {
        // Not again by this isolate, even if nobody could be told; one more look, for what was recorded.
        logFailure(runId, outcome.revision, outcome.error)
        waited = WAIT_MAX_MS
      } else waited += await pause()
    } else if (next.kind === 'held' && waited < WAIT_MAX_MS) {
      waited += await pause()
    } else {
      if (seen.kind === 'seen' && next.kind === 'at_head' && next.unnamed.length > 0)
        await nameRows(db, seen, next.unnamed)
      return finish(seen, (isWork(next) && trouble) || next, found)
    }
  }

  function finish(seen: Observed, last: Plan, first: Plan, done?: Work): Run {
    const report = toReport({ runId, started, roundTrips: db.roundTrips, seen, first, last, done })
    const refusal = refusalOf(last)
    return refusal ? { report, plan: last, refusal } : { report, plan: last }
  }
}

/** What to answer if nothing better turns up. */
function toTrouble(outcome: Exclude<Outcome, { kind: 'done' }>, { from }: Work): Plan {
  switch (outcome.kind) {
    case 'moved':
      return { kind: 'held', from, remainingMs: 1000 }
    case 'lost':
      return { kind: 'unknown', from: null, error: outcome.error }
    case 'failed': {
      const { tag: revision } = outcome.revision
      const reason = codeOf(outcome.error)
      return { kind: 'failed_recently', from, revision, reason, attempts: 1, retryInMs: 2000 }
    }
  }
}

const toHead = (revisions: readonly Revision[]): Plan => ({
  kind: 'at_head',
  from: (revisions.at(-1) as Revision).tag,
  unnamed: [],
  slow: [],
})

function logFailure(runId: string, revision: Revision, error: unknown): void {
  const line = {
    event: 'migrate_failed',
    run_id: runId,
    revision: revision.tag,
    error: String(error),
  }
  console.error(JSON.stringify(line))
}

async function pauseWithJitter(): Promise<number> {
  const ms = WAIT_STEP_MS * (0.5 + Math.random())
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ms
}
