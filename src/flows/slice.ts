// A slice of the flows that the caller may read: as many as asked for, fewer where they would not fit
// into one answer of the database. One round trip, all of it under the one predicate.
import { type SQL, sql } from 'drizzle-orm'
import { type Caller, type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { decidingScope, mayFlow, permissions } from '../access/predicate.ts'
import { countVisible, visibleFlows } from '../access/visible.ts'
import type { Database, Row } from '../db/client.ts'
import { firstUndated, lastDated, type Order, type Position, rangeAfter } from './cursor.ts'

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
  readonly caller: Caller
  /** In the order of the listing, whichever way the slice was taken. */
  readonly rows: Row[]
  readonly total: number
  /** Where the flows after and before these begin, if there are any. */
  readonly next: Position | undefined
  readonly prev: Position | undefined
}

/** libSQL refuses answers over about 10 MB, and quotes in JSON text double on their way. */
const MAX_BYTES = 2_000_000

/** A component by its flag; where that is unset, by its graph. */
const isComponent = sql`CASE WHEN f.is_component IS NOT NULL THEN f.is_component
  WHEN json_valid(f.data) THEN coalesce(json_extract(f.data, '$.is_component'), json_array_length(f.data, '$.nodes') = 1, 0)
  ELSE 0 END`

/** As in LangBuilder, without the examples also flows without a project are gone once the shared folder exists. */
const examples = sql`SELECT id FROM folder WHERE name = 'Starter Projects' AND user_id IS NULL`

const readColumns = sql`f.id, f.name, f.description, f.icon, f.icon_bg_color, f.gradient, f.is_component, f.updated_at,
  f.webhook, f.endpoint_name, f.tags, f.locked, f.mcp_enabled, f.action_name, f.action_description, f.access_type,
  f.user_id, f.folder_id`
const headerColumns = sql`f.id, f.name, f.description, f.is_component, f.endpoint_name, f.tags, f.mcp_enabled,
  f.action_name, f.action_description, f.access_type, f.folder_id`
const actionColumns = sql`, ${decidingScope(sql`f.id`, sql`f.folder_id`)} AS scope, ${sql.join(
  permissions.map((p) => sql`${mayFlow(p, sql`f.id`, sql`f.folder_id`)} AS ${sql.identifier(p)}`),
  sql`, `,
)}`

/** Throws 401 or 403 when there is no such caller any more. */
export async function readSlice(
  db: Database,
  who: Credential,
  listing: Listing,
  span: Span,
): Promise<Slice> {
  const [callers, found = [], totals] = await db.read(
    callerRow(who),
    selectSlice(who, listing, span),
    ...(span.total ? [selectTotal(who, listing)] : []),
  )
  const caller = requireCaller(callers, who)
  const rows = found.filter((row) => row.fits)
  const more = findMore(rows, found.length > rows.length, listing.order, span)
  const back = span.from?.back ?? false
  const [first, last] = back ? [rows.at(-1), rows[0]] : [rows[0], rows.at(-1)]
  return {
    caller,
    rows: back ? rows.toReversed() : rows,
    total: Number(totals?.[0]?.total ?? 0),
    next: back ? last && positionOf(last, false) : more,
    prev: back ? more : span.from && first && positionOf(first, true),
  }
}

/**
 * Gives at least one flow and at most `take`, fewer where the bytes are used up, and the one after
 * them without its graph and `fits`, so that it is known to be there.
 */
function selectSlice(who: Credential, listing: Listing, { from, skip = 0, take }: Span): SQL {
  const cut = toCut(listing, from, skip + take + 1)
  const data = sql`CASE WHEN ${listing.headers ? sql`f.is_component` : sql`1`} THEN f.data END`
  const order = sql`ORDER BY v.k ${sql.raw(cut.direction)}, v.id ${sql.raw(cut.direction)}`
  return sql`WITH ${visibleFlows(who, cut)},
    sized(n, k, rid, own, bytes) AS (SELECT row_number() OVER w, k, rid, own, sum(own) OVER w
      FROM (SELECT v.*, coalesce(octet_length(${data}), 0) + octet_length(f.name) + coalesce(octet_length(f.description), 0) AS own
        FROM (SELECT * FROM visible v ${order} LIMIT ${take + 1} OFFSET ${skip}) v CROSS JOIN flow f ON f.rowid = v.rid) v
      WINDOW w AS (${order} ROWS UNBOUNDED PRECEDING)),
    fitted AS (SELECT *, n <= ${take} AND (n = 1 OR bytes <= ${MAX_BYTES}) AS fits FROM sized
      WHERE n <= 2 OR bytes - own <= ${MAX_BYTES})
    SELECT s.k, s.fits, EXISTS (SELECT 1 FROM flow WHERE updated_at IS NULL) AS has_undated,
      ${listing.headers ? headerColumns : readColumns}, CASE WHEN s.fits AND json_valid(${data}) THEN f.data END AS graph
      ${listing.actions ? actionColumns : sql``}
    FROM fitted s CROSS JOIN flow f ON f.rowid = s.rid ORDER BY s.n`
}

/** Counted one by one only where nothing is known about the filter beforehand. */
function selectTotal(who: Credential, listing: Listing): SQL {
  if (listing.componentsOnly)
    return sql`WITH ${visibleFlows(who, toCut(listing, undefined, -1))} SELECT count(*) AS total FROM visible`
  const without = listing.withoutExamples
    ? sql`${examples} UNION ALL SELECT '' WHERE EXISTS (${examples})`
    : undefined
  return countVisible(who, toFolder(listing), without)
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
  cutOff: boolean,
  order: Order,
  { from }: Span,
): Position | undefined {
  const end = rows.at(-1)
  const back = from?.back ?? false
  if (end && cutOff) return positionOf(end, back)
  // A range of dated flows does not reach the undated ones, nor the other way round.
  if (order === 'name' || !from) return undefined
  if (back) return from.key === null ? lastDated : undefined
  return from.key !== null && (!end || end.has_undated) ? firstUndated : undefined
}

const positionOf = (row: Row, back: boolean): Position => ({
  back,
  key: row.k as Position['key'],
  id: String(row.id),
})
