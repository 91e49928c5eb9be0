// The decision rule turned round: not "may the caller read this flow?" but "which flows are they?",
// in a form whose cost follows the page and the caller's grants, never the number of flows. What a grant
// is, where it stands and what it holds are the expressions of grants.ts and predicate.ts; that the most
// specific scope decides is said here once more, and tests compare the two row by row.
//
// All of it looks at one row `c` of the CTE `caller`, in a statement that reads FROM caller c. SQLite
// copies a CTE wherever it is named, and a copy costs more than what it reads: so `c` is named once.
import { type SQL, sql } from 'drizzle-orm'
import { now } from '../db/values.ts'
import type { Claim } from '../identity/authenticate.ts'
import { callerRow } from './caller.ts'
import { isInTeams, isLive, ownGrants } from './grants.ts'
import {
  type Asking,
  atFlow,
  atGlobal,
  atProject,
  decidedAt,
  grantsOf,
  holds,
  isGranted,
  rolesWith,
} from './predicate.ts'

/** The cut to be seen, over a row `f` of `flow`: in one project or anywhere, ordered by an indexed column and `f.id`. */
export type Cut = {
  /** Only in the project `c.folder_id`. */
  readonly inProject: boolean
  readonly key: SQL
  readonly direction: 'ASC' | 'DESC'
  /** SQL boolean: where the page begins, as a range of the index. */
  readonly range: SQL
  /** SQL boolean: what else is asked of a flow. */
  readonly filter: SQL
  /** -1 for all. */
  readonly limit: number
}

/**
 * The caller, in the terms of predicate.ts. The roles that may read flows are a text: a subquery would be
 * planned anew wherever it stands.
 */
export const asCaller: Asking = {
  id: sql`c.id`,
  isAdmin: sql`c.is_admin`,
  now: sql`c.now`,
  inTeams: sql`c.in_teams`,
  holds: (permission, scope) =>
    permission === 'Read' && scope === 'Flow'
      ? sql`(instr(c.readers, ',' || a.role_id || ',') > 0)`
      : holds(permission, scope),
}

/**
 * The CTE `caller`: the row of `callerRow`, or none; `now`; `readers`, the roles that may read flows; `in_teams`;
 * `folder_id`, the project to look into, given as SQL that may name `c.id`; `inherits`, whether they may read
 * flows there (or anywhere) unless a more specific grant says otherwise, NULL for a user who is not active
 * and sees nothing; and `has_flow_grants`, without which none needs to be looked for. It stands on a CTE of
 * its own, for SQLite would copy what an inner SELECT says into each place that uses it.
 */
export function callerInProject(who: Claim, folderId: SQL | undefined): SQL {
  const ofProject = folderId ? sql`${decided(atProject(folderId))},` : sql``
  return sql`signed_in AS MATERIALIZED (SELECT *, ${now} AS now, ${readers} AS readers,
      ${isInTeams(sql`u.id`)} AS in_teams FROM (${callerRow(who)}) u),
    caller AS MATERIALIZED (SELECT c.*, ${folderId ?? sql`NULL`} AS folder_id,
      CASE WHEN c.is_active THEN c.is_admin OR coalesce(${ofProject} ${decided(atGlobal)}, 0) END AS inherits,
      ${isGranted(sql`a.scope_type = 'Flow'`, asCaller)} AS has_flow_grants
    FROM signed_in c)`
}

const readers = sql`(SELECT coalesce(',' || group_concat(role_id) || ',', '') FROM (${rolesWith('Read', 'Flow')}))`

/** 1 if any of the caller's roles there allows to read flows, 0 if none does, NULL without a grant there. */
const allows = asCaller.holds('Read', 'Flow')
const decided = (grants: SQL) => decidedAt('Read', 'Flow', grants, asCaller)

/**
 * The same for every flow or project with a grant at once, as rows `(id, allow)`, each once. Without teams they come
 * in the order of an index, several for one scope together. Those of many teams do not; sorting them would read all
 * a second time, so the first that allows stands for all of a scope, and one that does not only where none does.
 */
