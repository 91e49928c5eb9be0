// A flow as it is stored, whatever that is, read by itself. Both parts come as bytes: sqld answers 500
// where a text is not UTF-8, and quotes would double on their way. A graph that no answer carries stays
// where it is and everything else about the flow works.
import type { Row } from '../db/client.ts'
import { isTooLarge } from '../db/failures.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { flowObject } from './fields.ts'

/** As bytes it grows by a third, and the rest of the flow comes with it: an answer ends at about 10 MB. */
export const MAX_CARRIED = 6_000_000

export type Stored = { fields: string; size: number | null; graph: string | null; is_bare: number }

/** SQL: the bytes of the graph of `f`, NULL for one that no answer carries. Asked so that SQLite does not read it. */
export const graphBytes = sql`CASE WHEN octet_length(f.data) <= ${sql.raw(String(MAX_CARRIED))} THEN octet_length(f.data) END`

const size = sql`octet_length(f.data) AS size`
const fits = sql`octet_length(f.data) <= ${sql.raw(String(MAX_CARRIED))}`

/** SQL: the columns of a flow `f` that make it a `Stored`, with its graph and without. */
export const wholeFlow = sql`${flowObject()} AS fields, ${size}, CASE WHEN ${fits} THEN CAST(f.data AS BLOB) END AS graph,
  0 AS is_bare`
const bareFlow = sql`${flowObject()} AS fields, ${size}, NULL AS graph, 1 AS is_bare`

/** Reads flows whole, or without their graphs where the server does not carry them. */
export async function orBare<T>(read: (columns: SQL) => Promise<T>): Promise<T> {
  try {
    return await read(wholeFlow)
  } catch (error) {
    if (!isTooLarge(error)) throw error
    return read(bareFlow)
  }
}

/** The row as its view takes it; `data_state` says so where the graph did not come. */
export function toFlow({ fields, size, graph, is_bare }: Stored): Row {
  const left = size !== null && (is_bare || size > MAX_CARRIED)
  return { ...JSON.parse(fields), data: graph, size, data_state: left ? 'too_large' : null }
}

/** Throws 413 for a flow without the graph that it should come with. */
export function requireGraph(flow: Row): Row {
  if (flow.data_state !== 'too_large') return flow
  throw new ApiError(
    'too_large',
    `The graph of this flow holds ${flow.size} bytes, more than the database hands out at once. Everything else about the flow works: lists show it, and it can be shared, moved and deleted.`,
  )
}
