// Reading many flows whole. An answer of libSQL ends at about 10 MB, so flows beyond the first
// megabytes come in further round trips; usually there are none.
import type { Rows, Statements } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { objectBytesOf } from './fields.ts'
import { graphBytes, orBare, type Stored, toFlow, wholeFlow } from './stored.ts'

/** Bytes grow by a third on the way. */
const CHUNK_BYTES = 4_000_000
/** What an isolate can hold several times over. */
const MAX_BYTES = 24_000_000
/** What a flow counts for at least: of 12,000 that come in later answers, their ids do not fill the first. */
const ROW_BYTES = 2000

/** A flow as `selectFlows` reads it: it is there where `is_whole` says so. */
type Found = Stored & { id: string; bytes: number; is_whole: number }

/** Whoever may ask what the condition asks: a caller, or everybody. */
type Read = <S extends Statements>(statements: S) => Promise<Rows<S>>

export type Window = { readonly limit: number; readonly offset: number }
export const all: Window = { limit: -1, offset: 0 }

/**
 * Those flows `f`, newest first, all of them by default, or so many that `fillGraphs` refuses them, which else
 * makes them whole.
 */
export const selectFlows = (condition: SQL, { limit, offset } = all) =>
  sql<Found>`SELECT s.id, s.bytes, s.upto <= ${CHUNK_BYTES} AS is_whole, ${wholeFlow}
    FROM (SELECT id, rid, updated_at, bytes, sum(bytes) OVER (ORDER BY updated_at DESC, id DESC) AS upto
      FROM (SELECT f.id, f.rowid AS rid, f.updated_at, ${objectBytesOf(graphBytes)} + ${ROW_BYTES} AS bytes FROM flow f WHERE ${condition}
        ORDER BY f.updated_at DESC, f.id DESC LIMIT ${limit} OFFSET ${offset})) s
    LEFT JOIN flow f ON f.rowid = s.rid AND s.upto <= ${CHUNK_BYTES}
    WHERE s.upto - s.bytes <= ${MAX_BYTES} ORDER BY s.updated_at DESC, s.id DESC`

/**
 * Reads the flows that did not come along. The condition holds for each at the moment it is read: a flow
 * of which it no longer does is left out. Throws 400 when they are too large for one answer.
 */
export async function fillGraphs(
  read: Read,
  flows: readonly Found[],
  condition: SQL,
): Promise<Row[]> {
  if (sumOf(flows) > MAX_BYTES)
    throw new ApiError(
      'bad_request',
      'These flows are too large for one answer: ask for fewer, in a project by `page` and `size`',
    )
  const filled = new Map<string, Stored>()
  for (const chunk of chunksOf(flows.filter((flow) => !flow.is_whole))) {
    const ids = listed(chunk.map((flow) => flow.id))
    const { rows } = await orBare((columns) =>
      read({
        rows: sql<Stored & { id: string }>`SELECT f.id, ${columns} FROM flow f
          WHERE f.id IN ${ids} AND ${condition}`,
      }),
    )
    for (const row of rows) filled.set(row.id, row)
  }
  return flows.flatMap((flow) => {
    const stored = flow.is_whole ? flow : filled.get(flow.id)
    return stored ? [toFlow(stored)] : []
  })
}

const sumOf = (flows: readonly Found[]) => flows.reduce((sum, flow) => sum + flow.bytes, 0)

/** Neighbours together, as long as they fit into one answer; a larger one alone. */
function chunksOf(flows: readonly Found[]): Found[][] {
  const chunks: Found[][] = []
  for (const flow of flows) {
    const last = chunks.at(-1)
    if (last && sumOf(last) + flow.bytes <= CHUNK_BYTES) last.push(flow)
    else chunks.push([flow])
  }
  return chunks
}
