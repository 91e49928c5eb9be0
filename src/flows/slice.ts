// A slice of the flows that the caller may read: as many as asked for, fewer where they would not fit
// into one answer of the database. One round trip, all of it under the one predicate.
import { type SQL, sql } from 'drizzle-orm'
import { type Credential, requireCaller } from '../access/authenticate.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { callerInProject, countVisible, visibleFlows } from '../access/visible.ts'
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

/** libSQL refuses a value of 5 MB and an answer over 10 MB, and quotes double on their way. */
const MAX_BYTES = 3_000_000
/** One flow may be larger, but not with its graph in the same value. */
const MAX_VALUE = 4_900_000

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
  requireCaller(answers, who)
  const about = answers?.[0] as Row
  const { rows, cut } = toRows(String(about.flows), about.graph)
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

/**
 * A flow and its graph by turns, and nothing for a flow that did not fit; a graph that did not fit beside
 * its flow is `large`. SQL promises no order among them, but for `n`.
 */
function toRows(text: string, large: unknown): { rows: Row[]; cut: boolean } {
  const parts = text.split(SEPARATOR)
  const rows: Row[] = []
  for (let i = 0; i < parts.length; i++) {
    const flow = parts[i]
    if (flow) rows.push(Object.assign(JSON.parse(flow), { graph: parts[++i] || large }))
  }
  return {
    rows: rows.sort((a, b) => Number(a.n) - Number(b.n)),
    cut: text !== '' && parts.length > 2 * rows.length,
  }
}

/**
 * One row, or none without a caller: `id` and `is_active` of theirs, `total`, `has_undated`, and `flows`
 * (with `graph`, see `toRows`), at least one flow and at most `take`, fewer where the bytes are used up.
 */
function selectSlice(who: Credential, listing: Listing, span: Span): SQL {
  const { from, skip = 0, take } = span
  const cut = toCut(listing, from, skip + take + 1)
  const order = sql`ORDER BY k ${sql.raw(cut.direction)}, id ${sql.raw(cut.direction)}`
  const data = listing.headers ? sql`CASE WHEN f.is_component THEN f.data END` : sql`f.data`
  // SQLite takes text that ends in NUL and anything for valid.
  const graph = sql`CASE WHEN json_valid(${data}) AND NOT instr(f.data, char(0)) THEN f.data ELSE 'null' END`
  const sized = sql`SELECT row_number() OVER w AS n, k, rid, sum(own) OVER w AS bytes
    FROM (SELECT k, id, rid, (SELECT ${bytesOf(data)} FROM flow f WHERE f.rowid = rid) AS own
      FROM (${visibleFlows(cut)}) ${order} LIMIT ${take + 1} OFFSET ${skip})
    WINDOW w AS (${order} ROWS UNBOUNDED PRECEDING)`
  const beside = sql`CASE WHEN bytes <= ${MAX_VALUE} THEN ${graph} ELSE '' END`
  // A flow without its graph beside it stands alone.
  const alone = sql`trim(flows, char(30))`
  return sql`WITH ${callerInProject(who, toProject(listing))},
    answer AS MATERIALIZED (SELECT c.id, c.is_active, ${span.total ? countAll(listing) : sql`NULL`} AS total,
        EXISTS (SELECT 1 FROM flow WHERE updated_at IS NULL) AS has_undated,
        coalesce((SELECT group_concat(CASE WHEN n <= ${take} AND (n = 1 OR bytes <= ${MAX_BYTES})
            THEN json_object('n', n, 'k', k, ${fieldsOf(listing)}) || char(30) || ${beside} ELSE '' END, char(30))
          FROM (${sized}) CROSS JOIN flow f ON f.rowid = rid), '') AS flows
      FROM caller c)
    SELECT *, CASE WHEN json_valid(${alone})
      THEN (SELECT ${graph} FROM flow f WHERE f.id = json_extract(${alone}, '$.id')) END AS graph FROM answer`
}

/** Counted one by one only where nothing is known about the filter beforehand. */
function countAll(listing: Listing): SQL {
  if (listing.componentsOnly)
    return sql`(SELECT count(*) FROM (${visibleFlows(toCut(listing, undefined, -1))}))`
  const without = listing.withoutExamples
    ? sql`${examples} UNION ALL SELECT '' WHERE EXISTS (${examples})`
    : undefined
  return countVisible(listing.folderId !== undefined, without)
}

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

/** The project to look into, given whose it is. */
const toProject =
  ({ folderId }: Listing) =>
  (userId: SQL): SQL | undefined =>
    folderId === 'own'
      ? starterProjectOf(userId)
      : folderId === undefined
        ? undefined
        : sql`${folderId}`

/** Where to go on in the same direction. */
function findMore(
  rows: Row[],
  cut: boolean,
  hasUndated: boolean,
  order: Order,
  { from }: Span,
): Position | undefined {
  const end = rows.at(-1)
  const back = from?.back ?? false
  if (end && cut) return positionOf(end, back)
  // A range of dated flows does not reach the undated ones, nor the other way round.
  if (order === 'name' || !from) return undefined
  if (back) return from.key === null ? lastDated : undefined
  return from.key !== null && (!end || hasUndated) ? firstUndated : undefined
}

const positionOf = (row: Row, back: boolean): Position => ({
  back,
  key: row.k as Position['key'],
  id: String(row.id),
})
