// What callers may send about flows.
import * as v from 'valibot'
import { graph, listOf, objectOf } from '../containers.ts'
import { MAX_NAME } from '../db/free-name.ts'
import {
  alone,
  Bool,
  choices,
  cursor,
  cutText,
  Flag,
  text,
  tooLong,
  Uuid,
  whole,
} from '../fields.ts'
import { clearable, cleared, mergeable, type PatchOf, patchOf, required } from '../patch.ts'
import { isTooMuch, MAX_WORDS, readWanted } from '../search/words.ts'
import { Icon } from './icon.ts'

export const FlowPath = v.object({ flow_id: Uuid })
/** Beyond the contract: who owns it. */
export const FlowQuery = v.object({ include: v.optional(choices('owner')) })

/** UTF-16 units. */
export const MAX_SEARCH = 500
/** What is looked for, read; undefined for blanks alone, which are no search. */
export const SearchText = v.pipe(
  v.string(),
  v.maxLength(MAX_SEARCH, tooLong(MAX_SEARCH)),
  v.transform(readWanted),
  v.check(
    (wanted) => wanted === undefined || !isTooMuch(wanted),
    `Input should have at most ${MAX_WORDS} words`,
  ),
)
/** Longer tags are not looked for. */
const MAX_TAG = 200
const MAX_TAGS = 10
const Tag = text(MAX_TAG)

export const FlowListQuery = v.object({
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
    v.picklist(
      ['updated', 'name', 'relevance'],
      "Input should be 'updated', 'name' or 'relevance'",
    ),
    'updated',
  ),
  search: v.optional(SearchText),
  tag: v.optional(listOf(MAX_TAGS, Tag), []),
  cursor: v.optional(cursor(20_000)),
  include: v.optional(choices('actions', 'owner', 'updated')),
  as: v.optional(Uuid),
})
export type FlowListQuery = v.InferOutput<typeof FlowListQuery>

/** Most characters of a text, so that each flow fits into one answer of libSQL whatever they are escaped to. */
export const MAX_TEXT = 100_000
const ShortText = text(MAX_TEXT)

/** Shorter still: a cursor in the order of names carries one, and has to fit into a URL. */
export const Name = text(MAX_NAME)

/** As long as a body may be. */
export const MAX_GRAPH = 4 * 1024 * 1024
const GraphData = graph(MAX_GRAPH)

const Color = v.pipe(
  text(100),
  v.check((text) => text === '' || text.startsWith('#'), 'Icon background color must start with #'),
  v.check(
    (text) => text === '' || text.length === 7,
    'Icon background color must be 7 characters long',
  ),
)

/** LangBuilder answers a bad endpoint name with this text alone, not with a list of issues. */
const EndpointName = v.pipe(
  text(MAX_NAME),
  alone(
    v.regex(
      /^[a-zA-Z0-9_-]+$/,
      'Endpoint name must contain only letters, numbers, hyphens, and underscores',
    ),
  ),
)

const AccessType = v.picklist(['PRIVATE', 'PUBLIC'], "Input should be 'PRIVATE' or 'PUBLIC'")

const Tags = v.pipe(
  listOf(1000, ShortText),
  v.check((tags) => JSON.stringify(tags).length <= MAX_TEXT, tooLong(MAX_TEXT)),
)

export const FlowCreate = objectOf({
  name: Name,
  description: v.nullish(ShortText, null),
  icon: v.nullish(Icon, null),
  icon_bg_color: v.nullish(Color, null),
  gradient: v.nullish(ShortText, null),
  data: v.nullish(GraphData, null),
  is_component: v.nullish(Bool, false),
  webhook: v.nullish(Bool, false),
  endpoint_name: v.nullish(EndpointName, null),
  tags: v.nullish(Tags, []),
  locked: v.nullish(Bool, false),
  mcp_enabled: v.nullish(Bool, false),
  action_name: v.nullish(ShortText, null),
  action_description: v.nullish(ShortText, null),
  access_type: v.optional(AccessType, 'PRIVATE'),
  folder_id: v.nullish(Uuid, null),
})
export type FlowCreate = v.InferOutput<typeof FlowCreate>

export const FlowUpdate = patchOf({
  name: required(Name),
  description: clearable(ShortText),
  data: mergeable(GraphData, MAX_GRAPH),
  folder_id: clearable(Uuid),
  endpoint_name: cleared(EndpointName),
  mcp_enabled: clearable(Bool),
  locked: clearable(Bool),
  action_name: clearable(ShortText),
  action_description: clearable(ShortText),
  access_type: required(AccessType),
})
export type FlowUpdate = PatchOf<typeof FlowUpdate>

/** What one request may bring: it is written in one transaction, for which all other writes wait. */
export const MAX_FLOWS = 1000
/** What one request may name. */
export const FlowIds = listOf(10_000, Uuid)

export const FlowBatch = objectOf({ flows: listOf(MAX_FLOWS, FlowCreate) })

/** A text as it stands in a file: what an adopted database held beyond our maxima ends early, as it does in lists. */
export const fileText = (max: number) => cutText(MAX_FILE_TEXT, max)
const MAX_FILE_TEXT = 5_000_000
const FileText = fileText(MAX_TEXT)

/** A flow as it stands in a file, which may come from anywhere: ids in it order nothing, its project is a wish. */
export const FileFlow = objectOf({
  ...FlowCreate.entries,
  name: fileText(MAX_NAME),
  description: v.nullish(FileText, null),
  gradient: v.nullish(FileText, null),
  action_name: v.nullish(FileText, null),
  action_description: v.nullish(FileText, null),
  folder_id: v.fallback(v.nullish(Uuid, null), null),
})
export type FileFlow = v.InferOutput<typeof FileFlow>
export const FileFlows = objectOf({ flows: listOf(MAX_FLOWS, FileFlow) })

export const UploadQuery = v.object({ folder_id: v.optional(Uuid) })
