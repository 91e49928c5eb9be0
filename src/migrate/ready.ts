// The gate every request passes. A warm isolate compares one string; in a cold one, one request at a time
// runs the engine, and the others wait for what it finds. Kept here are settled facts and times, never a
// pending promise: a promise dies with the request that started it.
import type { Database } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import { nameOf } from './difference.ts'
import { look } from './look.ts'
import { oneInvocation, sleepFor, startPace } from './pace.ts'
import type { Plan, Verdict } from './plan.ts'
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
 * for longer than a caller waits: whoever calls it keeps it alive and answers through `waitUntilReady`.
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
    const { report, refusal, plan } = await migrate(db, revisions, {
      pace: startPace(oneInvocation),
      patienceMs: PATIENCE_MS - (Date.now() - began),
      onRequest: claim,
    })
    console.log(JSON.stringify(report))
    if (refusal) {
      refused = { at: Date.now(), refusal }
      throw refusal
    }
    readyUrl = url
    lastLook = { url, at: Date.now(), answer: toAnswer(plan, revisions) }
  } finally {
    busyUntil = 0
  }
}

/** For a caller, who gets an answer after `PATIENCE_MS` at the latest; the run itself goes on. */
export async function waitUntilReady(run: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(running()), PATIENCE_MS)
  })
  await Promise.race([run, patience]).finally(() => clearTimeout(timer))
}

const running = () =>
  refusalOf({ kind: 'held', from: null, remainingMs: 1000 }) ?? new ApiError('internal', '')

/** The body of `/health/ready`, its status and, for 503, when to ask again. */
type Answer = {
  body: { status: string; verdict: Verdict; revision: string | null; head: string } & Why
  status: 200 | 503
  retryAfter: number
}
type Why = { code?: string; detail?: unknown; slow?: string[] }

/** A warm isolate looks at most this often. */
const LOOK_EVERY_MS = 10_000
/** No look takes longer; one that has not ended by then was cancelled with its request. */
const LOOK_MAX_MS = 3_000

let lastLook: { url: string; at: number; answer: Answer } | undefined
let lookingSince: number | undefined

/** Where a database is not at head: a deployment wants to know at once when it is, a page asks again anyway. */
type Asker = 'eager' | 'patient'

/**
 * What `/health/ready` answers: looks and never writes. While somebody else looks, what was seen last is
 * the answer, so that no number of askers is more than one look at a time.
 */
export async function checkReady(
  db: Database,
  url: string,
  revisions: Revisions,
  asker: Asker = 'eager',
): Promise<Answer> {
  const now = Date.now()
  const isLooking = lookingSince !== undefined && now - lookingSince < LOOK_MAX_MS
  const known = lastLook?.url === url ? lastLook : undefined
  const isFresh = known !== undefined && now - known.at < LOOK_EVERY_MS
  const isEnough = isReady(url) || asker === 'patient' ? isFresh || isLooking : isFresh && isLooking
  if (known && isEnough) return known.answer
  lookingSince = now
  const limitMs = Math.min(db.limits.lookMs, db.limits.requestMs)
  const { found } = await look(db, revisions, { limitMs })
  const answer = toAnswer(found, revisions)
  lastLook = { url, at: Date.now(), answer }
  lookingSince = undefined
  return answer
}

function toAnswer(found: Plan, revisions: Revisions): Answer {
  const refusal = refusalOf(found)
  const isServing = found.kind === 'at_head' || (found.kind === 'ahead' && !refusal)
  return {
    body: {
      status: isServing ? 'ready' : 'not_ready',
      verdict: found.kind,
      revision: found.from,
      head: headOf(revisions).tag,
      ...(refusal ? { code: refusal.code, detail: refusal.detail } : {}),
      ...(found.kind === 'at_head' && found.slow.length > 0
        ? { slow: found.slow.map(nameOf) }
        : {}),
    },
    status: isServing ? 200 : 503,
    retryAfter: refusal?.retryAfter ?? 1,
  }
}
