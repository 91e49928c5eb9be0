// Changing users: each one transaction, its checks inside.
import type { Ask } from '../access/ask.ts'
import { type Author, amend } from '../access/audit.ts'
import { endKeys, endSessions } from '../access/endings.ts'
import { otherSuperuser } from '../access/grants.ts'
import {
  allKeyed,
  nameKeyFor,
  noneUnkeyed,
  unkeyed,
  usersNames,
  whenKeyed,
} from '../access/names.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { Credential } from '../identity/authenticate.ts'
import { isFresh } from '../identity/sessions.ts'
import { mayMerge, tooLargeToMerge, written } from '../merge.ts'
import { MAX_OPTINS, type UserUpdate } from './params.ts'
import { nameTaken, unavailable } from './query.ts'

/** `isReserved`: the name that is asked for is SUPERUSER's, in whatever spelling. */
type Change = UserUpdate & { passwordHash: string | undefined; isReserved: boolean }

/**
 * Changes a user, oneself or (as a superuser) anybody. Throws the contract's 400, 403 and 404, 409 where no active
 * superuser would remain, and 422 for flags that are too many with those that are there.
 */
export async function updateUser(
  ask: Ask,
  userId: string,
  input: Change,
  who: Credential,
  /** Whether the user's keys are to end where the sessions do. */
  keys: boolean,
): Promise<Row> {
  const fresh = isFreshSession(who)
  const changesPassword = input.passwordHash !== undefined
  const permitted = sql`((${amSuperuser} AND (NOT ${changesPassword} OR ${myId} <> t.id OR ${fresh}))
    OR (${myId} = t.id AND NOT ${changesPassword} AND ${!input.is_superuser}))`
  const stepsDown = input.is_active === false || input.is_superuser === false
  const isLast = (t: SQL) => sql`(${stepsDown} AND ${t}.is_superuser AND ${t}.is_active
    AND NOT ${otherSuperuser(sql`${t}.id`)})`
  const { username } = input
  // Only a superuser comes to bear the reserved name, and only by another's word or their own.
  const isReserved = (t: SQL) =>
    sql`(${input.isReserved} AND ${t}.username IS NOT ${username ?? null} AND NOT (${amSuperuser} AND ${t}.is_superuser))`
  const named = username ? allKeyed(usersNames) : sql`1`
  const fits = mayMerge(sql`optins`, input.optins, MAX_OPTINS)
  const [audit, change] = amend(ask.author, 'user.update', {
    table: sql`user`,
    id: userId,
    when: sql`${permitted} AND ${named} AND NOT ${isReserved(sql`t`)} AND NOT ${isLast(sql`t`)} AND ${fits}`,
    ...columnsOf(input),
  })
  const { caller, targets, updated } = await whenKeyed(ask, usersNames, () =>
    ask.write(
      {
        unkeyed: username ? unkeyed(usersNames) : noneUnkeyed,
        targets: sql<Standing>`SELECT ${isLast(sql`u`)} AS is_last, ${isReserved(sql`u`)} AS is_reserved,
          ${fresh} AS is_fresh, ${fits} AS optins_fit FROM user u WHERE u.id = ${userId}`,
        audit,
        change,
        updated: sql`SELECT * FROM user WHERE id = ${userId}`,
        ended: endCredentials(ask.author, who, userId, input, keys),
      },
      nameTaken,
    ),
  )
  if (!caller.isSuperuser) {
    if (caller.id !== userId || input.is_superuser)
      throw new ApiError('forbidden', 'Permission denied')
    if (input.passwordHash !== undefined)
      throw new ApiError('bad_request', "You can't change your password here")
  }
  const [target] = targets.rows
  if (!target) throw new ApiError('not_found', 'User not found')
  if (target.is_reserved) throw unavailable()
  if (caller.isSuperuser && target.is_last)
    throw new ApiError('conflict', 'The last active superuser cannot be deactivated or demoted')
  if (changesPassword && caller.id === userId && !target.is_fresh) throw tooOld(who)
  if (!target.optins_fit) throw tooLargeToMerge('optins', MAX_OPTINS)
  return one(updated.rows)
}

/** What forbids to change a user. */
type Standing = { is_last: number; is_reserved: number; is_fresh: number; optins_fit: number }

