// Reads and creation of projects, each one round trip under the one predicate.
import { sql } from 'drizzle-orm'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { grantOwner, STARTER_PROJECT } from '../access/ownership.ts'
import { mayFlow, mayProject, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { freeName, newId } from '../db/values.ts'
import type { ProjectCreate } from './params.ts'

const mayUpdate = mayProject('Update', sql`p.id`)

/** The projects the caller may read; the shared folder of examples is none, default projects come first. */
export async function listProjects(db: Database, who: Credential): Promise<Row[]> {
  const [callers, rows] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT p.*, ${mayUpdate} AS may_update FROM folder p
      WHERE p.name <> 'Starter Projects' AND ${mayProject('Read', sql`p.id`)}
      ORDER BY p.name = ${STARTER_PROJECT} DESC, p.name, p.id`,
  )
  requireCaller(callers, who)
  return rows ?? []
}

/** The project if it exists, whether the caller may read it, and the flows in it that they may read. */
export async function findProject(
  db: Database,
  who: Credential,
  projectId: string,
): Promise<{ project: Row | undefined; allowed: boolean; flows: Row[] }> {
  const [callers, verdicts, projects, flows] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT ${mayProject('Read', sql`${projectId}`)} AS allowed`,
    sql`WITH ${me(who)} SELECT p.*, ${mayUpdate} AS may_update FROM folder p
      WHERE p.id = ${projectId} AND ${mayProject('Read', sql`p.id`)}`,
    sql`WITH ${me(who)} SELECT f.* FROM flow f
      WHERE f.folder_id = ${projectId} AND ${mayProject('Read', sql`f.folder_id`)} AND ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}
      ORDER BY f.updated_at DESC, f.id DESC`,
  )
  requireCaller(callers, who)
  return { project: projects?.[0], allowed: Boolean(verdicts?.[0]?.allowed), flows: flows ?? [] }
}

/** Creates a project under a free name, with the caller as its Owner. */
export async function createProject(
  db: Database,
  who: Credential,
  input: ProjectCreate,
): Promise<Row> {
  const id = newId()
  const [callers, ...rest] = await db.write(
    callerRow(who),
    sql`WITH ${me(who)} INSERT INTO folder (id, name, description, auth_settings, is_starter_project, parent_id, user_id)
      SELECT ${id}, ${freeName(sql`folder`, sql`name`, sql`(SELECT id FROM me)`, input.name, ' (', ')')}, ${input.description},
        ${input.auth_settings === null ? null : JSON.stringify(input.auth_settings)}, 0, NULL, me.id FROM me`,
    ...grantOwner(
      who,
      'Project',
      sql`SELECT p.user_id, p.id AS scope_id FROM folder p WHERE p.id = ${id}`,
      false,
    ),
    sql`SELECT p.*, 1 AS may_update FROM folder p WHERE p.id = ${id}`,
  )
  requireCaller(callers?.rows, who)
  return rest.at(-1)?.rows[0] as Row
}
