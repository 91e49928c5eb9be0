// Where a page of flows begins: as a position among rows, as a cursor, and as a range of the statement.
import type { Ask } from '../../access/ask.ts'
import { bindingOf, readCursor, toCursor } from '../../access/cursor.ts'
import { type SQL, sql } from '../../db/sql.ts'
import type { Secrets } from '../../identity/house.ts'

/** How well a flow fits what is looked for, or else as `updated`. */
export type Order = 'updated' | 'name' | 'relevance'

/** What an order column holds: text or NULL, or by its type what else may stand there. */
type Key = string | null | readonly [type: 'integer' | 'real' | 'blob' | 'long', exactly: string]

/**
 * SQL: a `Key` for JSON, which has neither BLOBs nor all the digits of a number. The cursor must fit into a
 * URL: names that flowgate takes do.
 */
export const keyOf = (
  k: SQL,
): SQL => sql`CASE WHEN octet_length(${k}) > 4000 THEN json_array('long', '')
  ELSE CASE typeof(${k}) WHEN 'text' THEN ${k} WHEN 'null' THEN NULL
  WHEN 'blob' THEN json_array('blob', hex(${k})) WHEN 'integer' THEN json_array('integer', CAST(${k} AS TEXT))
  ELSE json_array('real', CASE abs(${k}) WHEN 9e999 THEN iif(${k} > 0, '9e999', '-9e999') ELSE printf('%!.17g', ${k}) END) END END`

/** Between which rows the page begins, and in which direction it goes from there. */
export type Position = {
  readonly back: boolean
  /** The order column of the row it begins after, as `keyOf` has it; NULL in a flow that has never been dated. */
  readonly key: Key
  readonly id: string
}

/** To what a cursor of this listing belongs; the number is the version of its positions. */
export const bindingOfFlows = (ask: Ask, listing: unknown) => bindingOf(ask, 'flows 3', listing)

export const toFlowCursor = ({ back, key, id }: Position, binding: string, secrets: Secrets) =>
  toCursor([Number(back), key, id], binding, secrets)

/** Throws 400 `cursor_invalid` for anything that `toFlowCursor` did not make for this binding. */
export async function readFlowCursor(
  text: string,
  binding: string,
  secrets: Secrets,
): Promise<Position> {
  const [back, key, id] = (await readCursor(text, binding, secrets)) as [number, Key, string] // made above
  return { back: back === 1, key, id }
}

/**
 * SQL boolean over a flow `f`: it comes after the position. NULL sorts before every date, so undated
 * flows end the default order; a row comparison never finds them, hence a range of their own.
 */
export function rangeAfter(order: Order, { back, key, id }: Position): SQL {
  const from = toStored(order, key, id)
  if (order === 'name')
    return back ? sql`(f.name, f.id) < (${from}, ${id})` : sql`(f.name, f.id) > (${from}, ${id})`
  if (key === null)
    return back
      ? sql`f.updated_at IS NULL AND f.id > ${id}`
      : sql`f.updated_at IS NULL AND f.id < ${id}`
  return back
    ? sql`(f.updated_at, f.id) > (${from}, ${id})`
    : sql`(f.updated_at, f.id) < (${from}, ${id})`
}

/** SQL: the key as the column holds it. A text that was no UTF-8 has lost its bytes on the way, and is looked up. */
function toStored(order: Order, key: Key, id: string): SQL {
  const column = order === 'name' ? sql`name` : sql`updated_at`
  const stored = sql`(SELECT ${column} FROM flow WHERE id = ${id})`
  if (key === null || typeof key === 'string')
    return key?.includes('\ufffd') ? sql`coalesce(${stored}, ${key})` : sql`${key}`
  const [type, exactly] = key
  if (type === 'long') return stored
  if (type === 'blob') return sql`unhex(${exactly})`
  return type === 'real' ? sql`CAST(${exactly} AS REAL)` : sql`CAST(${exactly} AS INTEGER)`
}

/** The positions at which the two ranges of the default order meet. */
export const firstUndated: Position = { back: false, key: null, id: '~' }
/** Numbers sort before all text. */
export const lastDated: Position = { back: true, key: ['real', '-9e999'], id: '' }
