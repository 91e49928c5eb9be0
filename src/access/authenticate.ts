// Who is asking. A bearer token is judged by crypto alone; whether its user (or the owner of an API
// key) still exists and is active is read in the handler's own round trip, through `callerRow`.
import { type SQL, sql } from 'drizzle-orm'
import type { Context, MiddlewareHandler } from 'hono'
import type { Row } from '../db/client.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { isAdmin } from './grants.ts'
import { verifyToken } from './tokens.ts'

/** What the request proved, before the database was asked, and the id under which its changes are recorded. */
export type Credential = { requestId: string } & (
  | { kind: 'user'; userId: string; issuedAt: number }
  | { kind: 'key'; key: string }
)

/** The authenticated user, alive in this round trip. */
export type Caller = { id: string; username: string; isSuperuser: boolean; isAdmin: boolean }

/** What a handler behind `authenticate` finds in its context. */
export type SignedIn = { Variables: Open['Variables'] & { credential: Credential } }

/** Refuses strangers without touching the database. A bearer token, if present, decides alone. */
export const authenticate: MiddlewareHandler<SignedIn> = async (c, next) => {
  c.set('credential', await readCredential(c, c.var.env.SECRET_KEY))
  await next()
}

async function readCredential(c: Context, secret: string): Promise<Credential> {
  const bearer = /^Bearer\s+(.*)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const requestId = c.get('requestId')
  if (bearer !== undefined)
    return { kind: 'user', ...(await verifyToken(bearer.trim(), 'access', secret)), requestId }
  const key = c.req.query('x-api-key') ?? c.req.header('x-api-key')
  if (key) return { kind: 'key', key, requestId }
  throw new ApiError('not_authenticated', 'An API key must be passed as query or header')
}

/** SQL for the id of the user behind the credential; NULL when there is none. */
export function callerId(who: Credential): SQL {
  if (who.kind === 'user') return sql`${who.userId}`
  return sql`(SELECT user_id FROM apikey WHERE api_key = ${who.key} AND is_active)`
}

/** The row that `requireCaller` judges; every handler's round trip carries it. */
export const callerRow = (who: Credential) => sql`
  SELECT u.*, ${isAdmin(sql`u`)} AS is_admin FROM user u WHERE u.id = ${callerId(who)}`

/** Rows of `callerRow` -> the caller. Throws 401 or 403 as the contract says when there is none. */
export function requireCaller(rows: Row[] | undefined, who: Credential): Caller {
  const user = rows?.[0]
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
    isAdmin: Boolean(user.is_admin),
  }
}
