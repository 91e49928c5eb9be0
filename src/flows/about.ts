// What the API description says about flows.
import { type About, listOf, pageOf } from '../wire.ts'
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
    errors: ['forbidden', 'not_found'],
  },
  'POST /api/v1/flows/': {
    summary: 'Create a flow; the caller becomes its Owner',
    status: 201,
    gives: toFlowRead,
    errors: ['forbidden', 'not_found'],
  },
}
