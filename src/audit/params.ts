// What admins may ask of the audit.
import * as v from 'valibot'
import { cursor, Time, text, Uuid, whole } from '../fields.ts'

export const AuditQuery = v.object({
  actor_id: v.optional(Uuid),
  action: v.optional(text(255)),
  target_type: v.optional(text(255)),
  target_id: v.optional(Uuid),
  request_id: v.optional(text(255)),
  since: v.optional(Time),
  until: v.optional(Time),
  size: v.optional(whole(1, 100), '50'),
  cursor: v.optional(cursor(1000)),
})
export type AuditQuery = v.InferOutput<typeof AuditQuery>
