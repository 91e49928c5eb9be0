// Changing users: each one transaction, its checks inside.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { amend } from '../access/audit.ts'
import { otherSuperuser } from '../access/grants.ts'
import { allKeyed, keyFor, noneUnkeyed, unkeyed, usersNames, whenKeyed } from '../access/names.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { UserUpdate } from './params.ts'
import { nameTaken, unavailable } from './query.ts'

/** `isReserved`: the name that is asked for is SUPERUSER's, in whatever spelling. */
type Change = UserUpdate & { passwordHash: string | undefined; isReserved: boolean }

/**
 * Changes a user, oneself or (as a superuser) anybody; undefined when nothing changes. Throws the
 * contract's 400, 403 and 404, and 409 where no active superuser would remain.
 */
export async function updateUser(
  ask: Ask,
  userId: string,
  input: Change,
): Promise<Row | undefined> {
  const permitted = sql`(${amSuperuser} OR (${myId} = t.id
    AND ${input.passwordHash === undefined} AND ${!input.is_superuser}))`
  const stepsDown = input.is_active === false || input.is_superuser === false
  const isLast = (t: SQL) => sql`(${stepsDown} AND ${t}.is_superuser AND ${t}.is_active
    AND NOT ${otherSuperuser(sql`${t}.id`)})`
  const { username } = input
  // Only a superuser comes to bear the reserved name, and only by another's word or their own.
  const isReserved = (t: SQL) =>
    sql`(${input.isReserved} AND ${t}.username IS NOT ${username ?? null} AND NOT (${amSuperuser} AND ${t}.is_superuser))`
  const named = username ? allKeyed(usersNames) : sql`1`
  const { set, unshown } = columnsOf(input)
  const endsTokens = sql`(${input.passwordHash !== undefined} OR (t.is_active AND NOT ${set.is_active ?? sql`1`}))`
  const [audit, change] = amend(
    ask.author,
    'user.update',
    sql`user`,
    userId,
    sql`${permitted} AND ${named} AND NOT ${isReserved(sql`t`)} AND NOT ${isLast(sql`t`)}`,
    set,
    {
      unshown,
      stamps: {
        updated_at: now,
        credentials_changed_at: sql`CASE WHEN ${endsTokens} THEN ${now} ELSE t.credentials_changed_at END`,
        ...(username ? { username_key: keyFor(usersNames, username, sql`t`) } : {}),
        ...(set.is_active
          ? { pending_since: sql`CASE WHEN NOT ${set.is_active} THEN t.pending_since END` }
          : {}),
      },
    },
  )
  const { caller, targets, recorded, updated } = await whenKeyed(ask, usersNames, () =>
    ask.write(
      {
        unkeyed: username ? unkeyed(usersNames) : noneUnkeyed,
        targets: sql<Standing>`SELECT ${isLast(sql`u`)} AS is_last, ${isReserved(sql`u`)} AS is_reserved
          FROM user u WHERE u.id = ${userId}`,
        recorded: audit,
        change,
        updated: sql`SELECT * FROM user WHERE id = ${userId}`,
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
  return recorded.rowsAffected ? updated.rows[0] : undefined
}

/** What forbids to change a user. */
type Standing = { is_last: number; is_reserved: number }

/** What an update asks for, as columns of `t`; nulls are no wish. Superusers' columns stay as they are for others. */
function columnsOf(input: Change) {
  const { username, profile_image, last_login_at, is_active, is_superuser } = input
  const optins = input.optins && JSON.stringify(input.optins)
  const own = (_: string, value: unknown) => sql`${value}`
  const superusers = (name: string, value: unknown) =>
    sql`CASE WHEN ${amSuperuser} THEN ${value} ELSE t.${sql.raw(name)} END`
  return {
    set: {
      ...given({ username }, own),
      ...given({ last_login_at, is_active, is_superuser }, superusers),
    },
    unshown: given({ profile_image, optins, password: input.passwordHash }, own),
  }
}

/** The values that are given, as SQL by name. */
function given(values: object, toSql: (name: string, value: unknown) => SQL): Record<string, SQL> {
  const entries = Object.entries(values).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  return Object.fromEntries(entries.map(([name, value]) => [name, toSql(name, value)]))
}

/** Replaces the caller's password while it is still the one that was compared; undefined when it no longer is. */
export async function replacePassword(
  ask: Ask,
  user: Row,
  passwordHash: string,
): Promise<Row | undefined> {
  const id = String(user.id)
  const [audit, change] = amend(
    ask.author,
    'user.update',
    sql`user`,
    id,
    sql`t.id = ${myId} AND t.password = ${user.password}`,
    {},
    {
      unshown: { password: sql`${passwordHash}` },
      stamps: { updated_at: now, credentials_changed_at: now },
    },
  )
  const { recorded, updated } = await ask.write({
    recorded: audit,
    change,
    updated: sql`SELECT * FROM user WHERE id = ${id}`,
  })
  return recorded.rowsAffected ? updated.rows[0] : undefined
}
