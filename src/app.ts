// The map: every URL, in the order a request meets it. What comes before `signedIn` is open to
// strangers; everything after it has a caller and a database at head.
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { matchedRoutes } from 'hono/route'
import { authenticate, type SignedIn } from './access/ask.ts'
import { auditLog } from './audit/routes.ts'
import { openDatabase } from './db/client.ts'
import { DatabaseError } from './db/database-error.ts'
import { kindOf } from './db/failures.ts'
import { faultOf } from './db/faults.ts'
import {
  cached,
  countWrongKey,
  fromOwnPages,
  identified,
  keptPrivate,
  limitBodies,
  limited,
  limitStrangers,
  openToOrigins,
  safeHeaders,
} from './defence.ts'
import { type Env, type Open, parseEnv } from './env.ts'
import { ApiError, logError, problems, toResponse } from './errors.ts'
import { flows, openFlows } from './flows/routes.ts'
import { onlyLangBuilders, openWayIn, wayIn } from './frontend.ts'
import { assignments } from './grants/assignment-routes.ts'
import { checks } from './grants/check-routes.ts'
import { roles } from './grants/role-routes.ts'
import { shares } from './grants/share-routes.ts'
import { alive, health } from './health.ts'
import { keys } from './keys/routes.ts'
import { methodsOf, namingMethods, redirectToOtherSpelling } from './methods.ts'
import { doubtReady, ensureReady, isReady, waitUntilReady } from './migrate/ready.ts'
import type { Revisions } from './migrate/revision.ts'
import { malformedBody } from './params.ts'
import { folders, projects } from './projects/routes.ts'
import { reference } from './reference/routes.ts'
import { sessions } from './sessions/routes.ts'
import { teams } from './teams/routes.ts'
import { signUp, users } from './users/routes.ts'
import { session } from './users/session.ts'

/** What strangers may read costs a round trip each. */
const openDoor = limited('OPEN_LIMITER')

/** The whole service, for a build that carries these revisions (oldest first). */
export function createApp(revisions: Revisions) {
  const app = new Hono<Open>()
  const methodsAt = methodsOf(app)
  const ready = readyWith(revisions)
  const docs = reference(() => app.routes)
  app.onError((error, c) => toResponse(c, toApiError(error, c)))
  app.notFound(
    (c) =>
      redirectToOtherSpelling(methodsAt, c) ??
      toResponse(c, new ApiError('not_found', 'Not Found')),
  )

  return app
    .use(identified)
    .use(keptPrivate)
    .use(safeHeaders)
    .use(namingMethods(methodsAt))
    .route('/', alive) // health
    .use('/openapi.json', cached(300))
    .use('/docs', cached(300))
    .route('/', docs) // openapi.json, docs
    .use(withEnv)
    .use(openToOrigins)
    .route('/', onlyLangBuilders(methodsAt)) // api/v1/build/*, api/v2/* and the like: 404
    .use(limitBodies)
    .on('POST', ['/api/v1/login', '/api/v1/users/'], limitStrangers)
    .route('/', health(revisions)) // health/ready, health_check
    .use('/api/v1/files/profile_pictures/*', cached(3600))
    .route('/api/v1', openWayIn) // config, version, store/check/, store/tags, files/profile_pictures/*
    .use('/api/v1/login', fromOwnPages)
    .use('/api/v1/refresh', fromOwnPages)
    .use('/api/v1/logout', fromOwnPages)
    .route('/api/v1', session(ready)) // login, refresh, logout
    .route('/api/v1', signUp(ready)) // POST users/
    .on('GET', ['/api/v1/flows/public_flow/:flow_id', '/api/v1/flows/basic_examples/'], openDoor)
    .use('/api/v1/flows/public_flow/*', cached(60))
    .use('/api/v1/flows/basic_examples/', cached(60))
    .route('/api/v1', openFlows(ready)) // flows/public_flow/:flow_id, flows/basic_examples/
    .route('/api/v1', folders) // folders/* -> projects/*
    .use('/api/v1/*', signedIn(ready))
    .route('/api/v1', users) // users/, users/whoami, users/:user_id, users/:user_id/reset-password
    .route('/api/v1', sessions) // sessions, sessions/:session_id
    .route('/api/v1', keys) // api_key/, api_key/store, api_key/:api_key_id
    .route('/api/v1', projects) // projects/, :project_id, upload/, download/:project_id
    .route('/api/v1', flows) // flows/, :flow_id, batch/, upload/, download/
    .route('/api/v1', shares) // flows/:flow_id/shares, projects/:project_id/shares, me/shared, me/granted
    .route('/api/v1', teams) // teams/, teams/:team_id, teams/:team_id/members
    .route('/api/v1', checks) // rbac/check-permission(s), explain, access
    .route('/api/v1', roles) // rbac/roles, :role_id
    .route('/api/v1', assignments) // rbac/assignments, :assignment_id
    .route('/api/v1', auditLog) // audit
    .route('/api/v1', wayIn) // variables/, store/check/api_key
}

/** What a typed client needs to know: `hc<AppType>(url)`. */
export type AppType = ReturnType<typeof createApp>

function openFor(env: Env) {
  const limits = { requestMs: env.DATABASE_TIMEOUT_MS, stepMs: env.MIGRATION_STEP_TIMEOUT_MS }
  return openDatabase({ url: env.LIBSQL_URL, authToken: env.LIBSQL_AUTH_TOKEN, limits })
}

/** Parses the bindings and opens this request's own database client; nothing is sent yet. */
const withEnv: MiddlewareHandler<Open> = async (c, next) => {
  const env = parseEnv(c.env)
  c.set('env', env)
  c.set('db', openFor(env))
  await next()
}

/**
 * A warm isolate compares one string. A cold one brings the database to head with this request's own
 * client, inside waitUntil: a caller who leaves, or is answered that it goes on, does not stop a migration half-way.
 */
function readyWith(revisions: Revisions): MiddlewareHandler<Open> {
  return async function ready(c, next) {
    const { env, db } = c.var
    if (!isReady(env.LIBSQL_URL)) {
      const run = ensureReady(db, env.LIBSQL_URL, revisions)
      c.executionCtx.waitUntil(run.catch(() => {}))
      await waitUntilReady(run)
    }
    await next()
  }
}

const doors = {
  isWarm: (c: Context<SignedIn>) => isReady(c.var.env.LIBSQL_URL),
  countWrongKey,
}

/** Who is asking comes first, so that a stranger can never start a migration. An unknown URL asks nothing. */
function signedIn(ready: MiddlewareHandler<Open>): MiddlewareHandler<SignedIn> {
  return async function signedIn(c, next) {
    if (!matchedRoutes(c).some((route) => route.method !== 'ALL')) return next()
    await authenticate(doors)(c, async () => {
      await ready(c as unknown as Context<Open>, next)
    })
  }
}

/** Every error leaves as an ApiError; a fault of ours or of the database is logged with its cause, which says nothing outside. */
function toApiError(error: Error, c: Context): ApiError {
  const known = error instanceof ApiError ? error : asKnown(error)
  const cause = error.cause ?? (error === known ? undefined : error)
  const isOurs = problems[known.code][0] >= 500 || known.cause instanceof DatabaseError
  if (isOurs && cause !== undefined) logError(c.get('requestId'), known.code, cause)
  return known
}

function asKnown(error: Error): ApiError {
  if (kindOf(error) === 'schema') doubtReady()
  if (error instanceof HTTPException && error.status < 500) return malformedBody()
  return faultOf(error) ?? new ApiError('internal', 'Internal Server Error')
}
