// Reads of projects, each one round trip under the one predicate.
import { type SQL, sql } from 'drizzle-orm'
import { projectActions } from '../access/actions.ts'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { STARTER_PROJECT } from '../access/ownership.ts'
import { mayFlow, mayProject, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import { readFlows } from '../flows/graphs.ts'
import type { ListQuery, ProjectQuery } from './params.ts'

const mayUpdate = mayProject('Update', sql`p.id`)

/** The projects the caller may read; the shared folder of examples is none, default projects come first. */
export async function listProjects(
  db: Database,
  who: Credential,
  { include }: ListQuery,
): Promise<Row[]> {
  const actions = include === 'actions' ? sql`, ${projectActions}` : sql``
  const [callers, rows] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT p.*, ${mayUpdate} AS may_update ${actions} FROM folder p
      WHERE p.name <> 'Starter Projects' AND ${mayProject('Read', sql`p.id`)}
      ORDER BY p.name = ${STARTER_PROJECT} DESC, p.name, p.id`,
  )
  requireCaller(callers, who)
  return rows ?? []
}

/** The project and the flows in it that the caller may read. Throws 403 without Read, then 404. */
export async function findProject(
  db: Database,
  who: Credential,
  id: string,
): Promise<{ project: Row; flows: Row[] }> {
  const { lead, flows } = await readFlows(db, {
    lead: projectRows(who, id),
    scope: sql`WITH ${me(who)}`,
    condition: visibleFlows(id),
  })
  return { project: requireProject(lead, who), flows }
}

/** The project and one page of the flows in it that the caller may read. Throws like `findProject`. */
export async function pageProject(
  db: Database,
  who: Credential,
  id: string,
  filter: ProjectQuery,
): Promise<{ project: Row; flows: Row[]; total: number }> {
  const matching = sql`${visibleFlows(id)} ${narrowed(filter)}`
  const { lead, flows } = await readFlows(db, {
    lead: [
      ...projectRows(who, id),
      sql`WITH ${me(who)} SELECT count(*) AS total FROM flow f WHERE ${matching}`,
    ],
    scope: sql`WITH ${me(who)}`,
    condition: matching,
    slice: { limit: filter.size, offset: (filter.page - 1) * filter.size },
  })
  const project = requireProject(lead, who)
  return { project, flows, total: Number(lead.at(-1)?.[0]?.total) }
}

/** The rows that `requireProject` judges. */
const projectRows = (who: Credential, id: string): SQL[] => [
  callerRow(who),
  sql`WITH ${me(who)} SELECT ${mayProject('Read', sql`${id}`)} AS allowed`,
  sql`WITH ${me(who)} SELECT p.*, ${mayUpdate} AS may_update FROM folder p WHERE p.id = ${id} AND ${mayProject('Read', sql`p.id`)}`,
]

function requireProject([callers, verdicts, projects]: Row[][], who: Credential): Row {
  requireCaller(callers, who)
  if (!verdicts?.[0]?.allowed)
    throw new ApiError('forbidden', 'You do not have permission to view this project')
  const project = projects?.[0]
  if (!project) throw new ApiError('not_found', 'Project not found')
  return project
}

const visibleFlows = (id: string): SQL =>
  sql`f.folder_id = ${id} AND ${mayProject('Read', sql`${id}`)} AND ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}`

function narrowed({ is_component, is_flow, search }: ProjectQuery): SQL {
  const components = is_component ? sql`AND f.is_component` : sql``
  const flows = is_flow ? sql`AND NOT coalesce(f.is_component, 0)` : sql``
  // Not LIKE: it has wildcards to escape, and ends in an error where the pattern is long.
  const named = search ? sql`AND instr(lower(f.name), lower(${search}))` : sql``
  return sql`${components} ${flows} ${named}`
}
