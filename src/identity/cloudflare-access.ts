// What Cloudflare Access says of whoever passed it: an assertion in a header of every request, signed by the team's keys.
import type { HonoRequest } from 'hono'
import type { JWTPayload } from 'jose'
import { ApiError } from '../errors.ts'
import { isFromOurPages } from '../origins.ts'
import { verifyAssertion } from './assertions.ts'
import type { Bound } from './bound.ts'
import type { Later } from './key-sets.ts'

const HEADER = 'cf-access-jwt-assertion'
const KEYS = '/cdn-cgi/access/certs'

const MAX_SUBJECT = 255

export type AccessSettings = {
  /** The issuer: without it, the header means nothing at all. */
  readonly CF_ACCESS_TEAM_DOMAIN?: string | undefined
  readonly CF_ACCESS_AUD?: readonly string[] | undefined
  readonly CORS_ORIGINS?: readonly string[] | undefined
}

/** Somebody who passed Access; `names` are what they may be called, the best first. */
export type Passed = Bound & { readonly kind: 'access'; readonly names: readonly string[] }

/** What Access says of the request; undefined where it stands in front of nothing. */
export const assertionOf = (req: HonoRequest, { CF_ACCESS_TEAM_DOMAIN }: AccessSettings) =>
  CF_ACCESS_TEAM_DOMAIN === undefined ? undefined : req.header(HEADER)

/**
 * Whom the request comes from by Access's word; undefined where it says nothing. Throws 401 for what Access did not say,
 * and 403 for a service token. A browser gets its word along from any site: what changes something comes from our pages.
 */
export async function readPassed(
  req: HonoRequest,
  settings: AccessSettings,
  later?: Later,
): Promise<Passed | undefined> {
  const { CF_ACCESS_TEAM_DOMAIN: issuer, CF_ACCESS_AUD: audience, CORS_ORIGINS = [] } = settings
  const assertion = assertionOf(req, settings)
  if (!assertion || issuer === undefined || audience === undefined) return undefined
  const isSafe = req.method === 'GET' || req.method === 'HEAD'
  if (!isSafe && !isFromOurPages(req, CORS_ORIGINS))
    throw new ApiError('forbidden', 'This origin may not act for whoever passed Cloudflare Access')
  const claims = await verifyAssertion(assertion, {
    issuer,
    audience: [...audience],
    keysUrl: `${issuer}${KEYS}`,
    algorithms: ['RS256'],
    ...(later ? { later } : {}),
  })
  return { kind: 'access', issuer, subject: subjectOf(claims), names: namesOf(claims) }
}

function subjectOf({ sub = '', common_name: service }: JWTPayload): string {
  if (sub === '' && service !== undefined)
    throw new ApiError(
      'sign_in_refused',
      'A service token of Cloudflare Access is nobody here: send an API key as x-api-key beside it.',
    )
  if (sub === '' || sub.length > MAX_SUBJECT || !sub.isWellFormed() || sub.includes('\0'))
    throw new ApiError('sign_in_invalid', 'What Cloudflare Access says is about nobody')
  return sub
}

const namesOf = ({ preferred_username, email, name }: JWTPayload) =>
  [preferred_username, email, name].filter((one) => typeof one === 'string')
