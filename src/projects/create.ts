// Creating a project: the row under a free name, its Owner grant and its flows in one transaction.
import { type SQL, sql } from 'drizzle-orm'
import { columns, record } from '../access/audit.ts'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { grantOwner } from '../access/ownership.ts'
import { me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { freeName, newId } from '../db/values.ts'
import { insertFlows, planFlows, selectFlows, withGraphs } from '../flows/create.ts'
import { firstRefused, mayMoveAll, moveFlows, requireMovable } from '../flows/move.ts'
import type { ProjectCreate, ProjectFile } from './params.ts'

/** Creates the project and moves the listed flows into it. Throws 403 or 404 for one that may not be moved. */
export async function createProject(
  db: Database,
  who: Credential,
  input: ProjectCreate,
): Promise<Row> {
  const id = newId()
  const flows = [...(input.flows_list ?? []), ...(input.components_list ?? [])]
  const [callers, refused, ...rest] = await db.write(
    callerRow(who),
    firstRefused(who, flows, sql`${id}`),
    ...insertProject(who, id, input, mayMoveAll(flows, sql`${id}`)),
    ...moveFlows(
      who,
      sql`${id}`,
      sql`f.id IN (SELECT value FROM json_each(${JSON.stringify(flows)})) AND EXISTS (SELECT 1 FROM folder WHERE id = ${id})`,
    ),
    sql`SELECT p.*, 1 AS may_update FROM folder p WHERE p.id = ${id}`,
  )
  requireCaller(callers?.rows, who)
  requireMovable(refused?.rows)
  return rest.at(-1)?.rows[0] as Row
}

/** Creates a project from a file, flows included; gives the flows. */
export async function uploadProject(
  db: Database,
  who: Credential,
  file: ProjectFile,
): Promise<Row[]> {
  const id = newId()
  const flows = planFlows(file.flows.map((flow) => ({ ...flow, folder_id: null })))
  const project = {
    name: file.folder_name,
    description: file.folder_description,
    auth_settings: null,
  }
  const [callers, ...rest] = await db.write(
    callerRow(who),
    ...insertProject(who, id, project, sql`1`),
    ...insertFlows(who, flows, sql`SELECT user_id FROM folder WHERE id = ${id}`, sql`${id}`),
    selectFlows(flows),
  )
  requireCaller(callers?.rows, who)
  return withGraphs(flows, rest.at(-1)?.rows)
}

type NewProject = Pick<ProjectCreate, 'name' | 'description' | 'auth_settings'>

function insertProject(who: Credential, id: string, input: NewProject, condition: SQL): SQL[] {
  const settings = input.auth_settings === null ? null : JSON.stringify(input.auth_settings)
  return [
    sql`WITH ${me(who)} INSERT INTO folder (id, name, description, auth_settings, is_starter_project, parent_id, user_id)
      SELECT ${id}, ${freeName(sql`folder`, sql`name`, sql`(SELECT id FROM me)`, input.name, ' (', ')')}, ${input.description},
        ${settings}, 0, NULL, me.id FROM me WHERE ${condition}`,
    record(
      who,
      'project.create',
      { id: sql`p.id`, after: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE p.id = ${id}`,
    ),
    ...grantOwner(
      who,
      'Project',
      sql`SELECT p.user_id, p.id AS scope_id FROM folder p WHERE p.id = ${id}`,
      false,
    ),
  ]
}
