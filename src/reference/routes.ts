// /openapi.json and /docs
import { Hono } from 'hono'
import type { RouterRoute } from 'hono/types'
import { aboutAudit } from '../audit/routes.ts'
import type { Open } from '../env.ts'
import { aboutFlows } from '../flows/about.ts'
import { aboutWayIn } from '../frontend.ts'
import { aboutRbac, aboutShares } from '../grants/about.ts'
import { aboutKeys } from '../keys/about.ts'
import { aboutProjects } from '../projects/about.ts'
import { aboutSessions } from '../sessions/about.ts'
import { aboutTeams } from '../teams/about.ts'
import { aboutUsers } from '../users/about.ts'
import { type About, nullable, object, oneOf, optional, text } from '../wire.ts'
import { type Document, describe } from './document.ts'
import { toPage } from './page.ts'

/** What is said about every route, subject by subject. */
const about = (): About => ({
  ...aboutUsers,
  ...aboutSessions,
  ...aboutProjects,
  ...aboutFlows,
  ...aboutKeys,
  ...aboutRbac,
  ...aboutShares,
  ...aboutTeams,
  ...aboutAudit,
  ...aboutWayIn,
  ...aboutService,
})

const readiness = (status: string) =>
  object({
    status: oneOf(status),
    verdict: text,
    revision: nullable(text),
    head: text,
    code: optional(text),
    detail: { schema: { type: ['string', 'object'] }, optional: true },
  })

const aboutService: About = {
  'GET /openapi.json': {
    summary: 'This description',
    open: true,
    reads: 'nothing',
    tagged: true,
    gives: {
      schema: {
        type: 'object',
        required: ['openapi', 'info', 'paths', 'components'],
        examples: [{ openapi: '3.1.0', info: {}, paths: {}, components: {} }],
      },
    },
  },
  'GET /docs': {
    summary: 'The API reference to read',
    open: true,
    reads: 'nothing',
    tagged: true,
    archive: 'text/html',
  },
  'GET /health': {
    summary: 'Is the Worker alive?',
    open: true,
    reads: 'nothing',
    gives: object({ status: oneOf('ok') }),
  },
  'GET /health/ready': {
    summary: 'Is the database at head?',
    open: true,
    reads: 'settings',
    gives: readiness('ready'),
    also: { 503: { means: 'It is not, or cannot be looked at', gives: readiness('not_ready') } },
  },
}

/** The page is all there is: no script, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

/** `routes` are read at the first request, when the map is complete, and described once. */
export function reference(routes: () => readonly RouterRoute[]) {
  let known: Document | undefined
  const document = () => {
    known ??= describe(routes(), about())
    return known
  }
  return new Hono<Open>()
    .get('/openapi.json', (c) => c.json(document()))
    .get('/docs', (c) => {
      c.header('content-security-policy', POLICY)
      return c.html(toPage(document()))
    })
}
