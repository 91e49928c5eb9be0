// Reads of users.
import type { Ask } from '../access/ask.ts'
import { slice } from '../access/long-list.ts'
import { amSuperuser, myId, onlyIf } from '../access/predicate.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { MAX_OPTINS, MAX_PICTURE, type UserPage } from './params.ts'
import { isNamedLike } from './search.ts'

/** The caller's own row. */
export async function findCaller(ask: Ask): Promise<Row> {
  const { users } = await ask.read({ users: sql`SELECT * FROM user WHERE id = ${myId}` })
  return one(users)
}

/**
 * A page of all users, or of those that are wanted, oldest first, for superusers: as many as fit into one answer, after the row that the slice before
 * ended with. What an adopted database holds beyond our maxima stays out of it.
 */
export async function listUsers(
  ask: Ask,
  { skip, user_id, q, waiting }: UserPage,
  left: number,
  after: Row | undefined,
): Promise<{ users: Row[]; total: number }> {
  const range = after
    ? sql`(create_at, id) > (${after.create_at ?? null}, ${after.id ?? null})`
    : sql`1`
  const wanted = sql`${onlyIf(amSuperuser)} user WHERE ${user_id ? sql`id = ${user_id}` : sql`1`} AND ${q ? isNamedLike(q) : sql`1`}
    AND ${waiting ? sql`pending_since IS NOT NULL` : sql`1`}`
  const { users, count } = await ask.read({
    users: slice(
      sql`SELECT id, username, CASE WHEN length(profile_image) <= ${MAX_PICTURE} THEN profile_image END AS profile_image,
          store_api_key, is_active, is_superuser, create_at, updated_at, last_login_at,
          CASE WHEN length(optins) <= ${MAX_OPTINS} THEN optins END AS optins
        FROM ${wanted} AND ${range}`,
      sql`ORDER BY create_at, id`,
      sql`octet_length(concat(username, profile_image, store_api_key, optins)) + 500`,
      left,
      after ? 0 : skip,
    ),
    count: sql<{ total: number }>`SELECT count(*) AS total FROM ${wanted}`,
  })
  return { users, total: one(count).total }
}

/** Whether somebody has the name or it is reserved, nobody is told. */
export const unavailable = (cause?: unknown) =>
  new ApiError('bad_request', 'This username is unavailable.', { cause })

/** The unique indexes, of names and of how they look, decide who came first. */
export const nameTaken: Taken = { 'user.username': unavailable }
