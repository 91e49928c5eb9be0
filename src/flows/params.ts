// What callers may send about flows.
import * as v from 'valibot'
import { Bool, Flag, Json, listOf, Text, Uuid, whole } from '../params.ts'

export const FlowPath = v.object({ flow_id: Uuid })

export const ListQuery = v.object({
  get_all: v.optional(Flag, 'true'),
  header_flows: v.optional(Flag, 'false'),
  components_only: v.optional(Flag, 'false'),
  remove_example_flows: v.optional(Flag, 'false'),
  folder_id: v.optional(Uuid),
  page: v.optional(whole(1, 1_000_000), '1'),
  size: v.optional(whole(1, 100), '50'),
  // Beyond the contract; no LangBuilder client sends these.
  paged: v.optional(v.picklist(['all'], "Input should be 'all'")),
  order: v.optional(
    v.picklist(['updated', 'name'], "Input should be 'updated' or 'name'"),
    'updated',
  ),
  cursor: v.optional(v.string()),
  include: v.optional(v.picklist(['actions'], "Input should be 'actions'")),
})
export type ListQuery = v.InferOutput<typeof ListQuery>

const GraphData = v.pipe(
  Json,
  v.check((data) => Object.keys(data).length === 0 || 'nodes' in data, 'Flow must have nodes'),
  v.check((data) => Object.keys(data).length === 0 || 'edges' in data, 'Flow must have edges'),
)

const Color = v.pipe(
  Text,
  v.check((text) => text === '' || text.startsWith('#'), 'Color must start with #'),
  v.check((text) => text === '' || text.length === 7, 'Color must be 7 characters long'),
)

export const EndpointName = v.pipe(
  Text,
  v.regex(
    /^[a-zA-Z0-9_-]+$(?!\n)/,
    'Endpoint name must contain only letters, numbers, hyphens, and underscores',
  ),
)

export const FlowCreate = v.object({
  name: Text,
  description: v.nullish(Text, null),
  icon: v.nullish(Text, null),
  icon_bg_color: v.nullish(Color, null),
  gradient: v.nullish(Text, null),
  data: v.nullish(GraphData, null),
  is_component: v.nullish(Bool, false),
  webhook: v.nullish(Bool, false),
  endpoint_name: v.nullish(EndpointName, null),
  tags: v.nullish(listOf(Text), []),
  locked: v.nullish(Bool, false),
  mcp_enabled: v.nullish(Bool, false),
  action_name: v.nullish(Text, null),
  action_description: v.nullish(Text, null),
  access_type: v.optional(
    v.picklist(['PRIVATE', 'PUBLIC'], "Input should be 'PRIVATE' or 'PUBLIC'"),
    'PRIVATE',
  ),
  folder_id: v.nullish(Uuid, null),
})
export type FlowCreate = v.InferOutput<typeof FlowCreate>
