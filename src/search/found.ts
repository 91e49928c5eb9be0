// Which of the flows that fit a search the caller may read: visible.ts, with the index in the place of the table. Most are met
// on one walk through what fits, in the order of the index, which is that of time; a few are looked up one by one: those
// that grants on themselves open where the walk goes only through labels, and those that were moved since they were entered.
// It stands in a statement that reads FROM asking c (reach.ts), as CTEs.

import { adminOr } from '../access/predicate.ts'
import type { Shape } from '../access/shape.ts'
import { termsOf } from '../access/terms.ts'
import { type SQL, sql } from '../db/sql.ts'
import { certain, doubtful, TIERS } from './match.ts'
import { isGiven, isReached, isWhole } from './reach.ts'

/** Which flows are looked through. */
export type Among = {
  /** Only in the project `c.folder_id`. */
  readonly inProject: boolean
  /** SQL boolean over `f(id, folder_id)`: what else is asked of a flow; undefined for nothing. */
  readonly filter: SQL | undefined
  /** SQL boolean, the same, asked only of those whose label leaves it open whether they are components. */
  readonly ifDoubtful: SQL | undefined
}

/** No entry has a greater number. */
const FOREVER = sql.raw('9223372036854775807')
/** Behind all better tiers. */
const LAST = sql.raw(String(TIERS - 1))

/** Where they are to begin, and how many of them. */
export type Stretch = {
  readonly back: boolean
  /** The `k` that the page begins behind. */
  readonly after?: string | undefined
  /** -1 for all. */
  readonly most: number
}

/** SQL boolean over the index `s`. */
const matches = (text: SQL) => sql`s.flowgate_search MATCH ${text}`

/** An entry as a flow `f`. */
const entries = sql`(SELECT at, moved, flow_id AS id, folder_id FROM flowgate_search_entry)`

/**
 * SQL: a SELECT of `(k, at, alone)` of the newest that fit, or the oldest when looking back: where each stands in the order
 * and in the index, and whether it was looked up by itself. Ordered as one, each way is read no further than that many of
 * all are found.
 */
export function stretchOf(among: Among, stretch: Stretch, shape?: Shape): SQL {
  const ways = [...walks(among, stretch, shape), ...alone(among, stretch, shape)]
  return sql`${sql.join(ways, sql` UNION ALL `)} ORDER BY k ${sql.raw(stretch.back ? 'ASC' : 'DESC')} LIMIT ${stretch.most}`
}

/** SQL, behind a condition: only what the stretch begins before. */
const rangeOf = (k: SQL, { back, after }: Stretch) =>
  after === undefined ? sql`` : sql`AND ${k} ${sql.raw(back ? '>' : '<')} CAST(${after} AS INTEGER)`

/** SQL, behind a condition: all of these conditions. */
const alsoAll = (conditions: (SQL | undefined)[]) =>
  sql.join(
    conditions.map((one) => (one ? sql`AND ${one}` : sql``)),
    sql` `,
  )

/** Through what fits, in the order of the index: but for moved ones, and those that grants on themselves hide. */
function walks({ inProject, filter, ifDoubtful }: Among, stretch: Stretch, shape?: Shape): SQL[] {
  const ofEntry = (condition: SQL) =>
    sql`EXISTS (SELECT 1 FROM ${entries} f WHERE f.at = s.rowid AND ${condition})`
  const hidden = sql`UNION ALL SELECT f.at FROM given g CROSS JOIN ${entries} f ON f.id = g.id WHERE NOT g.allow`
  const apart = sql`SELECT at FROM flowgate_search_entry WHERE moved IS NOT NULL ${isGiven(shape) ? hidden : sql``}`
  const reached = ofEntry(adminOr(termsOf(shape).asCaller, isReached(inProject, shape)))
  const theirs = sql`AND (c.exact OR ${reached}) AND s.rowid <= coalesce(c.since, ${FOREVER})`
  const isPart = !isWhole(inProject, shape)
  // FTS5 skips faster forwards than backwards, by half: where few flows are theirs all that fit are taken, and sorted.
  const forwards = isPart && !stretch.back && stretch.after === undefined
  // Not NOT IN, which would look for a NULL in the list for each row.
  const walk = (kind: SQL, conditions: (SQL | undefined)[]) => {
    const way = (
      more: SQL,
    ) => sql`SELECT s.rowid AS k, s.rowid AS at, 0 AS alone FROM flowgate_search s
      WHERE ${more} ${matches(sql`c.fits || c.scope ${kind}`)} AND NOT iif(s.rowid IN (${apart}), 1, 0)`
    const filtered = alsoAll(conditions.map((one) => one && ofEntry(one)))
    const few = sql`SELECT * FROM (${way(sql`c.few AND`)} ${filtered} ORDER BY s.rowid LIMIT -1)`
    const many = sql`${way(forwards ? sql`NOT c.few AND` : sql``)} ${isPart ? theirs : sql``} ${filtered} ${rangeOf(sql`s.rowid`, stretch)}`
    return forwards ? [few, many] : [many]
  }
  if (!ifDoubtful) return walk(sql``, [filter])
  return [...walk(sql`|| ${certain}`, [filter]), ...walk(sql`|| ${doubtful}`, [filter, ifDoubtful])]
}

