// Deleting flows, and with them every grant on them, in one transaction.
import { type SQL, sql } from 'drizzle-orm'
import { columns, grantColumns, record } from '../access/audit.ts'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { mayFlow, me } from '../access/predicate.ts'
import type { Database } from '../db/client.ts'
import { ApiError } from '../errors.ts'

/** Deletes the flow. Throws 403 without Delete, whether it exists or not, then 404. */
export async function deleteFlow(db: Database, who: Credential, id: string): Promise<void> {
  const folder = sql`(SELECT folder_id FROM flow WHERE id = ${id})`
  const [callers, verdicts] = await db.write(
    callerRow(who),
    sql`WITH ${me(who)} SELECT ${mayFlow('Delete', sql`${id}`, folder)} AS allowed, EXISTS (SELECT 1 FROM flow WHERE id = ${id}) AS found`,
    ...removeFlows(who, [id]),
  )
  requireCaller(callers?.rows, who)
  if (!verdicts?.rows[0]?.allowed)
    throw new ApiError('forbidden', 'You do not have permission to delete this flow')
  if (!verdicts.rows[0].found) throw new ApiError('not_found', 'Flow not found')
}

/** Deletes those of the flows that the caller may delete; gives their number. */
export async function deleteFlows(db: Database, who: Credential, ids: string[]): Promise<number> {
  const [callers, , deleted] = await db.write(callerRow(who), ...removeFlows(who, ids))
  requireCaller(callers?.rows, who)
  return deleted?.rowsAffected ?? 0
}

function removeFlows(who: Credential, ids: string[]): SQL[] {
  const listed = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
  const mayDelete = sql`f.id IN ${listed} AND ${mayFlow('Delete', sql`f.id`, sql`f.folder_id`)}`
  return [
    recordDeletion(who, mayDelete),
    sql`WITH ${me(who)} DELETE FROM flow AS f WHERE ${mayDelete}`,
    ...removeGrants(
      who,
      sql`g.scope_type = 'Flow' AND g.scope_id IN ${listed} AND NOT EXISTS (SELECT 1 FROM flow WHERE id = g.scope_id)`,
    ),
  ]
}

/** The audit rows for the flows `f` about to go. */
export const recordDeletion = (who: Credential, condition: SQL): SQL =>
  record(
    who,
    'flow.delete',
    { id: sql`f.id`, before: columns(sql`f`, ['name', 'folder_id', 'access_type', 'user_id']) },
    sql`FROM flow f WHERE ${condition}`,
  )

/** Takes away the grants `g`: what they were about goes in the same transaction. */
export const removeGrants = (who: Credential, condition: SQL): SQL[] => [
  record(
    who,
    'grant.delete',
    { id: sql`g.id`, before: grantColumns(sql`g`) },
    sql`FROM userroleassignment g WHERE ${condition}`,
  ),
  sql`WITH ${me(who)} DELETE FROM userroleassignment AS g WHERE ${condition}`,
]
