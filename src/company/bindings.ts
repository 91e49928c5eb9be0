// Bindings as users see their own, and superusers those of all. A user has few: no list is long.
import type { Ask } from '../access/ask.ts'
import { type Bound, bind, boundUser, DIRECTORY, NO_PASSWORD, unbind } from '../access/bindings.ts'
import type { Caller } from '../access/caller.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { namesOf } from '../wire.ts'
import { mirrorGroups } from './groups.ts'
import type { BindingName } from './params.ts'
import { mirrorSuperuser } from './superuser.ts'
import { toBinding } from './view.ts'

const MAX_BINDINGS = 20

/** SQL boolean: the user may have one more. */
export const fewBindings = (userId: SQL) =>
  sql`((SELECT count(*) FROM flowgate_binding x WHERE x.user_id = ${userId}) < ${MAX_BINDINGS})`

export function requireFew(isFew: unknown): void {
  if (!isFew)
    throw new ApiError('conflict', `A user has at most ${MAX_BINDINGS} bindings: delete one first`)
}

const selectBindings = sql`SELECT b.issuer, b.subject, b.user_id, b.created_at FROM flowgate_binding b`

/** SQL boolean: the caller may ask about this user. */
const mayAsk = (userId: SQL) => sql`(${userId} = ${myId} OR ${amSuperuser})`

function requireRight(caller: Caller, userId: string | undefined): void {
  if (userId !== undefined && userId !== caller.id && !caller.isSuperuser)
    throw new ApiError('forbidden', "The user doesn't have enough privileges")
}

/** Those of the caller, or as superuser of anybody, oldest first. */
export async function listBindings(ask: Ask, userId: string | undefined): Promise<Row[]> {
  const id = userId === undefined ? myId : sql`${userId}`
  const { caller, found } = await ask.read({
    found: sql`${selectBindings} WHERE b.user_id = ${id} AND ${mayAsk(sql`b.user_id`)}
      ORDER BY b.created_at, b.issuer, b.subject LIMIT 1000`,
  })
  requireRight(caller, userId)
  return found
}

/**
 * Binds a user, as superuser. Throws 404 for nobody, 409 where the account is bound already, the user has too many, or a
 * directory provisions them already.
 */
export async function createBinding(
  ask: Ask,
  userId: string,
  bound: Bound,
  provider: string,
): Promise<Row> {
  const user = sql`${userId}`
  const isProvisioned =
    bound.issuer === DIRECTORY
      ? sql`EXISTS (SELECT 1 FROM flowgate_binding x WHERE x.user_id = ${user} AND x.issuer = ${DIRECTORY})`
      : sql`0`
  const { standing, made } = await ask.create(
    {
      standing: sql<{
        there: number
        few: number
        provisioned: number
      }>`SELECT ${isProvisioned} AS provisioned, EXISTS (SELECT 1 FROM user WHERE id = ${user}) AS there,
        ${fewBindings(user)} AS few`,
      bound: bind(ask.author, bound, {
        userId: user,
        by: myId,
        when: sql`${amSuperuser} AND ${fewBindings(user)} AND NOT ${isProvisioned}`,
      }),
      made: sql`SELECT b.*, ${provider} AS provider FROM (${selectBindings}) b
        WHERE b.issuer = ${bound.issuer} AND b.subject = ${bound.subject} AND ${boundUser(bound)} = ${user} AND changes()`,
    },
    namesOf(toBinding),
    isBound,
  )
  const [binding] = made.rows
  if (binding) return binding
  const { there, few, provisioned } = one(standing.rows)
  if (!there) throw new ApiError('not_found', 'User not found')
  if (provisioned) throw new ApiError('conflict', 'The directory provisions this user already')
  requireFew(few)
  throw new Error('A binding that was made is missing')
}

/** The primary key decides who was first. */
const isBound: Taken = {
  'flowgate_binding.issuer': (cause) =>
    new ApiError('conflict', 'This account is bound to a user already', { cause }),
}

/**
 * Ends a binding of the caller, or as superuser of anybody: at the next sign-in the account is a stranger's, and what came
 * by it (groups of `source`, being a superuser) is gone with it. Throws 403, also for oneself where a directory provisions
 * one, 404, and 409 for whoever would have no way left to sign in.
 */
export async function deleteBinding(
  ask: Ask,
  { user_id: userId, issuer, subject }: BindingName,
  source: string | null,
): Promise<void> {
  const isThis = sql`b.user_id = ${userId} AND b.issuer = ${issuer} AND b.subject = ${subject}`
  const isLast = sql`(b.user_id = ${myId}
    AND EXISTS (SELECT 1 FROM user u WHERE u.id = b.user_id AND u.password = ${NO_PASSWORD})
    AND (SELECT count(*) FROM flowgate_binding x WHERE x.user_id = b.user_id) = 1)`
  const mayEnd = issuer === DIRECTORY ? amSuperuser : mayAsk(sql`b.user_id`)
  const ends = sql`${isThis} AND ${mayEnd} AND NOT ${isLast}`
  const left = sql`(SELECT b.user_id FROM flowgate_binding b WHERE ${ends})`
  const { caller, found } = await ask.write({
    found: sql<{
      is_last: number
    }>`SELECT ${isLast} AS is_last FROM flowgate_binding b WHERE ${isThis} AND ${mayAsk(sql`b.user_id`)}`,
    groups: source === null ? [] : mirrorGroups(ask.author, left, { source, groups: [] }),
    // Whoever makes themselves less than a superuser ends a binding of their own.
    superuser: mirrorSuperuser(
      ask.author,
      { bound: { issuer, subject }, isSuperuser: false },
      sql`${left} IS NOT NULL`,
    ),
    deletion: unbind(ask.author, ends),
  })
  requireRight(caller, userId)
  if (issuer === DIRECTORY && !caller.isSuperuser)
    throw new ApiError('forbidden', 'Superusers alone end what a directory provisions')
  const [binding] = found.rows
  if (!binding) throw new ApiError('not_found', 'Binding not found')
  if (binding.is_last)
    throw new ApiError(
      'conflict',
      'This is your only way to sign in: set a password first, or ask a superuser.',
    )
}
