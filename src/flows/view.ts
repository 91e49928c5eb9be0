// Rows of `flow` -> the bodies of the contract. Pure.
import { toOwner } from '../access/owners.ts'
import { permissions } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import {
  flag,
  graph,
  id,
  nullable,
  oneOf,
  type Schema,
  secondOrNull,
  text,
  texts,
  view,
} from '../wire.ts'
import { toEtag } from './etag.ts'

const access = oneOf('PRIVATE', 'PUBLIC')

/** Why `data` is null although something is stored: only then is the field there. */
type DataState = 'too_large' | 'broken'
const dataState = {
  ...oneOf('too_large', 'broken'),
  optional: true,
  read: (stored: unknown) => (stored as DataState | null | undefined) ?? undefined, // ours
}

/** What `row.graph` of a listing says instead of a graph. Neither is JSON. */
export const TOO_LARGE = '?'
export const BROKEN = '!'

/** Beyond the contract: what `If-Match` and `If-None-Match` ask about. */
const etag = {
  schema: {
    type: 'string',
    pattern: '^"[!#-~]*"$',
    description:
      'Another one after every change of the flow; for `If-Match`, with its quotes. What it says is nobody’s business.',
    examples: ['"3-2026-01-31T12:00:00.000000"'],
  },
  read: toEtag,
}

const inFile = {
  name: text,
  description: nullable(text),
  icon: nullable(text),
  icon_bg_color: nullable(text),
  gradient: nullable(text),
  data: graph,
  is_component: flag,
  updated_at: secondOrNull,
  webhook: flag,
  endpoint_name: nullable(text),
  tags: texts,
  locked: flag,
  mcp_enabled: flag,
  action_name: nullable(text),
  action_description: nullable(text),
  access_type: access,
  id,
  user_id: nullable(id),
  folder_id: nullable(id),
  data_state: dataState,
}

/** One flow as LangBuilder's FlowRead, and its ETag. */
export const toFlowRead = marked(view('FlowRead', { ...inFile, etag }))

/** The same as it leaves for a file, where it is no longer one version of a row. */
export const toFileFlow = marked(view('FlowFile', inFile))

/** One flow as LangBuilder's FlowHeader: `data` only of components. */
export const toFlowHeader = marked(
  view('FlowHeader', {
    id,
    name: text,
    folder_id: nullable(id),
    is_component: flag,
    endpoint_name: nullable(text),
    description: nullable(text),
    data: graph,
    access_type: access,
    tags: texts,
    mcp_enabled: flag,
    action_name: nullable(text),
    action_description: nullable(text),
    data_state: dataState,
    etag,
  }),
)

/** The same view, which says so where what is stored is not a graph. */
function marked<T extends { data: unknown; data_state: DataState | undefined }>(
  toBody: ((row: Row) => T) & { schema: Schema },
) {
  const toMarked = (row: Row): T => {
    const body = toBody(row)
    if (body.data !== null || body.data_state || isAbsent(row.data)) return body
    return { ...body, data_state: 'broken' }
  }
  return Object.assign(toMarked, { schema: toBody.schema })
}

const isAbsent = (data: unknown) =>
  data === null || data === undefined || (typeof data === 'string' && data.trim() === 'null')

/**
 * One flow of a listing as JSON text. Its graph comes as `row.graph`, valid JSON or one of the two marks, and
 * goes in as it is: parsing it would cost more than all the rest.
 */
export function toListed(
  row: Row,
  {
    headers,
    actions,
    owner,
    updated,
  }: {
    headers: boolean
    actions: boolean
    owner?: boolean | undefined
    updated?: boolean | undefined
  },
) {
  const fields = headers ? toFlowHeader(row) : toFlowRead(row)
  const more = {
    ...(actions ? { actions: permissions.filter((p) => row[p]), scope: row.scope } : {}),
    ...(owner ? { owner: toOwner(row.owner) } : {}),
    ...(updated ? { updated_at: secondOrNull.read(row.updated_at, row) } : {}),
  }
  const { graph, ...state } = toGraph(String(row.graph))
  const text = JSON.stringify(Object.assign(fields, { data: undefined }, more, state))
  return `${text.slice(0, -1)},"data":${graph}}`
}

/** Valid JSON is a graph only as an object: it begins with a brace. */
function toGraph(stored: string): { graph: string; data_state?: DataState } {
  if (stored === TOO_LARGE) return { graph: 'null', data_state: 'too_large' }
  if (/^\s*\{/.test(stored) || isAbsent(stored)) return { graph: stored }
  return { graph: 'null', data_state: 'broken' }
}

/** A page as LangBuilder's clients know it. */
export function toPage<T>(
  items: T[],
  total: number,
  { page, size }: { page: number; size: number },
) {
  return { items, total, page, size, pages: Math.ceil(total / size) }
}
