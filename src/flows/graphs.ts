// Reading many flows whole. An answer of libSQL ends at about 10 MB, so graphs beyond the first
// megabytes come in further round trips; usually there are none.
import { type SQL, sql } from 'drizzle-orm'
import type { Database, Row } from '../db/client.ts'
import { ApiError } from '../errors.ts'

/** Quotes are escaped on the way, which can double the size. */
const CHUNK_BYTES = 4_000_000
/** What an isolate can hold several times over. */
const MAX_BYTES = 24_000_000

type Asked = {
  /** Queries that lead, in the same snapshot. */
  lead: SQL[]
  /** The WITH clause that the condition needs. */
  scope: SQL
  /** SQL boolean over a flow `f`; it holds for each graph at the moment this graph is read. */
  condition: SQL
  /** All of them by default. */
  slice?: { limit: number; offset: number }
}

/** Those flows, newest first, and the rows of the leading queries. Throws 400 when they are too large for one answer. */
export async function readFlows(
  db: Database,
  { lead, scope, condition, slice = { limit: -1, offset: 0 } }: Asked,
): Promise<{ lead: Row[][]; flows: Row[] }> {
  const results = await db.read(
    ...lead,
    sql`${scope} SELECT f.id, f.name, f.description, f.icon, f.icon_bg_color, f.gradient, f.is_component, f.updated_at, f.webhook,
        f.endpoint_name, f.tags, f.locked, f.mcp_enabled, f.action_name, f.action_description, f.access_type, f.user_id, f.folder_id,
        s.size, s.upto <= ${CHUNK_BYTES} AS is_whole, CASE WHEN s.upto <= ${CHUNK_BYTES} THEN f.data END AS data
      FROM (SELECT id, size, sum(size) OVER (ORDER BY updated_at DESC, id DESC) AS upto
        FROM (SELECT f.id, f.updated_at, coalesce(octet_length(f.data), 0) AS size FROM flow f WHERE ${condition}
          ORDER BY f.updated_at DESC, f.id DESC LIMIT ${slice.limit} OFFSET ${slice.offset})) s
      JOIN flow f ON f.id = s.id ORDER BY f.updated_at DESC, f.id DESC`,
  )
  const flows = results.at(-1) ?? []
  if (sumOf(flows) > MAX_BYTES)
    throw new ApiError('bad_request', 'These flows are too large for one answer: ask for fewer')
  const missing = flows.filter((flow) => !flow.is_whole)
  const graphs = new Map<unknown, unknown>()
  for (const chunk of chunksOf(missing)) {
    const ids = JSON.stringify(chunk.map((flow) => flow.id))
    const [rows] = await db.read(
      sql`${scope} SELECT f.id, f.data FROM flow f WHERE f.id IN (SELECT value FROM json_each(${ids})) AND ${condition}`,
    )
    for (const row of rows ?? []) graphs.set(row.id, row.data)
  }
  return {
    lead: results.slice(0, -1),
    flows: flows
      .filter((flow) => flow.is_whole || graphs.has(flow.id))
      .map((flow) => (flow.is_whole ? flow : ({ ...flow, data: graphs.get(flow.id) } as Row))),
  }
}

const sumOf = (flows: Row[]) => flows.reduce((sum, flow) => sum + Number(flow.size), 0)

/** Neighbours together, as long as they fit into one answer; a larger one alone. */
function chunksOf(flows: Row[]): Row[][] {
  const chunks: Row[][] = []
  for (const flow of flows) {
    const last = chunks.at(-1)
    if (last && sumOf(last) + Number(flow.size) <= CHUNK_BYTES) last.push(flow)
    else chunks.push([flow])
  }
  return chunks
}
