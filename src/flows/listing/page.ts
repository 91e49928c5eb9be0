// The statement of a page: which flows, how many there are in all, and what is shown of each, as one row.
import { examples } from '../../access/examples.ts'
import { headerAt, headerOf } from '../../access/headers.ts'
import { starterProjectOf } from '../../access/ownership.ts'
import { mayFlow } from '../../access/predicate.ts'
import type { Shape } from '../../access/shape.ts'
import { countShared, SHARED_PROJECT, sharedFlows } from '../../access/shared.ts'
import { termsOf } from '../../access/terms.ts'
import { type Cut, countVisible, visibleFlows } from '../../access/visible.ts'
import { type SQL, sql } from '../../db/sql.ts'
import { settle } from '../../db/statement.ts'
import type { Sought } from '../../search/match.ts'
import { bytesOf, fieldsOf, MAX_VALUE, OWNER_BYTES, type Shown } from '../fields.ts'
import { graphBytes } from '../stored.ts'
import { BROKEN, TOO_LARGE } from '../view.ts'
import { isComponent } from './components.ts'
import { keyOf, type Order, type Position, rangeAfter } from './cursor.ts'
import { countFound, type Search, tablesOf, withFound } from './sought.ts'

/** Which flows, in which order, and what of each. */
export type Listing = Shown & {
  /** `own`: the caller's Starter Project; SHARED_PROJECT. Without it, flows of all projects and of none. */
  readonly folderId?: string | 'own' | undefined
  readonly order: Order
  /** What is looked for in the index; without it, all are wanted. */
  readonly sought?: Sought | undefined
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

/**
 * libSQL refuses a value of 5 MB and an answer over 10 MB, and quotes double on their way. One flow may be
 * larger, but beyond MAX_VALUE its graph takes a round trip of its own, and beyond MAX_CARRIED it does not come.
 */
const MAX_BYTES = 3_000_000

/** char(30), between flows and graphs: what SQLite takes for JSON has no such character. */
export const SEPARATOR = '\u001e'
const separator = sql`char(30)`

/** How the flows of a page are put together. */
export type Form = {
  /** Bytes are summed up flow by flow, and it ends where they are used up; else it is all of them or none. */
  readonly isMeasured: boolean
  /** As bytes, for texts that are no UTF-8. */
  readonly inBytes: boolean
}

/** First pages that look into no single project are few, and asked for most. */
const MAX_SETTLED = 200
const settled = new Map<string, SQL>()

/** Columns beside the caller `c`: `total`, `has_undated`, and `flows`; a search has its total before these. */
export function pageOf(listing: Listing, span: Span, shape: Shape | undefined, form: Form): SQL {
  if (span.from || toFolder(listing) || listing.sought) return makePage(listing, span, shape, form)
  const name = JSON.stringify([listing, span, shape, form])
  const page = settled.get(name) ?? settle(makePage(listing, span, shape, form))
  if (settled.size < MAX_SETTLED) settled.set(name, page)
  return page
}

function makePage(listing: Listing, span: Span, shape: Shape | undefined, form: Form): SQL {
  const flows = (form.isMeasured ? measured : unmeasured)(listing, span, shape)
  return sql`${span.total && !listing.sought ? countAll(listing, shape) : sql`NULL`} AS total,
    ${span.from && listing.order === 'updated' && !listing.sought ? hasUndated : sql`0`} AS has_undated,
    ${form.inBytes ? sql`CAST(${flows} AS BLOB)` : flows} AS flows`
}

/**
 * At least one flow and at most `take`, fewer where the bytes are used up; an empty text for one that did not fit. The
 * first comes without its graph ('') where both together are too large for one value.
 */
function measured(listing: Listing, span: Span, shape: Shape | undefined): SQL {
  const { take } = span
  const ordered = sql.raw(directionOf(listing, span))
  const sized = sql`SELECT row_number() OVER w AS n, k, place, rid, sum(${bytesOfEach(listing)}) OVER w AS bytes
    FROM (${select(listing, span, shape)}) CROSS JOIN ${flowOf(listing)}
    WINDOW w AS (ORDER BY k ${ordered}, place ${ordered} ROWS UNBOUNDED PRECEDING)`
  const graph = sql`CASE WHEN bytes <= ${MAX_VALUE} THEN ${shown(listing, graphOf, sql`'null'`)} ELSE '' END`
  return sql`coalesce((${before(listing, span, shape)} SELECT ${counted(listing, span)} coalesce(group_concat(CASE WHEN n <= ${take} AND (n = 1 OR bytes <= ${MAX_BYTES})
      THEN ${objectOf(listing, shape, sql`'n', n,`)} || ${separator} || ${graph} ELSE '' END, ${separator}), '')
    FROM (${sized}) CROSS JOIN ${flowOf(listing)}), '')`
}

/** One flow more than `take`, where there is one; NULL where together they are too large. It costs a fifth less. */
function unmeasured(listing: Listing, span: Span, shape: Shape | undefined): SQL {
  return sql`(${before(listing, span, shape)} SELECT CASE WHEN coalesce(sum(${bytesOfEach(listing)}), 0) <= ${MAX_BYTES} THEN ${counted(listing, span)}
      coalesce(group_concat(${objectOf(listing, shape)} || ${separator} || ${shown(listing, graphOf, sql`'null'`)}, ${separator}), '') END
    FROM (${select(listing, span, shape)}) CROSS JOIN ${flowOf(listing)})`
}

const objectOf = (listing: Listing, shape: Shape | undefined, number = sql``) =>
  sql`json_object(${number} 'k', ${keyOf(sql`k`)}, ${fieldsOf(listing, termsOf(shape).asCaller)})`

function bytesOfEach(listing: Listing): SQL {
  const own = bytesOf(listing, shown(listing, graphBytes, sql`NULL`))
  return listing.owner ? sql`${own} + ${OWNER_BYTES}` : own
}

/** The graph alone, under the predicate. */
export const selectGraph = (listing: Listing, id: string) =>
  sql<{
    graph: string
  }>`SELECT CAST(${listing.headers ? ofComponents(graphOf, sql`'null'`) : graphOf} AS BLOB) AS graph
    FROM flow f WHERE f.id = ${id} AND ${mayFlow('Read', sql`f.id`)}`

/** SQL, behind a JOIN: the flow `f` of a row `(k, place, rid)`. Headers are read without its graph. */
function flowOf({ headers, order, sought }: Listing): SQL {
  if (!headers) return sql`flow f ON f.rowid = rid`
  return order === 'updated' && !sought ? headerAt(sql`k`, sql`place`) : headerOf(sql`place`)
}

/** SQL: this value of the row of `f`, or another where the form shows no graph of it. Headers show those of components. */
const shown = ({ headers }: Listing, value: SQL, otherwise: SQL): SQL =>
  headers ? ofComponents(sql`(SELECT ${value} FROM flow f WHERE f.rowid = rid)`, otherwise) : value

const ofComponents = (value: SQL, otherwise: SQL): SQL =>
  sql`CASE WHEN coalesce(f.is_component, 0) THEN ${value} ELSE ${otherwise} END`

/**
 * As it is stored, or else what no graph looks like: BROKEN where it is no JSON, which SQLite takes text for
 * that goes on behind a NUL, and TOO_LARGE.
 */
const graphOf = sql`CASE WHEN octet_length(f.data) IS NULL THEN 'null'
  WHEN ${graphBytes} IS NULL THEN ${TOO_LARGE}
  WHEN json_valid(CAST(f.data AS TEXT)) AND NOT instr(f.data, char(0)) THEN CAST(f.data AS TEXT) ELSE ${BROKEN} END`

/** Asked by a page that may be the last of the dated flows. */
const hasUndated = sql`EXISTS (SELECT 1 FROM flow WHERE updated_at IS NULL)`

/** Counted one by one only where nothing is known about the filter beforehand. */
function countAll(listing: Listing, shape: Shape | undefined): SQL {
  if (listing.componentsOnly || (isShared(listing) && listing.withoutExamples))
    return sql`(SELECT count(*) FROM (${flowsOf(listing, toCut(listing, { take: -1 }), shape)}))`
  if (isShared(listing)) return countShared
  // As in LangBuilder, without the examples also flows without a project are gone once there are examples.
  const without = listing.withoutExamples
    ? sql`${examples} UNION ALL SELECT '' WHERE EXISTS (${examples})`
    : undefined
  return countVisible(listing.folderId !== undefined, without, shape)
}

/** SQL: tables that the statement needs beside the caller. */
export const beside = (listing: Listing, shape: Shape | undefined): SQL =>
  isSearch(listing) ? tablesOf(listing, shape) : sql``

const isSearch = (listing: Listing): listing is Listing & Search => listing.sought !== undefined

/** SQL: what a search has to say before `select`. */
const before = (listing: Listing, span: Span, shape: Shape | undefined) =>
  isSearch(listing) ? withFound(listing, span, shape) : sql``

/** SQL: the number of all that a search finds stands before what is shown of them: they are found once for both. */
const counted = ({ sought }: Listing, { total }: Span) =>
  sought && total ? sql`${countFound} || ${separator} ||` : sql``

const select = (listing: Listing, span: Span, shape: Shape | undefined) =>
  listing.sought ? sql`SELECT * FROM found` : flowsOf(listing, toCut(listing, span), shape)

const isShared = ({ folderId }: Listing) => folderId === SHARED_PROJECT
const flowsOf = (listing: Listing, cut: Cut, shape: Shape | undefined) =>
  isShared(listing) ? sharedFlows(cut) : visibleFlows(cut, shape)

const isDescending = ({ order }: Listing, { from }: Span) =>
  (order === 'name') === (from?.back ?? false)
export const directionOf = (listing: Listing, span: Span) =>
  isDescending(listing, span) ? ('DESC' as const) : ('ASC' as const)

function toCut(listing: Listing, span: Span): Cut {
  const components = listing.componentsOnly ? isComponent : sql`1`
  return {
    inProject: listing.folderId !== undefined,
    key: listing.order === 'name' ? sql`f.name` : sql`f.updated_at`,
    direction: directionOf(listing, span),
    range: span.from ? rangeAfter(listing.order, span.from) : sql`1`,
    filter: listing.withoutExamples
      ? sql`f.folder_id NOT IN (${examples}) AND ${components}`
      : components,
    isNewest:
      listing.order === 'updated' &&
      !span.from &&
      span.take >= 0 &&
      !listing.componentsOnly &&
      !listing.withoutExamples,
    skip: span.skip ?? 0,
    limit: span.take < 0 ? span.take : span.take + 1,
  }
}

/** SQL: the project that the listing looks into. */
export function toFolder({ folderId }: Listing): SQL | undefined {
  if (folderId === undefined || folderId === SHARED_PROJECT) return undefined
  return folderId === 'own' ? starterProjectOf(sql`c.id`) : sql`${folderId}`
}
