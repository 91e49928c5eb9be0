// Deleting a project, its flows, and every grant on it and on them, in one transaction.
import { sql } from 'drizzle-orm'
import { columns, record } from '../access/audit.ts'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { mayProject, me } from '../access/predicate.ts'
import type { Database } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import { recordDeletion, removeGrants } from '../flows/delete.ts'

/**
 * Deletes the project. Throws 403 without Delete, then 404, then 400 for a Starter Project. Delete on
 * the project takes its flows along, also those on which the caller holds a lesser role of their own.
 */
export async function deleteProject(db: Database, who: Credential, id: string): Promise<void> {
  const mayDelete = sql`EXISTS (SELECT 1 FROM folder p WHERE p.id = ${id} AND NOT p.is_starter_project AND ${mayProject('Delete', sql`p.id`)})`
  const inside = sql`f.folder_id = ${id} AND ${mayDelete}`
  const [callers, verdicts, projects] = await db.write(
    callerRow(who),
    sql`WITH ${me(who)} SELECT ${mayProject('Delete', sql`${id}`)} AS allowed`,
    sql`SELECT is_starter_project FROM folder WHERE id = ${id}`,
    ...removeGrants(
      who,
      sql`g.scope_type = 'Flow' AND g.scope_id IN (SELECT f.id FROM flow f WHERE f.folder_id = ${id}) AND ${mayDelete}`,
    ),
    recordDeletion(who, inside),
    sql`WITH ${me(who)} DELETE FROM flow AS f WHERE ${inside}`,
    sql`WITH ${me(who)} UPDATE folder SET parent_id = NULL WHERE parent_id = ${id} AND ${mayDelete}`,
    record(
      who,
      'project.delete',
      { id: sql`p.id`, before: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE p.id = ${id} AND ${mayDelete}`,
    ),
    sql`WITH ${me(who)} DELETE FROM folder WHERE id = ${id} AND ${mayDelete}`,
    ...removeGrants(
      who,
      sql`g.scope_type = 'Project' AND g.scope_id = ${id} AND NOT EXISTS (SELECT 1 FROM folder WHERE id = ${id})`,
    ),
  )
  requireCaller(callers?.rows, who)
  if (!verdicts?.rows[0]?.allowed)
    throw new ApiError('forbidden', 'You do not have permission to delete this project')
  const project = projects?.rows[0]
  if (!project) throw new ApiError('not_found', 'Project not found')
  if (project.is_starter_project) {
    throw new ApiError(
      'bad_request',
      'Cannot delete Starter Project. Starter Projects are protected and cannot be deleted.',
    )
  }
}
