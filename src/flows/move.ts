// Flows that change their project by being listed: each needs Update, and Create on the destination
// is asked by whoever moves them there.
import { type SQL, sql } from 'drizzle-orm'
import { type Author, columns, record } from '../access/audit.ts'
import { mayFlow } from '../access/predicate.ts'
import { dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'

const listed = (ids: readonly string[]) =>
  sql`json_each(${JSON.stringify(ids)}) t LEFT JOIN flow f ON f.id = t.value`
const mayLeave = mayFlow('Update', sql`t.value`, sql`f.folder_id`)
const isRefused = (project: SQL) =>
  sql`(f.id IS NULL OR (f.folder_id IS NOT ${project} AND NOT ${mayLeave}))`

/** SQL boolean: all of these flows exist, and those that are not in the project yet may be moved. */
export const mayMoveAll = (ids: readonly string[], project: SQL): SQL =>
  sql`NOT EXISTS (SELECT 1 FROM ${listed(ids)} WHERE ${isRefused(project)})`

/** SQL boolean: one of these flows is not in the project yet. */
export const anyComesIn = (ids: readonly string[], project: SQL): SQL => sql`EXISTS (
  SELECT 1 FROM ${listed(ids)} WHERE f.folder_id IS NOT ${project})`

type Refused = { id: string; allowed: number }

/** The row that `requireMovable` judges: a flow that stands in the way, if there is one. */
export const firstRefused = (ids: readonly string[], project: SQL) =>
  sql<Refused>`SELECT t.value AS id, ${mayLeave} AS allowed FROM ${listed(ids)}
    WHERE ${isRefused(project)} ORDER BY allowed LIMIT 1`

/** Throws 403 for a flow that the caller may not move, 404 for one that they could if it were there. */
export function requireMovable([refused]: readonly Refused[]): void {
  if (!refused) return
  if (refused.allowed) throw new ApiError('not_found', `Flow '${dashed(refused.id)}' not found`)
  throw new ApiError('forbidden', 'You do not have permission to move all of these flows')
}

/** Moves the flows `f` of which the condition holds, and records where from and where to. */
export const moveFlows = (author: Author, target: SQL, condition: SQL): SQL[] => [
  record(
    author,
    'flow.update',
    {
      id: sql`f.id`,
      before: columns(sql`f`, ['folder_id']),
      after: sql`json_object('folder_id', ${target})`,
    },
    sql`FROM flow f WHERE ${condition}`,
  ),
  sql`UPDATE flow AS f SET folder_id = ${target} WHERE ${condition}`,
]
