// Reads of single flows. Each is one round trip that carries the caller's row, and everything in it
// stands under the one predicate.
import type { Ask } from '../access/ask.ts'
import { ownerOf } from '../access/owners.ts'
import { mayFlow } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { orBare, requireGraph, type Stored, toFlow } from './stored.ts'

const readable = mayFlow('Read', sql`f.id`)

/**
 * The flow if it exists, with its owner where asked for, and whether the caller may read it. The two are
 * independent on purpose. Throws 413 for one that they may read and whose graph is too large.
 */
export async function findFlow(
  ask: Ask,
  flowId: string,
  withOwner = false,
): Promise<{ flow: Row | undefined; owner: unknown; allowed: boolean }> {
  const owner = withOwner ? ownerOf(sql`f.user_id`) : sql`NULL`
  const { verdicts, flows } = await orBare((columns) =>
    ask.read(
      {
        verdicts: sql<{
          allowed: number
        }>`SELECT ${mayFlow('Read', sql`${flowId}`)} AS allowed`,
        flows: sql<
          Stored & { owner: unknown }
        >`SELECT ${columns}, ${owner} AS owner FROM flow f WHERE f.id = ${flowId} AND ${readable}`,
      },
      ({ flows }) => flows.length > 0,
    ),
  )
  const [flow] = flows.map(toFlow).map(requireGraph)
  return { flow, owner: flows[0]?.owner, allowed: Boolean(one(verdicts).allowed) }
}
