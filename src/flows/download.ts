// Flows to take away, and the ones that strangers may see.
import { sql } from 'drizzle-orm'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { mayFlow, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { readFlows } from './graphs.ts'

/** Those of the flows that the caller may read, newest first. */
export async function findFlows(db: Database, who: Credential, ids: string[]): Promise<Row[]> {
  const listed = sql`f.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
  const { lead, flows } = await readFlows(db, {
    lead: [callerRow(who)],
    scope: sql`WITH ${me(who)}`,
    condition: sql`${listed} AND ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}`,
  })
  requireCaller(lead[0], who)
  return flows
}

/** The flow, if its access type opens it to everybody. */
export async function findPublicFlow(db: Database, id: string): Promise<Row | undefined> {
  const [flows] = await db.read(sql`SELECT * FROM flow WHERE id = ${id} AND access_type = 'PUBLIC'`)
  return flows?.[0]
}

/** The flows of the shared folder of examples. */
export async function listExamples(db: Database): Promise<Row[]> {
  const examples = sql`f.folder_id IN (SELECT id FROM folder WHERE name = 'Starter Projects' AND user_id IS NULL)`
  return (await readFlows(db, { lead: [], scope: sql``, condition: examples })).flows
}
