// Reading many flows whole. An answer of libSQL ends at about 10 MB, so graphs beyond the first
// megabytes come in further round trips; usually there are none.
import { type SQL, sql } from 'drizzle-orm'
import type { Rows, Statements } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { ApiError } from '../errors.ts'

/** Quotes are escaped on the way, which can double the size. */
const CHUNK_BYTES = 4_000_000
/** What an isolate can hold several times over. */
const MAX_BYTES = 24_000_000

/** A flow as `selectFlows` reads it: its graph comes along where `is_whole` says so. */
type Found = Row & { id: string; size: number; is_whole: number }

/** Whoever may ask what the condition asks: a caller, or everybody. */
type Read = <S extends Statements>(statements: S) => Promise<Rows<S>>

/** Those flows `f`, newest first, all of them by default. `fillGraphs` makes them whole. */
export const selectFlows = (condition: SQL, { limit, offset } = { limit: -1, offset: 0 }) =>
  sql<Found>`SELECT f.id, f.name, f.description, f.icon, f.icon_bg_color, f.gradient, f.is_component, f.updated_at, f.webhook,
      f.endpoint_name, f.tags, f.locked, f.mcp_enabled, f.action_name, f.action_description, f.access_type, f.user_id, f.folder_id,
      s.size, s.upto <= ${CHUNK_BYTES} AS is_whole, CASE WHEN s.upto <= ${CHUNK_BYTES} THEN f.data END AS data
    FROM (SELECT id, size, sum(size) OVER (ORDER BY updated_at DESC, id DESC) AS upto
      FROM (SELECT f.id, f.updated_at, coalesce(octet_length(f.data), 0) AS size FROM flow f WHERE ${condition}
        ORDER BY f.updated_at DESC, f.id DESC LIMIT ${limit} OFFSET ${offset})) s
    JOIN flow f ON f.id = s.id ORDER BY f.updated_at DESC, f.id DESC`

/**
 * Reads the graphs that did not come along. The condition holds for each at the moment it is read: a flow
 * of which it no longer does is left out. Throws 400 when they are too large for one answer.
 */
export async function fillGraphs(
  read: Read,
  flows: readonly Found[],
  condition: SQL,
): Promise<Row[]> {
  if (sumOf(flows) > MAX_BYTES)
    throw new ApiError('bad_request', 'These flows are too large for one answer: ask for fewer')
  const graphs = new Map<string, string | null>()
  for (const chunk of chunksOf(flows.filter((flow) => !flow.is_whole))) {
    const ids = JSON.stringify(chunk.map((flow) => flow.id))
    const { rows } = await read({
      rows: sql<{ id: string; data: string | null }>`SELECT f.id, f.data FROM flow f
        WHERE f.id IN (SELECT value FROM json_each(${ids})) AND ${condition}`,
    })
    for (const row of rows) graphs.set(row.id, row.data)
  }
  return flows
    .filter((flow) => flow.is_whole || graphs.has(flow.id))
    .map((flow) => (flow.is_whole ? flow : { ...flow, data: graphs.get(flow.id) ?? null }))
}

const sumOf = (flows: readonly Found[]) => flows.reduce((sum, flow) => sum + flow.size, 0)

/** Neighbours together, as long as they fit into one answer; a larger one alone. */
function chunksOf(flows: readonly Found[]): Found[][] {
  const chunks: Found[][] = []
  for (const flow of flows) {
    const last = chunks.at(-1)
    if (last && sumOf(last) + flow.size <= CHUNK_BYTES) last.push(flow)
    else chunks.push([flow])
  }
  return chunks
}
