// One run of the engine: observe, plan, apply, and again, until the verdict is final.
import type { Database } from '../db/client.ts'
import type { ApiError } from '../errors.ts'
import { apply, nameRows, type Outcome, type Progress } from './apply.ts'
import { isLive, REMAINING } from './lease.ts'
import { type Look, look } from './look.ts'
import { type Pace, sleepFor, startPace, unlimited } from './pace.ts'
import { isWork, type Plan, type Work } from './plan.ts'
import { type Done, type Report, toReport } from './report.ts'
import { headOf, type Revision, type Revisions } from './revision.ts'
import { refusalOf, wayOutOf } from './verdicts.ts'

/** How long a run waits for others, in milliseconds by the clock. */
export const PATIENCE_MS = 5000
/** Between two looks at a lease that somebody else holds. */
const PAUSE_MS = 150
const PAUSE_MAX_MS = 600

export type Run = { readonly report: Report; readonly plan: Plan; readonly refusal?: ApiError }

export type RunOptions = {
  pace?: Pace
  patienceMs?: number
  /** Waits between two looks. */
  pause?: (ms: number) => Promise<void>
  /** Called before anything is sent. */
  onRequest?: () => void
  /** Called after each transaction. */
  onProgress?: (progress: Progress) => void
  /** Try again although it failed a moment ago. */
  insist?: boolean
}

/** Brings the database as far as its verdict allows. Never throws; writes only what a plan says. */
export async function migrate(
  db: Database,
  revisions: Revisions,
  {
    pace = startPace(unlimited),
    patienceMs = PATIENCE_MS,
    pause = sleepFor,
    onRequest = () => {},
    onProgress = () => {},
    insist = false,
  }: RunOptions = {},
): Promise<Run> {
  const runId = crypto.randomUUID()
  const started = Date.now()
  const isPatient = () => Date.now() - started < patienceMs
  let first: Plan | undefined
  let trouble: Plan | undefined
  let pauseMs = PAUSE_MS
  const wait = async () => {
    // Longer by up to a half, so that isolates do not look in step.
    await pause(pauseMs * (1 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 1.5, PAUSE_MAX_MS)
  }
  for (;;) {
    onRequest()
    const seeing: Look = await look(db, revisions, { holder: runId, insist: insist && !trouble })
    const { seen, found: next } = seeing
    first ??= next
    if (seen.kind === 'seen' && isWork(next) && !(trouble && !isPatient())) {
      const outcome = await apply(db, seen, next, { revisions, runId }, pace, (progress) => {
        onProgress(progress)
        onRequest()
      })
      if (outcome.kind === 'done')
        return finish(seeing, toHead(revisions), first, { work: next, changed: outcome.changed })
      trouble = toTrouble(outcome, next)
      if (outcome.kind === 'handed_over' || outcome.kind === 'forbidden')
        return finish(seeing, trouble, first)
      if (outcome.kind === 'failed') {
        logFailure(runId, outcome)
        // Not again by this run, even if nobody could be told; one more look, for what was recorded.
        const after = await look(db, revisions)
        return finish(after, isWork(after.found) ? trouble : after.found, first)
      }
      await wait()
    } else if (next.kind === 'held' && isPatient()) {
      do await wait()
      while (isPatient() && (await isHeld(db, onRequest)))
    } else {
      if (seen.kind === 'seen' && next.kind === 'at_head' && next.unnamed.length > 0)
        await nameRows(db, seen, next.unnamed)
      return finish(seeing, (isWork(next) && trouble) || next, first)
    }
  }

  function finish({ seen }: Look, last: Plan, found: Plan, done?: Done): Run {
    const report = toReport({
      runId,
      started,
      roundTrips: db.roundTrips,
      seen,
      first: found,
      last,
      done,
    })
    const refusal = refusalOf(last)
    return refusal ? { report, plan: last, refusal } : { report, plan: last }
  }
}

/** The cheap look: does the lease still live? Not knowing is answered by a whole look. */
async function isHeld(db: Database, onRequest: () => void): Promise<boolean> {
  onRequest()
  const [result] = await db.snapshot([REMAINING]).catch(() => [])
  if (!result || !('rows' in result)) return false
  const [lease] = result.rows
  return isLive({
    remainingMs: Number(lease?.remaining_ms ?? 0),
    seconds: Number(lease?.seconds ?? 0),
  })
}

/** What to answer if nothing better turns up. */
function toTrouble(outcome: Exclude<Outcome, { kind: 'done' }>, { from }: Work): Plan {
  switch (outcome.kind) {
    case 'handed_over':
      return { kind: 'held', from, remainingMs: 0 }
    case 'moved':
      return { kind: 'held', from, remainingMs: 1000 }
    case 'lost':
    case 'forbidden':
      return { kind: 'unknown', from: null, error: outcome.error }
    case 'failed': {
      const { revision, reason } = outcome
      return {
        kind: 'failed_recently',
        from,
        revision: revision.tag,
        reason,
        attempts: 1,
        retryInMs: 2000,
      }
    }
  }
}

const toHead = (revisions: Revisions): Plan => ({
  kind: 'at_head',
  from: headOf(revisions).tag,
  unnamed: [],
  slow: [],
})

type Failed = { revision: Revision; error: unknown; reason: string }

function logFailure(runId: string, { revision, error, reason }: Failed): void {
  const line = {
    event: 'migrate_failed',
    run_id: runId,
    revision: revision.tag,
    reason,
    way_out: wayOutOf(reason),
    error: String(error),
  }
  console.error(JSON.stringify(line))
}
