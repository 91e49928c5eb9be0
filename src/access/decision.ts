// Which grants decide, for whoever asks why: the same fragments as the predicate's, about a flow or a project by its id.
import { type SQL, sql } from '../db/sql.ts'
import { isAdminGrant } from './grants.ts'
import {
  atFlow,
  atGlobal,
  atProject,
  mayFlow,
  mayProject,
  type Permission,
  projectOf,
} from './predicate.ts'

/** A flow or a project. */
export type Place = { readonly scope: 'Flow' | 'Project'; readonly id: string }

/** SQL boolean: may the caller do this there? */
export const may = (permission: Permission, { scope, id }: Place): SQL =>
  scope === 'Flow' ? mayFlow(permission, sql`${id}`) : mayProject(permission, sql`${id}`)

/** SQL boolean: the grant `a` has a say in what may be done there. */
export const reaches = ({ scope, id }: Place): SQL =>
  scope === 'Flow'
    ? sql`((${atFlow(sql`${id}`)}) OR (${atProject(projectOf(sql`${id}`))}) OR (${atGlobal}))`
    : sql`((${atProject(sql`${id}`)}) OR (${atGlobal}))`

/** SQL: how specific the scope of a grant is. */
export const rankOf = (grant: SQL): SQL =>
  sql`CASE ${grant}.scope_type WHEN 'Flow' THEN 3 WHEN 'Project' THEN 2 ELSE 1 END`

/**
 * SQL boolean: the grant is one of those that decide among these (FROM, live grants `a` that have a say): those at the
 * most specific scope; about an admin, those that make them one.
 */
export const decides = (grant: SQL, isAdmin: SQL, among: SQL): SQL =>
  sql`CASE WHEN ${isAdmin} THEN ${isAdminGrant(grant)}
    ELSE ${rankOf(grant)} = (SELECT max(${rankOf(sql`a`)}) ${among}) END`
