// Which of the flows that fit a search the caller may read: visible.ts, with the index in the place of the table. Most are met
// on one walk through what fits, in the order of the index, which is that of time; a few are looked up one by one: those
// that grants on themselves open, and those that were moved since they were entered. The walk touches nothing but the index
// where that says all: the labels whose flow it is, `apart` which ones are not to be met here. It stands in a statement that
// reads FROM the caller `c`, as CTEs, for one inside the other is more than SQLite's parser holds.

import { adminOr } from '../access/predicate.ts'
import type { Shape } from '../access/shape.ts'
import { termsOf } from '../access/terms.ts'
import { type SQL, sql } from '../db/sql.ts'
import { TIERS } from './match.ts'
import { isExact, isGiven, isReached } from './reach.ts'

/** Which flows are looked through. */
export type Among = {
  /** Only in the project `c.folder_id`. */
  readonly inProject: boolean
  /** SQL boolean over `f(id, folder_id)`: what else is asked of a flow; undefined for nothing. */
  readonly filter: SQL | undefined
}

/** Where they are to begin, and how many of them. */
export type Stretch = {
  readonly back: boolean
  /** The `k` that the page begins behind. */
  readonly after?: string | undefined
  /** -1 for all. */
  readonly most: number
}

const LAST = sql.raw(String(TIERS - 1))
const fits = (tier: SQL) => sql`(SELECT fits FROM wanted WHERE tier = ${tier})`
/** SQL boolean over the index `s`. */
const matches = (text: SQL) => sql`s.flowgate_search MATCH ${text}`
const inScope = (tier: SQL) => matches(sql`${fits(tier)} || (SELECT t FROM scope)`)

/** Not NOT IN, which would look for a NULL in the list for each row. */
const isApart = sql`iif(s.rowid IN (SELECT at FROM apart), 1, 0)`

/** An entry as a flow `f`. */
const entries = sql`(SELECT at, moved, flow_id AS id, folder_id FROM flowgate_search_entry)`

/**
 * SQL: the CTE of this name `(k, at, alone)` of the newest that fit, or the oldest when looking back: where each stands
 * in the order and in the index, and whether it was looked up by itself. It is to stand behind `wanted` and `scope`.
 * Ordered as one, each way is read no further than that many of all are found.
 */
export function stretchOf(name: string, among: Among, stretch: Stretch, shape?: Shape): SQL {
  const { inProject, filter } = among
  const { back, after, most } = stretch
  const { asCaller } = termsOf(shape)
  const range = (k: SQL) =>
    after === undefined
      ? sql``
      : sql`AND ${k} ${sql.raw(back ? '>' : '<')} CAST(${after} AS INTEGER)`
  const asked = filter ? sql`AND ${filter}` : sql``
  const reached = adminOr(asCaller, isReached(inProject, shape))

  const ofEntry = (condition: SQL) =>
    sql`EXISTS (SELECT 1 FROM ${entries} f WHERE f.at = s.rowid AND ${condition})`
  const walk = sql`SELECT s.rowid AS k, s.rowid AS at, 0 AS alone FROM flowgate_search s
    WHERE ${inScope(LAST)} AND NOT ${isApart} AND (${isExact(inProject, shape)} OR ${ofEntry(reached)})
      ${filter ? sql`AND ${ofEntry(filter)}` : sql``} ${range(sql`s.rowid`)}`

  const here = inProject ? sql`AND f.folder_id = c.folder_id` : sql``
  const lookUp = sql`CROSS JOIN flowgate_search s ON s.rowid = f.at WHERE ${matches(fits(LAST))} ${here}`
  const opened = sql`SELECT f.at, f.at, 1 FROM given g CROSS JOIN ${entries} f ON f.id = g.id
    ${lookUp} AND g.allow AND NOT ${reached} AND f.moved IS NULL ${range(sql`f.at`)} ${asked}`

  const decided = isGiven(shape)
    ? adminOr(asCaller, sql`coalesce((SELECT g.allow FROM given g WHERE g.id = f.id), ${reached})`)
    : reached
  const moved = sql`SELECT f.moved, f.at, 1 FROM ${entries} f
    ${lookUp} AND f.moved IS NOT NULL AND ${decided} ${range(sql`f.moved`)} ${asked}`

  const ways = [walk, ...(isGiven(shape) ? [opened] : []), moved]
  return sql`${sql.raw(name)}(k, at, alone) AS MATERIALIZED (${sql.join(ways, sql` UNION ALL `)}
    ORDER BY k ${sql.raw(back ? 'ASC' : 'DESC')} LIMIT ${most}),`
}

/**
 * SQL: the CTE `ranked(k, at)`: those of `newest` in order of relevance, of each tier the newest first. What fits a tier also
 * fits the last one: it has been walked through before, as far as `newest` goes. Each name of a CTE is a copy to be planned,
 * so all tiers are one SELECT; and where the walk ends stands in FROM, for within WHERE it would be asked for with each row.
 */
export const ranked = sql`best(at, tier) AS MATERIALIZED (
    SELECT s.rowid, w.tier FROM (SELECT min(at) AS at FROM newest WHERE NOT alone) oldest CROSS JOIN wanted w CROSS JOIN flowgate_search s
      WHERE w.tier < ${LAST} AND ${matches(sql`w.fits || (SELECT t FROM scope)`)} AND s.rowid >= oldest.at
    UNION ALL SELECT n.at, w.tier FROM newest n CROSS JOIN wanted w CROSS JOIN flowgate_search s ON s.rowid = n.at
      WHERE n.alone AND w.tier < ${LAST} AND ${matches(sql`w.fits`)}),
  ranked(k, at) AS MATERIALIZED (SELECT printf('%d%019d', ${LAST} - min(tier), max(k)), at
    FROM (SELECT at, ${LAST} AS tier, k FROM newest UNION ALL SELECT at, tier, NULL FROM best) GROUP BY at HAVING count(k)),`
