// Deleting a project, its flows, and every grant on it and on them, in one transaction.
import type { Ask } from '../access/ask.ts'
import { columns, record } from '../access/audit.ts'
import { mayFlow, mayProject, type Permission } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import { sql } from '../db/sql.ts'
import { newId } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { recordDeletion, removeGrants } from '../flows/delete.ts'

/**
 * Deletes the project with its flows. Throws 403 without Delete, then 404, 400 for a Starter Project, and 409
 * where it holds flows that the caller may not delete. With it go the grants that say what the caller may do, so
 * that is asked once: the row says that it goes until it is gone, with a text that nobody else has.
 */
export async function deleteProject(ask: Ask, id: string): Promise<void> {
  const { author } = ask
  const mark = newId()
  const mayDo = (permission: Permission) => mayProject(permission, sql`${id}`)
  const kept = sql`FROM flow f WHERE f.folder_id = ${id} AND NOT ${mayFlow('Delete', sql`f.id`, sql`f.folder_id`)}`
  const goes = sql`EXISTS (SELECT 1 FROM folder WHERE id = ${id} AND description = ${mark})`
  const inside = sql`f.folder_id = ${id} AND ${goes}`
  const { verdicts, projects } = await ask.write({
    verdicts: sql<Verdict>`SELECT ${mayDo('Delete')} AS allowed, ${mayDo('Read')} AS readable,
      (SELECT count(*) ${kept}) AS kept`,
    projects: sql<{
      is_starter_project: number
    }>`SELECT is_starter_project FROM folder WHERE id = ${id}`,
    decision: sql`UPDATE folder SET description = ${mark} WHERE id = ${id} AND NOT is_starter_project
      AND ${mayDo('Delete')} AND NOT EXISTS (SELECT 1 ${kept})`,
    flowGrants: removeGrants(
      author,
      sql`g.scope_type = 'Flow' AND g.scope_id IN (SELECT f.id FROM flow f WHERE ${inside})`,
    ),
    recordedFlows: recordDeletion(author, inside),
    flows: sql`DELETE FROM flow AS f WHERE ${inside}`,
    children: sql`UPDATE folder SET parent_id = NULL WHERE parent_id = ${id} AND ${goes}`,
    recorded: record(
      author,
      'project.delete',
      { id: sql`p.id`, before: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE p.id = ${id} AND ${goes}`,
    ),
    deletion: sql`DELETE FROM folder WHERE id = ${id} AND description = ${mark}`,
    grants: removeGrants(
      author,
      sql`g.scope_type = 'Project' AND g.scope_id = ${id} AND NOT EXISTS (SELECT 1 FROM folder WHERE id = ${id})`,
    ),
  })
  requireDeletable(one(verdicts.rows), projects.rows[0])
}

type Verdict = { allowed: number; readable: number; kept: number }

function requireDeletable(
  { allowed, readable, kept }: Verdict,
  project: { is_starter_project: number } | undefined,
): void {
  if (!allowed || (!project && !readable))
    throw new ApiError('forbidden', 'You do not have permission to delete this project')
  if (!project) throw new ApiError('not_found', 'Project not found')
  if (project.is_starter_project) {
    throw new ApiError(
      'bad_request',
      'Cannot delete Starter Project. Starter Projects are protected and cannot be deleted.',
    )
  }
  if (kept > 0)
    throw new ApiError(
      'conflict',
      `Cannot delete this project: you do not have permission to delete ${kept} of the flows in it. Have them moved or deleted first.`,
    )
}
