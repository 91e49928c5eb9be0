// What callers may send about projects.
import * as v from 'valibot'
import { FlowIds, NewFlows } from '../flows/params.ts'
import { Flag, Json, Text, Uuid, whole } from '../params.ts'

export const ProjectPath = v.object({ project_id: Uuid })

export const ListQuery = v.object({
  include: v.optional(v.picklist(['actions'], "Input should be 'actions'")),
})
export type ListQuery = v.InferOutput<typeof ListQuery>

/** With `page` or `size` the answer is a page; 0 counts as absent. */
export const ProjectQuery = v.object({
  page: v.optional(whole(0, 1_000_000), '0'),
  size: v.optional(whole(0, 100), '0'),
  is_component: v.optional(Flag, 'false'),
  is_flow: v.optional(Flag, 'false'),
  search: v.optional(Text, ''),
})
export type ProjectQuery = v.InferOutput<typeof ProjectQuery>

export const ProjectCreate = v.object({
  name: Text,
  description: v.nullish(Text, null),
  auth_settings: v.nullish(Json, null),
  components_list: v.nullish(FlowIds),
  flows_list: v.nullish(FlowIds),
})
export type ProjectCreate = v.InferOutput<typeof ProjectCreate>

/** An absent field stays. A null clears it, or is ignored where there is nothing to clear. */
export const ProjectUpdate = v.object({
  name: v.nullish(Text),
  description: v.nullish(Text),
  parent_id: v.nullish(Uuid),
  auth_settings: v.nullish(Json),
  components: v.nullish(FlowIds),
  flows: v.nullish(FlowIds),
})
export type ProjectUpdate = v.InferOutput<typeof ProjectUpdate>

/** A project as a file. */
export const ProjectFile = v.object({
  folder_name: Text,
  folder_description: v.nullish(Text, null),
  flows: NewFlows,
})
export type ProjectFile = v.InferOutput<typeof ProjectFile>
