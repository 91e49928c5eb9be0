// What callers may send about projects.
import * as v from 'valibot'
import { Json, Text, Uuid } from '../params.ts'

export const ProjectPath = v.object({ project_id: Uuid })

export const ProjectCreate = v.object({
  name: Text,
  description: v.nullish(Text, null),
  auth_settings: v.nullish(Json, null),
})
export type ProjectCreate = v.InferOutput<typeof ProjectCreate>
