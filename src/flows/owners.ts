// The owners of many flows that are read whole, in the round trip that reads them: each once, however many
// flows are theirs.
import { type Owner, ownerOf, toOwner } from '../access/owners.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { dashed, toJson } from '../db/values.ts'
import type { Window } from './graphs.ts'

/** SQL: a JSON list of the owners of the flows that `selectFlows` reads for the same. */
export const ownersOf = (condition: SQL, { limit, offset }: Window): SQL =>
  sql`(SELECT json_group_array(json(o.owner)) FROM (SELECT ${ownerOf(sql`x.user_id`)} AS owner FROM (
    SELECT DISTINCT user_id FROM (SELECT f.user_id FROM flow f WHERE ${condition}
      ORDER BY f.updated_at DESC, f.id DESC LIMIT ${limit} OFFSET ${offset})) x) o WHERE o.owner IS NOT NULL)`

/** What `ownersOf` selected -> the owner of a row of `flow`. */
export function toOwners(stored: unknown): (flow: Row) => Owner | null {
  const owners = (toJson(stored) as unknown[]).map(toOwner) // our own JSON
  const byId = new Map(owners.map((owner) => [owner?.id, owner]))
  return ({ user_id }) => byId.get(dashed(user_id) ?? '') ?? null
}