/** One by one: those that grants on themselves open, where no walk comes to them, and those that were moved. */
function alone({ inProject, filter, ifDoubtful }: Among, stretch: Stretch, shape?: Shape): SQL[] {
  const { asCaller } = termsOf(shape)
  const reached = adminOr(asCaller, isReached(inProject, shape))
  const here = inProject ? sql`AND f.folder_id = c.folder_id` : sql``
  const lookUp = sql`CROSS JOIN flowgate_search s ON s.rowid = f.at WHERE ${matches(sql`c.fits`)} ${here} ${alsoAll([filter, ifDoubtful])}`
  const opened = sql`SELECT f.at, f.at, 1 FROM given g CROSS JOIN ${entries} f ON f.id = g.id
    ${lookUp} AND g.allow AND NOT ${reached} AND f.moved IS NULL ${rangeOf(sql`f.at`, stretch)}`
  const given = isGiven(shape)
  const decided = given
    ? adminOr(asCaller, sql`coalesce((SELECT g.allow FROM given g WHERE g.id = f.id), ${reached})`)
    : reached
  const moved = sql`SELECT f.moved, f.at, 1 FROM ${entries} f
    ${lookUp} AND f.moved IS NOT NULL AND ${decided} ${rangeOf(sql`f.moved`, stretch)}`
  return [...(given ? [opened] : []), moved]
}

/** SQL, a column: a stretch as JSON, so that it is walked through once, however often it is read. */
export const kept = (stretch: SQL): SQL =>
  sql`(SELECT '[' || coalesce(group_concat(iif(alone, '[' || k || ',' || at || ']', at)), '') || ']' FROM (${stretch}))`

/** SQL: its rows again, out of `c.newest`. */
export const newest = sql`(SELECT iif(type = 'array', value ->> 0, value) AS k, iif(type = 'array', value ->> 1, value) AS at,
  type = 'array' AS alone FROM json_each(c.newest))`

/**
 * SQL: the CTE `ranked(k, at)`: those of `newest` in order of relevance, of each tier the newest first. What fits a tier also
 * fits the last one: it has been walked through before, as far as `newest` goes. Each name of a CTE is a copy to be planned,
 * so all tiers are one SELECT; and where the walk ends stands in FROM, for within WHERE it would be asked for with each row, and where nothing was found there is none.
 */
export const ranked = sql`best(at, tier) AS MATERIALIZED (
    SELECT s.rowid, w.key FROM (SELECT min(at) AS at FROM ${newest} WHERE NOT alone GROUP BY alone) oldest CROSS JOIN json_each(c.tiers) w CROSS JOIN flowgate_search s
      WHERE ${matches(sql`w.value || c.scope`)} AND s.rowid >= oldest.at
    UNION ALL SELECT n.at, w.key FROM ${newest} n CROSS JOIN json_each(c.tiers) w CROSS JOIN flowgate_search s ON s.rowid = n.at
      WHERE n.alone AND ${matches(sql`w.value`)}),
  ranked(k, at) AS MATERIALIZED (SELECT printf('%d%019d', ${LAST} - min(tier), max(k)), at
    FROM (SELECT at, ${LAST} AS tier, k FROM ${newest} UNION ALL SELECT at, tier, NULL FROM best) GROUP BY at HAVING count(k))`
