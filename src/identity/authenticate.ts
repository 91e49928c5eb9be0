// Who is asking. A bearer token is judged by crypto alone; whether its user (or the owner of an API
// key) still exists and is active is read in the handler's own round trip. What they may do is not known here.
import { type SQL, sql } from 'drizzle-orm'
import type { HonoRequest } from 'hono'
import type { Row } from '../db/client.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { hashKey } from './secrets.ts'
import { type Token, verifyToken } from './tokens.ts'

/** Who somebody says they are. Enough to ask the database about them, not to ask in their name. */
export type Claim =
  | ({ kind: 'user' } & Token)
  /** `plain` is how an adopted database stores the key until its first use. */
  | { kind: 'key'; hash: string; plain: string | null }

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
  secret: string,
): Promise<Credential> {
  const claim = await readClaim(req, secret)
  return { ...claim, requestId } as Credential // the one place that may say so
}

async function readClaim(req: HonoRequest, secret: string): Promise<Claim> {
  const bearer = /^Bearer\s+(.*)$/i.exec(req.header('authorization') ?? '')?.[1]
  if (bearer !== undefined)
    return { kind: 'user', ...(await verifyToken(bearer.trim(), 'access', secret)) }
  const key = req.query('x-api-key') ?? req.header('x-api-key')
  if (!key) throw new ApiError('not_authenticated', 'An API key must be passed as query or header')
  // Whoever has read the table must not get in with what it stores.
  const plain = key.startsWith('sha256:') ? null : key
  return { kind: 'key', hash: await hashKey(key), plain }
}

type Key = Extract<Claim, { kind: 'key' }>

const isKey = ({ hash, plain }: Key) => sql`(api_key IN (${hash}, ${plain}) AND is_active)`

/** Counts the use of a key; one that an adopted database stores as it is becomes its hash. */
export const countUse = (
  key: Key,
) => sql`UPDATE apikey SET total_uses = total_uses + 1, last_used_at = ${now},
  prefix = coalesce(prefix, substr(api_key, 1, 8)), api_key = ${key.hash} WHERE ${isKey(key)}`

/** SQL boolean: `u`, a row of `user`, is behind the credential, which has not been ended. */
const isBehind = (who: Claim) =>
  who.kind === 'key'
    ? sql`u.id = (SELECT user_id FROM apikey WHERE ${isKey(who)})`
    : sql`u.id = ${who.userId} AND u.credentials_changed_at IS ${who.credentials}`

/** SQL for the id of the user behind the credential; NULL when there is none. */
export const callerId = (who: Claim) => sql`(SELECT u.id FROM user u WHERE ${isBehind(who)})`

/** The row that `requireUser` judges, with what else is asked of `u`, a row of `user`. */
export const signedInRow = (who: Claim, more: SQL = sql``) =>
  sql`SELECT u.id, u.username, u.is_active, u.is_superuser ${more} FROM user u WHERE ${isBehind(who)}`

/** All that is stored of the user behind the credential, active or not. */
export const userRow = (who: Claim) => sql`SELECT * FROM user u WHERE ${isBehind(who)}`

/** Rows of `signedInRow` -> the user. Throws 401 or 403 as the contract says when there is none. */
export function requireUser([user]: Row[], who: Claim): User {
  if (!user && who.kind === 'key')
    throw new ApiError('not_authenticated', 'Invalid or missing API key')
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
