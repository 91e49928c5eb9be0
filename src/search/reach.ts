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

/**
 * SQL: CTEs behind that of the caller, a comma before each: `mine(id, allow)`, the projects with grants of theirs, and
 * `labels(n, flows, those, hidden)` of the projects that these open, how many and with how many flows, and of those that
 * they close. They stand there because within a SELECT of `c` they would be asked for again with each row.
 */
export function mineOf(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, grantedProjects } = termsOf(shape)
  if (inProject || asCaller.isAdmin === true) return sql``
  const granted = sql`SELECT json_group_array(json_array(p.id, p.allow)) FROM ${grantedProjects} p`
  const few = (label: SQL, like: SQL) =>
    sql`(SELECT group_concat(${label}, ' OR ') FROM mine WHERE ${like})`
  return sql`, mine(id, allow) AS MATERIALIZED (SELECT j.value ->> 0, j.value ->> 1 FROM caller c CROSS JOIN json_each((${granted})) j
      WHERE NOT ${adminOr(asCaller, sql`0`)}),
    labels(n, flows, those, hidden) AS MATERIALIZED (SELECT (SELECT count(*) FROM mine WHERE allow),
      (SELECT total(k.n) FROM mine CROSS JOIN flowgate_flow_count k ON k.folder_id = mine.id WHERE allow),
      ${few(labelOf(sql`id`), sql`allow`)}, ${few(labelOf(sql`id`), sql`NOT allow`)})`
}

/** SQL boolean: the flow `f(id, folder_id)` is reached by its project, or by what the caller inherits. */
export function isReached(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, inherits } = termsOf(shape)
  const inherited = toSql(inherits(inProject))
  if (inProject || asCaller.isAdmin === true) return inherited
  return sql`CASE WHEN f.folder_id IN (SELECT id FROM mine WHERE allow) THEN 1
    WHEN f.folder_id IN (SELECT id FROM mine WHERE NOT allow) THEN 0 ELSE ${inherited} END`
}

/**
 * SQL: the CTE `scope(t)`, a comma behind it: what is asked for beside the words, in FTS5's language. Whoever reads nearly
 * everything asks for what is not hidden; others for what is in their projects, by their labels, unless these are so many
 * that it is shorter to go through what fits, for it is little or much of it is theirs.
 */
export function scopeOf(inProject: boolean, shape?: Shape): SQL {
  const { asCaller, inherits } = termsOf(shape)
  const nothing = sql`' AND ""'`
  const inherited = toSql(inherits(inProject))
  if (inProject)
    return sql`scope(t) AS MATERIALIZED (SELECT CASE WHEN ${inherited} THEN ' AND labels : ' || ${labelOf(sql`c.folder_id`)} ELSE ${nothing} END),`
  if (asCaller.isAdmin === true) return sql`scope(t) AS (SELECT ''),`
  const fitting = sql`(SELECT count(*) FROM (SELECT 1 FROM flowgate_search s
    WHERE s.flowgate_search MATCH (SELECT fits FROM wanted ORDER BY tier DESC LIMIT 1) LIMIT ${sql.raw(String(MANY))}))`
  const all = sql`(SELECT n FROM flowgate_flow_count WHERE folder_id = '*')`
  return sql`scope(t) AS MATERIALIZED (SELECT CASE
      WHEN ${inherited} THEN coalesce(' NOT labels : (' || hidden || ')', '')
      WHEN n <= ${sql.raw(String(FEW))} OR (${fitting} >= ${sql.raw(String(MANY))} AND n * flows < ${all} * 1000.0 / ${sql.raw(String(LABEL))})
        THEN coalesce(' AND labels : (' || those || ')', ${nothing})
      ELSE '' END FROM labels),`
}
