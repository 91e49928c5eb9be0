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
import { type Before, follow, nextName } from './numbering.ts'
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

type PlannedFlow = {
  id: string
  input: NewFlow
  name: Before
  endpoint: Before
  /** The first flow of the same wish: where that went, this one goes. */
  leader: string | undefined
}

export function planFlows(inputs: NewFlow[]): PlannedFlow[] {
  const flows = inputs.map((input) => ({ id: newId(), input }))
  const wanted = (column: 'name' | 'endpoint_name') =>
    follow(
      column,
      flows.map(({ id, input }) => ({ id, name: input[column] })),
    )
  const [names, endpoints] = [wanted('name'), wanted('endpoint_name')]
  const leaders = new Map<string, string>()
  return flows.map((flow, i) => {
    const { wish } = flow.input
    const leader = wish ? leaders.get(wish) : undefined
    if (wish && leader === undefined) leaders.set(wish, flow.id)
    return { ...flow, name: names[i], endpoint: endpoints[i], leader }
  })
}

/**
 * The statements that insert the flows and make their user the Owner. `source` selects one row (user_id),
 * or none if there may be no flows: only the first asks it, the others follow where the first is there.
 * `home` is SQL over that row `o`: the project of flows that name none.
 */
export function insertFlows(author: Author, flows: PlannedFlow[], source: SQL, home: SQL): SQL[] {
  const [first] = flows
  if (!first) return []
  const fromFirst = sql`SELECT user_id FROM flow WHERE id = ${first.id}`
  const ids = listed(flows.map((flow) => flow.id))
  return [
    ...flows.map((flow) => insertFlow(flow, flow === first ? source : fromFirst, home)),
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

/** SQL: the project that a flow goes into. */
function destinationOf({ input, leader }: PlannedFlow, home: SQL): SQL {
  if (input.folder_id) return sql`${input.folder_id}`
  if (!input.wish) return home
  if (leader) return sql`(SELECT folder_id FROM flow WHERE id = ${leader})`
  return sql`CASE WHEN ${mayEnter(sql`${input.wish}`, 'import')} THEN ${input.wish} ELSE ${home} END`
}

function insertFlow(flow: PlannedFlow, source: SQL, home: SQL): SQL {
  const { id, input, name, endpoint } = flow
  const owner = sql`o.user_id`
  const { endpoint_name } = input
  return sql`INSERT INTO flow (id, name, description, icon, icon_bg_color, gradient, data, is_component, updated_at,
      webhook, endpoint_name, tags, locked, mcp_enabled, action_name, action_description, access_type, user_id, folder_id)
    SELECT ${id}, ${nextName('name', owner, input.name, name)}, ${input.description}, ${input.icon},
      ${input.icon_bg_color}, ${input.gradient}, ${graphText(input.data)}, ${Number(input.is_component)}, ${now},
      ${Number(input.webhook)}, ${endpoint_name === null ? null : nextName('endpoint_name', owner, endpoint_name, endpoint)},
      ${JSON.stringify(input.tags ?? [])}, ${Number(input.locked)}, ${Number(input.mcp_enabled)}, ${input.action_name},
      ${input.action_description}, ${input.access_type}, o.user_id, ${destinationOf(flow, home)}
    FROM (${source}) o`
}

/** As it is stored: where there is none, as SQLAlchemy says it. */
const graphText = (graph: FlowCreate['data']) => graph?.text ?? 'null'

export const selectCreated = (flows: PlannedFlow[]): SQL => sql`SELECT ${withoutGraph}
  FROM json_each(${JSON.stringify(flows.map((flow) => flow.id))}) t JOIN flow f ON f.id = t.value ORDER BY t.key`

export const withGraphs = (flows: PlannedFlow[], rows: Row[]): Row[] =>
  rows.map((row, i) => ({ ...row, data: flows[i]?.input.data }) as unknown as Row) // as its view takes it
