// Changing users: each one transaction, its checks inside.
import { type SQL, sql } from 'drizzle-orm'
import { amend } from '../access/audit.ts'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { otherSuperuser } from '../access/grants.ts'
import { amSuperuser } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { UserUpdate } from './params.ts'
import { writeOrNameTaken } from './query.ts'

/**
 * Changes a user, oneself or (as a superuser) anybody; undefined when nothing changes. Throws the
 * contract's 400, 403 and 404, and 409 where no active superuser would remain.
 */
export async function updateUser(
  db: Database,
  who: Credential,
  userId: string,
  input: UserUpdate & { passwordHash: string | undefined },
): Promise<Row | undefined> {
  const permitted = sql`(${amSuperuser} OR ((SELECT id FROM me) = t.id
    AND ${input.passwordHash === undefined} AND ${!input.is_superuser}))`
  const stepsDown = input.is_active === false || input.is_superuser === false
  const isLast = (t: SQL) => sql`(${stepsDown} AND ${t}.is_superuser AND ${t}.is_active
    AND NOT ${otherSuperuser(sql`${t}.id`)})`
  const set = columnsOf(input)
  const endsTokens = sql`(${input.passwordHash !== undefined} OR (t.is_active AND NOT ${set.is_active ?? sql`1`}))`
  const [callers, targets, recorded, , updated] = await writeOrNameTaken(
    db,
    callerRow(who),
    sql`SELECT ${isLast(sql`u`)} AS is_last FROM user u WHERE u.id = ${userId}`,
    ...amend(
      who,
      'user.update',
      sql`user`,
      userId,
      sql`${permitted} AND NOT ${isLast(sql`t`)}`,
      set,
      {
        secrets: input.passwordHash === undefined ? {} : { password: sql`${input.passwordHash}` },
        stamps: {
          updated_at: now,
          credentials_changed_at: sql`CASE WHEN ${endsTokens} THEN ${now} ELSE t.credentials_changed_at END`,
        },
      },
    ),
    sql`SELECT * FROM user WHERE id = ${userId}`,
  )
  const caller = requireCaller(callers?.rows, who)
  if (!caller.isSuperuser) {
    if (caller.id !== userId || input.is_superuser)
      throw new ApiError('forbidden', 'Permission denied')
    if (input.passwordHash !== undefined)
      throw new ApiError('bad_request', "You can't change your password here")
  }
  const target = targets?.rows[0]
  if (!target) throw new ApiError('not_found', 'User not found')
  if (caller.isSuperuser && target.is_last)
    throw new ApiError('conflict', 'The last active superuser cannot be deactivated or demoted')
  return recorded?.rowsAffected ? updated?.rows[0] : undefined
}

/** What an update asks for, as columns of `t`; nulls are no wish. Superusers' columns stay as they are for others. */
function columnsOf(input: UserUpdate): Record<string, SQL> {
  const { username, profile_image, optins, last_login_at, is_active, is_superuser } = input
  const own = { username, profile_image, optins: optins && JSON.stringify(optins) }
  const superusers = { last_login_at, is_active, is_superuser }
  const given = (values: object) =>
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries([
    ...given(own).map(([name, value]) => [name, sql`${value}`]),
    ...given(superusers).map(([name, value]) => [
      name,
      sql`CASE WHEN ${amSuperuser} THEN ${value} ELSE t.${sql.raw(name)} END`,
    ]),
  ])
}

/** Replaces the caller's password while it is still the one that was compared; undefined when it no longer is. */
export async function replacePassword(
  db: Database,
  who: Credential,
  user: Row,
  passwordHash: string,
): Promise<Row | undefined> {
  const id = String(user.id)
  const [recorded, , updated] = await db.write(
    ...amend(
      who,
      'user.update',
      sql`user`,
      id,
      sql`t.id = (SELECT id FROM me) AND t.password = ${user.password}`,
      {},
      {
        secrets: { password: sql`${passwordHash}` },
        stamps: { updated_at: now, credentials_changed_at: now },
      },
    ),
    sql`SELECT * FROM user WHERE id = ${id}`,
  )
  return recorded?.rowsAffected ? updated?.rows[0] : undefined
}
