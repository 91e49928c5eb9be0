// Creating flows: permissions, free names, rows and Owner grants in one transaction, all or none.
import type { Ask } from '../access/ask.ts'
import { type Author, columns, record } from '../access/audit.ts'
import { ensureStarterProject, grantOwner, starterProjectOf } from '../access/ownership.ts'
import { me, myId } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { namesOf } from '../wire.ts'
import { TAG } from './etag.ts'
import { type Arrival, destinations, mayEnter, mayEnterAll, requireDestinations } from './moving.ts'
import { namesTaken } from './names.ts'
import { freeNames, plan, type Wish } from './numbering.ts'
import type { FlowCreate } from './params.ts'
import { toFlowRead } from './view.ts'

/** Everything but the graph: an answer has its size limit, and the graph is what the caller just sent. */
const withoutGraph = sql`f.id, f.name, f.description, f.icon, f.icon_bg_color, f.gradient, f.is_component, f.updated_at, f.webhook,
  f.endpoint_name, f.tags, f.locked, f.mcp_enabled, f.action_name, f.action_description, f.access_type, f.user_id, f.folder_id,
  ${sql.raw(TAG)} AS etag`

/** What is kept of them for a repeat, which brings its graphs along. */
export const keptFlows = namesOf(toFlowRead).filter(
  (name) => name !== 'data' && name !== 'data_state',
)

/** What is made: `folder_id` orders where, `wish` only says where it would go if its creator may put it there. */
export type NewFlow = FlowCreate & { readonly wish?: string | null }

/**
 * Creates the flows for the caller, in their Starter Project where none is named; rows in the order
 * given. Throws 404 for an unknown project, 403 without permission on one, and then creates nothing.
 */
export async function createFlows(
  ask: Ask,
  inputs: NewFlow[],
  arrival: Arrival = 'create',
): Promise<Row[]> {
  const projects = [...new Set(inputs.flatMap((input) => input.folder_id ?? []))]
  const needsStarter = inputs.some((input) => !input.folder_id)
  const flows = planFlows(inputs)
  const { projects: verdicts, made } = await ask.create(
    {
      projects: destinations(projects, arrival),
      starter: needsStarter ? ensureStarterProject(ask.author, myId) : [],
      flows: insertFlows(
        ask.author,
        flows,
        sql`SELECT id AS user_id FROM ${me} WHERE ${mayEnterAll(projects, arrival)}`,
        starterProjectOf(sql`o.user_id`),
      ),
      made: selectCreated(flows),
    },
    keptFlows,
    namesTaken,
  )
  requireDestinations(verdicts.rows, arrival)
  return withGraphs(flows, made.rows)
}

export type PlannedFlow = { readonly id: string; readonly input: NewFlow }

export const planFlows = (inputs: readonly NewFlow[]): PlannedFlow[] =>
  inputs.map((input) => ({ id: newId(), input }))

/**
 * The statements that insert the flows and make their user the Owner. `source` selects one row (user_id),
 * or none if there may be no flows. `home` is SQL over that row `o`: the project of flows that name none.
 */
export function insertFlows(
  author: Author,
  flows: readonly PlannedFlow[],
  source: SQL,
  home: SQL,
): SQL[] {
  if (flows.length === 0) return []
  const ids = listed(flows.map((flow) => flow.id))
  return [
    insertAll(flows, source, home),
    record(
      author,
      'flow.create',
      { id: sql`f.id`, after: columns(sql`f`, ['name', 'folder_id', 'access_type', 'user_id']) },
      sql`FROM flow f WHERE f.id IN ${ids}`,
    ),
    ...grantOwner(
      author,
      'Flow',
      sql`SELECT f.user_id, f.id AS scope_id FROM flow f WHERE f.id IN ${ids}`,
      false,
    ),
  ]
}

/** One statement for all: SQLite reads it, and the triggers on the table, once. */
function insertAll(flows: readonly PlannedFlow[], source: SQL, home: SQL): SQL {
  const names = plan(
    'name',
    flows.map(({ input }) => input.name),
  )
  const endpoints = plan(
    'endpoint_name',
    flows.map(({ input }) => input.endpoint_name),
  )
  const given = flows.map(({ id, input }, i) => {
    const places = [i, ...[names.wishes[i], endpoints.wishes[i]].flatMap(placesOf)]
    return sql`(${sql.raw(places.join(', '))}, ${id}, ${input.name}, ${input.description}, ${input.icon}, ${input.icon_bg_color},
      ${input.gradient}, ${graphText(input.data)}, ${Number(input.is_component)}, ${Number(input.webhook)}, ${input.endpoint_name},
      ${JSON.stringify(input.tags ?? [])}, ${Number(input.locked)}, ${Number(input.mcp_enabled)}, ${input.action_name},
      ${input.action_description}, ${input.access_type}, ${input.folder_id}, ${input.wish ?? null})`
  })
  return sql`INSERT INTO flow (id, name, description, icon, icon_bg_color, gradient, data, is_component, updated_at,
      webhook, endpoint_name, tags, locked, mcp_enabled, action_name, action_description, access_type, user_id, folder_id)
    WITH owner(user_id, home) AS MATERIALIZED (SELECT o.user_id, ${home} FROM (${source}) o),
    given(i, name_family, name_again, endpoint_name_family, endpoint_name_again, id, name, description, icon, icon_bg_color,
      gradient, data, is_component, webhook, endpoint_name, tags, locked, mcp_enabled, action_name, action_description,
      access_type, folder_id, wish) AS MATERIALIZED (VALUES ${sql.join(given, sql`, `)}),
    ${freeNames('name', names.families)} ${freeNames('endpoint_name', endpoints.families)}
    wished(id) AS MATERIALIZED (${flows.some(({ input }) => input.wish) ? wished : sql`SELECT NULL`})
    SELECT g.id, n.free, g.description, g.icon, g.icon_bg_color, g.gradient, g.data, g.is_component, ${now}, g.webhook, e.free,
      g.tags, g.locked, g.mcp_enabled, g.action_name, g.action_description, g.access_type, o.user_id,
      coalesce(g.folder_id, w.id, o.home)
    FROM owner o CROSS JOIN given g CROSS JOIN free_name n ON n.i = g.i LEFT JOIN free_endpoint_name e ON e.i = g.i
      LEFT JOIN wished w ON w.id = g.wish`
}

/** SQL: the projects that are wished for, and may be. */
const wished = sql`SELECT wish FROM (SELECT DISTINCT wish FROM given WHERE wish IS NOT NULL) WHERE ${mayEnter(sql`wish`, 'import')}`

const placesOf = (wish: Wish | null | undefined) =>
  wish ? [wish.family, Number(wish.isAgain)] : ['NULL', 0]

/** As it is stored: where there is none, as SQLAlchemy says it. */
const graphText = (graph: FlowCreate['data']) => graph?.text ?? 'null'

export const selectCreated = (flows: PlannedFlow[]): SQL => sql`SELECT ${withoutGraph}
  FROM json_each(${JSON.stringify(flows.map((flow) => flow.id))}) t JOIN flow f ON f.id = t.value ORDER BY t.key`

export const withGraphs = (flows: PlannedFlow[], rows: Row[]): Row[] =>
  rows.map((row, i) => ({ ...row, data: flows[i]?.input.data }) as unknown as Row) // as its view takes it
