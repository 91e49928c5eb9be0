// Who is asking. A bearer token, and what Cloudflare Access says, is judged by crypto alone; whether its session stands
// and its user still exists and is active is read in the handler's own round trip. What they may do is not known here.
import type { HonoRequest } from 'hono'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { boundUser } from './bound.ts'
import { type AccessSettings, type Passed, readPassed } from './cloudflare-access.ts'
import type { Secrets } from './house.ts'
import type { Later } from './key-sets.ts'
import { isKey, type Key, type Purpose, readKey, unknownKey } from './keys.ts'
import { isOngoing } from './sessions.ts'
import { type Token, verifyToken } from './tokens.ts'

/** Who somebody says they are. Enough to ask the database about them, not to ask in their name. */
export type Claim = ({ kind: 'user' } & Token) | Key | Passed

declare const proved: unique symbol

/**
 * What the request proved, before the database was asked, and the id under which its changes are recorded.
 * Only `readCredential` makes one.
 */
export type Credential = Claim & { readonly requestId: string; readonly [proved]: true }

/** The authenticated user, alive in this round trip. */
export type User = { id: string; username: string; isSuperuser: boolean }

/** Reads it off the request, by crypto alone. Throws 401 for a bad token, 403 for none. */
export async function readCredential(
  req: HonoRequest,
  requestId: string,
  settings: Secrets & AccessSettings,
  purpose: Purpose,
  later?: Later,
): Promise<Credential> {
  const claim = await readClaim(req, settings, purpose, later)
  return { ...claim, requestId } as Credential // the one place that may say so
}

async function readClaim(
  req: HonoRequest,
  settings: Secrets & AccessSettings,
  purpose: Purpose,
  later?: Later,
): Promise<Claim> {
  const token = bearerOf(req)
  if (token !== undefined)
    return { kind: 'user', ...(await verifyToken(token, 'access', settings)) }
  const key = req.query('x-api-key') ?? req.header('x-api-key')
  if (key) return readKey(key, purpose)
  const passed = await readPassed(req, settings, later)
  if (passed) return passed
  throw new ApiError('not_authenticated', 'An API key must be passed as query or header')
}

/** The bearer token of a request. */
export const bearerOf = (req: HonoRequest) =>
  /^Bearer\s+(.*)$/i.exec(req.header('authorization') ?? '')?.[1]?.trim()

/** SQL boolean: `u`, a row of `user`, is behind the credential, which has not been ended. */
const isBehind = (who: Claim) => sql`u.id = ${userBehind(who)}`

function userBehind(who: Claim): SQL {
  switch (who.kind) {
    case 'key':
      return sql`(SELECT k.user_id FROM apikey k WHERE ${isKey(sql`k`, who)})`
    case 'user':
      return sql`(SELECT s.user_id FROM flowgate_session s WHERE ${isOngoing(sql`s`, who)})`
    case 'access':
      return boundUser(who)
  }
}

/** SQL for the id of the user behind the credential; NULL when there is none. */
export const callerId = (who: Claim) => sql`(SELECT u.id FROM user u WHERE ${isBehind(who)})`

/** The row that `requireUser` judges, with what else is asked of `u`, a row of `user`. */
export const signedInRow = (who: Claim, more: SQL = sql``) =>
  sql`SELECT u.id, u.username, u.is_active, u.is_superuser ${more} FROM user u WHERE ${isBehind(who)}`

/** Rows of `signedInRow` -> the user. Throws 401 or 403 as the contract says when there is none. */
export function requireUser([user]: Row[], who: Claim): User {
  if (!user && who.kind === 'key') throw unknownKey()
  if (!user?.is_active) {
    throw new ApiError(
      'invalid_credentials',
      who.kind === 'key' ? 'Inactive user' : 'User not found or is inactive.',
    )
  }
  return {
    id: String(user.id),
    username: String(user.username),
    isSuperuser: Boolean(user.is_superuser),
  }
}
