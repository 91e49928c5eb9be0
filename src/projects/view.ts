// Rows of `folder` -> the bodies of the contract. Pure.
import { toOwner } from '../access/owners.ts'
import { permissions } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { FlowWithOwner, included, owner } from '../flows/bodies.ts'
import {
  arrayOf,
  eitherOf,
  type Field,
  flag,
  id,
  json,
  nullable,
  object,
  pageOf,
  text,
  titled,
  view,
} from '../wire.ts'
import type { ProjectListQuery } from './params.ts'

/** May hold secrets: for those who may update the project. */
const authSettings: Field<Record<string, unknown> | null> = {
  schema: json.schema,
  read: (stored, row) => (row.may_update ? json.read(stored, row) : null),
}

/** One project as LangBuilder's FolderRead. */
export const toFolderRead = view('FolderRead', {
  name: text,
  description: nullable(text),
  auth_settings: authSettings,
  is_starter_project: flag,
  id,
  parent_id: nullable(id),
})

/** The same with what was asked for beside it: what the caller may do and the scope of the grants that say so, its owner. */
export const toFolderWith = (include: ProjectListQuery['include']) => (row: Row) => ({
  ...toFolderRead(row),
  ...(include?.includes('actions')
    ? { actions: permissions.filter((permission) => row[permission]), scope: row.scope }
    : {}),
  ...(include?.includes('owner') ? { owner: toOwner(row.owner) } : {}),
})

/** A project of a list, with what is asked for beside it. */
export const ListedProject = titled('ListedProject', object(included, toFolderRead))

const Project = titled('ProjectWithOwner', object({ owner }, toFolderRead))
/** A project with all of its flows, or with a page of them. */
export const ProjectWithFlows = eitherOf(
  titled('ProjectWithFlows', object({ flows: arrayOf(FlowWithOwner) }, Project)),
  titled('ProjectPage', object({ folder: Project, flows: pageOf(FlowWithOwner) })),
)
