// Whoever signed up and was never activated. They wait for thirty days; sign-ups sweep them away, a few at
// a time, and are refused while too many wait: strangers can fill neither the database nor the superuser's list.
import { type Author, columns, grantColumns, record } from '../access/audit.ts'
import { type SQL, sql } from '../db/sql.ts'

export const PENDING_MAX = 1000
const DAYS = 30
const SWEPT_AT_ONCE = 20

/** SQL boolean: one more may wait. */
export const fits = sql`(SELECT count(*) FROM user WHERE pending_since IS NOT NULL) < ${PENDING_MAX}`

/** SQL boolean over `u`: has, or has been given, nothing but the Starter Project of every user. */
const hasNothing = sql`NOT EXISTS (SELECT 1 FROM flow f WHERE f.user_id = u.id)
  AND NOT EXISTS (SELECT 1 FROM apikey k WHERE k.user_id = u.id)
  AND NOT EXISTS (SELECT 1 FROM userroleassignment a WHERE a.user_id = u.id AND NOT a.is_immutable)
  AND NOT EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.user_id = u.id)
  AND NOT EXISTS (SELECT 1 FROM folder p WHERE p.user_id = u.id AND (NOT p.is_starter_project
    OR EXISTS (SELECT 1 FROM flow f WHERE f.folder_id = p.id)
    OR EXISTS (SELECT 1 FROM folder c WHERE c.parent_id = p.id)
    OR EXISTS (SELECT 1 FROM userroleassignment a
      WHERE a.scope_type = 'Project' AND a.scope_id = p.id AND a.user_id <> u.id)
    OR EXISTS (SELECT 1 FROM flowgate_team_grant a WHERE a.scope_type = 'Project' AND a.scope_id = p.id)))`

/** SQL: a SELECT of those who have waited too long, the same from the first statement to the last. */
const overdue = sql`SELECT u.id FROM user u
  WHERE u.pending_since IS NOT NULL AND u.pending_since < strftime('%Y-%m-%d %H:%M:%f000', 'now', ${`-${DAYS} days`})
    AND NOT u.is_active AND u.last_login_at IS NULL AND ${hasNothing}
  ORDER BY u.pending_since, u.id LIMIT ${SWEPT_AT_ONCE}`

/** Statements that delete them with what they have. Nobody is the author, the request is the sign-up's. */
export function sweep(requestId: string): SQL[] {
  const nobody: Author = { id: sql`NULL`, requestId }
  return [
    record(
      nobody,
      'grant.delete',
      { id: sql`a.id`, before: grantColumns(sql`a`) },
      sql`FROM userroleassignment a WHERE a.user_id IN (${overdue})`,
    ),
    sql`DELETE FROM userroleassignment WHERE user_id IN (${overdue})`,
    record(
      nobody,
      'project.delete',
      { id: sql`p.id`, before: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE p.user_id IN (${overdue})`,
    ),
    sql`DELETE FROM folder WHERE user_id IN (${overdue})`,
    record(
      nobody,
      'user.delete',
      { id: sql`u.id`, before: columns(sql`u`, ['username', 'is_active', 'is_superuser']) },
      sql`FROM user u WHERE u.id IN (${overdue})`,
    ),
    sql`DELETE FROM user WHERE id IN (${overdue})`,
  ]
}