/** A session that is left open somewhere does not prove who sits in front of it. */
const tooOld = (who: Credential) =>
  new ApiError(
    'forbidden',
    who.kind === 'access'
      ? 'A new password takes a session, and behind Cloudflare Access alone there is none: begin one at /api/v1/auth/access/start, or send current_password to /reset-password.'
      : 'A new password takes a session that is younger than 15 minutes: sign in again, or send current_password to /reset-password.',
  )

const isFreshSession = (who: Credential) => (who.kind === 'user' ? isFresh(who) : sql`0`)

/**
 * Ends the sessions of a user who has this new hash (made just now, and nobody else's) or is switched off,
 * and on request their keys. What the caller asks with goes last: after it nobody asks any more.
 */
function endCredentials(
  author: Author,
  who: Credential,
  userId: string,
  {
    passwordHash,
    is_active,
  }: { passwordHash: string | undefined; is_active?: boolean | null | undefined },
  keys: boolean,
): SQL[] {
  if (passwordHash === undefined && is_active !== false) return []
  const isNew = sql`t.password = ${passwordHash ?? null}`
  const isOff = is_active === false ? sql`NOT t.is_active` : sql`0`
  const ends = sql`EXISTS (SELECT 1 FROM user t WHERE t.id = ${userId} AND (${isNew} OR ${isOff}))
    AND EXISTS (SELECT 1 FROM user x WHERE x.id = ${author.id} AND (x.is_superuser OR x.id = ${userId}))`
  const reason = passwordHash === undefined ? 'deactivation' : 'password'
  const sessions = endSessions(author, reason, sql`s.user_id = ${userId} AND ${ends}`)
  const ofKeys = keys ? endKeys(author, sql`k.user_id = ${userId} AND ${ends}`) : []
  return who.kind === 'key' ? [...sessions, ...ofKeys] : [...ofKeys, ...sessions]
}

/** What an update asks for, as columns of `t`; a null clears. Superusers' columns stay as they are for others. */
function columnsOf(input: Change) {
  const { username, profile_image, last_login_at, is_active, is_superuser, optins } = input
  const superusers = (name: string, value: string | boolean | null | undefined) =>
    value === undefined
      ? undefined
      : sql`CASE WHEN ${amSuperuser} THEN ${value} ELSE t.${sql.raw(name)} END`
  const active = superusers('is_active', is_active)
  return {
    set: {
      username,
      last_login_at: superusers('last_login_at', last_login_at),
      is_active: active,
      is_superuser: superusers('is_superuser', is_superuser),
    },
    unshown: {
      profile_image,
      optins: optins && written(sql`t.optins`, optins),
      password: input.passwordHash,
    },
    touched: {
      updated_at: now,
      username_key: username ? nameKeyFor(usersNames, username, sql`t`) : undefined,
      pending_since: active && sql`CASE WHEN NOT ${active} THEN t.pending_since END`,
    },
  }
}

/**
 * Replaces the caller's password while it is still the one that was compared, and ends their sessions;
 * undefined when it no longer is. Unless they proved that they know it, their session must be fresh: 403.
 */
export async function replacePassword(
  ask: Ask,
  user: Row,
  passwordHash: string,
  who: Credential,
  { isProved, keys }: { isProved: boolean; keys: boolean },
): Promise<Row | undefined> {
  const id = String(user.id)
  const mayReplace = sql`(${isProved} OR ${isFreshSession(who)})`
  const [audit, change] = amend(ask.author, 'user.update', {
    table: sql`user`,
    id,
    when: sql`t.id = ${myId} AND t.password = ${user.password ?? null} AND ${mayReplace}`,
    unshown: { password: passwordHash },
    touched: { updated_at: now },
  })
  const { may, recorded, updated } = await ask.write({
    may: sql<{ replace: number }>`SELECT ${mayReplace} AS replace`,
    recorded: audit,
    change,
    updated: sql`SELECT * FROM user WHERE id = ${id}`,
    ended: endCredentials(ask.author, who, id, { passwordHash }, keys),
  })
  if (!one(may.rows).replace) throw tooOld(who)
  return recorded.rowsAffected ? updated.rows[0] : undefined
}
