// Which of the flows that fit a search the caller may read: visible.ts, with the index in the place of the table. Most are met
// on one walk through what fits, in the order of the index, which is that of time; a few are looked up one by one: those
// that grants on themselves open, and those that were moved since they were entered. It stands in a statement that
// reads FROM the caller `c`, as CTEs, for one inside the other is more than SQLite's parser holds.

import { adminOr } from '../access/predicate.ts'
import type { Shape } from '../access/shape.ts'
import { termsOf } from '../access/terms.ts'
import { type SQL, sql } from '../db/sql.ts'
import { TIERS } from './match.ts'
import { isReached } from './reach.ts'

/** Among which flows. */
export type Within = {
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

/** An entry as a flow `f`. */
const entries = sql`(SELECT at, moved, flow_id AS id, folder_id FROM flowgate_search_entry)`
const isMoved = sql`s.rowid IN (SELECT at FROM flowgate_search_entry WHERE moved IS NOT NULL)`

/**
 * SQL: the CTE of this name `(k, at, id, alone)` of the newest that fit, or the oldest when looking back: where each stands
 * in the order and in the index, its flow, and whether it was looked up by itself. It is to stand behind `wanted` and `scope`.
 */
export function stretchOf(name: string, within: Within, stretch: Stretch, shape?: Shape): SQL {
  const { inProject, filter } = within
  const { back, after, most } = stretch
  const { asCaller, hasFlowGrants, grantedFlows, ofFlow } = termsOf(shape)
  const direction = sql.raw(back ? 'ASC' : 'DESC')
  const range = (k: SQL) =>
    after === undefined
      ? sql``
      : sql`AND ${k} ${sql.raw(back ? '>' : '<')} CAST(${after} AS INTEGER)`
  const asked = filter ? sql`AND ${filter}` : sql``
  const first = (k: SQL) => sql`${range(k)} ${asked} ORDER BY ${k} ${direction} LIMIT ${most}`

  const reached = isReached(inProject, shape)
  const byItself = hasFlowGrants === false ? sql`1` : sql`coalesce(${ofFlow}, 1)`
  const walk = sql`SELECT s.rowid AS k, s.rowid AS at, f.id, 0 AS alone FROM flowgate_search s CROSS JOIN ${entries} f ON f.at = s.rowid
    WHERE ${inScope(LAST)} AND ${adminOr(asCaller, sql`(${reached} AND ${byItself})`)} AND NOT ${isMoved} ${first(sql`s.rowid`)}`

  const here = inProject ? sql`AND f.folder_id = c.folder_id` : sql``
  const lookUp = sql`CROSS JOIN flowgate_search s ON s.rowid = f.at WHERE ${matches(fits(LAST))} ${here}`
  const opened = sql`SELECT f.at AS k, f.at, f.id, 1 FROM ${grantedFlows} g CROSS JOIN ${entries} f ON f.id = g.id
    ${lookUp} AND g.allow AND NOT ${adminOr(asCaller, reached)} AND f.moved IS NULL ${first(sql`f.at`)}`

  const decided = hasFlowGrants === false ? reached : sql`coalesce(${ofFlow}, ${reached})`
  const moved = sql`SELECT f.moved AS k, f.at, f.id, 1 FROM ${entries} f
    ${lookUp} AND f.moved IS NOT NULL AND ${adminOr(asCaller, decided)} ${first(sql`f.moved`)}`

  const isOpen = asCaller.isAdmin !== true && hasFlowGrants !== false
  const ways = [walk, ...(isOpen ? [opened] : []), moved].map((way) => sql`SELECT * FROM (${way})`)
  return sql`${sql.raw(name)}(k, at, id, alone) AS MATERIALIZED (SELECT * FROM (${sql.join(ways, sql` UNION ALL `)})
    ORDER BY k ${direction} LIMIT ${most}),`
}

/** SQL: the CTE `ranked(k, id)`: those of `newest` in order of relevance, of each tier the newest first. */
export const ranked = sql`best(at, tier) AS MATERIALIZED (${sql.join(
  Array.from({ length: TIERS - 1 }, (_, n) => rankedAs(sql.raw(String(n)))),
  sql` UNION ALL `,
)}),
  ranked(k, id) AS MATERIALIZED (SELECT printf('%d%019d', ${LAST} - coalesce(min(b.tier), ${LAST}), n.k), n.id
    FROM newest n LEFT JOIN best b ON b.at = n.at GROUP BY n.at),`

/** What fits a tier also fits the last one: it has been walked through before, as far as `newest` goes. */
function rankedAs(tier: SQL): SQL {
  return sql`SELECT s.rowid, ${tier} FROM flowgate_search s
      WHERE ${inScope(tier)} AND s.rowid >= (SELECT min(at) FROM newest WHERE NOT alone)
    UNION ALL SELECT n.at, ${tier} FROM newest n CROSS JOIN flowgate_search s ON s.rowid = n.at WHERE n.alone AND ${matches(fits(tier))}`
}
