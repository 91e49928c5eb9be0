// Beginning, renewing and ending a session.
import { record } from '../access/audit.ts'
import { endSessions } from '../access/endings.ts'
import { recordEvent } from '../access/events.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import type { Database, Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import {
  type Attempt,
  countMistake,
  countSuccess,
  mayTry,
  patience,
  requirePatience,
  uncounted,
} from '../identity/attempts.ts'
import { hashPassword, isBcrypt, verifyPassword } from '../identity/passwords.ts'
import { begin, isOngoing, renew } from '../identity/sessions.ts'
import type { Token } from '../identity/tokens.ts'
import type { NewSession } from '../session-cookies.ts'
import { createFirstSuperuser, isNamed, userNamed } from './sign-up.ts'

type Given = { username: string; password: string }

const wrongPassword = () => new ApiError('invalid_credentials', 'Incorrect username or password')

/** A session for name and password. Only whoever knows the password is told what is wrong with the account. */
export async function signIn(
  { db, env, requestId }: Open['Variables'],
  given: Given,
  attempt: Attempt,
  userAgent: string | undefined,
): Promise<NewSession> {
  const user = await findUser(db, env, given, attempt, requestId)
  const stored = user && String(user.password)
  if (!(await verifyPassword(given.password, stored)) || !user || !stored) {
    await countWrong(db, attempt)
    throw wrongPassword()
  }
  if (!user.is_active) {
    if (user.last_login_at === null) throw new ApiError('bad_request', 'Waiting for approval')
    throw new ApiError('invalid_credentials', 'Inactive user')
  }
  // Not before: who is a superuser, only they themselves are told.
  if (env.PASSWORD_LOGIN === 'off' && !user.is_superuser)
    throw new ApiError(
      'forbidden',
      'Signing in by password is switched off here: sign in with your company.',
    )
  const userId = String(user.id)
  const itself = { id: sql`${userId}`, requestId }
  const kept = isBcrypt(stored) ? await hashPassword(given.password) : stored
  // Only for the hash that was verified: a password changed since then begins no session, and stays.
  const mayBegin = sql`u.is_active AND u.password = ${stored} AND ${mayTry(attempt)}`
  const session = begin(userId, userAgent, mayBegin)
  const { wait, began } = await db.write({
    wait: patience(attempt),
    begin: session.statements,
    audit: record(
      itself,
      'session.create',
      { id: sql`s.id` },
      sql`FROM flowgate_session s WHERE s.id = ${session.id}`,
    ),
    began: sql`SELECT id FROM flowgate_session WHERE id = ${session.id}`,
    seen: sql`UPDATE user SET last_login_at = ${now}, password = ${kept}
      WHERE id = ${userId} AND is_active AND password = ${stored} AND ${mayTry(attempt)}`,
    starter: ensureStarterProject(itself, sql`${userId}`),
    known: countSuccess(attempt),
  })
  requirePatience(wait.rows)
  if (!began.rows[0]) throw wrongPassword()
  return toSignedIn(user, { userId, sessionId: session.id, round: 0 })
}

/** Counts the mistake. Of guesses sent together those that come too late learn nothing, wrong or right. */
async function countWrong(db: Database, attempt: Attempt): Promise<void> {
  if (attempt === uncounted) return
  const { wait } = await db.write({ wait: patience(attempt), counted: countMistake(attempt) })
  requirePatience(wait.rows)
}

/** By account, for those that are there: a stranger's inventions are nobody's. */
export const recordFailure = ({ db, requestId }: Open['Variables'], username: string) =>
  recordEvent(db, 'user.sign_in_failed', sql`u.id = (SELECT id FROM (${userNamed(username)}))`, {
    by: sql`NULL`,
    requestId,
  })

const toSignedIn = (user: Row, token: Token): NewSession => ({
  token,
  hasStoreKey: user.store_api_key !== null,
})

/** The user of that name, unless nobody is listened to now; the first superuser comes into being here. */
async function findUser(
  db: Database,
  env: Open['Variables']['env'],
  { username, password }: Given,
  attempt: Attempt,
  requestId: string,
): Promise<Row | undefined> {
  const { users, wait, superusers } = await db.read({
    users: userNamed(username),
    wait: patience(attempt),
    superusers: sql`SELECT 1 FROM user WHERE is_superuser LIMIT 1`,
  })
  requirePatience(wait)
  const first = env.SUPERUSER
  const isFirst =
    !superusers[0] &&
    first !== undefined &&
    isNamed(first, username) &&
    password === env.SUPERUSER_PASSWORD
  if (!isFirst) return users[0]
  await createFirstSuperuser(db, first, await hashPassword(password), requestId)
  return (await db.read({ users: userNamed(first) })).users[0]
}

export const invalidRefreshToken = (cause?: unknown) =>
  new ApiError('invalid_credentials', 'Invalid refresh token', { cause })

/** The next round of the session of a refresh token; one that has been used before ends its session. */
export async function renewSession(
  { db, requestId }: Open['Variables'],
  token: Token,
): Promise<NewSession> {
  const { found, isReused, next } = renew(token)
  const itself = { id: sql`${token.userId}`, requestId }
  const { session, users } = await db.write({
    session: found,
    users: sql`SELECT u.* FROM user u WHERE u.id = ${token.userId} AND u.is_active`,
    end: endSessions(itself, 'reuse', isReused),
    next,
  })
  const [user] = users.rows
  const [row] = session.rows
  if (!row || row.renewal === 'reused' || !user) throw invalidRefreshToken()
  return toSignedIn(user, { ...token, round: token.round + 1 })
}

/** Ends the sessions that these tokens belong to. */
export async function signOut(
  { db, requestId }: Open['Variables'],
  tokens: readonly Token[],
): Promise<void> {
  const endings = tokens.map((token) => [
    token.sessionId,
    endSessions({ id: sql`${token.userId}`, requestId }, 'logout', isOngoing(sql`s`, token)),
  ])
  await db.write(Object.fromEntries(endings))
}
