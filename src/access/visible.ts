// The decision rule turned round: not "may the caller read this flow?" but "which flows are they?",
// in a form whose cost follows the page and the caller's grants, never the number of flows. It is put
// together from the expressions in predicate.ts and says nothing of its own about who may do what.
import { type SQL, sql } from 'drizzle-orm'
import { type Credential, callerId } from './authenticate.ts'
import { amAdmin, atFlow, atGlobal, atProject, decidedAt, decisions, me } from './predicate.ts'

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
 * CTEs that end in `visible(k, id, rid)`: the first `limit` readable flows of the cut are among them,
 * to be put in order by the reader.
 *
 * Two arms, chosen inside the statement by whether the caller inherits Read everywhere in the cut:
 * then nearly every flow of an ordered scan is a hit, and each is probed for grants that say otherwise;
 * else the flows of granted projects are merged, each an ordered range of an index, with those granted
 * one by one. A branch not taken has LIMIT 0, for SQLite would otherwise scan it; ORDER BY and LIMIT
 * inside a branch let it leave a project's range at the first flow that comes too late.
 */
export function visibleFlows(who: Credential, cut: Cut): SQL {
  const { folderId, key, range, filter, limit } = cut
  const candidate = sql`${key} AS k, f.id, f.rowid AS rid`
  const ordered = (ifInherited: number, ifGranted: number) =>
    sql`ORDER BY ${key} ${sql.raw(cut.direction)}, f.id ${sql.raw(cut.direction)}
      LIMIT coalesce((SELECT CASE WHEN allow THEN ${ifInherited} ELSE ${ifGranted} END FROM inherits), 0)`
  const inFolder = folderId ? sql`f.folder_id = ${folderId}` : sql`1`
  const ofProjects = sql`UNION ALL SELECT * FROM (SELECT ${candidate}
    FROM project_grant p CROSS JOIN flow f ON f.folder_id = p.folder_id
    WHERE p.allow AND (NOT EXISTS (SELECT 1 FROM flow_grant) OR f.id NOT IN (SELECT flow_id FROM flow_grant))
      AND ${range} AND ${filter} ${ordered(0, limit)})`
  return sql`${grants(who, folderId)}, visible(k, id, rid) AS (
    SELECT * FROM (SELECT ${candidate} FROM flow f
      WHERE ${inFolder} AND (${amAdmin} OR coalesce(
          ${decidedAt('Read', 'Flow', atFlow(sql`f.id`), callerId(who))},
          ${decidedAt('Read', 'Flow', atProject(sql`f.folder_id`), callerId(who))}, 1))
        AND ${range} AND ${filter} ${ordered(limit, 0)})
    ${folderId ? sql`` : ofProjects}
    UNION ALL SELECT * FROM (SELECT ${candidate} FROM flow_grant g CROSS JOIN flow f ON f.id = g.flow_id
      WHERE g.allow AND ${inFolder} AND ${range} AND ${filter} ${ordered(0, limit)}))`
}

/**
 * SQL: how many flows the caller may read, in one project or anywhere, from what is counted per
 * project and the flows whose own grants say otherwise. `without` lists projects that do not count
 * ('' for flows in none).
 */
export function countVisible(
  who: Credential,
  folderId: SQL | undefined,
  without: SQL | undefined,
): SQL {
  const counts = (folder: SQL) => (without ? sql`${folder} NOT IN (${without})` : sql`1`)
  const ofFolder = sql`SELECT n FROM flowgate_flow_count WHERE folder_id = ${folderId} AND ${counts(sql`folder_id`)}`
  const left = sql`coalesce((SELECT sum(n) FROM flowgate_flow_count WHERE folder_id IN (${without})), 0)`
  const ofAll = sql`SELECT n - ${without ? left : sql`0`} FROM flowgate_flow_count WHERE folder_id = '*'`
  const ofProjects = sql`coalesce((SELECT sum((p.allow - i.allow) * c.n) FROM project_grant p
    CROSS JOIN flowgate_flow_count c ON c.folder_id = p.folder_id WHERE ${counts(sql`c.folder_id`)}), 0) +`
  const inFolder = folderId ? sql`f.folder_id = ${folderId}` : sql`1`
  const inherited = folderId
    ? sql`i.allow`
    : sql`coalesce(${decidedAt('Read', 'Flow', atProject(sql`f.folder_id`), callerId(who))}, i.allow)`
  return sql`WITH ${grants(who, folderId)}
    SELECT i.allow * coalesce((${folderId ? ofFolder : ofAll}), 0) + CASE WHEN i.is_admin THEN 0 ELSE
      ${folderId ? sql`` : ofProjects}
      coalesce((SELECT sum(g.allow - ${inherited}) FROM flow_grant g CROSS JOIN flow f ON f.id = g.flow_id
        WHERE ${inFolder} AND ${counts(sql`coalesce(f.folder_id, '')`)}), 0) END AS total
    FROM inherits i`
}

/**
 * What the caller inherits in the cut without looking at any one flow, and where their grants say
 * more. Grants are found by the credential, which spares a look into `me` each time (SQLite expands a
 * CTE wherever it is named); without an active caller `inherits` is empty, and nothing is visible.
 */
function grants(who: Credential, folderId: SQL | undefined): SQL {
  const at = (grants: SQL) => decidedAt('Read', 'Flow', grants, callerId(who))
  const ofProject = folderId ? sql`${at(atProject(folderId))},` : sql``
  const ofProjects = sql`project_grant(folder_id, allow) AS (${decisions('Read', 'Project', callerId(who))}),`
  return sql`${me(who)},
    inherits(allow, is_admin) AS MATERIALIZED (
      SELECT is_admin OR coalesce(${ofProject} ${at(atGlobal)}, 0), is_admin FROM me),
    ${folderId ? sql`` : ofProjects}
    flow_grant(flow_id, allow) AS MATERIALIZED (${decisions('Read', 'Flow', callerId(who))})`
}
