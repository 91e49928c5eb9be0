// GET /api/v1/flows/: everything as an array, one project page by page as LangBuilder knows it, or
// all visible flows page by page with cursors. The body is written slice by slice, so that memory
// stays bounded however many flows there are and however large.

import type { Context, TypedResponse } from 'hono'
import { Hono } from 'hono/tiny'
import type { JSONParsed } from 'hono/utils/types'
import { about } from '../../about.ts'
import { breakOff } from '../../access/long-list.ts'
import { SHARED_PROJECT } from '../../access/shared.ts'
import { fromReplica, type SignedIn } from '../../access/signed-in.ts'
import { isNamed } from '../../etags.ts'
import { query } from '../../params.ts'
import { FlowList } from '../bodies.ts'
import { FlowListQuery } from '../params.ts'
import { type toFlowRead, toListed } from '../view.ts'
import { bindingOfFlows, readFlowCursor, toFlowCursor } from './cursor.ts'
import type { Listing, Span } from './page.ts'
import { readSlice, type Slice } from './slice.ts'
import type { Within } from './sought.ts'

/** Flows per round trip of a long answer. */
const SLICE = 2500

type Flow = JSONParsed<ReturnType<typeof toFlowRead>>
type Page = { items: Flow[]; total: number; page: number; size: number; pages: number }

/** Names the body for typed clients: it is written as text, which has no type. */
const typed = (response: Promise<Response>) =>
  response as Promise<Response & TypedResponse<Flow[] | Page, 200, 'json'>>

export const listing = new Hono<SignedIn>().get(
  '/flows/',
  about({
    summary:
      'List the flows that the caller may read, all or those that hold words or tags; as admin those that the user `as` may',
    gives: FlowList,
    tagged: true,
    headers: ['Link'],
    errors: ['cursor_invalid', 'forbidden', 'not_found'],
  }),
  fromReplica,
  query(FlowListQuery),
  (c) => {
    const filter = c.req.valid('query')
    if (filter.as) c.set('ask', c.var.ask.lookingAs(filter.as))
    if (filter.paged) return typed(answerCursorPage(c, filter))
    return typed(filter.get_all ? answerAll(c, filter) : answerPage(c, filter))
  },
)

/** A bare array of everything. */
async function answerAll(c: Context<SignedIn>, filter: FlowListQuery) {
  const wanted = { ...toListing(filter), within: everywhere }
  const first = await readSlice(c.var.ask, wanted, { take: SLICE })
  return answer(c, wanted, first, Number.POSITIVE_INFINITY, '[', ']')
}

/** A page of one project, the caller's own Starter Project by default. */
async function answerPage(c: Context<SignedIn>, filter: FlowListQuery) {
  const { page, size } = filter
  const within = toWithin(filter.folder_id) ?? { kind: 'starter' as const }
  const wanted = { ...toListing(filter), within, headers: false }
  const span: Span = { skip: (page - 1) * size, take: size, total: true }
  const first = await readSlice(c.var.ask, wanted, span)
  const pages = Math.ceil(first.total / size)
  const more = first.isMore ? { total_is: toTotalIs(first) } : {}
  const tail = JSON.stringify({ total: first.total, page, size, pages, ...more })
  link(c, {
    first: { page: '1' },
    ...(page > 1 && pages > 0 ? { prev: { page: String(Math.min(page - 1, pages)) } } : {}),
    ...(page < pages ? { next: { page: String(page + 1) } } : {}),
    ...(pages > 0 ? { last: { page: String(pages) } } : {}),
  })
  return answer(c, wanted, first, size, '{"items":[', `],${tail.slice(1)}`)
}

/** A page of all visible flows (or of one project), reached by cursor. */
async function answerCursorPage(c: Context<SignedIn>, filter: FlowListQuery) {
  const { env, ask } = c.var
  const wanted = toListing(filter)
  const binding = bindingOfFlows(ask, wanted)
  const from = filter.cursor ? await readFlowCursor(filter.cursor, binding, env) : undefined
  const slice = await readSlice(ask, wanted, { from, take: filter.size, total: true })
  const next = slice.next && (await toFlowCursor(slice.next, binding, env))
  const prev = slice.prev && (await toFlowCursor(slice.prev, binding, env))
  link(c, {
    first: { cursor: undefined },
    ...(prev ? { prev: { cursor: prev } } : {}),
    ...(next ? { next: { cursor: next } } : {}),
  })
  const items = slice.rows.map((row) => toListed(row, wanted)).join(',')
  const tail = {
    total: slice.total,
    total_is: toTotalIs(slice),
    size: filter.size,
    next_cursor: next ?? null,
    prev_cursor: prev ?? null,
  }
  return complete(c, `{"items":[${items}],${JSON.stringify(tail).slice(1)}`)
}

