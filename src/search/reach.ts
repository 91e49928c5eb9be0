// What a search knows of its caller beforehand: `asking`, the caller's row with a few columns more. All else reads these:
// SQLite copies a CTE into each place that names it, with all that it reads itself, and to plan the copies cost ten times as
// much as the search.
//
// Whoever may read few projects asks for the words and the labels of these, so that the index does not even look at what is
// hidden; whoever reads nearly everything asks for what is not hidden; all others go through what fits, from the newest on
// that may be theirs.

import { adminOr } from '../access/predicate.ts'
import type { Shape } from '../access/shape.ts'
import { termsOf, toSql } from '../access/terms.ts'
import { type SQL, sql } from '../db/sql.ts'
import { fitsOf, labelOf, type Sought, tiersOf, wordsOf } from './match.ts'

/** With more projects than this it depends on the words and the projects which way is the shorter one. */
const FEW = sql.raw('64')
/** Flows that are looked at one by one in the time that one label takes to be found. */
const LABEL = sql.raw('100')
/** So many flows that fit are few. */
const MANY = sql.raw('4000')

/** Flows that are soon looked through. */
const LITTLE = sql.raw('4000')

/** Are there grants on flows themselves to look at? */
export function isGiven(shape?: Shape): boolean {
  const { asCaller, hasFlowGrants } = termsOf(shape)
  return asCaller.isAdmin !== true && hasFlowGrants !== false
}

/** Are projects to be told apart? */
export const isPartly = (inProject: boolean, shape?: Shape): boolean =>
  !inProject && termsOf(shape).asCaller.isAdmin !== true

/** What is looked for, and where. */
export type Asked = {
  readonly sought: Sought
  /** By how well it fits. */
  readonly ranked: boolean
  /** Only in the project `c.folder_id`. */
  readonly inProject: boolean
  /** SQL, a column over a row `c` with all the others: what is found. */
  readonly newest: SQL
}

/**
 * SQL: CTEs behind `caller`, a comma before each: `mine` and `given`, rows `(id, allow)` for the projects and flows with grants
 * of theirs, and last `asking`, the row of `caller` with `fits`, what all must fit in FTS5's language; `tiers`, a JSON list of
 * what the better ones must; `scope`, what is asked for beside the words; `exact`, whether it says all; `few`, that this is
 * little; `since`, the number of an entry that none of theirs is beyond; and `newest`, what was found by all of these.
 */
export function askingOf({ sought, ranked, inProject, newest }: Asked, shape?: Shape): SQL {
  const { grantedFlows, grantedProjects } = termsOf(shape)
  const partly = isPartly(inProject, shape)
  const last = sql`asking AS MATERIALIZED (SELECT c.*, ${newest} AS newest FROM scoped c)`
  const given = isGiven(shape) ? held('given', grantedFlows, shape) : sql``
  const words = sql`, spelled AS MATERIALIZED (SELECT c.*, ${wordsOf(sought)} AS words FROM caller c),
    wanted AS MATERIALIZED (SELECT c.*, ${fitsOf(sought)} AS fits, ${ranked ? tiersOf(sought) : sql`NULL`} AS tiers FROM spelled c)`
  if (!partly)
    return sql`${given} ${words}, scoped AS MATERIALIZED (SELECT c.*, ${wholeScope(inProject, shape)} AS scope, 1 AS exact, NULL AS since FROM wanted c), ${last}`
  return sql`${held('mine', grantedProjects, shape)} ${given} ${words},
    reach AS MATERIALIZED (SELECT c.*, ${reachOf(shape)} FROM wanted c LEFT JOIN mine m ON m.allow
      LEFT JOIN flowgate_flow_count k ON k.folder_id = m.id GROUP BY c.id),
    chosen AS MATERIALIZED (SELECT c.*, ${isExact(shape)} AS exact FROM reach c),
    scoped AS MATERIALIZED (SELECT c.*, ${scopeOf(shape)} AS scope, c.exact AND NOT ${readsAll(shape)} AND c.flows <= ${LITTLE} AS few
      FROM chosen c), ${last}`
}

