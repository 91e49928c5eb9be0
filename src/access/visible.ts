// The decision rule turned round: not "may the caller read this flow?" but "which flows are they?",
// in a form whose cost follows the page and the caller's grants, never the number of flows. What a grant
// is, where it stands and what it holds are the expressions of grants.ts and predicate.ts; that the most
// specific scope decides is said here once more, and tests compare the two row by row.
// It stands in a statement that reads FROM the caller `c` (terms.ts).
import { type SQL, sql } from '../db/sql.ts'
import { headerOf, placedFlow } from './headers.ts'
import { adminOr } from './predicate.ts'
import type { Shape } from './shape.ts'
import type { Action } from './subjects.ts'
import { termsOf, toSql } from './terms.ts'

/** What is selected over a row `f` of `flow`: in one project or anywhere, ordered by an indexed column and `f.id`. */
export type Selection = {
  /** Only in the project `c.folder_id`. */
  readonly inProject: boolean
  readonly key: SQL
  readonly direction: 'ASC' | 'DESC'
  /** SQL boolean: where the page begins, as a range of the index. */
  readonly range: SQL
  /** SQL boolean: what else is asked of a flow. */
  readonly filter: SQL
  /** It is the first page of all by time: nothing is asked of a flow, and none is too new for it. */
  readonly isNewest: boolean
  readonly skip: number
  /** -1 for all. */
  readonly limit: number
}

/**
 * SQL: a SELECT of `(k, place, rid)`, the key, the id and the rowid of the selected flows that are readable, in order.
 *
 * Two ways, chosen inside the statement by what the caller inherits, or left out by their shape: where that is Read,
 * nearly every flow of an ordered scan is a hit, and each is probed for grants that say otherwise; else the flows of
 * granted projects are merged, each an ordered range of an index, with those granted one by one. The
 * choice names no flow, so that SQLite makes it before it looks at any.
 *
 * With an action it is about the `c` of `callerLike`, and about what they may do instead of read.
 */
export function visibleFlows(selection: Selection, shape?: Shape, action?: Action): SQL {
  const { inProject, range, filter } = selection
  const terms = termsOf(shape, action)
  const [inherits, hasFlowGrants] = [terms.inherits(inProject), terms.hasFlowGrants]
  const asked = sql`${inProject ? sql`f.folder_id = c.folder_id` : sql`1`} AND ${range} AND ${filter}`
  const byItself =
    hasFlowGrants === false ? sql`0` : sql`(${toSql(hasFlowGrants)} AND ${terms.hasOwnGrant})`
  const exceptions = [
    ...(hasFlowGrants === false ? [] : [terms.ofFlow]),
    ...(inProject ? [] : [terms.ofItsProject]),
  ]
  const scan = sql`flow f
    WHERE ${toSql(inherits)} AND ${adminOr(terms.asCaller, firstOf(exceptions, sql`1`))} AND ${asked}`
  const projects =
    selection.isNewest && inherits === false && hasFlowGrants === false
      ? newestOf(terms.grantedProjects, selection)
      : terms.grantedProjects
  const ofProjects = sql`${projects} p CROSS JOIN flow f ON f.folder_id = p.id
    WHERE NOT ${toSql(inherits)} AND p.allow AND NOT ${byItself} AND ${asked}`
  const oneByOne = sql`${terms.grantedFlows} g CROSS JOIN ${headerOf(sql`g.id`)}
    WHERE NOT ${toSql(inherits)} AND g.allow AND ${asked}`
  return merge(selection, [
    ...(inherits === false ? [] : [scan]),
    ...(inherits === true || inProject ? [] : [ofProjects]),
    ...(inherits === true || hasFlowGrants === false ? [] : [oneByOne]),
  ])
}

/**
 * SQL: as many of these projects as flows are selected, those with the newest flows first. For who sees all that is in
 * them, each brings at least the flow that it was chosen by, and any flow of another one comes after all of these.
 */
const newestOf = (projects: SQL, { limit, skip }: Selection): SQL =>
  sql`(SELECT p.id, p.allow FROM ${projects} p CROSS JOIN flowgate_flow_count kept ON kept.folder_id = p.id
    WHERE p.allow ORDER BY kept.head DESC, kept.head_id DESC LIMIT ${limit + skip})`

