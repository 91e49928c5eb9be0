// Rows of `role` and `userroleassignment` -> the bodies of the contract. Pure.
import type { Row } from '../../db/client.ts'
import { dashed, toTime } from '../../db/values.ts'

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

/** One assignment with its role; the role's columns carry the prefix `role_`. */
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
    role: {
      name: row.role_name,
      description: row.role_description,
      is_system_role: Boolean(row.role_is_system_role),
      id: dashed(row.role_id),
      created_at: toTime(row.role_created_at),
    },
  }
}
