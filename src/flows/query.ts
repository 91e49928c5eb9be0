// Reads of single flows. Each is one round trip that carries the caller's row, and everything in it
// stands under the one predicate.
import { sql } from 'drizzle-orm'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { mayFlow, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'

const readable = mayFlow('Read', sql`f.id`, sql`f.folder_id`)

/** The flow if it exists, and whether the caller may read it. The two are independent on purpose. */
export async function findFlow(
  db: Database,
  who: Credential,
  flowId: string,
): Promise<{ flow: Row | undefined; allowed: boolean }> {
  const [callers, verdicts, flows] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT ${mayFlow('Read', sql`${flowId}`, sql`(SELECT folder_id FROM flow WHERE id = ${flowId})`)} AS allowed`,
    sql`WITH ${me(who)} SELECT f.* FROM flow f WHERE f.id = ${flowId} AND ${readable}`,
  )
  requireCaller(callers, who)
  return { flow: flows?.[0], allowed: Boolean(verdicts?.[0]?.allowed) }
}
