// A slice of the flows that the caller may read: as many as asked for, fewer where they would not fit
// into one answer of the database. One round trip (two for a graph near 5 MB, or where headers alone are too
// much), all of it under the one predicate.
import type { Ask } from '../../access/ask.ts'
import type { Row } from '../../db/client.ts'
import { isGarbled, isTooLarge } from '../../db/failures.ts'
import { TOO_LARGE } from '../view.ts'
import { firstUndated, lastDated, type Position } from './cursor.ts'
import {
  beside,
  directionOf,
  type Listing,
  pageOf,
  SEPARATOR,
  type Span,
  selectGraph,
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
  const { about, rows, cut } = await look(ask, listing, span)
  const [large] = rows
  if (large?.graph === '') {
    const graph = await readGraph(ask, listing, String(large.id))
    // Gone in between: the listing is another one by now.
    if (graph === undefined) return readSlice(ask, listing, span)
    large.graph = graph
  }
  const more = findMore(rows, cut, Boolean(about.has_undated), listing, span)
  const back = span.from?.back ?? false
  const total = Number(about.total)
  const [first, last] = back ? [rows.at(-1), rows[0]] : [rows[0], rows.at(-1)]
  return {
    rows: back ? rows.toReversed() : rows,
    total: listing.sought ? Math.min(total, MOST_COUNTED) : total,
    isMore: listing.sought !== undefined && total > MOST_COUNTED,
    next: back ? last && positionOf(last, false) : more,
    prev: back ? more : span.from && first && positionOf(first, true),
  }
}

/** Most headers that are taken without a measure: that many are rarely too large. */
const MOST_UNMEASURED = 100

type Page = { about: Row; rows: Row[]; cut: boolean }

async function look(ask: Ask, listing: Listing, span: Span): Promise<Page> {
  const isShort = listing.headers && span.take <= MOST_UNMEASURED
  const page = isShort ? await lookUnmeasured(ask, listing, span) : undefined
  if (page) return page
  const about = await lookAt(ask, listing, span, true)
  const { rows, left } = toRows(String(about.flows))
  return { about, rows: rows.sort((a, b) => Number(a.n) - Number(b.n)), cut: left > 0 }
}

/** Undefined where they are too large, or not known to be in order: SQL promises none of what it puts together. */
async function lookUnmeasured(ask: Ask, listing: Listing, span: Span): Promise<Page | undefined> {
  const about = await lookAt(ask, listing, span, false).catch((error: unknown) => {
    if (!isTooLarge(error)) throw error
    return undefined
  })
  if (!about || about.flows === null) return undefined
  const { rows } = toRows(String(about.flows))
  if (!isInOrder(rows, directionOf(listing, span))) return undefined
  return { about, rows: rows.slice(0, span.take), cut: rows.length > span.take }
}

/** The row of `pageOf`. Once more as bytes where a text in it is no UTF-8, which sqld does not send as text. */
async function lookAt(ask: Ask, listing: Listing, span: Span, isMeasured: boolean): Promise<Row> {
  const lookIn = (inBytes: boolean) =>
    ask.look(
      (shape) => pageOf(listing, span, shape, { isMeasured, inBytes }),
      toFolder(listing),
      (shape) => beside(listing, shape),
    )
  const about = await lookIn(false).catch((error: unknown) => {
    if (!isGarbled(error)) throw error
    return lookIn(true)
  })
  return listing.sought && span.total ? withTotal(about) : about
}

/** A search's total, which stands before its flows. */
function withTotal(about: Row): Row {
  if (about.flows === null) return about
  const [total = '', ...flows] = String(about.flows).split(SEPARATOR)
  return { ...about, total: Number(total), flows: flows.join(SEPARATOR) }
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

/** A flow and its graph by turns, and nothing for a flow that did not fit. */
function toRows(text: string): { rows: Row[]; left: number } {
  const parts = text === '' ? [] : text.split(SEPARATOR)
  const rows: Row[] = []
  let left = 0
  for (let i = 0; i < parts.length; i++) {
    const flow = parts[i]
    if (flow) rows.push(Object.assign(JSON.parse(flow), { graph: parts[++i] }))
    else left++
  }
  return { rows, left }
}

/** As SQLite compares texts, by their bytes; NULL comes before all. What else a key may be is not known here. */
export function isInOrder(rows: Row[], direction: 'ASC' | 'DESC'): boolean {
  const keys = rows.map(({ k, id }) => [k, String(id)] as const)
  return keys.every(([k, id], n) => {
    const [before, idBefore] = keys[n - 1] ?? [null, '']
    if (n === 0) return k === null || typeof k === 'string'
    const byKey = compareKeys(before, k)
    const order = byKey === 0 ? compareTexts(idBefore, id) : byKey
    return direction === 'ASC' ? order < 0 : order > 0
  })
}

function compareKeys(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  if (typeof a !== 'string' || typeof b !== 'string') return Number.NaN
  return compareTexts(a, b)
}

/** A string compares by UTF-16, which is another order only where it holds surrogates. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}

/** Where to go on in the same direction. */
function findMore(
  rows: Row[],
  cut: boolean,
  undated: boolean,
  { order, sought }: Listing,
  { from }: Span,
): Position | undefined {
  const end = rows.at(-1)
  const back = from?.back ?? false
  if (end && cut) return positionOf(end, back)
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
