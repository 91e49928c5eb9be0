// Binding an account of a provider to the user who is signed in here: by their own word, in a session that stands.
import type { Ask } from '../access/ask.ts'
import { type Bound, bind, boundUser } from '../access/bindings.ts'
import { one } from '../db/batch.ts'
import { sql } from '../db/sql.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import type { Credential } from '../identity/authenticate.ts'
import { isFresh, isOngoing } from '../identity/sessions.ts'
import { fewBindings, requireFew } from './bindings.ts'
import { stale, type Visit } from './visit.ts'

type Binding = NonNullable<Visit['binds']>

/** The session that asks. Throws 403 where it is not young: one that is left open somewhere does not prove who sits in front of it. */
export async function requireFreshSession(ask: Ask, who: Credential): Promise<Binding> {
  if (who.kind !== 'user') throw tooOld()
  const { fresh } = await ask.read({ fresh: sql<{ is: number }>`SELECT ${isFresh(who)} AS "is"` })
  if (!one(fresh).is) throw tooOld()
  return { userId: who.userId, sessionId: who.sessionId }
}

const tooOld = () =>
  new ApiError(
    'forbidden',
    'Binding an account takes a session that is younger than 15 minutes: sign in again.',
  )

/**
 * Binds the account to the user whose session asked for it, while that stands; one that is bound to them already stays.
 * Throws 400 where the session is over, 409 where somebody else has the account or the user has too many.
 */
export async function bindVisitor(
  { db, requestId }: Open['Variables'],
  bound: Bound,
  session: Binding,
): Promise<void> {
  const userId = sql`(SELECT u.id FROM flowgate_session s JOIN user u ON u.id = s.user_id
    WHERE ${isOngoing(sql`s`, { ...session, round: 0 })} AND u.is_active)`
  const none = sql`${boundUser(bound)} IS NULL`
  const { before } = await db.write({
    before: sql<{ user_id: string | null; owner: string | null; few: number }>`
      SELECT ${userId} AS user_id, ${boundUser(bound)} AS owner, ${fewBindings(userId)} AS few`,
    bind: bind({ id: userId, requestId }, bound, {
      userId,
      by: userId,
      when: sql`${none} AND ${fewBindings(userId)}`,
    }),
  })
  const { user_id, owner, few } = one(before.rows)
  if (user_id === null) throw stale()
  if (owner === user_id) return
  if (owner !== null)
    throw new ApiError('conflict', 'This account is bound to another user already.')
  requireFew(few)
}