/** Beyond the contract: a search counts no further than its maximum. */
const toTotalIs = ({ isMore }: Slice) => (isMore ? 'at_least' : 'exact')

const everywhere: Within = { kind: 'everywhere' }

function toWithin(id: string | undefined): Within | undefined {
  if (id === undefined) return undefined
  return id === SHARED_PROJECT ? { kind: 'shared' } : { kind: 'project', id }
}

function toListing(filter: FlowListQuery): Listing {
  const { order, search: text, tag: tags, components_only: componentsOnly } = filter
  // In the order of names, components alone are found by the names' own index: all of them, however many.
  const isSought = text || tags.length > 0 || (componentsOnly && order !== 'name')
  return {
    within: toWithin(filter.folder_id) ?? everywhere,
    order: order === 'relevance' && !text ? 'updated' : order,
    sought: isSought ? { text, tags, componentsOnly } : undefined,
    headers: filter.header_flows,
    actions: filter.include?.includes('actions') ?? false,
    owner: filter.include?.includes('owner') || undefined,
    updated: filter.include?.includes('updated') || undefined,
    componentsOnly,
    withoutExamples: filter.remove_example_flows,
  }
}

/** Sends the first slice, and whatever of the next `take` flows did not fit into it. */
async function answer(
  c: Context<SignedIn>,
  wanted: Listing,
  first: Slice,
  take: number,
  head: string,
  tail: string,
) {
  const text = toText(first, wanted)
  const left = take - first.rows.length
  if (!first.next || left <= 0) return complete(c, head + text + tail)
  return c.body(stream(c, wanted, first, left, head + text, tail), 200, {
    'content-type': 'application/json',
  })
}

/**
 * The rest of a long answer, each slice read when the one before it has been taken. Access is decided
 * anew for each; a failure breaks the connection, for a closed array would look like the whole.
 */
function stream(
  c: Context<SignedIn>,
  wanted: Listing,
  first: Slice,
  take: number,
  head: string,
  tail: string,
): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder()
  let [from, left] = [first.next, take]
  return new ReadableStream({
    start: (controller) => controller.enqueue(bytes.encode(head)),
    async pull(controller) {
      if (!from || left <= 0) {
        controller.enqueue(bytes.encode(tail))
        return controller.close()
      }
      const span = { from, take: Math.min(SLICE, left) }
      const slice = await readSlice(c.var.ask, wanted, span).catch((error) =>
        breakOff(c, controller, error),
      )
      if (slice.rows.length > 0) controller.enqueue(bytes.encode(`,${toText(slice, wanted)}`))
      from = slice.next
      left -= slice.rows.length
    },
  })
}

const toText = (slice: Slice, wanted: Listing) =>
  slice.rows.map((row) => toListed(row, wanted)).join(',')

/** An answer that is known as a whole has an ETag made of its text: it can only match what is still true. */
async function complete(c: Context<SignedIn>, text: string) {
  const body = new TextEncoder().encode(text)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
  const etag = `"${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`
  c.header('etag', etag)
  c.header('cache-control', 'private, no-cache')
  if (isNamed(c.req.header('if-none-match'), etag)) return c.body(null, 304)
  return c.body(body, 200, { 'content-type': 'application/json' })
}

/** RFC 8288. Each target is this request with some parameters changed, and without the key that it came with. */
function link(c: Context<SignedIn>, targets: Record<string, Record<string, string | undefined>>) {
  const links = Object.entries(targets).map(([rel, changes]) => {
    const url = new URL(c.req.url)
    url.searchParams.delete('x-api-key')
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) url.searchParams.delete(name)
      else url.searchParams.set(name, value)
    }
    return `<${url.pathname}${url.search}>; rel="${rel}"`
  })
  c.header('link', links.join(', '))
}
