// Flows to take away, and the ones that strangers may see.
import type { Ask } from '../../access/ask.ts'
import { examples } from '../../access/examples.ts'
import { isPublic, mayFlow } from '../../access/predicate.ts'
import type { Database, Row } from '../../db/client.ts'
import { listed, sql } from '../../db/sql.ts'
import { fillGraphs, selectFlows } from '../graphs.ts'
import { orBare, requireGraph, type Stored, toFlow } from '../stored.ts'

/** Those of the flows that the caller may read, newest first. */
export async function findFlows(ask: Ask, ids: string[]): Promise<Row[]> {
  const readable = sql`f.id IN ${listed(ids)} AND ${mayFlow('Read', sql`f.id`)}`
  const { flows } = await ask.read({ flows: selectFlows(readable) })
  return fillGraphs(ask.readOn, flows, readable)
}

/** The flow, if its access type opens it to everybody. Throws 413 where its graph is too large. */
export async function findPublicFlow(db: Database, id: string): Promise<Row | undefined> {
  const { flows } = await orBare((columns) =>
    db.read({
      flows: sql<Stored>`SELECT ${columns} FROM flow f WHERE f.id = ${id} AND ${isPublic(sql`f.id`)}`,
    }),
  )
  return flows.map(toFlow).map(requireGraph)[0]
}

/** The flows of the shared folder of examples. */
export async function listExamples(db: Database): Promise<Row[]> {
  const among = sql`f.folder_id IN (${examples})`
  const { flows } = await db.read({ flows: selectFlows(among) })
  return fillGraphs(db.read, flows, among)
}