function held(name: string, grants: SQL, shape: Shape | undefined): SQL {
  const { asCaller } = termsOf(shape)
  return sql`, ${sql.raw(name)}(id, allow) AS MATERIALIZED (SELECT j.value ->> 0, j.value ->> 1 FROM caller c CROSS JOIN json_each((
      SELECT json_group_array(json_array(p.id, p.allow)) FROM ${grants} p)) j WHERE NOT ${adminOr(asCaller, sql`0`)})`
}

const DAY_MS = 86_400_000
const isDated = sql`k.head GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'`

/**
 * SQL: of the projects that they may read: how many, with how many flows, and the last number that an entry of theirs may
 * have. As dates are compared as text, it is on the safe side by two days; NULL where a date is none, and for who reads all.
 */
const reachOf = (shape: Shape | undefined) => sql`count(m.id) AS projects, total(k.n) AS flows,
  CASE WHEN NOT ${readsAll(shape)} AND NOT coalesce(max(k.head IS NOT NULL AND NOT (${isDated})), 0)
    THEN (CAST(coalesce(max(unixepoch(k.head)), 0) * 1000 AS INTEGER) + ${sql.raw(String(2 * DAY_MS))}) << 20 END AS since`

const nothing = sql`' AND ""'`

/** In a project, or of somebody who sees all. */
function wholeScope(inProject: boolean, shape?: Shape): SQL {
  if (!inProject) return sql`''`
  return sql`CASE WHEN ${toSql(termsOf(shape).inherits(true))} THEN ' AND labels : ' || ${labelOf(sql`c.folder_id`)} ELSE ${nothing} END`
}

/** SQL boolean: they read all flows, but for what grants elsewhere say. */
function readsAll(shape: Shape | undefined): SQL {
  const { asCaller, inherits } = termsOf(shape)
  return adminOr(asCaller, toSql(inherits(false)))
}

/** SQL boolean: whatever is in scope is theirs, but for flows with grants of their own. */
function isExact(shape: Shape | undefined): SQL {
  const all = sql`(SELECT n FROM flowgate_flow_count WHERE folder_id = '*')`
  const fitting = sql`(SELECT count(*) FROM (SELECT 1 FROM flowgate_search s WHERE s.flowgate_search MATCH c.fits LIMIT ${MANY}))`
  // What fits is counted last, where all else speaks for the labels.
  return sql`CASE WHEN ${readsAll(shape)} OR projects <= ${FEW} THEN 1
    WHEN projects * flows >= ${all} * 1000.0 / ${LABEL} THEN 0 ELSE ${fitting} >= ${MANY} END`
}

function scopeOf(shape: Shape | undefined): SQL {
  const { asCaller, inherits } = termsOf(shape)
  const labels = (like: SQL) =>
    sql`(SELECT group_concat(${labelOf(sql`m.id`)}, ' OR ') FROM mine m WHERE ${like})`
  const open = sql`coalesce(' NOT labels : (' || ${labels(sql`NOT m.allow`)} || ')', '')`
  const closed = sql`CASE WHEN c.exact THEN coalesce(' AND labels : (' || ${labels(sql`m.allow`)} || ')', ${nothing}) ELSE '' END`
  if (inherits(false) === false && !asCaller.isAdmin) return closed
  return inherits(false) === true
    ? open
    : sql`CASE WHEN ${readsAll(shape)} THEN ${open} ELSE ${closed} END`
}

/** SQL boolean: the flow `f(id, folder_id)` is reached by its project, or by what the caller inherits. */
export function isReached(inProject: boolean, shape?: Shape): SQL {
  const { inherits } = termsOf(shape)
  const inherited = toSql(inherits(inProject))
  if (!isPartly(inProject, shape)) return inherited
  const isClosed = sql`WHEN f.folder_id IN (SELECT id FROM mine WHERE NOT allow) THEN 0`
  return sql`CASE WHEN f.folder_id IN (SELECT id FROM mine WHERE allow) THEN 1
    ${inherits(false) === false ? sql`` : isClosed} ELSE ${inherited} END`
}

/** Every walk goes through what is in scope alone. */
export const isWhole = (inProject: boolean, shape?: Shape): boolean =>
  !isPartly(inProject, shape) || termsOf(shape).inherits(false) === true
