// The gate every request passes. A warm isolate compares one string; in a cold one, one request at a time
// runs the engine, and the others wait for what it finds. Kept here are settled facts and times, never a pending promise:
// a promise dies with the request that started it.
import type { Database } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import { look } from './look.ts'
import { oneInvocation, sleepFor, startPace } from './pace.ts'
import { headOf, type Revisions } from './revision.ts'
import { migrate, PATIENCE_MS } from './run.ts'
import { refusalOf } from './verdicts.ts'

/** The database that this isolate has seen at head. */
let readyUrl: string | undefined
/** Until when a request of this isolate is at work, by our clock: its next step is due before that. */
let busyUntil = 0
/** How the last run of this isolate ended, where it may not be served. */
let refused: { at: number; refusal: ApiError } | undefined

/** Between two looks at the facts above. */
const POLL_MS = 25

export const isReady = (url: string) => readyUrl === url

/** A query met a table or column that is not there: the schema moved on under this isolate, look again. */
export function doubtReady(): void {
  readyUrl = undefined
}

/**
 * Brings the database to head or finds that it is there; then `isReady(url)` holds for this isolate. Goes on
 * for longer than a caller waits: whoever calls it keeps it alive and answers after `PATIENCE_MS`.
 * Throws ApiError 503 with the code of the verdict. Each run logs one line.
 */
export async function ensureReady(db: Database, url: string, revisions: Revisions): Promise<void> {
  const began = Date.now()
  while (Date.now() < busyUntil) {
    if (Date.now() - began >= PATIENCE_MS) throw running()
    await sleepFor(POLL_MS)
    if (isReady(url)) return
    // Nobody needs to find out twice what another request found out meanwhile.
    if (refused && refused.at >= began) throw refused.refusal
  }
  const claim = () => {
    busyUntil = Date.now() + db.limits.stepMs
  }
  claim()
  try {
    const { report, refusal } = await migrate(db, revisions, {
      pace: startPace(oneInvocation),
      patienceMs: PATIENCE_MS - (Date.now() - began),
      onRequest: claim,
    })
    console.log(JSON.stringify(report))
    if (!refusal) {
      readyUrl = url
      return
    }
    refused = { at: Date.now(), refusal }
    throw refusal
  } finally {
    busyUntil = 0
  }
}

/** The same for a caller, who gets an answer after `PATIENCE_MS`; the run itself goes on. */
export async function waitUntilReady(run: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(running()), PATIENCE_MS)
  })
  await Promise.race([run, patience]).finally(() => clearTimeout(timer))
}

const running = () =>
  refusalOf({ kind: 'held', from: null, remainingMs: 1000 }) ??
  new ApiError('migration_running', 'The database is being brought up to date.')

/** What `/health/ready` answers: looks and never writes; a warm isolate does not even look. */
export async function checkReady(db: Database, url: string, revisions: Revisions) {
  const head = headOf(revisions).tag
  if (isReady(url))
    return { body: { status: 'ready', verdict: 'at_head', head }, status: 200 as const }
  const { found } = await look(db, revisions)
  const refusal = refusalOf(found)
  const serving = found.kind === 'at_head' || (found.kind === 'ahead' && !refusal)
  return {
    body: {
      status: serving ? 'ready' : 'not_ready',
      verdict: found.kind,
      revision: found.from,
      head,
      ...(refusal ? { code: refusal.code, detail: refusal.detail } : {}),
    },
    status: serving ? (200 as const) : (503 as const),
  }
}
