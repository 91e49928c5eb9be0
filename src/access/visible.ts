// The decision rule turned round: not "may the caller read this flow?" but "which flows are they?",
// in a form whose cost follows the page and the caller's grants, never the number of flows. What a grant
// is, where it stands and what it holds are the expressions of grants.ts and predicate.ts; that the most
// specific scope decides is said here once more, and tests compare the two row by row.
import { type SQL, sql } from 'drizzle-orm'
import { type Credential, callerId, callerRow } from './authenticate.ts'
import { isLive } from './grants.ts'
import { amAdmin, atFlow, atGlobal, atProject, holds } from './predicate.ts'

/** The cut to be seen, over a row `f` of `flow`: in one project or anywhere, ordered by an indexed column and `f.id`. */
export type Cut = {
  readonly folderId: SQL | undefined
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
 * The CTEs that the two functions below stand on: `caller`, the row of `callerRow`; `me` as in
 * predicate.ts; `my_grant`, the caller's live grants and whether each allows to read flows; what the
 * caller inherits in the cut without looking at any one flow; and where their grants say more. Without
 * an active caller `inherits` is empty, and nothing is visible. Grants on projects are read where they
 * are needed: kept as a table, thousands of them would be written and read once more.
 */
export function callerAndGrants(who: Credential, folderId: SQL | undefined): SQL {
  const ofProject = folderId ? sql`${decided(atProject(folderId))},` : sql``
  const ofProjects = sql`project_grant(folder_id, allow) AS NOT MATERIALIZED (${decisions('Project')}),`
  return sql`caller AS MATERIALIZED (${callerRow(who)}),
    me(id, is_admin) AS MATERIALIZED (SELECT id, is_admin FROM caller WHERE is_active),
    my_grant(scope_type, scope_id, allow) AS (SELECT a.scope_type, a.scope_id, ${holds('Read', 'Flow')}
      FROM userroleassignment a WHERE a.user_id = ${callerId(who)} AND ${isLive(sql`a`)}),
    inherits(allow, is_admin) AS MATERIALIZED (
      SELECT is_admin OR coalesce(${ofProject} ${decided(atGlobal)}, 0), is_admin FROM me),
    ${folderId ? sql`` : ofProjects}
    flow_grant(flow_id, allow) AS MATERIALIZED (${decisions('Flow')})`
}

/** 1 if any of the caller's roles there allows to read flows, 0 if none does, NULL without a grant there. */
const decided = (grants: SQL) => sql`(SELECT max(allow) FROM my_grant a WHERE ${grants})`

/** The same for every flow or project with a grant of its own at once, as `(id, allow)`. */
const decisions = (scopeType: 'Flow' | 'Project') => sql`SELECT scope_id, max(allow) FROM my_grant
  WHERE scope_type = ${sql.raw(`'${scopeType}'`)} AND scope_id IS NOT NULL GROUP BY scope_id`

const ofFlow = atFlow(sql`f.id`)
const ofItsProject = atProject(sql`f.folder_id`)

/**
 * SQL: a SELECT of `(k, id, rid)`. The first `limit` readable flows of the cut are among its rows, to
 * be put in order by the reader.
 *
 * Two arms, chosen inside the statement by whether the caller inherits Read everywhere in the cut:
 * then nearly every flow of an ordered scan is a hit, and each is probed for grants that say otherwise;
 * else the flows of granted projects are merged, each an ordered range of an index, with those granted
 * one by one. A branch not taken has LIMIT 0, for SQLite would otherwise scan it; ORDER BY and LIMIT
 * inside a branch let it leave a project's range at the first flow that comes too late.
 */
export function visibleFlows(cut: Cut): SQL {
  const { folderId, key, range, filter, limit } = cut
  const candidate = sql`${key} AS k, f.id, f.rowid AS rid`
  const ordered = (ifInherited: number, ifGranted: number) =>
    sql`ORDER BY ${key} ${sql.raw(cut.direction)}, f.id ${sql.raw(cut.direction)}
      LIMIT coalesce((SELECT CASE WHEN allow THEN ${ifInherited} ELSE ${ifGranted} END FROM inherits), 0)`
  const inFolder = folderId ? sql`f.folder_id = ${folderId}` : sql`1`
  const ofProjects = sql`UNION ALL SELECT * FROM (SELECT ${candidate}
    FROM project_grant p CROSS JOIN flow f ON f.folder_id = p.folder_id
    WHERE p.allow AND (NOT EXISTS (SELECT 1 FROM flow_grant) OR NOT EXISTS (SELECT 1 FROM my_grant a WHERE ${ofFlow}))
      AND ${range} AND ${filter} ${ordered(0, limit)})`
  return sql`SELECT * FROM (SELECT ${candidate} FROM flow f
      WHERE ${inFolder} AND (${amAdmin} OR coalesce(${decided(ofFlow)}, ${decided(ofItsProject)}, 1))
        AND ${range} AND ${filter} ${ordered(limit, 0)})
    ${folderId ? sql`` : ofProjects}
    UNION ALL SELECT * FROM (SELECT ${candidate} FROM flow_grant g CROSS JOIN flow f ON f.id = g.flow_id
      WHERE g.allow AND ${inFolder} AND ${range} AND ${filter} ${ordered(0, limit)})`
}

/**
 * SQL: a number, how many flows the caller may read, in one project or anywhere, from what is counted per
 * project and the flows whose own grants say otherwise. `without` lists projects that do not count
 * ('' for flows in none).
 */
export function countVisible(folderId: SQL | undefined, without: SQL | undefined): SQL {
  const counts = (folder: SQL) => (without ? sql`${folder} NOT IN (${without})` : sql`1`)
  const ofFolder = sql`SELECT n FROM flowgate_flow_count WHERE folder_id = ${folderId} AND ${counts(sql`folder_id`)}`
  const left = sql`coalesce((SELECT sum(n) FROM flowgate_flow_count WHERE folder_id IN (${without})), 0)`
  const ofAll = sql`SELECT n - ${without ? left : sql`0`} FROM flowgate_flow_count WHERE folder_id = '*'`
  const ofProjects = sql`coalesce((SELECT sum((p.allow - i.allow) * c.n) FROM project_grant p
    CROSS JOIN flowgate_flow_count c ON c.folder_id = p.folder_id WHERE ${counts(sql`c.folder_id`)}), 0) +`
  const inFolder = folderId ? sql`f.folder_id = ${folderId}` : sql`1`
  const inherited = folderId ? sql`i.allow` : sql`coalesce(${decided(ofItsProject)}, i.allow)`
  return sql`(SELECT i.allow * coalesce((${folderId ? ofFolder : ofAll}), 0) + CASE WHEN i.is_admin THEN 0 ELSE
      ${folderId ? sql`` : ofProjects}
      coalesce((SELECT sum(g.allow - ${inherited}) FROM flow_grant g CROSS JOIN flow f ON f.id = g.flow_id
        WHERE ${inFolder} AND ${counts(sql`coalesce(f.folder_id, '')`)}), 0) END
    FROM inherits i)`
}
