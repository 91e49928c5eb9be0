// Deleting a project, its flows, and every grant on it and on them, in one transaction.
import { sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { columns, record } from '../access/audit.ts'
import { mayProject } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import { ApiError } from '../errors.ts'
import { recordDeletion, removeGrants } from '../flows/delete.ts'

/**
 * Deletes the project. Throws 403 without Delete, then 404, then 400 for a Starter Project. Delete on
 * the project takes its flows along, also those on which the caller holds a lesser role of their own.
 */
export async function deleteProject(ask: Ask, id: string): Promise<void> {
  const mayDelete = sql`EXISTS (SELECT 1 FROM folder p WHERE p.id = ${id} AND NOT p.is_starter_project AND ${mayProject('Delete', sql`p.id`)})`
  const inside = sql`f.folder_id = ${id} AND ${mayDelete}`
  const { author } = ask
  const { verdicts, projects } = await ask.write({
    verdicts: sql<{ allowed: number }>`SELECT ${mayProject('Delete', sql`${id}`)} AS allowed`,
    projects: sql<{
      is_starter_project: number
    }>`SELECT is_starter_project FROM folder WHERE id = ${id}`,
    flowGrants: removeGrants(
      author,
      sql`g.scope_type = 'Flow' AND g.scope_id IN (SELECT f.id FROM flow f WHERE f.folder_id = ${id}) AND ${mayDelete}`,
    ),
    recordedFlows: recordDeletion(author, inside),
    flows: sql`DELETE FROM flow AS f WHERE ${inside}`,
    children: sql`UPDATE folder SET parent_id = NULL WHERE parent_id = ${id} AND ${mayDelete}`,
    recorded: record(
      author,
      'project.delete',
      { id: sql`p.id`, before: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE p.id = ${id} AND ${mayDelete}`,
    ),
    deletion: sql`DELETE FROM folder WHERE id = ${id} AND ${mayDelete}`,
    grants: removeGrants(
      author,
      sql`g.scope_type = 'Project' AND g.scope_id = ${id} AND NOT EXISTS (SELECT 1 FROM folder WHERE id = ${id})`,
    ),
  })
  if (!one(verdicts.rows).allowed)
    throw new ApiError('forbidden', 'You do not have permission to delete this project')
  const [project] = projects.rows
  if (!project) throw new ApiError('not_found', 'Project not found')
  if (project.is_starter_project) {
    throw new ApiError(
      'bad_request',
      'Cannot delete Starter Project. Starter Projects are protected and cannot be deleted.',
    )
  }
}
