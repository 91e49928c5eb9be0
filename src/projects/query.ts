// Reads of one project, or of what is shown like one, in a single round trip under the one predicate.
import type { Ask } from '../access/ask.ts'
import { ownerOf } from '../access/owners.ts'
import { mayFlow, mayProject } from '../access/predicate.ts'
import { isSharedFlow, SHARED_PROJECT } from '../access/shared.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { all, fillGraphs, selectFlows, type Window } from '../flows/graphs.ts'
import { ownersOf } from '../flows/owners.ts'
import { fits } from '../search/fits.ts'
import { isEmpty, isTooMuch, readWanted } from '../search/words.ts'
import type { ProjectPage, ProjectQuery } from './params.ts'
import { sharedRow } from './shared.ts'

/** SQL boolean: may the caller change the project `p`? */
export const mayUpdate = mayProject('Update', sql`p.id`)

/** The project and the flows in it that the caller may read. Throws 403 without Read, then 404. */
export async function findProject(
  ask: Ask,
  id: string,
  include?: ProjectQuery['include'],
): Promise<{ project: Row; flows: Row[] }> {
  const visible = visibleFlows(id)
  const { flows, ...found } = await ask.read(
    {
      ...selectProject(id, include && ownersIn(visible, all)),
      flows: selectFlows(visible),
    },
    isThere,
  )
  return { project: requireProject(found), flows: await fillGraphs(ask.readOn, flows, visible) }
}

/** The project and one page of the flows in it that the caller may read. Throws like `findProject`. */
export async function pageProject(
  ask: Ask,
  id: string,
  filter: ProjectPage,
): Promise<{ project: Row; flows: Row[]; total: number }> {
  const matching = sql`${visibleFlows(id)} ${narrowed(id, filter)}`
  const slice = { limit: filter.size, offset: (filter.page - 1) * filter.size }
  const { flows, count, ...found } = await ask.read(
    {
      ...selectProject(id, filter.include && ownersIn(matching, slice)),
      count: sql<{ total: number }>`SELECT count(*) AS total FROM flow f WHERE ${matching}`,
      flows: selectFlows(matching, slice),
    },
    isThere,
  )
  const project = requireProject(found)
  return { project, flows: await fillGraphs(ask.readOn, flows, matching), total: one(count).total }
}

type Verdict = { allowed: number }

/** SQL columns of a project `p`: its owner, and those of these flows in it. */
const ownersIn = (flows: SQL, slice: Window) =>
  sql`${ownerOf(sql`p.user_id`)} AS owner, ${ownersOf(flows, slice)} AS owners`

/** The rows that `requireProject` judges, with these columns more. */
const selectProject = (id: string, more = sql`1 AS there`) =>
  id === SHARED_PROJECT
    ? {
        verdicts: sql<Verdict>`SELECT 1 AS allowed`,
        projects: sql`SELECT p.*, 0 AS may_update, ${more} FROM ${sharedRow} p`,
      }
    : selectRow(id, more)

const selectRow = (id: string, more: SQL) => ({
  verdicts: sql<Verdict>`SELECT ${mayProject('Read', sql`${id}`)} AS allowed`,
  projects: sql`SELECT p.*, ${mayUpdate} AS may_update, ${more} FROM folder p WHERE p.id = ${id} AND ${mayProject('Read', sql`p.id`)}`,
})

/** What a replica does not have, the primary may. */
const isThere = ({ projects }: { projects: Row[] }) => projects.length > 0

function requireProject({ verdicts, projects }: { verdicts: Verdict[]; projects: Row[] }): Row {
  if (!one(verdicts).allowed)
    throw new ApiError('forbidden', 'You do not have permission to view this project')
  const [project] = projects
  if (!project) throw new ApiError('not_found', 'Project not found')
  return project
}

const visibleFlows = (id: string): SQL => (id === SHARED_PROJECT ? isSharedFlow : flowsIn(id))

const flowsIn = (id: string) =>
  sql`f.folder_id = ${id} AND ${mayProject('Read', sql`${id}`)} AND ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}`

function narrowed(id: string, { is_component, is_flow, search }: ProjectQuery): SQL {
  const components = is_component ? sql`AND f.is_component` : sql``
  const flows = is_flow ? sql`AND NOT coalesce(f.is_component, 0)` : sql``
  return sql`${components} ${flows} ${search ? sql`AND ${isFound(id, search)}` : sql``}`
}

/** Words, blanks and quotes. With other signs somebody looks for a name as it is written. */
const isWordy = (text: string) => /^[\p{L}\p{N}\p{M}\s"]+$/u.test(text)

/** SQL boolean: the name of `f` holds the text, as in LangBuilder; or the flow fits it as in any search. */
function isFound(id: string, search: string): SQL {
  // Not LIKE: it has wildcards to escape, and ends in an error where the pattern is long.
  const named = sql`instr(lower(f.name), lower(${search}))`
  const text = isWordy(search) ? readWanted(search) : undefined
  if (!text || isEmpty(text) || isTooMuch(text)) return named
  return sql`(${named} OR ${fits(text, id === SHARED_PROJECT ? undefined : sql`${id}`)})`
}
