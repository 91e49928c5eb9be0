// What a request passes on its way to a route that needs the database: its own client, a schema at head, a caller.
import type { Context, MiddlewareHandler, Next } from 'hono'
import { matchedRoutes } from 'hono/route'
import { authenticate, type SignedIn } from './access/signed-in.ts'
import { arrive } from './company/arrival.ts'
import { readSeen, tellConsistency } from './consistency.ts'
import { type Database, openDatabase } from './db/client.ts'
import { countWrongKey } from './defence.ts'
import { type Env, type Open, parseEnv } from './env.ts'
import { logError } from './errors.ts'
import type { Passed } from './identity/cloudflare-access.ts'
import { ensureReady, isReady, waitUntilReady } from './migrate/ready.ts'
import type { Revisions } from './migrate/revision.ts'

async function openFor(c: Context<Open>, env: Env): Promise<Database> {
  const { LIBSQL_URL: url, LIBSQL_AUTH_TOKEN: authToken, LIBSQL_REPLICA_URL: replica } = env
  const limits = { requestMs: env.DATABASE_TIMEOUT_MS, stepMs: env.MIGRATION_STEP_TIMEOUT_MS }
  const config = { url, authToken, limits }
  if (replica === undefined) return openDatabase(config)
  return openDatabase({
    ...config,
    following: {
      url: replica,
      authToken: env.LIBSQL_REPLICA_AUTH_TOKEN ?? authToken,
      boundMs: env.CONSISTENCY,
      // Who is strict writes for those who are not: what a caller has seen goes with them to other isolates.
      isRead:
        env.CONSISTENCY > 0 && matchedRoutes(c).some(({ handler }) => 'fromReplica' in handler),
      isAtHead: () => isReady(url),
      seen: await readSeen(c, env),
      failed: (error) => logError(c.var.requestId, 'replica_failed', error),
      later: (work) => c.executionCtx.waitUntil(work),
    },
  })
}

/** Parses the bindings and opens this request's own database client; nothing is sent yet. */
export const withEnv: MiddlewareHandler<Open> = async (c, next) => {
  const env = parseEnv(c.env)
  c.set('env', env)
  c.set('db', await openFor(c, env))
  await next()
  if (env.LIBSQL_REPLICA_URL !== undefined) await tellConsistency(c)
}

/**
 * A warm isolate compares one string. A cold one brings the database to head with this request's own
 * client, inside waitUntil: a caller who leaves, or is answered that it goes on, does not stop a migration half-way.
 */
export const readyWith = (revisions: Revisions) =>
  async function ready(c: Asking, next: Next): Promise<void> {
    const { env, db } = c.var
    if (!isReady(env.LIBSQL_URL)) {
      const run = ensureReady(db, env.LIBSQL_URL, revisions)
      c.executionCtx.waitUntil(run.catch(() => {}))
      await waitUntilReady(run)
    }
    await next()
  }

/** A request with a client, whoever sent it. */
type Asking = Pick<Context, 'executionCtx'> & { readonly var: Open['Variables'] }

const doors = {
  isWarm: (c: Context<SignedIn>) => isReady(c.var.env.LIBSQL_URL),
  countWrongKey,
  arrive: (c: Context<SignedIn>, who: Passed) => arrive(c.var, who),
}

/** Who is asking comes first, so that a stranger can never start a migration. An unknown URL asks nothing. */
export const signedIn = (ready: ReturnType<typeof readyWith>): MiddlewareHandler<SignedIn> =>
  async function signedIn(c, next) {
    if (!matchedRoutes(c).some((route) => route.method !== 'ALL')) return next()
    await authenticate(doors)(c, () => ready(c, next))
  }
