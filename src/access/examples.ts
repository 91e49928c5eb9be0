// The shared folder of examples, which everybody may read. A table names it by its id: what a project is
// called, and whose it is, can be changed by a request, and says nothing.
import { type SQL, sql } from '../db/sql.ts'

/** SQL: a SELECT of the folder's id, of none where there is no such folder. */
export const examples = sql`SELECT folder_id FROM flowgate_examples WHERE folder_id <> ''`

/** SQL boolean: the row `p` of `folder` is the folder of examples. */
export const isExamples = (p: SQL) => sql`(${p}.id IN (${examples}))`
