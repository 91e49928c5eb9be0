// The one place that says who may do what (design: the decision rule). Everything that lists, counts,
// reads or writes puts these expressions into its own statement; nothing is decided outside of SQL.
import { type SQL, sql } from 'drizzle-orm'
import { type Credential, callerId } from './authenticate.ts'
import { isAdmin, isLive } from './grants.ts'

export const permissions = ['Create', 'Read', 'Update', 'Delete'] as const
export type Permission = (typeof permissions)[number]

/** The CTE `me(id, is_admin)`: one row for an active caller, none otherwise. The expressions below need it. */
export const me = (who: Credential): SQL => sql`me(id, is_admin) AS MATERIALIZED (
  SELECT u.id, ${isAdmin(sql`u`)} FROM user u WHERE u.id = ${callerId(who)} AND u.is_active)`

/** SQL boolean (1 or 0): the caller is a superuser or a Global Admin. */
export const amAdmin = sql`coalesce((SELECT is_admin FROM me), 0)`

/**
 * SQL boolean: may the caller do this to the flow? The most specific scope with any grant decides
 * alone (an explicit grant replaces what would be inherited, also when it takes away); several
 * roles there are a union. max() over no grants is NULL, so coalesce falls through to the next scope.
 */
export function mayFlow(permission: Permission, flowId: SQL, folderId: SQL): SQL {
  return sql`(${amAdmin} OR coalesce(
    ${decidedAt(permission, 'Flow', sql`a.scope_type = 'Flow' AND a.scope_id = ${flowId}`)},
    ${mayInherit(permission, folderId)}))`
}

/** SQL boolean: the same for a flow without grants of its own, in this project or (`NULL`) in none. */
export function mayInherit(permission: Permission, folderId: SQL): SQL {
  return sql`(${amAdmin} OR coalesce(
    ${decidedAt(permission, 'Flow', sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`)},
    ${decidedAt(permission, 'Flow', sql`a.scope_type = 'Global' AND a.scope_id IS NULL`)}, 0))`
}

/** SQL: the scope whose grants decide about a flow that the caller has some access to. */
export function decidingScope(flowId: SQL, folderId: SQL): SQL {
  const granted = (grants: SQL) => sql`EXISTS (SELECT 1 FROM userroleassignment a
    WHERE a.user_id = (SELECT id FROM me) AND ${grants} AND ${isLive(sql`a`)})`
  return sql`CASE WHEN ${amAdmin} THEN 'Global'
    WHEN ${granted(sql`a.scope_type = 'Flow' AND a.scope_id = ${flowId}`)} THEN 'Flow'
    WHEN ${granted(sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`)} THEN 'Project' ELSE 'Global' END`
}

/** SQL boolean: may the caller do this to the project? From the project's grants, else the Global ones. */
export function mayProject(permission: Permission, folderId: SQL): SQL {
  return sql`(${amAdmin} OR coalesce(
    ${decidedAt(permission, 'Project', sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`)},
    ${decidedAt(permission, 'Project', sql`a.scope_type = 'Global' AND a.scope_id IS NULL`)}, 0))`
}

/** 1 if any of the caller's roles there holds the permission, 0 if none does, NULL without a grant there. */
function decidedAt(permission: Permission, scope: 'Flow' | 'Project', grants: SQL): SQL {
  return sql`(SELECT ${verdict(permission, scope)} FROM userroleassignment a
    WHERE a.user_id = (SELECT id FROM me) AND ${grants} AND ${isLive(sql`a`)})`
}

/** SQL: what a group of grants `a` at one scope says. */
function verdict(permission: Permission, scope: 'Flow' | 'Project'): SQL {
  return sql`max(a.role_id IN (
      SELECT rp.role_id FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
      WHERE p.name = ${permission} AND p.scope = ${scope}))`
}

/**
 * SQL, the other way round: every scope of this type at which the caller has a grant, and what it
 * says about flows there, as `(id, allow)`. None for an admin, whose grants do not matter.
 */
export function decisions(permission: Permission, scopeType: 'Flow' | 'Project'): SQL {
  return sql`SELECT a.scope_id, ${verdict(permission, 'Flow')} FROM userroleassignment a
    WHERE a.user_id = (SELECT id FROM me WHERE NOT is_admin) AND a.scope_type = ${scopeType} AND a.scope_id IS NOT NULL
      AND ${isLive(sql`a`)} GROUP BY a.scope_id`
}
