// Reads of users.
import { sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import type { UserPage } from './params.ts'

/** The caller's own row. */
export async function findCaller(ask: Ask): Promise<Row> {
  const { users } = await ask.read({ users: sql`SELECT * FROM user WHERE id = ${myId}` })
  return one(users)
}

/** A page of all users, oldest first, for superusers. */
export async function listUsers(
  ask: Ask,
  { skip, limit }: UserPage,
): Promise<{ users: Row[]; total: number }> {
  const { users, count } = await ask.read({
    users: sql`SELECT * FROM user WHERE ${amSuperuser} ORDER BY create_at, id LIMIT ${limit} OFFSET ${skip}`,
    count: sql<{ total: number }>`SELECT count(*) AS total FROM user WHERE ${amSuperuser}`,
  })
  return { users, total: one(count).total }
}

/** Whether somebody has the name or it is reserved, nobody is told. */
export const unavailable = (cause?: unknown) =>
  new ApiError('bad_request', 'This username is unavailable.', { cause })

/** The unique indexes, of names and of how they look, decide who came first. */
export const nameTaken: Taken = { 'user.username': unavailable }
