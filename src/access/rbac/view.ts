// Rows of `role` and `userroleassignment` -> the bodies of the contract. Pure.
import type { Row } from '../../db/client.ts'
import { dashed, toJson, toTime } from '../../db/values.ts'
import type { Explanation } from './explain.ts'
import type { AccessQuery, ExplainQuery } from './params.ts'

/** One role as LangBuilder's RoleRead. */
export function toRoleRead(row: Row) {
  return {
    name: row.name,
    description: row.description,
    is_system_role: Boolean(row.is_system_role),
    id: dashed(row.id),
    created_at: toTime(row.created_at),
  }
}

/** The same with what the role holds. */
export const toRoleDetail = (row: Row) => ({
  ...toRoleRead(row),
  permissions: toJson(row.permissions) as string[],
})

/** One assignment with its role (whose columns carry the prefix `role_`); `expires_at` only where it ends. */
export function toAssignmentRead(row: Row) {
  return {
    id: dashed(row.id),
    user_id: dashed(row.user_id),
    role_id: dashed(row.role_id),
    scope_type: row.scope_type,
    scope_id: dashed(row.scope_id),
    is_immutable: Boolean(row.is_immutable),
    created_at: toTime(row.created_at),
    created_by: dashed(row.created_by),
    ...(row.expires_at === null ? {} : { expires_at: toTime(row.expires_at) }),
    role: {
      name: row.role_name,
      description: row.role_description,
      is_system_role: Boolean(row.role_is_system_role),
      id: dashed(row.role_id),
      created_at: toTime(row.role_created_at),
    },
  }
}

/** The predicate's answer, what it rests on, and every grant that had a say, most specific first. */
export function toExplanation(asked: ExplainQuery, { subject, grants }: Explanation) {
  const decisive = grants.find((grant) => grant.decides)
  return {
    allowed: Boolean(subject.allowed),
    decided_by: decidedBy(subject, decisive),
    user_id: dashed(subject.id),
    permission: asked.permission,
    scope_type: asked.scope_type,
    scope_id: dashed(asked.scope_id),
    grants: grants.map((grant) => ({
      ...toAssignmentRead(grant),
      status: !grant.is_live ? 'expired' : grant.decides ? 'decides' : 'shadowed',
      holds_permission: Boolean(grant.holds),
    })),
  }
}

function decidedBy(subject: Row, decisive: Row | undefined): string {
  if (!subject.is_active) return 'inactive'
  if (subject.is_superuser) return 'superuser'
  if (subject.is_admin) return 'global_admin'
  return decisive ? `${String(decisive.scope_type).toLowerCase()}_grant` : 'no_grant'
}

type GrantJson = { id: string; role_name: string; scope_type: string } & Record<string, unknown>

/** A page of users with what they may do and the grants it comes from. */
export function toAccess(asked: AccessQuery, { rows, total }: { rows: Row[]; total: number }) {
  const { page, size } = asked
  const items = rows.map((row) => {
    const grants = row.is_superuser ? [] : (toJson(row.grants) as GrantJson[])
    return {
      user_id: dashed(row.id),
      username: row.username,
      actions: String(row.actions).split(',').slice(0, -1),
      decided_by: decidedBy({ ...row, is_active: 1 }, grants[0] as unknown as Row | undefined),
      grants: grants.map(({ id, role_name, scope_type, scope_id, expires_at }) => ({
        id: dashed(id),
        role_name,
        scope_type,
        scope_id: dashed(scope_id),
        ...(expires_at === null ? {} : { expires_at: toTime(expires_at) }),
      })),
    }
  })
  return { items, total, page, size, pages: Math.ceil(total / size) }
}
