// Which flows a caller reaches by their projects, and which label says so in the index: a search that asks for the words and
// these labels does not even look at what is hidden.

import { adminOr } from '../access/predicate.ts'
import type { Shape } from '../access/shape.ts'
import { termsOf, toSql } from '../access/terms.ts'
import { type SQL, sql } from '../db/sql.ts'
import { labelOf } from './match.ts'

/** With more projects than this, it depends on the words and the projects which way is the shorter one. */
const FEW = 64
/** Flows that are looked at one by one in the time that one label takes to be found. */
const LABEL = 50
/** So many flows that fit are few. */
const MANY = 4000

/** Are there grants on flows themselves to look at? */
export function isGiven(shape?: Shape): boolean {
  const { asCaller, hasFlowGrants } = termsOf(shape)
  return asCaller.isAdmin !== true && hasFlowGrants !== false
}

/**
 * SQL: CTEs behind that of the caller, a comma before each. They stand there because within a SELECT of `c` they would be
 * asked for again with each row. `given(id, allow)`: the flows with grants of theirs; `apart(at)`: the entries that no walk
 * meets, for these grants hide them, or they stand elsewhere by now; `mine(id, allow)`: the projects with grants of theirs;
 * `labels(n, flows, those, hidden)` of the projects that these open, how many and with how many flows, and of those that
 * they close.
 */
export function mineOf(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, grantedFlows, grantedProjects } = termsOf(shape)
  const held = (name: string, grants: SQL) =>
    sql`, ${sql.raw(name)}(id, allow) AS MATERIALIZED (SELECT j.value ->> 0, j.value ->> 1
      FROM caller c CROSS JOIN json_each((SELECT json_group_array(json_array(p.id, p.allow)) FROM ${grants} p)) j
      WHERE NOT ${adminOr(asCaller, sql`0`)})`
  const moved = sql`SELECT at FROM flowgate_search_entry WHERE moved IS NOT NULL`
  const hidden = sql`SELECT e.at FROM given g CROSS JOIN flowgate_search_entry e ON e.flow_id = g.id WHERE NOT g.allow`
  const apart = isGiven(shape)
    ? sql`${held('given', grantedFlows)}, apart(at) AS MATERIALIZED (${moved} UNION ALL ${hidden})`
    : sql`, apart(at) AS MATERIALIZED (${moved})`
  if (inProject || asCaller.isAdmin === true) return apart
  const few = (like: SQL) =>
    sql`(SELECT group_concat(${labelOf(sql`id`)}, ' OR ') FROM mine WHERE ${like})`
  return sql`${apart} ${held('mine', grantedProjects)},
    labels(n, flows, those, hidden) AS MATERIALIZED (SELECT (SELECT count(*) FROM mine WHERE allow),
      (SELECT total(k.n) FROM mine CROSS JOIN flowgate_flow_count k ON k.folder_id = mine.id WHERE allow),
      ${few(sql`allow`)}, ${few(sql`NOT allow`)})`
}

/** SQL boolean: the flow `f(id, folder_id)` is reached by its project, or by what the caller inherits. */
export function isReached(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, inherits } = termsOf(shape)
  const inherited = toSql(inherits(inProject))
  if (inProject || asCaller.isAdmin === true) return inherited
  return sql`CASE WHEN f.folder_id IN (SELECT id FROM mine WHERE allow) THEN 1
    WHEN f.folder_id IN (SELECT id FROM mine WHERE NOT allow) THEN 0 ELSE ${inherited} END`
}

/** SQL boolean: whatever is in scope is reached, and none of it has to be asked for its project. */
export function isExact(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, inherits } = termsOf(shape)
  if (inProject || asCaller.isAdmin === true || inherits(inProject) === true) return sql`1`
  // What is said of `c` would be asked for with each flow.
  return inherits(inProject) === false ? sql`(SELECT exact FROM scope)` : sql`0`
}

/**
 * SQL: the CTE `scope(t, exact)`, a comma behind it: what is asked for beside the words, in FTS5's language, and whether it
 * says all. Whoever reads nearly everything asks for what is not hidden; others for what is in their projects, by their
 * labels, unless these are so many that it is shorter to go through what fits, for it is little or much of it is theirs.
 */
export function scopeOf(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, inherits } = termsOf(shape)
  const nothing = sql`' AND ""'`
  const inherited = toSql(inherits(inProject))
  if (inProject)
    return sql`scope(t, exact) AS MATERIALIZED (SELECT CASE WHEN ${inherited} THEN ' AND labels : ' || ${labelOf(sql`c.folder_id`)} ELSE ${nothing} END, 1),`
  if (asCaller.isAdmin === true) return sql`scope(t, exact) AS (SELECT '', 1),`
  const all = sql`(SELECT n FROM flowgate_flow_count WHERE folder_id = '*')`
  const fitting = sql`(SELECT count(*) FROM (SELECT 1 FROM flowgate_search s
    WHERE s.flowgate_search MATCH (SELECT fits FROM wanted ORDER BY tier DESC LIMIT 1) LIMIT ${sql.raw(String(MANY))}))`
  // What fits is counted last, where all else speaks for the labels.
  const byLabels = sql`CASE WHEN n <= ${sql.raw(String(FEW))} THEN 1
    WHEN n * flows >= ${all} * 1000.0 / ${sql.raw(String(LABEL))} THEN 0 ELSE ${fitting} >= ${sql.raw(String(MANY))} END`
  return sql`scope(t, exact) AS MATERIALIZED (SELECT CASE WHEN ${inherited} THEN coalesce(' NOT labels : (' || hidden || ')', '')
      WHEN exact THEN coalesce(' AND labels : (' || those || ')', ${nothing}) ELSE '' END, exact
    FROM (SELECT *, ${byLabels} AS exact FROM labels LIMIT 1)),`
}
