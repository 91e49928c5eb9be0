// Rows of `flow` -> the bodies of the contract. Pure.
import { permissions } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { flag, id, json, nullable, oneOf, second, text, texts, view } from '../wire.ts'

const access = oneOf('PRIVATE', 'PUBLIC')

/** One flow as LangBuilder's FlowRead. */
export const toFlowRead = view('FlowRead', {
  name: text,
  description: nullable(text),
  icon: nullable(text),
  icon_bg_color: nullable(text),
  gradient: nullable(text),
  data: json,
  is_component: flag,
  updated_at: nullable(second),
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
})

/** One flow as LangBuilder's FlowHeader: `data` only of components. */
export const toFlowHeader = view('FlowHeader', {
  id,
  name: text,
  folder_id: nullable(id),
  is_component: flag,
  endpoint_name: nullable(text),
  description: nullable(text),
  data: json,
  access_type: access,
  tags: texts,
  mcp_enabled: flag,
  action_name: nullable(text),
  action_description: nullable(text),
})

/**
 * One flow of a listing as JSON text. Its graph comes as `row.graph`, valid JSON, and goes in as
 * it is: parsing it would cost more than all the rest.
 */
export function toListed(row: Row, { headers, actions }: { headers: boolean; actions: boolean }) {
  const fields = headers ? toFlowHeader(row) : toFlowRead(row)
  const more = actions ? { actions: permissions.filter((p) => row[p]), scope: row.scope } : {}
  const text = JSON.stringify(Object.assign(fields, { data: undefined }, more))
  return `${text.slice(0, -1)},"data":${row.graph}}`
}

/** A page as LangBuilder's clients know it. */
export function toPage<T>(
  items: T[],
  total: number,
  { page, size }: { page: number; size: number },
) {
  return { items, total, page, size, pages: Math.ceil(total / size) }
}
