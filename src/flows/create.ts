// Creating a flow: permission, free name, row and Owner grant in one transaction.
import { sql } from 'drizzle-orm'
import { type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { ensureStarterProject, grantOwner, starterProjectOf } from '../access/ownership.ts'
import { mayProject, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { dashed, freeName, newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { FlowCreate } from './params.ts'

/** Creates the flow for the caller. Throws 404 for an unknown project, 403 without Create on it. */
export async function createFlow(db: Database, who: Credential, input: FlowCreate): Promise<Row> {
  const id = newId()
  const myId = sql`(SELECT id FROM me)`
  const project = input.folder_id ? sql`${input.folder_id}` : starterProjectOf(myId)
  const allowed = input.folder_id ? mayProject('Create', sql`${input.folder_id}`) : sql`1`
  const [callers, projects, ...rest] = await db.write(
    callerRow(who),
    sql`WITH ${me(who)} SELECT name, ${allowed} AS allowed FROM folder WHERE id = ${project}`,
    ...(input.folder_id ? [] : ensureStarterProject(who, sql`(WITH ${me(who)} SELECT id FROM me)`)),
    sql`WITH ${me(who)} INSERT INTO flow (id, name, description, icon, icon_bg_color, gradient, data, is_component, updated_at,
        webhook, endpoint_name, tags, locked, mcp_enabled, action_name, action_description, access_type, user_id, folder_id)
      SELECT ${id}, ${freeName(sql`flow`, sql`name`, myId, input.name, ' (', ')')}, ${input.description}, ${input.icon},
        ${input.icon_bg_color}, ${input.gradient}, ${JSON.stringify(input.data)}, ${Number(input.is_component)}, ${now},
        ${Number(input.webhook)}, ${input.endpoint_name === null ? null : freeName(sql`flow`, sql`endpoint_name`, myId, input.endpoint_name, '-', '')},
        ${JSON.stringify(input.tags)}, ${Number(input.locked)}, ${Number(input.mcp_enabled)}, ${input.action_name},
        ${input.action_description}, ${input.access_type}, me.id, p.id
      FROM me JOIN folder p ON p.id = ${project} WHERE ${allowed}`,
    ...grantOwner(
      who,
      'Flow',
      sql`SELECT f.user_id, f.id AS scope_id FROM flow f WHERE f.id = ${id}`,
      false,
    ),
    sql`SELECT * FROM flow WHERE id = ${id}`,
  )
  requireCaller(callers?.rows, who)
  const flow = rest.at(-1)?.rows[0]
  if (flow) return flow
  const found = projects?.rows[0]
  if (!found)
    throw new ApiError('not_found', `Project with ID ${dashed(input.folder_id)} not found`)
  throw new ApiError(
    'forbidden',
    `You do not have permission to create flows in project '${found.name}'`,
  )
}
