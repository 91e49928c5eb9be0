// /api/v1/flows
import { Hono } from 'hono'
import type { SignedIn } from '../access/authenticate.ts'
import { ApiError } from '../errors.ts'
import { body, path } from '../params.ts'
import { createFlow } from './create.ts'
import { listing } from './listing.ts'
import { FlowCreate, FlowPath } from './params.ts'
import { findFlow } from './query.ts'
import { toFlowRead } from './view.ts'

export const flows = new Hono<SignedIn>()

  .route('/', listing) // GET flows/

  .get('/flows/:flow_id', path(FlowPath), async (c) => {
    const { flow_id } = c.req.valid('param')
    const { flow, allowed } = await findFlow(c.var.db, c.var.credential, flow_id)
    if (!allowed) throw new ApiError('forbidden', 'You do not have permission to view this flow')
    if (!flow) throw new ApiError('not_found', 'Flow not found')
    return c.json(toFlowRead(flow))
  })

  .post('/flows/', body(FlowCreate), async (c) => {
    const flow = await createFlow(c.var.db, c.var.credential, c.req.valid('json'))
    return c.json(toFlowRead(flow), 201)
  })
