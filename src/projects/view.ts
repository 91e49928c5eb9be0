// Rows of `folder` -> the bodies of the contract. Pure.
import { permissions } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { dashed, toJson } from '../db/values.ts'

/** One project as LangBuilder's FolderRead; `auth_settings` may hold secrets and is for those who may update. */
export function toFolderRead(row: Row) {
  return {
    name: row.name,
    description: row.description,
    auth_settings: row.may_update ? toJson(row.auth_settings) : null,
    is_starter_project: Boolean(row.is_starter_project),
    id: dashed(row.id),
    parent_id: dashed(row.parent_id),
  }
}

/** The same with what the caller may do with it, and the scope of the grants that say so. */
export const toFolderWithActions = (row: Row) => ({
  ...toFolderRead(row),
  actions: permissions.filter((permission) => row[permission]),
  scope: row.scope,
})
