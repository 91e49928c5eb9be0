// Creating a project: the row under a free name, its Owner grant and its flows in one transaction.
import type { Ask } from '../access/ask.ts'
import { type Author, columns, record } from '../access/audit.ts'
import { grantOwner } from '../access/ownership.ts'
import { me, myId } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { freeName } from '../db/free-name.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { newId } from '../db/values.ts'
import { insertFlows, keptFlows, planFlows, selectCreated, withGraphs } from '../flows/create.ts'
import { firstRefused, mayMoveAll, moveFlows, requireMovable } from '../flows/moving.ts'
import { namesOf } from '../wire.ts'
import type { ProjectCreate, ProjectFile } from './params.ts'
import { toFolderRead } from './view.ts'

/** What is kept of a project for a repeat, which brings its settings along. */
const keptProject = [
  ...namesOf(toFolderRead).filter((name) => name !== 'auth_settings'),
  'may_update',
]

/** Creates the project and moves the listed flows into it. Throws 403 or 404 for one that may not be moved. */
export async function createProject(ask: Ask, input: ProjectCreate): Promise<Row> {
  const id = newId()
  const flows = [...(input.flows_list ?? []), ...(input.components_list ?? [])]
  const { refused, made } = await ask.create(
    {
      refused: firstRefused(flows, sql`${id}`),
      insert: insertProject(ask.author, id, input, mayMoveAll(flows, sql`${id}`)),
      moves: moveFlows(
        ask.author,
        sql`${id}`,
        sql`f.id IN ${listed(flows)} AND EXISTS (SELECT 1 FROM folder WHERE id = ${id})`,
      ),
      made: sql`SELECT p.*, 1 AS may_update FROM folder p WHERE p.id = ${id}`,
    },
    keptProject,
  )
  requireMovable(refused.rows)
  return { ...one(made.rows), auth_settings: settingsOf(input) } as Row // a row with another value
}

/** Creates projects from files, flows included; returns the flows. */
export async function uploadProjects(ask: Ask, files: readonly ProjectFile[]): Promise<Row[]> {
  const projects = files.map((file) => ({ id: newId(), file }))
  const flows = planFlows(
    projects.flatMap(({ id, file }) => file.flows.map((flow) => ({ ...flow, folder_id: id }))),
  )
  const [first] = projects
  const { made } = await ask.create(
    {
      projects: [
        ...projects.flatMap(({ id, file }) =>
          insertProject(ask.author, id, projectIn(file), sql`1`),
        ),
        ...insertFlows(
          ask.author,
          flows,
          sql`SELECT user_id FROM folder WHERE id = ${first?.id ?? null}`,
          sql`NULL`,
        ),
      ],
      made: selectCreated(flows),
    },
    keptFlows,
  )
  return withGraphs(flows, made.rows)
}

const projectIn = (file: ProjectFile): NewProject => ({
  name: file.folder_name,
  description: file.folder_description,
  auth_settings: null,
})

type NewProject = Pick<ProjectCreate, 'name' | 'description' | 'auth_settings'>

const settingsOf = ({ auth_settings }: NewProject) =>
  auth_settings === null ? null : JSON.stringify(auth_settings)

function insertProject(author: Author, id: string, input: NewProject, condition: SQL): SQL[] {
  return [
    sql`INSERT INTO folder (id, name, description, auth_settings, is_starter_project, parent_id, user_id)
      SELECT ${id}, ${freeName(sql`folder`, sql`name`, myId, input.name, [' (', ')'])}, ${input.description},
        ${settingsOf(input)}, 0, NULL, me.id FROM ${me} WHERE ${condition}`,
    record(
      author,
      'project.create',
      { id: sql`p.id`, after: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE p.id = ${id}`,
    ),
    ...grantOwner(
      author,
      'Project',
      sql`SELECT p.user_id, p.id AS scope_id FROM folder p WHERE p.id = ${id}`,
      false,
    ),
  ]
}
