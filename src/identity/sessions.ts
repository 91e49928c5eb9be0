// Sessions: one signing-in, from login to logout, whose row stands behind every pair of tokens made in it.
// A row that is gone or over opens nothing; the database's clock decides.
import { type SQL, sql } from '../db/sql.ts'
import { instant } from '../db/statement.ts'
import { newId, now } from '../db/values.ts'
import type { Token } from './tokens.ts'

/** From login on, whatever happens. */
export const SESSION_DAYS = 30

/** A user signs in more often than they sign out: the oldest sessions end first. */
const SESSIONS_PER_USER = 100

/** How long a session counts as a fresh proof of who somebody is; renewing it does not rejuvenate it. */
const FRESH_MINUTES = 15

/**
 * Two tabs that share their cookies renew at the same moment, and an answer that is lost is asked for again:
 * for so long the refresh token of the round before is not taken for a stolen one. Whoever did steal it and
 * is as quick gets a token of the same round as its owner, and is found out when the second of them renews.
 */
const GRACE_S = 10

/** Rows that one sign-in sweeps. It adds one itself, so that old ones do not outnumber new ones for long. */
const SWEPT_AT_ONCE = 100

const ago = (span: string) => sql`strftime('%Y-%m-%d %H:%M:%f000', ${instant}, ${`-${span}`})`

/** SQL boolean over a row `s` of `flowgate_session`: it is this one, of this user, and not over. */
export const isOngoing = (s: SQL, { sessionId, userId }: Token) =>
  sql`${s}.id = ${sessionId} AND ${s}.user_id = ${userId} AND ${s}.expires_at > ${now}`

/** SQL boolean: the session began less than 15 minutes ago. */
export const isFresh = (token: Token) => sql`EXISTS (SELECT 1 FROM flowgate_session s
  WHERE ${isOngoing(sql`s`, token)} AND s.created_at > ${ago(`${FRESH_MINUTES} minutes`)})`

/** Statements that begin a session for the user, if `condition` holds of `u`, a row of `user`: its `id`, where it began. */
export function begin(userId: string | SQL, userAgent: string | undefined, condition: SQL) {
  const id = newId()
  return {
    id,
    statements: [
      sql`DELETE FROM flowgate_session WHERE rowid IN (SELECT rowid FROM flowgate_session
        WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${SWEPT_AT_ONCE})`,
      sql`INSERT INTO flowgate_session (id, user_id, created_at, expires_at, round, renewed_at, user_agent)
        SELECT ${id}, u.id, ${now}, strftime('%Y-%m-%d %H:%M:%f000', 'now', ${`+${SESSION_DAYS} days`}), 0, ${now},
          ${userAgent?.toWellFormed().replaceAll('\0', '').slice(0, 200) ?? null}
        FROM user u WHERE u.id = ${userId} AND ${condition}`,
      sql`DELETE FROM flowgate_session WHERE id IN (SELECT id FROM flowgate_session WHERE user_id = ${userId}
        ORDER BY created_at DESC, id LIMIT -1 OFFSET ${SESSIONS_PER_USER})`,
    ],
  }
}

/** What a refresh token is worth: nothing, a new round, the round that its twin has begun, or the end of the session. */
type Renewal = 'renewed' | 'again' | 'reused'

/** What a refresh token makes of its session, the condition under which it ends it, and the statement that goes on. */
export function renew(token: Token) {
  const { sessionId, round } = token
  const isReused = sql`NOT (s.round = ${round} OR (s.round = ${round + 1} AND s.renewed_at > ${ago(`${GRACE_S} seconds`)}))`
  return {
    found: sql<{ renewal: Renewal }>`SELECT CASE WHEN s.round = ${round} THEN 'renewed'
      WHEN ${isReused} THEN 'reused' ELSE 'again' END AS renewal
      FROM flowgate_session s WHERE ${isOngoing(sql`s`, token)}`,
    isReused: sql`${isOngoing(sql`s`, token)} AND ${isReused}`,
    next: sql`UPDATE flowgate_session SET round = round + 1, renewed_at = ${now}
      WHERE id = ${sessionId} AND round = ${round}`,
  }
}
