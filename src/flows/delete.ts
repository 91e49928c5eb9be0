// Deleting flows, and with them every grant on them, in one transaction.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { type Author, columns, record } from '../access/audit.ts'
import { endOwnGrants, endTeamGrants } from '../access/endings.ts'
import { mayFlow } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import { ApiError } from '../errors.ts'

/** Deletes the flow. Throws 403 without Delete, whether it exists or not, then 404. */
export async function deleteFlow(ask: Ask, id: string): Promise<void> {
  const { verdicts } = await ask.write({
    verdicts: sql<{
      allowed: number
      readable: number
      found: number
    }>`SELECT ${mayFlow('Delete', sql`${id}`)} AS allowed, ${mayFlow('Read', sql`${id}`)} AS readable,
      EXISTS (SELECT 1 FROM flow WHERE id = ${id}) AS found`,
    ...removeFlows(ask.author, [id]),
  })
  const verdict = one(verdicts.rows)
  if (!verdict.allowed || (!verdict.found && !verdict.readable))
    throw new ApiError('forbidden', 'You do not have permission to delete this flow')
  if (!verdict.found) throw new ApiError('not_found', 'Flow not found')
}

/** Deletes those of the flows that the caller may delete; gives their number. */
export async function deleteFlows(ask: Ask, ids: string[]): Promise<number> {
  const { deletion } = await ask.write(removeFlows(ask.author, ids))
  return deletion.rowsAffected
}

function removeFlows(author: Author, ids: string[]) {
  const listed = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
  const mayDelete = sql`f.id IN ${listed} AND ${mayFlow('Delete', sql`f.id`)}`
  return {
    recorded: recordDeletion(author, mayDelete),
    deletion: sql`DELETE FROM flow AS f WHERE ${mayDelete}`,
    grants: removeGrants(
      author,
      sql`g.scope_type = 'Flow' AND g.scope_id IN ${listed} AND NOT EXISTS (SELECT 1 FROM flow WHERE id = g.scope_id)`,
    ),
  }
}

/** The audit rows for the flows `f` about to go. */
export const recordDeletion = (author: Author, condition: SQL): SQL =>
  record(
    author,
    'flow.delete',
    { id: sql`f.id`, before: columns(sql`f`, ['name', 'folder_id', 'access_type', 'user_id']) },
    sql`FROM flow f WHERE ${condition}`,
  )

/** Takes away the grants `g`, of users and of teams: what they were about goes in the same transaction. */
export const removeGrants = (author: Author, condition: SQL): SQL[] => [
  ...endOwnGrants(author, condition),
  ...endTeamGrants(author, condition),
]
