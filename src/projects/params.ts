// What callers may send about projects.
import * as v from 'valibot'
import { notAProject, SHARED_PROJECT } from '../access/shared.ts'
import { json, objectOf } from '../containers.ts'
import { MAX_NAME } from '../db/free-name.ts'
import { choices, Flag, text, Uuid, whole } from '../fields.ts'
import { FileFlows, FlowIds, fileText, Name } from '../flows/params.ts'
import { clearable, mergeable, type PatchOf, patchOf, required } from '../patch.ts'

export const MAX_DESCRIPTION = 10_000
export const MAX_SETTINGS = 100_000
const Description = text(MAX_DESCRIPTION)
/** How LangBuilder's MCP server asks who calls it. */
const AuthSettings = json(MAX_SETTINGS)

export const ProjectPath = v.object({ project_id: Uuid })

/** One that stands in the database, and can be changed. */
const RealProject = v.pipe(
  Uuid,
  v.check((id) => id !== SHARED_PROJECT, notAProject),
)
export const RealProjectPath = v.object({ project_id: RealProject })

export const ProjectListQuery = v.object({
  include: v.optional(choices('actions', 'owner', 'shared')),
})
export type ProjectListQuery = v.InferOutput<typeof ProjectListQuery>

/** With `page` or `size` the answer is a page; 0 asks for one as well, and stands for the default. */
export const ProjectQuery = v.object({
  page: v.optional(whole(0, 1_000_000)),
  size: v.optional(whole(0, 100)),
  is_component: v.optional(Flag, 'false'),
  is_flow: v.optional(Flag, 'false'),
  search: v.optional(Name, ''),
  // Beyond the contract: who owns the project, and each flow.
  include: v.optional(choices('owner')),
})
export type ProjectQuery = v.InferOutput<typeof ProjectQuery>
export type ProjectPage = ProjectQuery & { page: number; size: number }

export const ProjectCreate = objectOf({
  name: Name,
  description: v.nullish(Description, null),
  auth_settings: v.nullish(AuthSettings, null),
  components_list: v.nullish(FlowIds),
  flows_list: v.nullish(FlowIds),
})
export type ProjectCreate = v.InferOutput<typeof ProjectCreate>

export const ProjectUpdate = patchOf({
  name: required(Name),
  description: clearable(Description),
  parent_id: clearable(RealProject),
  auth_settings: mergeable(AuthSettings, MAX_SETTINGS),
  components: required(FlowIds),
  flows: required(FlowIds),
})
export type ProjectUpdate = PatchOf<typeof ProjectUpdate>

/** A project as a file. */
export const ProjectFile = objectOf({
  ...FileFlows.entries,
  folder_name: fileText(MAX_NAME),
  folder_description: v.nullish(fileText(MAX_DESCRIPTION), null),
})
export type ProjectFile = v.InferOutput<typeof ProjectFile>
