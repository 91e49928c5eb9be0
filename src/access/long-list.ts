// Lists that may be long: read in slices that each fit into one answer of the database, written out as they come,
// so that memory stays bounded. Access is decided anew for each slice.
import { exit } from 'node:process'
import type { Context, TypedResponse } from 'hono'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { logError } from '../errors.ts'
import type { SignedIn } from './signed-in.ts'

/** Rows of a slice at most. */
const SLICE = 2000
/** An answer of libSQL ends at about 10 MB, and a control character becomes six on its way. */
const MAX_BYTES = 1_500_000

/** A row of `slice` knows how many there were to choose from. */
type Found = Row & { found: number }

/**
 * SQL: of these rows, in this order, as many as fit: at least one and at most `take`. `size` is SQL over a row, the
 * bytes of its texts of any length.
 */
export const slice = (rows: SQL, order: SQL, size: SQL, take = SLICE, skip = 0) =>
  sql<Found>`SELECT * FROM (SELECT x.*, row_number() OVER w AS n, sum(${size}) OVER w AS bytes, count(*) OVER () AS found
      FROM (${rows} ${order} LIMIT ${Math.min(take, SLICE) + 1} OFFSET ${skip}) x WINDOW w AS (${order} ROWS UNBOUNDED PRECEDING))
    WHERE n <= ${Math.min(take, SLICE)} AND (n = 1 OR bytes <= ${MAX_BYTES}) ORDER BY n`

type LongList<B> = {
  /** The slice that begins after this row (without one, the first), of which so many are still wanted. */
  read: (after: Row | undefined, left: number) => Promise<Row[]>
  toBody: (row: Row) => B
  /** How many at most. */
  take?: number
  /** What stands around the items; made once the first slice is there. */
  head?: string | (() => string)
  tail?: string
}

/** Answers with all of it; `T` is what the items and what stands around them make. What goes wrong with the first slice is an error like any other. */
export async function answerLongList<B, T = B[]>(
  c: Context<SignedIn>,
  { read, toBody, take = Number.POSITIVE_INFINITY, head = '[', tail = ']' }: LongList<B>,
): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const toText = (rows: Row[]) => rows.map((row) => JSON.stringify(toBody(row))).join(',')
  const bytes = new TextEncoder()
  let rows = await read(undefined, take)
  let left = take - rows.length
  const first = (typeof head === 'string' ? head : head()) + toText(rows)
  const goesOn = () => left > 0 && rows.length > 0 && Number(rows[0]?.found) > rows.length
  const headers = { 'content-type': 'application/json' }
  const typed = (response: Response) => response as Response & TypedResponse<T, 200, 'json'> // written as text, which has no type
  if (!goesOn()) return typed(c.body(first + tail, 200, headers))
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.encode(first)),
    async pull(controller) {
      if (!goesOn()) {
        controller.enqueue(bytes.encode(tail))
        return controller.close()
      }
      rows = await read(rows.at(-1), left).catch((error) => breakOff(c, controller, error))
      left -= rows.length
      if (rows.length > 0) controller.enqueue(bytes.encode(`,${toText(rows)}`))
    },
  })
  return typed(c.body(body, 200, headers))
}

/**
 * Cancels the request, which is what `exit` means in a Worker, so that its connection breaks: a closed list would
 * look like the whole. workerd would still end the body in good order, unless something is being written to it at
 * that moment: so a blank is.
 */
export async function breakOff(
  c: Context<SignedIn>,
  controller: ReadableStreamDefaultController<Uint8Array>,
  error: unknown,
): Promise<never> {
  logError(c.var.requestId, 'broken_off', error)
  controller.enqueue(new TextEncoder().encode(' '))
  // The write begins within a few microtasks, and none of them can end it.
  for (let turn = 0; turn < 20; turn++) await undefined
  exit(1)
}
