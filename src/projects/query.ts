// Reads of projects, each one round trip under the one predicate.
import { type SQL, sql } from 'drizzle-orm'
import { projectActions } from '../access/actions.ts'
import type { Ask } from '../access/ask.ts'
import { isExamples } from '../access/examples.ts'
import { slice } from '../access/long-list.ts'
import { ownerOf } from '../access/owners.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { mayFlow, mayProject, myId } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { ApiError } from '../errors.ts'
import { all, fillGraphs, type Slice, selectFlows } from '../flows/graphs.ts'
import { ownersOf } from '../flows/owners.ts'
import { type ListQuery, MAX_DESCRIPTION, MAX_SETTINGS, type ProjectQuery } from './params.ts'

const mayUpdate = mayProject('Update', sql`p.id`)

/**
 * The projects the caller may read, as many as fit into one answer, after the row that the slice before ended with; the
 * shared folder of examples is none. LangBuilder's front end takes the first for the caller's home: that is their own
 * Starter Project, then come others', then the rest. What an adopted database holds beyond our maxima ends early.
 */
export async function listProjects(
  ask: Ask,
  { include }: ListQuery,
  after: Row | undefined,
): Promise<Row[]> {
  const actions = include?.includes('actions') ? sql`, ${projectActions}` : sql``
  const owner = include?.includes('owner') ? sql`, ${ownerOf(sql`p.user_id`)} AS owner` : sql``
  const rank = sql`CASE WHEN p.id = ${starterProjectOf(myId)} THEN 0 WHEN p.is_starter_project THEN 1 ELSE 2 END`
  const range = after
    ? sql`(${rank}, p.name, p.id) > (${after.rank}, ${after.name}, ${after.id})`
    : sql`1`
  const { projects } = await ask.read({
    projects: slice(
      sql`SELECT p.id, p.name, substr(p.description, 1, ${MAX_DESCRIPTION}) AS description, p.is_starter_project, p.parent_id,
          CASE WHEN ${mayUpdate} AND length(p.auth_settings) <= ${MAX_SETTINGS} THEN p.auth_settings END AS auth_settings,
          1 AS may_update, ${rank} AS rank ${actions} ${owner}
        FROM folder p WHERE NOT ${isExamples(sql`p`)} AND ${range} AND ${mayProject('Read', sql`p.id`)}`,
      sql`ORDER BY rank, name, id`,
      sql`octet_length(concat(name, description, auth_settings)) + ${include?.includes('owner') ? 1400 : 500}`,
    ),
  })
  return projects
}

/** The project and the flows in it that the caller may read. Throws 403 without Read, then 404. */
export async function findProject(
  ask: Ask,
  id: string,
  include?: ProjectQuery['include'],
): Promise<{ project: Row; flows: Row[] }> {
  const visible = visibleFlows(id)
  const { flows, ...found } = await ask.read({
    ...selectProject(id, include && ownersIn(visible, all)),
    flows: selectFlows(visible),
  })
  return { project: requireProject(found), flows: await fillGraphs(ask.readOn, flows, visible) }
}

/** The project and one page of the flows in it that the caller may read. Throws like `findProject`. */
export async function pageProject(
  ask: Ask,
  id: string,
  filter: ProjectQuery,
): Promise<{ project: Row; flows: Row[]; total: number }> {
  const matching = sql`${visibleFlows(id)} ${narrowed(filter)}`
  const slice = { limit: filter.size, offset: (filter.page - 1) * filter.size }
  const { flows, count, ...found } = await ask.read({
    ...selectProject(id, filter.include && ownersIn(matching, slice)),
    count: sql<{ total: number }>`SELECT count(*) AS total FROM flow f WHERE ${matching}`,
    flows: selectFlows(matching, slice),
  })
  const project = requireProject(found)
  return { project, flows: await fillGraphs(ask.readOn, flows, matching), total: one(count).total }
}

type Verdict = { allowed: number }

/** SQL columns of a project `p`: its owner, and those of these flows in it. */
const ownersIn = (flows: SQL, slice: Slice) =>
  sql`${ownerOf(sql`p.user_id`)} AS owner, ${ownersOf(flows, slice)} AS owners`

/** The rows that `requireProject` judges, with these columns more. */
const selectProject = (id: string, more = sql`1 AS there`) => ({
  verdicts: sql<Verdict>`SELECT ${mayProject('Read', sql`${id}`)} AS allowed`,
  projects: sql`SELECT p.*, ${mayUpdate} AS may_update, ${more} FROM folder p WHERE p.id = ${id} AND ${mayProject('Read', sql`p.id`)}`,
})

function requireProject({ verdicts, projects }: { verdicts: Verdict[]; projects: Row[] }): Row {
  if (!one(verdicts).allowed)
    throw new ApiError('forbidden', 'You do not have permission to view this project')
  const [project] = projects
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
