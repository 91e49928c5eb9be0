// Merging into the graph of a flow: what comes of it must be a graph, as large as one may be.
import { mayFlow } from '../access/predicate.ts'
import { hasMember } from '../db/merge.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { MergePatch, mayMerge, tooLargeToMerge } from '../merge.ts'
import { invalid } from '../params.ts'
import { type FlowUpdate, MAX_GRAPH } from './params.ts'

const parts = ['nodes', 'edges'] as const

export type Merge = {
  merge_readable: number
  merge_fits: number
  merge_nodes: number
  merge_edges: number
}

/**
 * What the graph of a PATCH asks for; it asks for nothing unless it is to be merged. The refusals would tell something
 * of the graph that is there, so it takes Read. `verdict` are the columns that `requireMerge` judges.
 */
export function planMerge(id: string, data: FlowUpdate['data']): { verdict: SQL; allowed: SQL } {
  if (!(data instanceof MergePatch))
    return {
      verdict: sql`1 AS merge_readable, 1 AS merge_fits, 1 AS merge_nodes, 1 AS merge_edges`,
      allowed: sql`1`,
    }
  const readable = mayFlow('Read', sql`${id}`)
  // How long it takes to look would tell of a hidden graph as well.
  const ofFlow = (value: SQL) =>
    sql`CASE WHEN ${readable} THEN coalesce((SELECT ${value} FROM flow f WHERE f.id = ${id}), 0) ELSE 0 END`
  const fits = ofFlow(mayMerge(sql`f.data`, data, MAX_GRAPH))
  const [nodes, edges] = parts.map((part) => {
    if (data.given.has(part)) return sql`1`
    if (data.removed.has(part)) return sql`0`
    return ofFlow(
      sql`CASE WHEN ${mayMerge(sql`f.data`, data, MAX_GRAPH)} THEN ${hasMember(sql`f.data`, part)} END`,
    )
  }) as [SQL, SQL] // one for each part
  return {
    verdict: sql`${readable} AS merge_readable, ${fits} AS merge_fits, ${nodes} AS merge_nodes, ${edges} AS merge_edges`,
    allowed: sql`(${readable} AND ${fits} AND ${nodes} AND ${edges})`,
  }
}

/** Throws 403 for a graph that the caller may not read. */
export function requireMergeable(merge: Merge): void {
  if (!merge.merge_readable)
    throw new ApiError('forbidden', 'You do not have permission to view this flow')
}

/** Throws 422 where what results from the merge is not a graph. */
export function requireMerge(merge: Merge): void {
  if (!merge.merge_fits) throw tooLargeToMerge('data', MAX_GRAPH)
  for (const part of parts)
    if (!merge[`merge_${part}`])
      throw invalid([{ type: 'value_error', loc: ['body', 'data'], msg: `Flow must have ${part}` }])
}
