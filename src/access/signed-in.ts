// Routes for those who have signed in: what stands before a handler, and what the handler finds.
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { sql } from '../db/sql.ts'
import type { Open } from '../env.ts'
import { ApiError, logError } from '../errors.ts'
import { type Credential, readCredential } from '../identity/authenticate.ts'
import type { Passed } from '../identity/cloudflare-access.ts'
import { countUse, type Key, lookUp, type Purpose } from '../identity/keys.ts'
import { type Ask, askAs } from './ask.ts'
import { type Judge, requireCaller } from './caller.ts'
import { isOneTooMany, recordEvent } from './events.ts'

/** What a handler behind `authenticate` finds in its context. */
export type SignedIn = Open & { Variables: { credential: Credential; ask: Ask } }

/** What the map knows and this room does not. */
type Doors = {
  /** The isolate has seen the database at head: what is read may rely on its schema. */
  isWarm(c: Context<SignedIn>): boolean
  /** Somebody came with a key that nobody has. Throws once they have done so too often. */
  countWrongKey(c: Context<SignedIn>): Promise<void>
  /** Somebody whom Cloudflare Access vouches for has no user yet. */
  arrive(c: Context<SignedIn>, who: Passed): Promise<void>
}

/**
 * Refuses strangers before anything is done for them. A token, and what Cloudflare Access says, is judged by crypto; a key by the handler's own
 * round trip where that only reads, else by a look before: a stranger makes the Worker do one indexed read,
 * never a write, a migration or a parser's work. Who asks is answered before what they sent: where
 * validation failed, and only there, the caller is looked up for it.
 */
export const authenticate = (doors: Doors): MiddlewareHandler<SignedIn> =>
  async function authenticate(c, next) {
    const later = (work: Promise<unknown>) => c.executionCtx.waitUntil(work)
    const who = await readCredential(c.req, c.var.requestId, c.var.env, purposeOf(c), later)
    c.set('credential', who)
    const arrive = who.kind === 'access' ? () => doors.arrive(c, who) : undefined
    c.set('ask', askAs(c.var.db, who, requireCaller, { arrive }))
    const isSafe = c.req.method === 'GET' || c.req.method === 'HEAD'
    const isWarm = doors.isWarm(c)
    const isLookedUp = who.kind === 'key' && !(isSafe && isWarm)
    if (isLookedUp) await refusing(c, doors, () => lookUp(c.var.db, who, isWarm))
    await next()
    const code = c.error instanceof ApiError ? c.error.code : undefined
    if (code === 'invalid') await refusing(c, doors, () => c.var.ask.ensureJudged())
    if (code === 'forbidden') keepRefusal(c)
    if (who.kind !== 'key') return
    if (isLookedUp || c.var.ask.isJudged) keepCount(c, who)
    else if (code === 'not_authenticated') await doors.countWrongKey(c)
  }

/** Refusals in bulk are recorded after the answer, which stands without it. */
function keepRefusal(c: Context<SignedIn>): void {
  const { db, ask } = c.var
  if (!isOneTooMany(ask.name)) return
  const { id: by, requestId } = ask.author
  const recorded = recordEvent(db, 'user.refused', sql`u.id = ${by}`, { by, requestId })
  c.executionCtx.waitUntil(recorded.catch((error) => logError(requestId, 'event_not_kept', error)))
}

async function refusing(c: Context<SignedIn>, doors: Doors, look: () => Promise<void>) {
  try {
    await look()
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_authenticated')
      await doors.countWrongKey(c)
    throw error
  }
}

/** The use of a key is counted beside the answer: nothing waits for the write, and nothing fails with it. */
function keepCount(c: Context<SignedIn>, key: Key) {
  const counted = c.var.db
    .write({ use: countUse(key) })
    .catch((error: unknown) => logError(c.var.requestId, 'use_not_counted', error))
  c.executionCtx.waitUntil(counted)
}

/** Marks a POST that changes nothing, and is open to keys that only read. */
export const onlyReads: MiddlewareHandler = Object.assign<MiddlewareHandler, { onlyReads: true }>(
  (_, next) => next(),
  { onlyReads: true },
)

/** Marks a route whose reads may come from a replica: listings, single flows, checks, searches. It decides no write. */
export const fromReplica: MiddlewareHandler = Object.assign<
  MiddlewareHandler,
  { fromReplica: true }
>((_, next) => next(), { fromReplica: true })

/** Marks a POST that asks what somebody may do: open to keys that do nothing else, and answered by replicas too. */
export const onlyDecides: MiddlewareHandler = Object.assign<
  MiddlewareHandler,
  { onlyReads: true; onlyDecides: true; fromReplica: true }
>((_, next) => next(), { onlyReads: true, onlyDecides: true, fromReplica: true })

function purposeOf(c: Context): Purpose {
  const isMarked = (mark: string) => matchedRoutes(c).some(({ handler }) => mark in handler)
  if (isMarked('onlyDecides')) return 'deciding'
  const reads = c.req.method === 'GET' || c.req.method === 'HEAD' || isMarked('onlyReads')
  return reads ? 'reading' : 'writing'
}

/** Throws 403 for a key, which mints no keys and changes no password: whoever found one has nothing for good. */
export function requireSignIn(who: Credential, what: string): void {
  if (who.kind === 'key')
    throw new ApiError('forbidden', `${what} takes a sign-in: an API key does not do.`)
}

/** A route for those who have signed in. */
export const signedInOnly =
  (what: string): MiddlewareHandler<SignedIn> =>
  async (c, next) => {
    requireSignIn(c.var.credential, what)
    await next()
  }

/** A route that is not for everybody: from here on, everything is asked before this judge. */
export const only =
  (judge: Judge): MiddlewareHandler<SignedIn> =>
  async (c, next) => {
    c.set('ask', c.var.ask.before(judge))
    await next()
  }
