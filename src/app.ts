// The map: every URL, in the order a request meets it. What comes before `signedIn` is open to
// strangers; everything after it has a caller and a database at head.
import { TrieRouter } from 'hono/router/trie-router'
import { Hono } from 'hono/tiny'
import { auditLog } from './audit/routes.ts'
import { discovery } from './authzen/discovery.ts'
import { decisions } from './authzen/routes.ts'
import { echoed, inItsWords } from './authzen/transport.ts'
import { accessSignIn } from './company/access-route.ts'
import { bindings } from './company/binding-routes.ts'
import { companySignIn } from './company/routes.ts'
import { whereBindings, whereConfigured } from './company/settings.ts'
import {
  cached,
  fromOwnPages,
  identified,
  keptPrivate,
  limitBodies,
  limited,
  limitStrangers,
  openToOrigins,
  safeHeaders,
} from './defence.ts'
import type { Open } from './env.ts'
import { ApiError, toResponse } from './errors.ts'
import { toApiError } from './faults.ts'
import { flowFiles, openFlows } from './flows/files/routes.ts'
import { flows } from './flows/routes.ts'
import { onlyLangBuilders, openWayIn, wayIn } from './frontend.ts'
import { readyWith, signedIn, withEnv } from './gates.ts'
import { assignments } from './grants/assignment-routes.ts'
import { checks } from './grants/check-routes.ts'
import { roles } from './grants/role-routes.ts'
import { shares } from './grants/share-routes.ts'
import { alive, health } from './health.ts'
import { keys } from './keys/routes.ts'
import { methodsOf, namingMethods, redirectToOtherSpelling } from './methods.ts'
import type { Revisions } from './migrate/revision.ts'
import { consolePages, reference } from './pages.ts'
import { folders, projects } from './projects/routes.ts'
import { directory, directoryService } from './scim/routes.ts'
import { directoryOnly } from './scim/token.ts'
import { inScimsWords } from './scim/transport.ts'
import { sessions } from './sessions/routes.ts'
import { teams } from './teams/routes.ts'
import { users } from './users/routes.ts'
import { session } from './users/session.ts'
import { signUp } from './users/sign-up-route.ts'

/** What strangers may read costs a round trip each. */
const openDoor = limited('OPEN_LIMITER')

/** The whole service, for a build that carries these revisions (oldest first). */
export function createApp(revisions: Revisions) {
  const app = new Hono<Open>()
  // hono's own choice would try one regular expression for all routes first, which two like
  // `flows/public_flow/:flow_id` and `flows/:flow_id/shares` rule out.
  app.router = new TrieRouter()
  const methodsAt = methodsOf(app)
  const ready = readyWith(revisions)
  app.onError((error, c) => toResponse(c, inItsWords(toApiError(error, c), c)))
  app.notFound(
    (c) =>
      redirectToOtherSpelling(methodsAt, c) ??
      toResponse(c, new ApiError('not_found', 'Not Found')),
  )

  return app
    .use('/access/v1/*', echoed)
    .use('/scim/v2/*', inScimsWords)
    .use(identified)
    .use(keptPrivate)
    .use(safeHeaders)
    .use(namingMethods(methodsAt))
    .route('/', alive) // health
    .use('/openapi.json', cached(300))
    .use('/docs', cached(300))
    .route('/', reference) // openapi.json, docs
    .use('/.well-known/authzen-configuration', cached(300))
    .route('/', discovery) // .well-known/authzen-configuration
    .route('/', consolePages) // /, console/*
    .use(withEnv)
    .use(openToOrigins)
    .use('/scim/v2/*', directoryOnly)
    .route('/', onlyLangBuilders(methodsAt)) // api/v1/build/*, api/v2/* and the like: 404
    .use(limitBodies)
    .on('POST', ['/api/v1/login', '/api/v1/users/'], limitStrangers)
    .route('/', health(revisions)) // health/ready, health_check
    .route('/scim/v2', directoryService) // ServiceProviderConfig, ResourceTypes, Schemas
    .on('ALL', ['/scim/v2/Users/*', '/scim/v2/Groups/*'], ready)
    .route('/scim/v2', directory) // Users, Users/:id, Groups, Groups/:id
    .use('/api/v1/files/profile_pictures/*', cached(3600))
    .route('/api/v1', openWayIn) // config, version, store/check/, store/tags, files/profile_pictures/*
    .use('/api/v1/login', fromOwnPages)
    .use('/api/v1/refresh', fromOwnPages)
    .use('/api/v1/logout', fromOwnPages)
    .route('/api/v1', session(ready)) // login, refresh, logout
    .route('/api/v1', signUp(ready)) // POST users/
    .use('/api/v1/auth/*', whereConfigured)
    .use('/api/v1/bindings/*', whereBindings)
    .route('/api/v1', accessSignIn(ready)) // auth/access/start
    .route('/api/v1', companySignIn(ready)) // auth/providers, auth/:provider_id/start, auth/:provider_id/callback
    .on('GET', ['/api/v1/flows/public_flow/:flow_id', '/api/v1/flows/basic_examples/'], openDoor)
    .use('/api/v1/flows/public_flow/*', cached(60))
    .use('/api/v1/flows/basic_examples/', cached(60))
    .route('/api/v1', openFlows(ready)) // flows/public_flow/:flow_id, flows/basic_examples/
    .route('/api/v1', folders) // folders/* -> projects/*
    .use('/api/v1/*', signedIn(ready))
    .use('/access/v1/*', signedIn(ready))
    .route('/access/v1', decisions) // evaluation(s), search/subject, search/resource, search/action
    .route('/api/v1', users) // users/, users/whoami, users/:user_id, users/:user_id/reset-password
    .route('/api/v1', sessions) // sessions, sessions/:session_id
    .route('/api/v1', bindings) // auth/:provider_id/bind, bindings
    .route('/api/v1', keys) // api_key/, api_key/store, api_key/:api_key_id
    .route('/api/v1', projects) // projects/, :project_id, upload/, download/:project_id
    .route('/api/v1', flows) // flows/, :flow_id, batch/
    .route('/api/v1', flowFiles) // flows/upload/, flows/download/
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
