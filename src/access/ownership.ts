// Whoever creates a flow or project becomes its Owner, in the same transaction; and every user has
// a Starter Project whose Owner grant cannot be taken away.
import { freeName } from '../db/free-name.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { type Author, columns, grantColumns, justInserted, record } from './audit.ts'
import { ownerRole } from './grants.ts'

export const STARTER_PROJECT = 'Starter Project'

/** Grants Owner on rows that exist by now: `source` is a query of (user_id, scope_id). */
export function grantOwner(
  author: Author,
  scope: 'Flow' | 'Project',
  source: SQL,
  immutable: boolean,
): SQL[] {
  return [
    sql`INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
      SELECT lower(hex(randomblob(16))), x.user_id, r.id, ${scope}, x.scope_id, ${immutable ? 1 : 0}, ${now}, x.user_id
      FROM (${source}) x JOIN role r ON r.id = ${ownerRole}
      WHERE NOT EXISTS (SELECT 1 FROM userroleassignment a WHERE a.user_id = x.user_id AND a.role_id = r.id
        AND a.scope_type = ${scope} AND a.scope_id = x.scope_id)`,
    record(
      author,
      'grant.create',
      { id: sql`a.id`, after: grantColumns(sql`a`) },
      sql`FROM userroleassignment a WHERE ${justInserted(sql`a`)}`,
    ),
  ]
}

/** Gives the user a Starter Project with its immutable Owner grant, unless both are there. */
export function ensureStarterProject(author: Author, userId: SQL): SQL[] {
  return [
    sql`INSERT INTO folder (id, name, description, auth_settings, is_starter_project, parent_id, user_id)
      SELECT ${newId()}, ${freeName(sql`folder`, sql`name`, sql`u.id`, STARTER_PROJECT, [' (', ')'])}, 'Manage your own projects. Download and upload projects.', NULL, 1, NULL, u.id
      FROM user u WHERE u.id = ${userId}
        AND ${starterProjectOf(sql`u.id`)} IS NULL`,
    record(
      author,
      'project.create',
      { id: sql`f.id`, after: columns(sql`f`, ['name', 'user_id']) },
      sql`FROM folder f WHERE ${justInserted(sql`f`)}`,
    ),
    ...grantOwner(
      author,
      'Project',
      sql`SELECT f.user_id, f.id AS scope_id FROM folder f
        WHERE f.id = ${starterProjectOf(userId)} AND f.is_starter_project`,
      true,
    ),
  ]
}

/** SQL: the id of the user's Starter Project. Its flag says which it is, whatever it is called. */
export const starterProjectOf = (userId: SQL) =>
  sql`(SELECT id FROM folder WHERE user_id = ${userId} AND is_starter_project ORDER BY id LIMIT 1)`
