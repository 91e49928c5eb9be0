// Deleting flows, and with them every grant on them, in one transaction.
import type { Ask } from '../access/ask.ts'
import { type Author, columns, record } from '../access/audit.ts'
import { endOwnGrants, endTeamGrants } from '../access/endings.ts'
import { mayFlow } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { isMatch, type Match, requireMatch, tagFor } from './etag.ts'

/**
 * Deletes the flow. Throws 403 without Delete, whether it exists or not, then 404, then 412 or 428 where it is not the
 * one that the caller knows.
 */
export async function deleteFlow(ask: Ask, id: string, match: Match): Promise<void> {
  const mayDelete = mayFlow('Delete', sql`${id}`)
  const mayRead = mayFlow('Read', sql`${id}`)
  const matches = isMatch(id, match, mayDelete)
  const { verdicts } = await ask.write({
    verdicts: sql<
      Record<'allowed' | 'readable' | 'matches' | 'found', number> & { etag: string | null }
    >`SELECT ${mayDelete} AS allowed, ${mayRead} AS readable, ${matches} AS matches,
      ${Array.isArray(match) ? tagFor(id, mayRead) : null} AS etag,
      EXISTS (SELECT 1 FROM flow WHERE id = ${id}) AS found`,
    ...removeFlows(ask.author, [id], matches),
  })
  const verdict = one(verdicts.rows)
  if (!verdict.allowed || (!verdict.found && !verdict.readable))
    throw new ApiError('forbidden', 'You do not have permission to delete this flow')
  if (!verdict.found) throw new ApiError('not_found', 'Flow not found')
  requireMatch(verdict.matches, match, verdict.etag)
}

/** Deletes those of the flows that the caller may delete; returns their number. */
export async function deleteFlows(ask: Ask, ids: string[]): Promise<number> {
  const { deletion } = await ask.write(removeFlows(ask.author, ids))
  return deletion.rowsAffected
}

function removeFlows(author: Author, ids: string[], matching = sql`1`) {
  const mayDelete = sql`f.id IN ${listed(ids)} AND ${mayFlow('Delete', sql`f.id`)} AND ${matching}`
  return {
    recorded: recordDeletion(author, mayDelete),
    deletion: sql`DELETE FROM flow AS f WHERE ${mayDelete}`,
    grants: removeGrants(
      author,
      sql`g.scope_type = 'Flow' AND g.scope_id IN ${listed(ids)} AND NOT EXISTS (SELECT 1 FROM flow WHERE id = g.scope_id)`,
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
