// Which grants exist at all. A grant that has expired by the database's clock does not.
import { type SQL, sql } from 'drizzle-orm'
import { now } from '../db/values.ts'

/** SQL boolean: the row of `userroleassignment` named `a` is in force. */
export const isLive = (a: SQL, at = now) =>
  sql`(${a}.expires_at IS NULL OR ${a}.expires_at > ${at})`

/** SQL boolean: apart from this user there is an active superuser. One must always remain. */
export const otherSuperuser = (userId: SQL) =>
  sql`EXISTS (SELECT 1 FROM user o WHERE o.is_superuser AND o.is_active AND o.id <> ${userId})`

/** SQL boolean: apart from this grant somebody active is, and will stay, superuser or Global Admin. */
export const otherAdmin = (grantId: SQL) => sql`(
  EXISTS (SELECT 1 FROM user o WHERE o.is_superuser AND o.is_active) OR EXISTS (
    SELECT 1 FROM userroleassignment o JOIN role r ON r.id = o.role_id JOIN user u ON u.id = o.user_id
    WHERE o.scope_type = 'Global' AND o.scope_id IS NULL AND r.name = 'Admin' AND o.expires_at IS NULL
      AND u.is_active AND o.id <> ${grantId}))`

/** SQL boolean: a superuser or a holder of Admin with Global scope. `user` names a row of that table. */
export const isAdmin = (user: SQL) => sql`(${user}.is_superuser OR EXISTS (
  SELECT 1 FROM userroleassignment a JOIN role r ON r.id = a.role_id
  WHERE a.user_id = ${user}.id AND a.scope_type = 'Global' AND a.scope_id IS NULL
    AND r.name = 'Admin' AND ${isLive(sql`a`)}))`
