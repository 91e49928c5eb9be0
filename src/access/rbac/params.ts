// What callers may send about roles and assignments.
import * as v from 'valibot'
import { Text, Uuid } from '../../params.ts'

export const AssignmentPath = v.object({ assignment_id: Uuid })

export const AssignmentFilter = v.object({
  user_id: v.optional(Uuid),
  role_name: v.optional(Text),
  scope_type: v.optional(Text),
})
export type AssignmentFilter = v.InferOutput<typeof AssignmentFilter>

export const AssignmentCreate = v.object({
  user_id: Uuid,
  role_name: Text,
  scope_type: Text,
  scope_id: v.nullish(Uuid, null),
})
export type AssignmentCreate = v.InferOutput<typeof AssignmentCreate>

export const AssignmentUpdate = v.object({ role_name: Text })
