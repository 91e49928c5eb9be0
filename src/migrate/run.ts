// One run of the engine: observe, plan, apply, and again, until the verdict is final.
import type { Database } from '../db/client.ts'
import type { ApiError } from '../errors.ts'
import { apply, nameRows, type Request } from './apply.ts'
import { type Observed, observe } from './observe.ts'
import { isWork, type Plan, plan, type Verdict } from './plan.ts'
import type { Revision } from './revision.ts'
import { detailOf, refusalOf } from './verdicts.ts'

/** Longer than a lease lives, so that waiting for a dead holder ends in serving. */
const WAIT_MAX_MS = 5000
const WAIT_STEP_MS = 150

/** What one run found and did: the log line. */
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
  [detail: string]: unknown
}

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
      if (outcome.kind === 'failed') logFailure(runId, outcome.revision, outcome.error)
      trouble =
        outcome.kind === 'lost'
          ? { kind: 'unknown', from: null, error: outcome.error }
          : { kind: 'held', from: next.from, remainingMs: 1000 }
      waited += await pause()
    } else if (next.kind === 'held' && waited < WAIT_MAX_MS) {
      waited += await pause()
    } else {
      if (seen.kind === 'seen' && next.kind === 'at_head' && next.unnamed.length > 0)
        await nameRows(db, seen, next.unnamed)
      return finish(seen, (isWork(next) && trouble) || next, found)
    }
  }

  /** The ledger tells what this run did, also where a reply was lost; `done` was not read back. */
  function finish(seen: Observed, last: Plan, first: Plan, done?: Plan): Run {
    const mine = (seen.kind === 'seen' && seen.ledger?.filter((row) => row.runId === runId)) || []
    const work = done && isWork(done) ? done : { stamp: [], apply: [] }
    const namesOf = (how: string, rest: readonly Revision[]) => [
      ...mine.filter((row) => row.how === how).map((row) => String(row.name)),
      ...rest.map((revision) => revision.tag),
    ]
    const report: Report = {
      event: 'migrate',
      run_id: runId,
      found: first.kind,
      verdict: last.kind,
      before: first.from,
      after: last.from,
      stamped: namesOf('stamped', work.stamp),
      applied: namesOf('applied', work.apply),
      round_trips: db.roundTrips,
      ms: Date.now() - started,
      ...(seen.kind === 'seen' && seen.alembic ? { alembic: seen.alembic } : {}),
      ...(isWork(first) ? detailOf(first) : {}),
      ...detailOf(last),
    }
    const refusal = refusalOf(last)
    return refusal ? { report, plan: last, refusal } : { report, plan: last }
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