function decisions(scopeType: 'Flow' | 'Project', ifAny = sql`1`): SQL {
  const there = sql`a.scope_type = ${sql.raw(`'${scopeType}'`)} AND a.scope_id IS NOT NULL`
  const live = sql`${there} AND ${isLive(sql`a`, asCaller.now)}`
  const at = scopeType === 'Flow' ? atFlow : atProject
  return sql`(SELECT a.scope_id AS id, max(${allows}) AS allow
      ${ownGrants(asCaller.id, sql`NOT c.in_teams AND ${live}`)} GROUP BY a.scope_id
    UNION ALL SELECT DISTINCT x.id, x.allow FROM (SELECT a.scope_id AS id, ${allows} AS allow
        ${grantsOf(asCaller, sql`c.in_teams AND ${ifAny} AND ${there}`)}) x
      WHERE x.allow OR NOT ${decided(at(sql`x.id`))})`
}

export const grantedFlows = decisions('Flow', sql`c.has_flow_grants`)
const grantedProjects = decisions('Project')
export const ofFlow = decided(atFlow(sql`f.id`))
export const ofItsProject = decided(atProject(sql`f.folder_id`))
export const hasOwnGrant = isGranted(atFlow(sql`f.id`), asCaller)

/**
 * SQL: a SELECT of `(k, id, rid)`. The first `limit` readable flows of the cut are among its rows, to
 * be put in order by the reader.
 *
 * Two arms, chosen inside the statement by what the caller inherits: where that is Read, nearly every
 * flow of an ordered scan is a hit, and each is probed for grants that say otherwise; else the flows of
 * granted projects are merged, each an ordered range of an index, with those granted one by one. The
 * choice names no flow, so that SQLite makes it before it looks at any; ORDER BY and LIMIT inside a
 * branch let it leave a project's range at the first flow that comes too late.
 */
export function visibleFlows({ inProject, key, direction, range, filter, limit }: Cut): SQL {
  const candidate = sql`${key} AS k, f.id, f.rowid AS rid`
  const asked = sql`${inProject ? sql`f.folder_id = c.folder_id` : sql`1`} AND ${range} AND ${filter}`
  const ordered = sql.raw(direction)
  const first = sql`ORDER BY ${key} ${ordered}, f.id ${ordered} LIMIT ${limit}`
  const ofProjects = sql`UNION ALL SELECT * FROM (SELECT ${candidate}
      FROM ${grantedProjects} p CROSS JOIN flow f ON f.folder_id = p.id
      WHERE NOT c.inherits AND p.allow AND NOT (c.has_flow_grants AND ${hasOwnGrant})
        AND ${asked} ${first})`
  return sql`SELECT * FROM (SELECT ${candidate} FROM flow f
      WHERE c.inherits AND (c.is_admin OR coalesce(${ofFlow}, ${ofItsProject}, 1))
        AND ${asked} ${first})
    ${inProject ? sql`` : ofProjects}
    UNION ALL SELECT * FROM (SELECT ${candidate} FROM ${grantedFlows} g CROSS JOIN flow f ON f.id = g.id
      WHERE NOT c.inherits AND g.allow AND ${asked} ${first})`
}

/**
 * SQL: a number, how many flows the caller may read, in one project or anywhere, from what is counted per
 * project and the flows whose own grants say otherwise. `without` lists projects that do not count
 * ('' for flows in none).
 */
export function countVisible(inProject: boolean, without: SQL | undefined): SQL {
  const counts = (folder: SQL) => (without ? sql`${folder} NOT IN (${without})` : sql`1`)
  const ofProject = sql`SELECT n FROM flowgate_flow_count WHERE folder_id = c.folder_id AND ${counts(sql`folder_id`)}`
  const left = sql`coalesce((SELECT sum(n) FROM flowgate_flow_count WHERE folder_id IN (${without})), 0)`
  const ofAll = sql`SELECT n - ${without ? left : sql`0`} FROM flowgate_flow_count WHERE folder_id = '*'`
  const ofProjects = sql`coalesce((SELECT sum((p.allow - c.inherits) * counted.n) FROM ${grantedProjects} p
    CROSS JOIN flowgate_flow_count counted ON counted.folder_id = p.id WHERE ${counts(sql`p.id`)}), 0) +`
  const inherited = inProject ? sql`c.inherits` : sql`coalesce(${ofItsProject}, c.inherits)`
  const within = inProject ? sql`f.folder_id = c.folder_id` : sql`1`
  return sql`(c.inherits * coalesce((${inProject ? ofProject : ofAll}), 0) + CASE WHEN c.is_admin THEN 0 ELSE
      ${inProject ? sql`` : ofProjects}
      coalesce((SELECT sum(g.allow - ${inherited}) FROM ${grantedFlows} g CROSS JOIN flow f ON f.id = g.id
        WHERE ${within} AND ${counts(sql`coalesce(f.folder_id, '')`)}), 0) END)`
}
