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

/** SQL boolean: the caller is a superuser. */
export const amSuperuser = sql`EXISTS (SELECT 1 FROM me JOIN user u ON u.id = me.id WHERE u.is_superuser)`

/**
 * SQL boolean: may the caller do this to the flow? The most specific scope with any grant decides
 * alone (an explicit grant replaces what would be inherited, also when it takes away); several
 * roles there are a union. max() over no grants is NULL, so coalesce falls through to the next scope.
 */
export function mayFlow(permission: Permission, flowId: SQL, folderId: SQL): SQL {
  return sql`(${amAdmin} OR coalesce(
    ${decidedAt(permission, 'Flow', sql`a.scope_type = 'Flow' AND a.scope_id = ${flowId}`)},
    ${decidedAt(permission, 'Flow', sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`)},
    ${decidedAt(permission, 'Flow', sql`a.scope_type = 'Global' AND a.scope_id IS NULL`)}, 0))`
}

/** SQL boolean: may the caller do this to the project? From the project's grants, else the Global ones. */
export function mayProject(permission: Permission, folderId: SQL): SQL {
  return sql`(${amAdmin} OR coalesce(
    ${decidedAt(permission, 'Project', sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`)},
    ${decidedAt(permission, 'Project', sql`a.scope_type = 'Global' AND a.scope_id IS NULL`)}, 0))`
}

/** 1 if any of the caller's roles there holds the permission, 0 if none does, NULL without a grant there. */
function decidedAt(permission: Permission, scope: 'Flow' | 'Project', grants: SQL): SQL {
  return sql`(SELECT max(a.role_id IN (
      SELECT rp.role_id FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
      WHERE p.name = ${permission} AND p.scope = ${scope}))
    FROM userroleassignment a WHERE a.user_id = (SELECT id FROM me) AND ${grants} AND ${isLive(sql`a`)})`
}
