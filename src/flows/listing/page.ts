// The statement of a page: which flows, how many there are in all, and what is shown of each, as one row.
import { examples } from '../../access/examples.ts'
import { starterProjectOf } from '../../access/ownership.ts'
import type { Shape } from '../../access/shape.ts'
import { countShared, sharedFlows } from '../../access/shared.ts'
import type { Action } from '../../access/subjects.ts'
import { countVisible, type Selection, visibleFlows } from '../../access/visible.ts'
import { type SQL, sql } from '../../db/sql.ts'
import { settle } from '../../db/statement.ts'
import type { Sought } from '../../search/match.ts'
import type { Shown } from '../fields.ts'
import { isComponent } from './components.ts'
import { type Order, type Position, rangeAfter } from './cursor.ts'
import { type Form, pack, type Selected } from './packing.ts'
import { countFound, foundFlows, type Search, tablesOf, type Within } from './sought.ts'

/** Which flows, in which order, and what of each. */
export type Listing = Shown & {
  readonly within: Within
  readonly order: Order
  /** What is looked for in the index; without it, all are wanted. */
  readonly sought?: Sought | undefined
  readonly componentsOnly: boolean
  readonly withoutExamples: boolean
  /** About somebody who need not be the caller: the flows that they may do this to. */
  readonly action?: Action
}

/** Which part of it; `total` asks for the number of all. */
export type Span = {
  readonly from?: Position | undefined
  readonly skip?: number
  readonly take: number
  readonly total?: boolean
}

/** First pages that look into no single project are few, and asked for most. */
const MAX_SETTLED = 200
const settled = new Map<string, SQL>()

/** Columns beside the caller `c`: `total`, `has_undated`, and `flows`, packed; a search has its total in these. */
export function pageOf(listing: Listing, span: Span, shape: Shape | undefined, form: Form): SQL {
  if (span.from || toFolder(listing) || isCounted(listing))
    return makePage(listing, span, shape, form)
  const name = JSON.stringify([listing, span, shape, form])
  const page = settled.get(name) ?? settle(makePage(listing, span, shape, form))
  if (settled.size < MAX_SETTLED) settled.set(name, page)
  return page
}

function makePage(listing: Listing, span: Span, shape: Shape | undefined, form: Form): SQL {
  const flows = pack(listing, select(listing, span, shape), shape, form)
  return sql`${span.total && !listing.sought ? countAll(listing, shape) : sql`NULL`} AS total,
    ${span.from && listing.order === 'updated' && !listing.sought ? hasUndated : sql`0`} AS has_undated, ${flows} AS flows`
}

/** Asked by a page that may be the last of the dated flows. */
const hasUndated = sql`EXISTS (SELECT 1 FROM flow WHERE updated_at IS NULL)`

/** Counted one by one only where nothing is known about the filter beforehand. */
function countAll(listing: Listing, shape: Shape | undefined): SQL {
  if (listing.componentsOnly) return countFound
  if (isShared(listing) && listing.withoutExamples)
    return sql`(SELECT count(*) FROM (${flowsOf(listing, toSelection(listing, { take: -1 }), shape)}))`
  if (isShared(listing)) return countShared
  // As in LangBuilder, without the examples also flows without a project are gone once there are examples.
  const without = listing.withoutExamples
    ? sql`${examples} UNION ALL SELECT '' WHERE EXISTS (${examples})`
    : undefined
  return countVisible(listing.within.kind !== 'everywhere', without, shape, listing.action)
}

const isSearch = (listing: Listing): listing is Listing & Search => listing.sought !== undefined

/** Its total is that of the search's index, which counts up to MOST_COUNTED. */
export const isCounted = ({ sought, componentsOnly }: Listing): boolean =>
  sought !== undefined || componentsOnly

/** SQL: what a page says of its caller where it reads the index: for what it shows, or for its total alone. */
export function askingFor(
  listing: Listing,
  span: Span,
): ((shape: Shape | undefined) => SQL) | undefined {
  if (isSearch(listing)) return (shape) => tablesOf(listing, span, shape)
  if (!isCounted(listing) || !span.total) return undefined
  const sought = { tags: [], componentsOnly: true }
  const components = { ...listing, order: 'updated' as const, sought }
  return (shape) => tablesOf(components, { take: 0, total: true }, shape)
}

function select(listing: Listing, span: Span, shape: Shape | undefined): Selected {
  const [direction, { take }] = [directionOf(listing, span), span]
  if (!isSearch(listing)) {
    const rows = flowsOf(listing, toSelection(listing, span), shape)
    const byTime = listing.order === 'updated'
    return { rows, byTime, direction, take, total: undefined }
  }
  const rows = foundFlows(listing, span, shape)
  return { rows, byTime: false, direction, take, total: span.total ? countFound : undefined }
}

const isShared = ({ within }: Listing) => within.kind === 'shared'
const flowsOf = (listing: Listing, selection: Selection, shape: Shape | undefined) =>
  isShared(listing) ? sharedFlows(selection) : visibleFlows(selection, shape, listing.action)

const isDescending = ({ order }: Listing, { from }: Span) =>
  (order === 'name') === (from?.back ?? false)
export const directionOf = (listing: Listing, span: Span) =>
  isDescending(listing, span) ? ('DESC' as const) : ('ASC' as const)

function toSelection(listing: Listing, span: Span): Selection {
  const components = listing.componentsOnly ? isComponent : sql`1`
  return {
    inProject: listing.within.kind !== 'everywhere',
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
export function toFolder({ within }: Listing): SQL | undefined {
  if (within.kind === 'project') return sql`${within.id}`
  return within.kind === 'starter' ? starterProjectOf(sql`c.id`) : undefined
}
