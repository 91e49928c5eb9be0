// What the API description says about flows.
import { type About, count, listOf, object, pageOf } from '../wire.ts'
import { ARCHIVE_TYPE } from './archive.ts'
import { toFlowHeader, toFlowRead } from './view.ts'

/** The three forms of the listing. */
const FlowList = {
  schema: {
    oneOf: [listOf(toFlowRead).schema, listOf(toFlowHeader).schema, pageOf(toFlowRead).schema],
  },
}

export const aboutFlows: About = {
  'GET /api/v1/flows/': { summary: 'List the flows that the caller may read', gives: FlowList },
  'GET /api/v1/flows/:flow_id': {
    summary: 'Read a flow',
    gives: toFlowRead,
    errors: ['forbidden', 'not_found', 'too_large'],
  },
  'POST /api/v1/flows/': {
    summary: 'Create a flow; the caller becomes its Owner',
    status: 201,
    gives: toFlowRead,
    errors: ['forbidden', 'not_found'],
  },
  'PATCH /api/v1/flows/:flow_id': {
    summary: 'Change or move a flow; a move takes everything on it and Create on the destination',
    gives: toFlowRead,
    blind: true,
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'DELETE /api/v1/flows/:flow_id': {
    summary: 'Delete a flow and the grants on it',
    errors: ['forbidden', 'not_found'],
  },
  'DELETE /api/v1/flows/': {
    summary: 'Delete those of the flows that the caller may delete',
    gives: object({ deleted: count }),
  },
  'POST /api/v1/flows/batch/': {
    summary: 'Create several flows, all or none',
    status: 201,
    gives: listOf(toFlowRead),
    errors: ['forbidden', 'not_found'],
  },
  'POST /api/v1/flows/upload/': {
    summary: 'Create flows from a file: one flow, or {"flows": [...]}',
    file: 'file',
    status: 201,
    gives: listOf(toFlowRead),
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'POST /api/v1/flows/download/': {
    summary: 'Read flows as files: one as JSON, several as a zip archive',
    gives: toFlowRead,
    archive: ARCHIVE_TYPE,
    errors: ['not_found'],
  },
  'GET /api/v1/flows/public_flow/:flow_id': {
    summary: 'Read a flow whose access type is PUBLIC',
    open: true,
    gives: toFlowRead,
    errors: ['forbidden', 'too_large'],
  },
  'GET /api/v1/flows/basic_examples/': {
    summary: 'List the example flows',
    open: true,
    gives: listOf(toFlowRead),
  },
}
