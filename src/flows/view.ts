// Rows of `flow` -> the bodies of the contract. Pure.
import { permissions } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { dashed, toJson, toSecond } from '../db/values.ts'

/** One flow as LangBuilder's FlowRead. */
export function toFlowRead(row: Row) {
  return {
    name: row.name,
    description: row.description,
    icon: row.icon,
    icon_bg_color: row.icon_bg_color,
    gradient: row.gradient,
    data: toJson(row.data),
    is_component: Boolean(row.is_component),
    updated_at: toSecond(row.updated_at),
    webhook: Boolean(row.webhook),
    endpoint_name: row.endpoint_name,
    tags: toJson(row.tags) ?? [],
    locked: Boolean(row.locked),
    mcp_enabled: Boolean(row.mcp_enabled),
    action_name: row.action_name,
    action_description: row.action_description,
    access_type: row.access_type,
    id: dashed(row.id),
    user_id: dashed(row.user_id),
    folder_id: dashed(row.folder_id),
  }
}

/** One flow as LangBuilder's FlowHeader: `data` only of components. */
export function toFlowHeader(row: Row) {
  return {
    id: dashed(row.id),
    name: row.name,
    folder_id: dashed(row.folder_id),
    is_component: Boolean(row.is_component),
    endpoint_name: row.endpoint_name,
    description: row.description,
    data: toJson(row.data),
    access_type: row.access_type,
    tags: toJson(row.tags) ?? [],
    mcp_enabled: Boolean(row.mcp_enabled),
    action_name: row.action_name,
    action_description: row.action_description,
  }
}

/**
 * One flow of a listing as JSON text. Its graph comes as `row.graph`, valid JSON or NULL, and goes in
 * as it is: parsing it would cost more than all the rest.
 */
export function toListed(row: Row, { headers, actions }: { headers: boolean; actions: boolean }) {
  const fields = headers ? toFlowHeader(row) : toFlowRead(row)
  const more = actions ? { actions: permissions.filter((p) => row[p]), scope: row.scope } : {}
  const text = JSON.stringify({ ...fields, data: undefined, ...more })
  // SQLite takes text that ends in NUL and anything for valid.
  const graph = row.graph === null || String(row.graph).includes('\0') ? 'null' : row.graph
  return `${text.slice(0, -1)},"data":${graph}}`
}
