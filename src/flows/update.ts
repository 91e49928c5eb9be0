// Changing a flow: the permission, the move and the row in one transaction.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { type Author, columns, record, recorded } from '../access/audit.ts'
import { mayFlow } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { destinations, mayEnter, requireDestinations } from './destination.ts'
import { namesTaken } from './names.ts'
import type { FlowUpdate } from './params.ts'
import { MAX_GRAPH, orBare, type Stored, toFlow } from './stored.ts'

/**
 * Changes the flow. Throws 403 without Update, then 404; a move needs Create on the destination too,
 * and taking the flow out of every project - from everybody who inherits it there - needs Delete.
 */
export async function updateFlow(ask: Ask, id: string, input: FlowUpdate): Promise<Row> {
  const mayDo = (permission: 'Update' | 'Delete') =>
    mayFlow(permission, sql`${id}`, sql`(SELECT folder_id FROM flow WHERE id = ${id})`)
  const move = planMove(input.folder_id, id, mayDo('Delete'))
  // What is too large for an answer is undone by it, and done again without asking for the graph.
  const { verdicts, projects, updated } = await orBare((columns) =>
    ask.write(
      {
        verdicts: sql<Verdict>`SELECT ${mayDo('Update')} AS allowed, ${move.stays} AS stays, ${move.allowed} AS may_move,
        EXISTS (SELECT 1 FROM flow WHERE id = ${id}) AS found`,
        projects: destinations(input.folder_id ? [input.folder_id] : []),
        recorded: recordAccess(
          ask.author,
          input,
          sql`f.id = ${id} AND ${mayDo('Update')} AND ${move.allowed}`,
        ),
        change: sql`UPDATE flow SET ${sql.join(changes(input), sql`, `)}
        FROM (SELECT ${input.data === undefined ? readable : JSON.stringify(input.data)} AS graph FROM flow f WHERE id = ${id}) x
        WHERE flow.id = ${id} AND ${mayDo('Update')} AND ${move.allowed}`,
        updated: sql<Stored>`SELECT ${columns} FROM flow f WHERE f.id = ${id}`,
      },
      namesTaken,
    ),
  )
  const verdict = one(verdicts.rows)
  if (!verdict.allowed)
    throw new ApiError('forbidden', 'You do not have permission to update this flow')
  const [flow] = updated.rows
  if (!verdict.found || !flow) throw new ApiError('not_found', 'Flow not found')
  if (!verdict.stays) requireDestinations(projects.rows)
  if (!verdict.may_move)
    throw new ApiError(
      'forbidden',
      'You do not have permission to move this flow out of its project',
    )
  return toFlow(flow)
}

type Verdict = { allowed: number; stays: number; may_move: number; found: number }

/** SQL booleans: does the flow stay where it is, and may it go where the input wants it? */
function planMove(target: string | null | undefined, id: string, mayDelete: SQL) {
  if (target === undefined) return { stays: sql`1`, allowed: sql`1` }
  const stays = sql`((SELECT folder_id FROM flow WHERE id = ${id}) IS ${target})`
  const permitted = target === null ? mayDelete : mayEnter(sql`${target}`)
  return { stays, allowed: sql`(${stays} OR ${permitted})` }
}

/** The columns that the input names, and those that follow from any change; `x.graph` is the graph from now on. */
function changes(input: FlowUpdate): SQL[] {
  const { name, access_type, data, ...clearable } = input
  const given = {
    ...clearable,
    ...(name === null ? {} : { name }),
    ...(access_type === null ? {} : { access_type }),
    ...(data === undefined ? {} : { data: sql`x.graph` }),
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  return [
    sql`updated_at = ${now}`,
    sql`webhook = CASE WHEN x.graph IS NULL THEN webhook ELSE ${hasWebhook(sql`x.graph`)} END`,
    ...named.map(([column, value]) => sql`${sql.identifier(column)} = ${toStored(value)}`),
  ]
}

const toStored = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value)

/** SQL: the graph of a flow `f` as text, '' for none, and NULL where it is too large to be looked into. */
const readable = sql`CASE WHEN f.data IS NULL THEN '' WHEN octet_length(f.data) <= ${sql.raw(String(MAX_GRAPH))}
  THEN CAST(f.data AS TEXT) END`

/** SQL boolean: a node of the graph has `Webhook` in its id. */
const hasWebhook = (graph: SQL): SQL => sql`coalesce((
  SELECT max(instr(json_extract(n.value, '$.id'), 'Webhook') > 0)
  FROM json_each(CASE WHEN json_valid(${graph}) THEN ${graph} END, '$.nodes') n WHERE n.type = 'object'), 0)`

/** What decides who reaches the flow is audited, where it changes. */
function recordAccess(author: Author, input: FlowUpdate, condition: SQL): SQL {
  const folder = input.folder_id === undefined ? sql`f.folder_id` : sql`${input.folder_id}`
  const access = sql`${input.access_type ?? sql`f.access_type`}`
  return record(
    author,
    'flow.update',
    {
      id: sql`f.id`,
      before: columns(sql`f`, ['folder_id', 'access_type']),
      after: sql`json_object('folder_id', ${recorded(folder)}, 'access_type', ${recorded(access)})`,
    },
    sql`FROM flow f WHERE (f.folder_id IS NOT ${folder} OR f.access_type <> ${access}) AND ${condition}`,
  )
}
