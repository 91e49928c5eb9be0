// Changing a flow: the permission, the move and the row in one transaction.
import type { Ask } from '../access/ask.ts'
import { isPublic, mayFlow, mayHandOn } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { counted, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { Graph } from '../graph.ts'
import { written } from '../merge.ts'
import { isMatch, type Match, requireMatch } from './etag.ts'
import { type Merge, planMerge, requireMerge, requireMergeable } from './merging.ts'
import { type Move, planMove, requireMove } from './moving.ts'
import { namesTaken, renamedFlow } from './names.ts'
import type { FlowUpdate } from './params.ts'
import { recordUpdate } from './recorded.ts'
import { MAX_CARRIED, orBare, type Stored, toFlow } from './stored.ts'

/**
 * Changes the flow; returns it for those who may read it. Throws 403 without Update, then 404; a move takes what
 * moving.ts says, and making it public, which hands it to everybody, takes everything that can be done with it. Throws
 * 412 or 428 for those who may, where it is not the flow that they know.
 */
export async function updateFlow(
  ask: Ask,
  id: string,
  input: FlowUpdate,
  match: Match,
): Promise<Row | undefined> {
  const flow = sql`${id}`
  const move = planMove(id, input.folder_id)
  const publishes =
    input.access_type === 'PUBLIC' ? sql`(${isPublic(flow)} OR ${mayHandOn(flow)})` : sql`1`
  const merge = planMerge(id, input.data)
  const matches = isMatch(id, match, mayFlow('Update', flow))
  const permitted = sql`${mayFlow('Update', flow)} AND ${move.allowed} AND ${publishes} AND ${matches} AND ${merge.allowed}`
  // What is too large for an answer is undone by it, and done again without asking for the graph.
  const { verdicts, projects, updated } = await orBare((columns) =>
    ask.write(
      {
        verdicts: sql<Verdict>`SELECT ${mayFlow('Update', flow)} AS allowed, ${mayFlow('Read', flow)} AS readable,
          ${move.verdict}, ${merge.verdict}, ${publishes} AS may_publish, ${matches} AS matches,
          EXISTS (SELECT 1 FROM flow WHERE id = ${id}) AS found`,
        projects: move.destinations,
        recorded: recordUpdate(ask.author, id, input, permitted),
        change: sql`UPDATE flow SET ${counted}, ${sql.join(changes(id, input), sql`, `)}
          FROM (SELECT ${graphOf(input.data)} AS graph FROM flow f WHERE id = ${id} AND ${permitted}) x
          WHERE flow.id = ${id}`,
        updated: sql<Stored>`SELECT ${columns} FROM flow f WHERE f.id = ${id} AND ${mayFlow('Read', sql`f.id`)}`,
      },
      namesTaken,
    ),
  )
  const [row] = updated.rows
  const changed = row && toFlow(row)
  const verdict = one(verdicts.rows)
  requireUpdate(verdict, projects.rows)
  requireMatch(verdict.matches, match, changed?.etag)
  requireMerge(verdict)
  return changed
}

type Verdict = Move &
  Merge &
  Record<'allowed' | 'readable' | 'may_publish' | 'matches' | 'found', number>

function requireUpdate(verdict: Verdict, projects: Parameters<typeof requireMove>[1]): void {
  if (!verdict.allowed || (!verdict.found && !verdict.readable))
    throw new ApiError('forbidden', 'You do not have permission to update this flow')
  if (!verdict.found) throw new ApiError('not_found', 'Flow not found')
  requireMove(verdict, projects)
  if (!verdict.may_publish)
    throw new ApiError('forbidden', 'You do not have permission to make this flow public')
  requireMergeable(verdict)
}

/** One in so many names what a search looks at, by which flows are entered that were only moved (search/README.md). */
const TURN = 16
let saves = 0
const isTurn = () => saves++ % TURN === 0

/** The columns that the input names, and those that follow from any change; `x.graph` is the graph from now on. */
function changes(id: string, input: FlowUpdate): SQL[] {
  const { name, endpoint_name, access_type, data, ...clearable } = input
  const given = {
    ...clearable,
    name: name === undefined ? undefined : renamedFlow(id, 'name', name),
    endpoint_name:
      typeof endpoint_name === 'string'
        ? renamedFlow(id, 'endpoint_name', endpoint_name)
        : endpoint_name,
    access_type,
    data: data === undefined ? undefined : sql`x.graph`,
  }
  return [
    sql`updated_at = ${now}`,
    ...(isTurn() ? [sql`tags = tags`] : []),
    data instanceof Graph
      ? sql`webhook = ${Number(data.hasWebhook)}`
      : sql`webhook = CASE WHEN x.graph IS NULL THEN webhook ELSE ${hasWebhook(sql`x.graph`)} END`,
    ...Object.entries(given).flatMap(([column, value]) =>
      value === undefined ? [] : sql`${sql.identifier(column)} = ${value}`,
    ),
  ]
}

/** SQL: the graph of the flow `f` from now on, as text. */
function graphOf(data: FlowUpdate['data']): SQL {
  if (data === undefined) return readable
  return data === null ? sql`'null'` : written(sql`f.data`, data)
}

/** SQL: the graph of a flow `f` as text, '' for none, and NULL where it is too large to be looked into. */
const readable = sql`CASE WHEN f.data IS NULL THEN '' WHEN octet_length(f.data) <= ${sql.raw(String(MAX_CARRIED))}
  THEN CAST(f.data AS TEXT) END`

/** SQL boolean: a node of the stored graph has `Webhook` in its id. */
const hasWebhook = (graph: SQL): SQL => sql`coalesce((
  SELECT max(instr(json_extract(n.value, '$.id'), 'Webhook') > 0)
  FROM json_each(CASE WHEN json_valid(${graph}) THEN ${graph} END, '$.nodes') n WHERE n.type = 'object'), 0)`
