// What the API description says about flows.
import type { About } from '../about.ts'
import {
  count,
  type Described,
  eitherOf,
  id,
  listOf,
  listOfEither,
  nullable,
  object,
  optional,
  pageOf,
  text,
  texts,
  titled,
} from '../wire.ts'
import { ARCHIVE_TYPE } from './archive.ts'
import { toFileFlow, toFlowHeader, toFlowRead } from './view.ts'

/** What `include` adds to each flow, or project, of a list, and the last of it to one by itself. */
export const owner: Described = {
  schema: { ...object({ id, username: text }).schema, type: ['object', 'null'] },
  optional: true,
}
export const included = { actions: optional(texts), scope: optional(nullable(text)), owner }
/** A flow with its owner, where that is asked for. */
export const FlowWithOwner = titled('FlowWithOwner', object({ owner }, toFlowRead))
const Listed = titled('ListedFlow', object(included, toFlowRead))
const ListedHeader = titled('ListedFlowHeader', object(included, toFlowHeader))

/** The forms of the listing: everything, a page of a project, a page by cursor; flows or their headers. */
const FlowList = eitherOf(
  listOfEither(Listed, ListedHeader),
  titled('FlowPage', pageOf(Listed)),
  titled(
    'FlowCursorPage',
    object({
      items: listOfEither(Listed, ListedHeader),
      total: count,
      size: count,
      next_cursor: nullable(text),
      prev_cursor: nullable(text),
    }),
  ),
)

const preconditions = ['precondition_failed', 'precondition_required'] as const

export const aboutFlows: About = {
  'GET /api/v1/flows/': {
    summary: 'List the flows that the caller may read',
    gives: FlowList,
    tagged: true,
    headers: ['Link'],
    errors: ['cursor_invalid'],
  },
  'GET /api/v1/flows/:flow_id': {
    summary: 'Read a flow; with its owner never 304, for its ETag does not speak of that',
    gives: FlowWithOwner,
    tagged: true,
    errors: ['forbidden', 'not_found'],
  },
  'POST /api/v1/flows/': {
    summary: 'Create a flow; the caller becomes its Owner',
    status: 201,
    gives: toFlowRead,
    headers: ['ETag'],
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'PATCH /api/v1/flows/:flow_id': {
    summary: 'Change or move a flow; a move takes everything on it and Create on the destination',
    gives: toFlowRead,
    blind: true,
    headers: ['ETag'],
    errors: ['bad_request', 'forbidden', 'not_found', ...preconditions],
  },
  'DELETE /api/v1/flows/:flow_id': {
    summary: 'Delete a flow and the grants on it',
    errors: ['forbidden', 'not_found', ...preconditions],
  },
  'DELETE /api/v1/flows/': {
    summary: 'Delete those of the flows that the caller may delete, whichever they are by now',
    gives: object({ deleted: count }),
  },
  'POST /api/v1/flows/batch/': {
    summary: 'Create several flows, all or none',
    status: 201,
    gives: listOf(toFlowRead),
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'POST /api/v1/flows/upload/': {
    summary: 'Create flows from files: one flow, {"flows": [...]}, or a zip archive of them',
    file: 'file',
    status: 201,
    gives: listOf(toFlowRead),
    errors: ['bad_request', 'forbidden', 'not_found', 'too_large'],
  },
  'POST /api/v1/flows/download/': {
    summary: 'Read flows as files: one as JSON, several as a zip archive',
    gives: toFileFlow,
    archive: ARCHIVE_TYPE,
    headers: ['Content-Disposition'],
    errors: ['bad_request', 'not_found'],
  },
  'GET /api/v1/flows/public_flow/:flow_id': {
    summary: 'Read a flow whose access type is PUBLIC',
    open: true,
    tagged: true,
    gives: toFileFlow,
    errors: ['forbidden', 'too_many_requests'],
  },
  'GET /api/v1/flows/basic_examples/': {
    summary: 'List the example flows',
    open: true,
    tagged: true,
    gives: listOf(toFileFlow),
    errors: ['too_many_requests'],
  },
}
