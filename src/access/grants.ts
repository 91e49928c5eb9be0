// Which grants exist at all. A grant that has expired by the database's clock does not.
import { type SQL, sql } from 'drizzle-orm'
import { now } from '../db/values.ts'

/** SQL boolean: the row of `userroleassignment` named `a` is in force. */
export const isLive = (a: SQL) => sql`(${a}.expires_at IS NULL OR ${a}.expires_at > ${now})`

/** SQL boolean: a superuser or a holder of Admin with Global scope. `user` names a row of that table. */
export const isAdmin = (user: SQL) => sql`(${user}.is_superuser OR EXISTS (
  SELECT 1 FROM userroleassignment a JOIN role r ON r.id = a.role_id
  WHERE a.user_id = ${user}.id AND a.scope_type = 'Global' AND a.scope_id IS NULL
    AND r.name = 'Admin' AND ${isLive(sql`a`)}))`
