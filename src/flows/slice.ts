// A slice of the flows that the caller may read: as many as asked for, fewer where they would not fit
// into one answer of the database. One round trip, all of it under the one predicate.
import { type SQL, sql } from 'drizzle-orm'
import { type Credential, requireCaller } from '../access/authenticate.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { callerAndGrants, countVisible, visibleFlows } from '../access/visible.ts'
import type { Database, Row } from '../db/client.ts'
import { firstUndated, lastDated, type Order, type Position, rangeAfter } from './cursor.ts'
import { bytesOf, fieldsOf } from './fields.ts'

/** Which flows, in which order, and what of each. */
export type Listing = {
  /** `own`: the caller's Starter Project. Without it, flows of all projects and of none. */
  readonly folderId?: string | 'own' | undefined
  readonly order: Order
  readonly headers: boolean
  readonly actions: boolean
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

/** libSQL refuses a value over about 5 MB and an answer over 10 MB, and quotes double on their way. */
const MAX_BYTES = 3_000_000

/** Between graphs: valid JSON has no such character. */
const SEPARATOR = '\u001e'

/** A component by its flag; where that is unset, by its graph. */
const isComponent = sql`CASE WHEN f.is_component IS NOT NULL THEN f.is_component
  WHEN json_valid(f.data) THEN coalesce(json_extract(f.data, '$.is_component'), json_array_length(f.data, '$.nodes') = 1, 0)
  ELSE 0 END`

/** As in LangBuilder, without the examples also flows without a project are gone once the shared folder exists. */
const examples = sql`SELECT id FROM folder WHERE name = 'Starter Projects' AND user_id IS NULL`

/** Throws 401 or 403 when there is no such caller any more. */
export async function readSlice(
  db: Database,
  who: Credential,
  listing: Listing,
  span: Span,
): Promise<Slice> {
  const [answers] = await db.read(selectSlice(who, listing, span))
  const answer = answers?.[0] as Row // an aggregate has one
  const about = JSON.parse(String(answer.head)) as Row
  requireCaller(about.id === null ? [] : [about], who)
  const rows = toRows(String(answer.flows), String(answer.graphs))
  const more = findMore(rows, about, listing.order, span)
  const back = span.from?.back ?? false
  const [first, last] = back ? [rows.at(-1), rows[0]] : [rows[0], rows.at(-1)]
  return {
    rows: back ? rows.toReversed() : rows,
    total: Number(about.total),
    next: back ? last && positionOf(last, false) : more,
    prev: back ? more : span.from && first && positionOf(first, true),
  }
}

/** Both texts are in the same order, which SQL does not promise to be that of `n`. */
function toRows(flows: string, graphs: string): Row[] {
  const graph = graphs.split(SEPARATOR)
  return (JSON.parse(flows) as Row[])
    .map((row, i) => Object.assign(row, { graph: graph[i] }))
    .sort((a, b) => Number(a.n) - Number(b.n))
}

/**
 * One row `(head, flows, graphs)`, whose head is empty without a caller. Gives at least one flow and at
 * most `take`, fewer where the bytes are used up; the head says whether there are more.
 */
function selectSlice(who: Credential, listing: Listing, span: Span): SQL {
  const { from, skip = 0, take } = span
  const cut = toCut(listing, from, skip + take + 1)
  const order = sql`ORDER BY k ${sql.raw(cut.direction)}, id ${sql.raw(cut.direction)}`
  const data = listing.headers ? sql`CASE WHEN f.is_component THEN f.data END` : sql`f.data`
  // SQLite takes text that ends in NUL and anything for valid.
  const graph = sql`CASE WHEN json_valid(${data}) AND NOT instr(f.data, char(0)) THEN f.data ELSE 'null' END`
  return sql`WITH ${callerAndGrants(who, cut.folderId)},
    visible(k, id, rid) AS (${visibleFlows(cut)}),
    sized(n, k, rid, bytes) AS (SELECT row_number() OVER w, k, rid, sum(own) OVER w
      FROM (SELECT k, id, rid, (SELECT ${bytesOf(data)} FROM flow f WHERE f.rowid = rid) AS own
        FROM visible ${order} LIMIT ${take + 1} OFFSET ${skip})
      WINDOW w AS (${order} ROWS UNBOUNDED PRECEDING)),
    fitted AS (SELECT *, n <= ${take} AND (n = 1 OR bytes <= ${MAX_BYTES}) AS fits FROM sized)
    SELECT json_object('id', c.id, 'is_active', c.is_active, 'more', max(NOT s.fits),
        'has_undated', EXISTS (SELECT 1 FROM flow WHERE updated_at IS NULL),
        'total', ${span.total ? countAll(listing) : sql`NULL`}) AS head,
      json_group_array(json_object('n', s.n, 'k', s.k, ${fieldsOf(listing)})) FILTER (WHERE s.fits) AS flows,
      group_concat(${graph}, char(30)) FILTER (WHERE s.fits) AS graphs
    FROM caller c LEFT JOIN fitted s LEFT JOIN flow f ON s.fits AND f.rowid = s.rid`
}

/** Counted one by one only where nothing is known about the filter beforehand. */
function countAll(listing: Listing): SQL {
  if (listing.componentsOnly)
    return sql`(SELECT count(*) FROM (${visibleFlows(toCut(listing, undefined, -1))}))`
  const without = listing.withoutExamples
    ? sql`${examples} UNION ALL SELECT '' WHERE EXISTS (${examples})`
    : undefined
  return countVisible(toFolder(listing), without)
}

function toCut(listing: Listing, from: Position | undefined, limit: number) {
  const byName = listing.order === 'name'
  const back = from?.back ?? false
  const components = listing.componentsOnly ? isComponent : sql`1`
  return {
    folderId: toFolder(listing),
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
  if (folderId === undefined) return undefined
  return folderId === 'own' ? starterProjectOf(sql`(SELECT id FROM me)`) : sql`${folderId}`
}

/** Where to go on in the same direction. */
function findMore(
  rows: Row[],
  { more, has_undated }: Row,
  order: Order,
  { from }: Span,
): Position | undefined {
  const end = rows.at(-1)
  const back = from?.back ?? false
  if (end && more) return positionOf(end, back)
  // A range of dated flows does not reach the undated ones, nor the other way round.
  if (order === 'name' || !from) return undefined
  if (back) return from.key === null ? lastDated : undefined
  return from.key !== null && (!end || has_undated) ? firstUndated : undefined
}

const positionOf = (row: Row, back: boolean): Position => ({
  back,
  key: row.k as Position['key'],
  id: String(row.id),
})