/**
 * SQL: the SELECT of a selection from these ways to its flows, each FROM and WHERE of a row `f`, none of which is on two. ORDER BY
 * and LIMIT within a way let SQLite leave a project's range at the first flow that comes too late.
 */
export function merge({ key, direction, skip, limit }: Selection, ways: SQL[]): SQL {
  const ordered = sql.raw(direction)
  const first = (
    way: SQL,
    most: number,
  ) => sql`SELECT ${key} AS k, f.id AS place, f.rowid AS rid FROM ${way}
      ORDER BY ${key} ${ordered}, f.id ${ordered} LIMIT ${most}`
  const [only, ...others] = ways
  if (only && others.length === 0) return sql`${first(only, limit)} OFFSET ${skip}`
  const most = limit < 0 ? limit : limit + skip
  const all = ways.map((way) => sql`SELECT * FROM (${first(way, most)})`)
  return sql`SELECT * FROM (${sql.join(all, sql` UNION ALL `)})
    ORDER BY k ${ordered}, place ${ordered} LIMIT ${limit} OFFSET ${skip}`
}

/** SQL: the first of these that is not NULL. */
const firstOf = (terms: SQL[], last: SQL): SQL =>
  terms.length > 0 ? sql`coalesce(${sql.join([...terms, last], sql`, `)})` : last

/**
 * SQL: a number, how many flows the caller may read, in one project or anywhere. With 1 for "may read" and 0 for "may not":
 *
 *   inherits * n(all) + sum over projects with grants of (allow - inherits) * n(project)
 *                     + sum over flows with grants of (allow - what would be so without these)
 *
 * where n is what is counted beside the flows. `without` lists projects that do not count ('' for flows in none).
 */
export function countVisible(
  inProject: boolean,
  without: SQL | undefined,
  shape?: Shape,
  action?: Action,
): SQL {
  const terms = termsOf(shape, action)
  const inherits = terms.inherits(inProject)
  const counts = (folder: SQL) => (without ? sql`${folder} NOT IN (${without})` : sql`1`)
  const ofProject = sql`SELECT n FROM flowgate_flow_count WHERE folder_id = c.folder_id AND ${counts(sql`folder_id`)}`
  const left = without
    ? sql`coalesce((SELECT sum(n) FROM flowgate_flow_count WHERE folder_id IN (${without})), 0)`
    : sql`0`
  const ofAll = sql`SELECT n - ${left} FROM flowgate_flow_count WHERE folder_id = '*'`
  const inherited = sql`${toSql(inherits)} * coalesce((${inProject ? ofProject : ofAll}), 0)`
  const ofProjects = sql`coalesce((SELECT sum((p.allow - ${toSql(inherits)}) * counted.n) FROM ${terms.grantedProjects} p
    CROSS JOIN flowgate_flow_count counted ON counted.folder_id = p.id WHERE ${counts(sql`p.id`)}), 0)`
  const otherwise = inProject
    ? toSql(inherits)
    : sql`coalesce(${terms.ofItsProject}, ${toSql(inherits)})`
  const within = inProject ? sql`f.folder_id = c.folder_id` : sql`1`
  const oneByOne = sql`coalesce((SELECT sum(g.allow - ${otherwise}) FROM ${terms.grantedFlows} g CROSS JOIN ${placedFlow(sql`g.id`)}
    WHERE ${within} AND ${counts(sql`coalesce(f.folder_id, '')`)}), 0)`
  const exceptions = [
    ...(inProject ? [] : [ofProjects]),
    ...(terms.hasFlowGrants === false ? [] : [oneByOne]),
  ]
  const { isAdmin } = terms.asCaller
  if (isAdmin === true || exceptions.length === 0) return sql`(${inherited})`
  const all = sql.join(exceptions, sql` + `)
  const others = isAdmin === false ? all : sql`CASE WHEN ${isAdmin} THEN 0 ELSE ${all} END`
  return inherits === false ? sql`(${others})` : sql`(${inherited} + ${others})`
}
