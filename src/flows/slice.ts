// A slice of the flows that the caller may read: as many as asked for, fewer where they would not fit
// into one answer of the database. One round trip (two for a graph near 5 MB), all of it under the one
// predicate.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { examples } from '../access/examples.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { mayFlow } from '../access/predicate.ts'
import type { Shape } from '../access/shape.ts'
import { countShared, SHARED_PROJECT, sharedFlows } from '../access/shared.ts'
import { termsOf } from '../access/terms.ts'
import { type Cut, countVisible, visibleFlows } from '../access/visible.ts'
import type { Row } from '../db/client.ts'
import { isGarbled, isTooLarge } from '../db/failures.ts'
import { firstUndated, keyOf, lastDated, type Order, type Position, rangeAfter } from './cursor.ts'
import { bytesOf, fieldsOf, MAX_VALUE, OWNER_BYTES, type Shown } from './fields.ts'
import { graphBytes } from './stored.ts'
import { BROKEN, TOO_LARGE } from './view.ts'

/** Which flows, in which order, and what of each. */
export type Listing = Shown & {
  /** `own`: the caller's Starter Project; SHARED_PROJECT. Without it, flows of all projects and of none. */
  readonly folderId?: string | 'own' | undefined
  readonly order: Order
  readonly componentsOnly: boolean
  readonly withoutExamples: boolean
}

/** Which part of it; `total` asks for the number of all. */
export type Span = {
  readonly from?: Position | undefined
  readonly skip?: number
  readonly take: number
  readonly total?: boolean
}

export type Slice = {
  /** In the order of the listing, whichever way the slice was taken. */
  readonly rows: Row[]
  readonly total: number
  /** Where the flows after and before these begin, if there are any. */
  readonly next: Position | undefined
  readonly prev: Position | undefined
}

/**
 * libSQL refuses a value of 5 MB and an answer over 10 MB, and quotes double on their way. One flow may be
 * larger, but beyond MAX_VALUE its graph takes a round trip of its own, and beyond MAX_GRAPH it does not come.
 */
const MAX_BYTES = 3_000_000

/** char(30), between flows and graphs: what SQLite takes for JSON has no such character. */
const SEPARATOR = '\u001e'

/** A component by its flag; where that is unset, by its graph. */
const isComponent = sql`CASE WHEN f.is_component IS NOT NULL THEN f.is_component
  WHEN octet_length(f.data) <= ${sql.raw(String(MAX_VALUE))} AND json_valid(CAST(f.data AS TEXT)) THEN coalesce(
    json_extract(CAST(f.data AS TEXT), '$.is_component'), json_array_length(CAST(f.data AS TEXT), '$.nodes') = 1, 0)
  ELSE 0 END`

/** Throws 401 or 403 when there is no such caller any more. */
export async function readSlice(ask: Ask, listing: Listing, span: Span): Promise<Slice> {
  const about = await look(ask, listing, span)
  const { rows, cut } = toRows(String(about.flows))
  const [large] = rows
  if (large?.graph === '') {
    const graph = await readGraph(ask, listing, String(large.id))
    // Gone in between: the listing is another one by now.
    if (graph === undefined) return readSlice(ask, listing, span)
    large.graph = graph
  }
  const more = findMore(rows, cut, Boolean(about.has_undated), listing.order, span)
  const back = span.from?.back ?? false
  const [first, last] = back ? [rows.at(-1), rows[0]] : [rows[0], rows.at(-1)]
  return {
    rows: back ? rows.toReversed() : rows,
    total: Number(about.total),
    next: back ? last && positionOf(last, false) : more,
    prev: back ? more : span.from && first && positionOf(first, true),
  }
}

/** The row of `sliceOf`. Once more as bytes where a text in it is no UTF-8, which sqld does not send as text. */
async function look(ask: Ask, listing: Listing, span: Span): Promise<Row> {
  const folder = toFolder(listing)
  const columns = (as: (flows: SQL) => SQL) => (shape: Shape | undefined) => {
    const { about, flows } = sliceOf(listing, span, shape)
    return sql`${about}, ${as(flows)} AS flows`
  }
  try {
    return await ask.look(
      columns((flows) => flows),
      folder,
    )
  } catch (error) {
    if (!isGarbled(error)) throw error
    return ask.look(
      columns((flows) => sql`CAST(${flows} AS BLOB)`),
      folder,
    )
  }
}

/** The graph alone, for one too large to come with its flow; undefined where the flow is gone. */
async function readGraph(ask: Ask, listing: Listing, id: string): Promise<string | undefined> {
  try {
    const { found } = await ask.readOn({ found: selectGraph(listing, id) })
    return found[0]?.graph
  } catch (error) {
    if (!isTooLarge(error)) throw error
    return TOO_LARGE
  }
}

/**
 * A flow and its graph by turns, and nothing for a flow that did not fit. SQL promises no order among
 * them, but for `n`.
 */
function toRows(text: string): { rows: Row[]; cut: boolean } {
  const parts = text.split(SEPARATOR)
  const rows: Row[] = []
  for (let i = 0; i < parts.length; i++) {
    const flow = parts[i]
    if (flow) rows.push(Object.assign(JSON.parse(flow), { graph: parts[++i] }))
  }
  return {
    rows: rows.sort((a, b) => Number(a.n) - Number(b.n)),
    cut: text !== '' && parts.length > 2 * rows.length,
  }
}

/**
 * Beside the caller `c`: `total` and `has_undated`, and for the column `flows`: at least one flow and at most `take`, fewer
 * where the bytes are used up. The first comes without its graph ('') where both together are too large
 * for one value.
 */
