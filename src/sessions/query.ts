// Sessions as their users and superusers see and end them. A user has at most a hundred: no list is long.
import type { Ask } from '../access/ask.ts'
import type { Caller } from '../access/caller.ts'
import { endKeys, endSessions } from '../access/endings.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { Credential } from '../identity/authenticate.ts'

/** SQL: the id of the user that is asked about, if the caller may ask. */
const askedAbout = (userId: string | undefined) => {
  const id = userId === undefined ? myId : sql`${userId}`
  return sql`(SELECT x.id FROM (SELECT ${id} AS id) x WHERE x.id = ${myId} OR ${amSuperuser})`
}

function requireRight(caller: Caller, userId: string | undefined): void {
  if (userId !== undefined && userId !== caller.id && !caller.isSuperuser)
    throw new ApiError('forbidden', "The user doesn't have enough privileges")
}

/** The session that asks; a key has none. */
const currentOf = (who: Credential) => (who.kind === 'user' ? who.sessionId : '')

/** The sessions of the caller, or as superuser of anybody, newest first. */
export async function listSessions(
  ask: Ask,
  who: Credential,
  userId: string | undefined,
): Promise<Row[]> {
  const { caller, sessions } = await ask.read({
    sessions: sql`SELECT s.*, s.id = ${currentOf(who)} AS current FROM flowgate_session s
      WHERE s.user_id = ${askedAbout(userId)} AND s.expires_at > ${now} ORDER BY s.created_at DESC, s.id`,
  })
  requireRight(caller, userId)
  return sessions
}

/** Ends one session. Somebody else's and one that is not there are the same 404. */
export async function endSession(ask: Ask, id: string): Promise<void> {
  const [audit, deletion] = endSessions(
    ask.author,
    'ended',
    sql`s.id = ${id} AND (s.user_id = ${myId} OR ${amSuperuser})`,
  )
  const { deleted } = await ask.write({ audit, deleted: deletion })
  if (!deleted.rowsAffected) throw new ApiError('not_found', 'Session not found')
}

/** Ends all sessions of a user but the one that asks, and on request deletes the keys. */
export async function endAll(
  ask: Ask,
  who: Credential,
  { user_id, keys }: { user_id?: string | undefined; keys: boolean },
): Promise<{ ended: number; keys_deleted: number }> {
  const whose = askedAbout(user_id)
  const [keysAudit, keysDeletion] = endKeys(ask.author, sql`k.user_id = ${whose} AND ${keys}`)
  const [audit, deletion] = endSessions(
    ask.author,
    'ended',
    sql`s.user_id = ${whose} AND s.id <> ${currentOf(who)}`,
  )
  // Whoever asks with one of these keys is gone after them: the sessions come first.
  const { caller, ended, deleted } = await ask.write({
    audit,
    ended: deletion,
    keysAudit,
    deleted: keysDeletion,
  })
  requireRight(caller, user_id)
  return { ended: ended.rowsAffected, keys_deleted: deleted.rowsAffected }
}
