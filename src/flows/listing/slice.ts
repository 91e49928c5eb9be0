// A slice of the flows that the caller may read: as many as asked for, fewer where they would not fit
// into one answer of the database. One round trip (two for a graph near 5 MB, or where headers alone are too
// much), all of it under the one predicate.
import type { Ask } from '../../access/ask.ts'
import type { Row } from '../../db/client.ts'
import { isGarbled, isTooLarge } from '../../db/failures.ts'
import { TOO_LARGE } from '../view.ts'
import { firstUndated, lastDated, type Position } from './cursor.ts'
import { isInOrder, selectGraph, unpack } from './packing.ts'
import {
  askingFor,
  directionOf,
  isCounted,
  type Listing,
  pageOf,
  type Span,
  toFolder,
} from './page.ts'
import { MOST_COUNTED } from './sought.ts'

export type Slice = {
  /** In the order of the listing, whichever way the slice was taken. */
  readonly rows: Row[]
  readonly total: number
  /** There are more than `total`. */
  readonly isMore: boolean
  /** Where the flows after and before these begin, if there are any. */
  readonly next: Position | undefined
  readonly prev: Position | undefined
}

/** Throws 401 or 403 when there is no such caller any more. */
export async function readSlice(ask: Ask, listing: Listing, span: Span): Promise<Slice> {
  const { about, rows, total, goesOn } = await look(ask, listing, span)
  const [large] = rows
  if (large?.graph === '') {
    const graph = await readGraph(ask, listing, String(large.id))
    // Gone in between: the listing is another one by now.
    if (graph === undefined) return readSlice(ask, listing, span)
    large.graph = graph
  }
  const more = findMore(rows, goesOn, Boolean(about.has_undated), listing, span)
  const back = span.from?.back ?? false
  const [first, last] = back ? [rows.at(-1), rows[0]] : [rows[0], rows.at(-1)]
  return {
    rows: back ? rows.toReversed() : rows,
    total: isCounted(listing) ? Math.min(total, MOST_COUNTED) : total,
    isMore: isCounted(listing) && total > MOST_COUNTED,
    next: back ? last && positionOf(last, false) : more,
    prev: back ? more : span.from && first && positionOf(first, true),
  }
}

/** Most headers that are taken without a measure: that many are rarely too large. */
const MOST_UNMEASURED = 100

/** `goesOn`: there are more behind these. */
type Page = { about: Row; rows: Row[]; total: number; goesOn: boolean }

async function look(ask: Ask, listing: Listing, span: Span): Promise<Page> {
  const isShort = listing.headers && span.take <= MOST_UNMEASURED
  const page = isShort ? await lookUnmeasured(ask, listing, span) : undefined
  if (page) return page
  const about = await lookAt(ask, listing, span, true)
  const {
    total = Number(about.total),
    rows,
    left,
  } = unpack(String(about.flows), hasTotal(listing, span))
  const inOrder = rows.sort((a, b) => Number(a.n) - Number(b.n))
  return { about, rows: inOrder, total, goesOn: left > 0 }
}

/** Undefined where they are too large, or not known to be in order: SQL promises none of what it puts together. */
async function lookUnmeasured(ask: Ask, listing: Listing, span: Span): Promise<Page | undefined> {
  const about = await lookAt(ask, listing, span, false).catch((error: unknown) => {
    if (!isTooLarge(error)) throw error
    return undefined
  })
  if (!about || about.flows === null) return undefined
  const { total = Number(about.total), rows } = unpack(String(about.flows), hasTotal(listing, span))
  if (!isInOrder(rows, directionOf(listing, span))) return undefined
  return { about, rows: rows.slice(0, span.take), total, goesOn: rows.length > span.take }
}

/** The row of `pageOf`. Once more as bytes where a text in it is no UTF-8, which sqld does not send as text. */
async function lookAt(ask: Ask, listing: Listing, span: Span, isMeasured: boolean): Promise<Row> {
  const lookIn = (inBytes: boolean) =>
    ask.look(
      (shape) => pageOf(listing, span, shape, { isMeasured, inBytes }),
      toFolder(listing),
      askingFor(listing, span),
    )
  return lookIn(false).catch((error: unknown) => {
    if (!isGarbled(error)) throw error
    return lookIn(true)
  })
}

/** A search has it before its flows. */
const hasTotal = ({ sought }: Listing, { total }: Span) => sought !== undefined && total === true

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

/** Where to go on in the same direction. */
function findMore(
  rows: Row[],
  goesOn: boolean,
  undated: boolean,
  { order, sought }: Listing,
  { from }: Span,
): Position | undefined {
  const end = rows.at(-1)
  const back = from?.back ?? false
  if (end && goesOn) return positionOf(end, back)
  // A range of dated flows does not reach the undated ones, nor the other way round.
  if (order === 'name' || sought || !from) return undefined
  if (back) return from.key === null ? lastDated : undefined
  return from.key !== null && (!end || undated) ? firstUndated : undefined
}

const positionOf = (row: Row, back: boolean): Position => ({
  back,
  key: row.k as Position['key'],
  id: String(row.id),
})
