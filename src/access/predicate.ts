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
    ${decidedAt(permission, 'Flow', onFlow(flowId))},
    ${decidedAt(permission, 'Flow', onProject(folderId))},
    ${decidedAt(permission, 'Flow', onAll)}, 0))`
}

/** SQL: the scope whose grants decide about a flow that the caller has some access to. */
export function decidingScope(flowId: SQL, folderId: SQL): SQL {
  const granted = (grants: SQL) => sql`EXISTS (SELECT 1 FROM userroleassignment a
    WHERE a.user_id = (SELECT id FROM me) AND ${grants} AND ${isLive(sql`a`)})`
  return sql`CASE WHEN ${amAdmin} THEN 'Global'
    WHEN ${granted(onFlow(flowId))} THEN 'Flow'
    WHEN ${granted(onProject(folderId))} THEN 'Project' ELSE 'Global' END`
}

/** SQL boolean: may the caller do this to the project? From the project's grants, else the Global ones. */
export function mayProject(permission: Permission, folderId: SQL): SQL {
  return sql`(${amAdmin} OR coalesce(
    ${decidedAt(permission, 'Project', onProject(folderId))},
    ${decidedAt(permission, 'Project', onAll)}, 0))`
}

/** SQL booleans over a grant `a`: at which scope it stands. */
export const onFlow = (flowId: SQL) => sql`a.scope_type = 'Flow' AND a.scope_id = ${flowId}`
export const onProject = (folderId: SQL) =>
  sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`
export const onAll = sql`a.scope_type = 'Global' AND a.scope_id IS NULL`

/** 1 if any of the caller's roles there holds the permission, 0 if none does, NULL without a grant there. */
export function decidedAt(
  permission: Permission,
  scope: 'Flow' | 'Project',
  grants: SQL,
  userId = sql`(SELECT id FROM me)`,
): SQL {
  return sql`(SELECT ${verdict(permission, scope)} FROM userroleassignment a
    WHERE a.user_id = ${userId} AND ${grants} AND ${isLive(sql`a`)})`
}

/** The same for every flow or project with a grant of its own at once, as `(id, allow)`; about flows there. */
export function decisions(permission: Permission, scopeType: 'Flow' | 'Project', userId: SQL): SQL {
  return sql`SELECT a.scope_id, ${verdict(permission, 'Flow')} FROM userroleassignment a
    WHERE a.user_id = ${userId} AND a.scope_type = ${sql.raw(`'${scopeType}'`)} AND a.scope_id IS NOT NULL
      AND ${isLive(sql`a`)} GROUP BY a.scope_id`
}

/** SQL: what a group of grants `a` at one scope says. */
function verdict(permission: Permission, scope: 'Flow' | 'Project'): SQL {
  return sql`max(a.role_id IN (
      SELECT rp.role_id FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
      WHERE p.name = ${permission} AND p.scope = ${scope}))`
}
