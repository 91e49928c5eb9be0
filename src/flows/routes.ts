// /api/v1/flows
import { Hono } from 'hono'
import type { SignedIn } from '../access/authenticate.ts'
import { ApiError } from '../errors.ts'
import { body, path, query } from '../params.ts'
import { createFlow } from './create.ts'
import { FlowCreate, FlowPath, ListQuery } from './params.ts'
import { findFlow, listFlows, pageFlows } from './query.ts'
import { toFlowHeader, toFlowRead, toPage } from './view.ts'

export const flows = new Hono<SignedIn>()

  .get('/flows/', query(ListQuery), async (c) => {
    const filter = c.req.valid('query')
    if (!filter.get_all) {
      const { rows, total } = await pageFlows(c.var.db, c.var.credential, filter)
      return c.json(toPage(rows.map(toFlowRead), total, filter))
    }
    const rows = await listFlows(c.var.db, c.var.credential, filter)
    return c.json(filter.header_flows ? rows.map(toFlowHeader) : rows.map(toFlowRead))
  })

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
