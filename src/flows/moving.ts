// Which project a flow is in, and what it takes to change that: one rule for every path. Moving is leaving:
// those who inherit their rights from the project lose them, and those who have rights where the flow goes
// get them. So it takes Update and Delete where the flow is, and, as it hands the flow on, all the rest of
// what may be done with it; and Create where it goes. A refusal names nothing that the caller may not read.
import { type Author, columns, record } from '../access/audit.ts'
import { mayFlow, mayHandOn, mayProject, permitsAll, projectOf } from '../access/predicate.ts'
import { notAProject, SHARED_PROJECT } from '../access/shared.ts'
import { type SQL, sql } from '../db/sql.ts'
import { counted, dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'

/** SQL boolean: may the flow be taken out of where it is? */
export const mayLeave = mayHandOn

/** Uploading into a project also changes it, as in LangBuilder; creating never goes without Create. */
const required = { create: ['Create'], import: ['Create', 'Update'] } as const
export type Arrival = keyof typeof required

/** SQL boolean: may flows be put into the project? False where there is none. */
export const mayEnter = (project: SQL, arrival: Arrival = 'create'): SQL => sql`(EXISTS (
  SELECT 1 FROM folder d WHERE d.id = ${project}) AND ${permits(project, arrival)})`

/** SQL boolean: may flows be put into each of these projects? */
export const mayEnterAll = (projects: readonly string[], arrival: Arrival): SQL => sql`NOT EXISTS (
  SELECT 1 FROM json_each(${JSON.stringify(projects)}) t WHERE NOT ${mayEnter(sql`t.value`, arrival)})`

const permits = (project: SQL, arrival: Arrival): SQL =>
  permitsAll(required[arrival], (permission) => mayProject(permission, project))

type Destination = {
  id: string
  name: string | null
  found: number
  readable: number
  allowed: number
}

/** The rows that `requireDestinations` judges, one per project. */
export const destinations = (projects: readonly string[], arrival: Arrival = 'create') =>
  sql<Destination>`SELECT t.value AS id, d.name, d.id IS NOT NULL AS found,
      ${mayProject('Read', sql`t.value`)} AS readable, ${permits(sql`t.value`, arrival)} AS allowed
    FROM json_each(${JSON.stringify(projects)}) t LEFT JOIN folder d ON d.id = t.value`

/** Throws 400 for what only looks like a project, 404 for a missing project that the caller could read, 403 for any other that they may not put flows into. */
export function requireDestinations(
  rows: readonly Destination[],
  arrival: Arrival = 'create',
): void {
  const refused = rows.find((row) => !row.found || !row.allowed)
  if (!refused) return
  if (refused.id === SHARED_PROJECT) throw new ApiError('bad_request', notAProject)
  if (!refused.found && refused.readable)
    throw new ApiError('not_found', `Project with ID ${dashed(refused.id)} not found`)
  const project = refused.readable ? `project '${refused.name}'` : 'this project'
  const action = arrival === 'create' ? 'create flows in' : 'import flows into'
  throw new ApiError('forbidden', `You do not have permission to ${action} ${project}`)
}

export type Move = { stays: number; leaves: number }

/**
 * Where one flow is told to go; without a target it is told nothing. To those who may not read the flow even
 * "it stays where it is" is a move, or the answer would say where that is. `verdict` are the columns that
 * `requireMove` judges, `allowed` is SQL boolean.
 */
export function planMove(id: string, target: string | null | undefined) {
  const folder = projectOf(sql`${id}`)
  if (target === undefined)
    return {
      verdict: sql`1 AS stays, 1 AS leaves`,
      destinations: destinations([]),
      allowed: sql`1`,
    }
  const stays = sql`(${folder} IS ${target} AND ${mayFlow('Read', sql`${id}`)})`
  const leaves = mayLeave(sql`${id}`)
  const enters = target === null ? sql`1` : mayEnter(sql`${target}`)
  return {
    verdict: sql`${stays} AS stays, ${leaves} AS leaves`,
    destinations: destinations(target === null ? [] : [target]),
    allowed: sql`(${stays} OR (${leaves} AND ${enters}))`,
  }
}

/** Throws 403 or 404 for a flow that may not go where it was told to. */
export function requireMove({ stays, leaves }: Move, to: readonly Destination[]): void {
  if (stays) return
  requireDestinations(to)
  if (leaves) return
  throw new ApiError('forbidden', 'You do not have permission to move this flow out of its project')
}

const eachOf = (ids: readonly string[]) =>
  sql`json_each(${JSON.stringify(ids)}) t LEFT JOIN flow f ON f.id = t.value`
const listedMayLeave = mayLeave(sql`t.value`)
// Listing a flow that is there already says that it is there: that takes Read.
const isRefused = (
  project: SQL,
) => sql`(f.id IS NULL OR NOT CASE WHEN ${projectOf(sql`t.value`)} IS ${project}
  THEN ${mayFlow('Read', sql`t.value`)} ELSE ${listedMayLeave} END)`

/** SQL boolean: all of these flows exist, and those that are not in the project yet may come from where they are. */
export const mayMoveAll = (ids: readonly string[], project: SQL): SQL =>
  sql`NOT EXISTS (SELECT 1 FROM ${eachOf(ids)} WHERE ${isRefused(project)})`

/** SQL boolean: one of these flows is not in the project yet. */
export const anyComesIn = (ids: readonly string[], project: SQL): SQL => sql`EXISTS (
  SELECT 1 FROM ${eachOf(ids)} WHERE ${projectOf(sql`t.value`)} IS NOT ${project})`

type Refused = { id: string; allowed: number }

/** The row that `requireMovable` judges: a flow that stands in the way, if there is one. */
export const firstRefused = (ids: readonly string[], project: SQL) =>
  sql<Refused>`SELECT t.value AS id, f.id IS NULL AND ${listedMayLeave} AS allowed FROM ${eachOf(ids)}
    WHERE ${isRefused(project)} ORDER BY allowed LIMIT 1`

/** Throws 403 for a flow that the caller may not move, 404 for one that they could if it were there. */
export function requireMovable([refused]: readonly Refused[]): void {
  if (!refused) return
  if (refused.allowed) throw new ApiError('not_found', `Flow '${dashed(refused.id)}' not found`)
  throw new ApiError('forbidden', 'You do not have permission to move all of these flows')
}

/** Moves the flows `f` of which the condition holds, and records where from and where to. */
export const moveFlows = (author: Author, target: SQL, condition: SQL): SQL[] => [
  record(
    author,
    'flow.update',
    {
      id: sql`f.id`,
      before: columns(sql`f`, ['folder_id']),
      after: sql`json_object('folder_id', ${target})`,
    },
    sql`FROM flow f WHERE ${condition}`,
  ),
  sql`UPDATE flow AS f SET ${counted}, folder_id = ${target} WHERE ${condition}`,
]