function sliceOf(
  listing: Listing,
  span: Span,
  shape: Shape | undefined,
): { about: SQL; flows: SQL } {
  const { from, skip = 0, take } = span
  const cut = toCut(listing, from, skip + take + 1)
  const order = sql`ORDER BY k ${sql.raw(cut.direction)}, id ${sql.raw(cut.direction)}`
  const own = bytesOf(sql`CASE WHEN ${showsGraph(listing)} THEN ${graphBytes} END`)
  const sized = sql`SELECT row_number() OVER w AS n, k, rid, sum(${own}${listing.owner ? sql` + ${OWNER_BYTES}` : sql``}) OVER w AS bytes
    FROM (SELECT k, id AS place, rid FROM (${flowsOf(listing, cut, shape)}) ${order} LIMIT ${take + 1} OFFSET ${skip})
      CROSS JOIN flow f ON f.rowid = rid
    WINDOW w AS (ORDER BY k ${sql.raw(cut.direction)}, place ${sql.raw(cut.direction)} ROWS UNBOUNDED PRECEDING)`
  const graph = sql`CASE WHEN bytes <= ${MAX_VALUE} THEN ${graphOf(listing)} ELSE '' END`
  return {
    about: sql`${span.total ? countAll(listing, shape) : sql`NULL`} AS total,
      ${from && listing.order === 'updated' ? hasUndated : sql`0`} AS has_undated`,
    flows: sql`coalesce((SELECT group_concat(CASE WHEN n <= ${take} AND (n = 1 OR bytes <= ${MAX_BYTES})
          THEN json_object('n', n, 'k', ${keyOf(sql`k`)}, ${fieldsOf(listing, termsOf(shape).asCaller)}) || char(30) || ${graph} ELSE '' END, char(30))
        FROM (${sized}) CROSS JOIN flow f ON f.rowid = rid), '')`,
  }
}

const selectGraph = (listing: Listing, id: string) =>
  sql<{ graph: string }>`SELECT CAST(${graphOf(listing)} AS BLOB) AS graph FROM flow f
    WHERE f.id = ${id} AND ${mayFlow('Read', sql`f.id`)}`

/** SQL boolean: the form of the listing shows the graph of `f`. */
const showsGraph = ({ headers }: Listing) => (headers ? sql`coalesce(f.is_component, 0)` : sql`1`)

/**
 * As it is stored, or else what no graph looks like: BROKEN where it is no JSON, which SQLite takes text for
 * that goes on behind a NUL, and TOO_LARGE.
 */
const graphOf = (
  listing: Listing,
) => sql`CASE WHEN octet_length(f.data) IS NULL OR NOT ${showsGraph(listing)} THEN 'null'
  WHEN ${graphBytes} IS NULL THEN ${TOO_LARGE}
  WHEN json_valid(CAST(f.data AS TEXT)) AND NOT instr(f.data, char(0)) THEN CAST(f.data AS TEXT) ELSE ${BROKEN} END`

/** Asked by a page that may be the last of the dated flows. */
const hasUndated = sql`EXISTS (SELECT 1 FROM flow WHERE updated_at IS NULL)`

/** Counted one by one only where nothing is known about the filter beforehand. */
function countAll(listing: Listing, shape: Shape | undefined): SQL {
  if (listing.componentsOnly || (isShared(listing) && listing.withoutExamples))
    return sql`(SELECT count(*) FROM (${flowsOf(listing, toCut(listing, undefined, -1), shape)}))`
  if (isShared(listing)) return countShared
  // As in LangBuilder, without the examples also flows without a project are gone once there are examples.
  const without = listing.withoutExamples
    ? sql`${examples} UNION ALL SELECT '' WHERE EXISTS (${examples})`
    : undefined
  return countVisible(listing.folderId !== undefined, without, shape)
}

const isShared = ({ folderId }: Listing) => folderId === SHARED_PROJECT
const flowsOf = (listing: Listing, cut: Cut, shape: Shape | undefined) =>
  isShared(listing) ? sharedFlows(cut) : visibleFlows(cut, shape)

function toCut(listing: Listing, from: Position | undefined, limit: number) {
  const byName = listing.order === 'name'
  const back = from?.back ?? false
  const components = listing.componentsOnly ? isComponent : sql`1`
  return {
    inProject: listing.folderId !== undefined,
    key: byName ? sql`f.name` : sql`f.updated_at`,
    direction: byName === back ? ('DESC' as const) : ('ASC' as const),
    range: from ? rangeAfter(listing.order, from) : sql`1`,
    filter: listing.withoutExamples
      ? sql`f.folder_id NOT IN (${examples}) AND ${components}`
      : components,
    limit,
  }
}

function toFolder({ folderId }: Listing): SQL | undefined {
  if (folderId === undefined || folderId === SHARED_PROJECT) return undefined
  return folderId === 'own' ? starterProjectOf(sql`c.id`) : sql`${folderId}`
}

/** Where to go on in the same direction. */
function findMore(
  rows: Row[],
  cut: boolean,
  undated: boolean,
  order: Order,
  { from }: Span,
): Position | undefined {
  const end = rows.at(-1)
  const back = from?.back ?? false
  if (end && cut) return positionOf(end, back)
  // A range of dated flows does not reach the undated ones, nor the other way round.
  if (order === 'name' || !from) return undefined
  if (back) return from.key === null ? lastDated : undefined
  return from.key !== null && (!end || undated) ? firstUndated : undefined
}

const positionOf = (row: Row, back: boolean): Position => ({
  back,
  key: row.k as Position['key'],
  id: String(row.id),
})
