// Names that must be free among the rows of one owner: where one is taken, a number comes behind it.
import { cut } from '../names.ts'
import { type SQL, sql } from './sql.ts'

/** UTF-16 units of a name that may be numbered. */
export const MAX_NAME = 1000

/** What is put around a number: `x (3)`, `x-3`. */
export type Brackets = readonly [open: string, close: string]

const MAX_DIGITS = 10

/** What of a name stands before its number: a name that would be too long with one is shortened before it is numbered. */
export const baseOf = (wanted: string, [open, close]: Brackets): string =>
  cut(wanted, MAX_NAME - open.length - close.length - MAX_DIGITS)

/** SQL: what stands before the number, for the SQL of the name itself; SQLite counts whole characters. */
export function prefixOf(name: SQL, wanted: string, brackets: Brackets): SQL {
  const base = baseOf(wanted, brackets)
  const whole = base === wanted ? name : sql`substr(${name}, 1, ${[...base].length})`
  return sql`${whole} || ${brackets[0]}`
}

/** SQL: the number in a name that begins with the prefix, as text; NULL where it has none. */
export function numberIn(name: SQL, prefix: SQL, [, close]: Brackets): SQL {
  const rest = sql`substr(${name}, length(${prefix}) + 1, length(${name}) - length(${prefix}) - ${close.length})`
  return sql`CASE WHEN substr(${name}, length(${name}) + 1 - ${close.length}) = ${close}
    AND length(${rest}) BETWEEN 1 AND 9 AND ${rest} NOT GLOB '*[^0-9]*' THEN ${rest} END`
}

/**
 * SQL: `wanted` if no row of this owner has it, else it, as far as there is room, + the next free number in these
 * brackets. Inside the inserting transaction it cannot be taken by anybody else.
 * The name is bound once, for it may be long, and its relatives are one range of the unique index:
 * nothing that sorts between `x (` and `x (:` begins otherwise, and digits sort before the colon.
 */
export function freeName(
  table: SQL,
  column: SQL,
  owner: SQL,
  wanted: string,
  brackets: Brackets,
): SQL {
  const taken = sql`n.${column}`
  return sql`(SELECT CASE WHEN EXISTS (SELECT 1 FROM ${table} n WHERE n.user_id = ${owner} AND ${taken} = x.wanted)
    THEN x.prefix || (1 + coalesce((SELECT max(CAST(${numberIn(taken, sql`x.prefix`, brackets)} AS INTEGER)) FROM ${table} n
      WHERE n.user_id = ${owner} AND ${taken} > x.prefix AND ${taken} < x.prefix || ':'), 0)) || ${brackets[1]}
    ELSE x.wanted END FROM (SELECT w.wanted, ${prefixOf(sql`w.wanted`, wanted, brackets)} AS prefix FROM (SELECT ${wanted} AS wanted) w) x)`
}
