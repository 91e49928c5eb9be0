// Reads of flows. Each is one round trip that carries the caller's row, and everything in it stands
// under the one predicate: nothing is filtered after LIMIT.
import { type SQL, sql } from 'drizzle-orm'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { mayFlow, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import type { ListQuery } from './params.ts'

/** A component by its flag; where that is unset, by its graph. */
const isComponent = sql`CASE WHEN f.is_component IS NOT NULL THEN f.is_component
  WHEN json_valid(f.data) THEN coalesce(json_extract(f.data, '$.is_component'), json_array_length(f.data, '$.nodes') = 1, 0)
  ELSE 0 END`

/** Without the graph, except of components: `data` is by far the widest column. */
const headerColumns = sql`f.id, f.name, f.folder_id, f.is_component, f.endpoint_name, f.description,
  CASE WHEN f.is_component THEN f.data END AS data, f.access_type, f.tags, f.mcp_enabled, f.action_name, f.action_description`

const readable = mayFlow('Read', sql`f.id`, sql`f.folder_id`)
const newestFirst = sql`ORDER BY f.updated_at DESC, f.id DESC`

/** All flows the caller may read, newest first. */
export async function listFlows(db: Database, who: Credential, filter: ListQuery): Promise<Row[]> {
  const columns = filter.header_flows ? headerColumns : sql`f.*`
  const [callers, rows] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT ${columns} FROM flow f WHERE ${readable} ${narrowed(filter)} ${newestFirst}`,
  )
  requireCaller(callers, who)
  return rows ?? []
}

/** One page of the flows the caller may read in a project (the caller's own Starter Project by default). */
export async function pageFlows(
  db: Database,
  who: Credential,
  filter: ListQuery,
): Promise<{ rows: Row[]; total: number }> {
  const project = filter.folder_id
    ? sql`${filter.folder_id}`
    : starterProjectOf(sql`(SELECT id FROM me)`)
  const visible = sql`FROM flow f WHERE f.folder_id = ${project} AND ${readable} ${narrowed(filter)}`
  const [callers, rows, totals] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT f.* ${visible} ${newestFirst} LIMIT ${filter.size} OFFSET ${(filter.page - 1) * filter.size}`,
    sql`WITH ${me(who)} SELECT count(*) AS total ${visible}`,
  )
  requireCaller(callers, who)
  return { rows: rows ?? [], total: Number(totals?.[0]?.total) }
}

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

function narrowed(filter: ListQuery): SQL {
  const components = filter.components_only ? sql`AND ${isComponent}` : sql``
  // As in LangBuilder, NOT IN also drops flows without a project once the shared folder exists.
  const examples = filter.remove_example_flows
    ? sql`AND f.folder_id NOT IN (SELECT id FROM folder WHERE name = 'Starter Projects' AND user_id IS NULL)`
    : sql``
  return sql`${components} ${examples}`
}
