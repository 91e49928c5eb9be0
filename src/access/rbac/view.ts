// Rows of `role` and `userroleassignment` -> the bodies of the contract. Pure.
import { flag, id, nested, nullable, text, time, view } from '../../wire.ts'

/** One role as LangBuilder's RoleRead. */
export const toRoleRead = view('RoleRead', {
  name: text,
  description: nullable(text),
  is_system_role: flag,
  id,
  created_at: time,
})

/** One assignment with its role, whose columns carry the prefix `role_`. */
export const toAssignmentRead = view('AssignmentRead', {
  id,
  user_id: id,
  role_id: id,
  scope_type: text,
  scope_id: nullable(id),
  is_immutable: flag,
  created_at: time,
  created_by: nullable(id),
  role: nested('role_', toRoleRead),
})
