// Which grants exist at all, and who holds them. A grant that has expired by the database's clock does not.
import { type SQL, sql } from 'drizzle-orm'
import { now } from '../db/values.ts'

/** FROM and WHERE: all grants that the user holds, whatever they allow and whether they are over, as `a`. */
export const grantsHeld = (userId: SQL, a = sql`a`) =>
  sql`FROM userroleassignment ${a} WHERE ${a}.user_id = ${userId}`

/** The same from the other side: a SELECT of the users who hold a grant `a` like this. */
export const holdersOf = (condition: SQL) =>
  sql`SELECT a.user_id FROM userroleassignment a WHERE ${condition}`

/** SQL boolean: the row of `userroleassignment` named `a` is in force. */
export const isLive = (a: SQL, at = now) =>
  sql`(${a}.expires_at IS NULL OR ${a}.expires_at > ${at})`

/**
 * SQL: the id of a role of the system. It is no constant, for an adopted database keeps the one it has; but
 * names of roles are unique, no request renames one with the flag, and the flag is not for anybody to set.
 */
const systemRole = (name: 'Admin' | 'Owner') =>
  sql`(SELECT id FROM role WHERE name = ${sql.raw(`'${name}'`)} AND is_system_role)`
export const adminRole = systemRole('Admin')
export const ownerRole = systemRole('Owner')

/** SQL boolean: the grant `a` makes its holder a Global Admin, while it is in force. */
export const isAdminGrant = (a: SQL) =>
  sql`(${a}.scope_type = 'Global' AND ${a}.scope_id IS NULL AND ${a}.role_id = ${adminRole})`

/** SQL boolean: apart from this user there is an active superuser. One must always remain. */
export const otherSuperuser = (userId: SQL) =>
  sql`EXISTS (SELECT 1 FROM user o WHERE o.is_superuser AND o.is_active AND o.id <> ${userId})`

/** SQL boolean: a superuser or a holder of Admin with Global scope. `user` names a row of that table. */
export const isAdmin = (user: SQL) => sql`(${user}.is_superuser OR EXISTS (
  SELECT 1 ${grantsHeld(sql`${user}.id`)} AND ${isAdminGrant(sql`a`)} AND ${isLive(sql`a`)}))`
