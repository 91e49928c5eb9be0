// /api/v1/flows

import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { idempotent } from '../access/idempotent.ts'
import { toOwner } from '../access/owners.ts'
import { fromReplica, type SignedIn } from '../access/signed-in.ts'
import { one } from '../db/batch.ts'
import { ApiError } from '../errors.ts'
import { isNamed } from '../etags.ts'
import { body, path, query } from '../params.ts'
import { patch } from '../patch.ts'
import { answer, arrayOf, count, object } from '../wire.ts'
import { FlowWithOwner } from './bodies.ts'
import { createFlows } from './create.ts'
import { deleteFlow, deleteFlows } from './delete.ts'
import { conditional, readMatch } from './etag.ts'
import { listing } from './listing/routes.ts'
import { FlowBatch, FlowCreate, FlowIds, FlowPath, FlowQuery, FlowUpdate } from './params.ts'
import { findFlow } from './query.ts'
import { updateFlow } from './update.ts'
import { toFlowRead } from './view.ts'

const preconditions = ['precondition_failed', 'precondition_required'] as const

function answerTagged<T extends { etag: string }, S extends 200 | 201 = 200>(
  c: Context,
  flow: T,
  status?: S,
) {
  c.header('etag', flow.etag)
  return answer(c, flow, status)
}

/** 304. To typed clients it is the flow that they have. */
function unchanged<T extends { etag: string }>(c: Context, { etag }: T) {
  c.header('etag', etag)
  return c.body(null, 304) as unknown as ReturnType<typeof answer<T>>
}

export const flows = new Hono<SignedIn>()

  .route('/', listing) // GET flows/

  .get(
    '/flows/:flow_id',
    about({
      summary: 'Read a flow; with its owner never 304, for its ETag does not speak of that',
      gives: FlowWithOwner,
      tagged: true,
      errors: ['forbidden', 'not_found'],
    }),
    fromReplica,
    path(FlowPath),
    query(FlowQuery),
    async (c) => {
      const { flow_id } = c.req.valid('param')
      const withOwner = c.req.valid('query').include !== undefined
      const { flow, owner, allowed } = await findFlow(c.var.ask, flow_id, withOwner)
      if (!allowed) throw new ApiError('forbidden', 'You do not have permission to view this flow')
      if (!flow) throw new ApiError('not_found', 'Flow not found')
      const body = toFlowRead(flow)
      if (withOwner) return answerTagged(c, { ...body, owner: toOwner(owner) })
      // The owner is told by another row, of which the ETag knows nothing.
      if (isNamed(c.req.header('if-none-match'), body.etag)) return unchanged(c, body)
      return answerTagged(c, body)
    },
  )

  .post(
    '/flows/',
    about({
      summary: 'Create a flow; the caller becomes its Owner',
      status: 201,
      gives: toFlowRead,
      headers: ['ETag'],
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
    idempotent,
    body(FlowCreate),
    async (c) => {
      const flows = await createFlows(c.var.ask, [c.req.valid('json')])
      return answerTagged(c, toFlowRead(one(flows)), 201)
    },
  )

  .post(
    '/flows/batch/',
    about({
      summary: 'Create several flows, all or none',
      status: 201,
      gives: arrayOf(toFlowRead),
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
    idempotent,
    body(FlowBatch),
    async (c) => {
      const flows = await createFlows(c.var.ask, c.req.valid('json').flows)
      return answer(c, flows.map(toFlowRead), 201)
    },
  )

  .patch(
    '/flows/:flow_id',
    about({
      summary: 'Change or move a flow; a move takes everything on it and Create on the destination',
      gives: toFlowRead,
      blind: true,
      headers: ['ETag'],
      errors: ['bad_request', 'forbidden', 'not_found', ...preconditions],
    }),
    path(FlowPath),
    conditional,
    patch(FlowUpdate),
    async (c) => {
      const { flow_id } = c.req.valid('param')
      const flow = await updateFlow(
        c.var.ask,
        flow_id,
        c.req.valid('json'),
        readMatch(c.req.header('if-match'), c.var.env),
      )
      return flow ? answerTagged(c, toFlowRead(flow)) : c.body(null, 204)
    },
  )

  .delete(
    '/flows/:flow_id',
    about({
      summary: 'Delete a flow and the grants on it',
      errors: ['forbidden', 'not_found', ...preconditions],
    }),
    path(FlowPath),
    conditional,
    async (c) => {
      await deleteFlow(
        c.var.ask,
        c.req.valid('param').flow_id,
        readMatch(c.req.header('if-match'), c.var.env),
      )
      return c.body(null, 204)
    },
  )

  .delete(
    '/flows/',
    about({
      summary: 'Delete those of the flows that the caller may delete, whichever they are by now',
      gives: object({ deleted: count }),
    }),
    body(FlowIds),
    async (c) => {
      const deleted = await deleteFlows(c.var.ask, c.req.valid('json'))
      return c.json({ deleted })
    },
  )
