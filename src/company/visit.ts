// A visit: one trip to a provider and back, whose secrets travel in a signed cookie of this browser alone. What comes
// back without it, or after ten minutes, is nobody's.
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { jwtVerify, SignJWT } from 'jose'
import * as errors from 'jose/errors'
import { cookiesFor } from '../cookies.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { keyFor, keysFor, type Secrets } from '../identity/house.ts'
import type { Token } from '../identity/tokens.ts'

const COOKIE = 'flowgate_visit'
const PATH = '/api/v1/auth'
const TTL_S = 600

/** Longer than any that we sign. */
const MAX_COOKIE = 4000

export type Visit = {
  /** Which provider is visited: what another one answers is not for this visit. */
  readonly provider: string
  readonly state: string
  readonly nonce: string
  /** PKCE: proves to the provider that who brings the code is who asked for it. */
  readonly verifier: string
  /** Where it ends. */
  readonly to: string
  /** The session that wants the account bound to its user; without it, this is a sign-in. */
  readonly binds?: Pick<Token, 'userId' | 'sessionId'>
}

const random = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')

/** A visit to begin, which nobody can guess anything of. */
export const newVisit = (provider: string, to: string, binds?: Visit['binds']): Visit => ({
  provider,
  to,
  state: random(),
  nonce: random(),
  verifier: random(),
  ...(binds ? { binds } : {}),
})

/** PKCE's `S256`. */
export async function challengeOf({ verifier }: Visit): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return Buffer.from(digest).toString('base64url')
}

/** Lax, for the way back is a link from the provider's page. */
const cookieOf = (c: Context<Open>) => ({ ...cookiesFor(c).own, path: PATH, httpOnly: true })

/** Keeps it in the browser; one that was there is over. */
export async function keepVisit(c: Context<Open>, visit: Visit): Promise<void> {
  const signed = await signVisit(visit, c.var.env)
  setCookie(c, COOKIE, signed, { ...cookieOf(c), maxAge: TTL_S })
}

/**
 * The visit of this browser that comes back from this provider with this state: it is over with that. Pure crypto.
 * Throws 400 where there is none.
 */
export async function endVisit(
  c: Context<Open>,
  provider: string,
  state: string | undefined,
): Promise<Visit> {
  const given = getCookie(c, COOKIE)
  const visit = given === undefined ? undefined : await openVisit(given, c.var.env)
  if (!visit || visit.provider !== provider || visit.state !== state) throw stale()
  deleteCookie(c, COOKIE, cookieOf(c))
  return visit
}

export const stale = (cause?: unknown) =>
  new ApiError(
    'sign_in_stale',
    'This sign-in is over, or began in another browser: start it again.',
    { cause },
  )

export async function signVisit(visit: Visit, secrets: Secrets): Promise<string> {
  const { kid, key } = await keyFor(secrets, 'visit')
  return new SignJWT({ visit })
    .setProtectedHeader({ alg: 'HS256', kid })
    .setIssuedAt()
    .setExpirationTime(`${TTL_S}s`)
    .sign(key)
}

/** Undefined unless we signed it, in the last ten minutes. */
export async function openVisit(text: string, secrets: Secrets): Promise<Visit | undefined> {
  if (text.length > MAX_COOKIE) return undefined
  for (const { key, kid } of await keysFor(secrets, 'visit')) {
    try {
      const { payload, protectedHeader } = await jwtVerify<{ visit: Visit }>(text, key, {
        algorithms: ['HS256'],
        requiredClaims: ['exp', 'visit'],
      })
      if (protectedHeader.kid === kid) return payload.visit // ours, as `signVisit` made it
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
    }
  }
  return undefined
}
