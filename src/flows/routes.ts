// /api/v1/flows
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { onlyReads, type SignedIn } from '../access/ask.ts'
import { idempotent } from '../access/idempotent.ts'
import { toOwner } from '../access/owners.ts'
import { one } from '../db/batch.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { body, path, query } from '../params.ts'
import { patch } from '../patch.ts'
import { answer } from '../wire.ts'
import {
  ARCHIVE_TYPE,
  fileTime,
  toArchive,
  toExample,
  toFlowFile,
  toPublicFlow,
} from './archive.ts'
import { createFlows, type NewFlow } from './create.ts'
import { deleteFlow, deleteFlows } from './delete.ts'
import { findFlows, findPublicFlow, listExamples } from './download.ts'
import { conditional, isKnown, readMatch } from './etag.ts'
import { listing } from './listing.ts'
import {
  type FileFlow,
  FlowBatch,
  FlowCreate,
  FlowIds,
  FlowPath,
  FlowQuery,
  FlowUpdate,
  UploadQuery,
} from './params.ts'
import { findFlow } from './query.ts'
import { updateFlow } from './update.ts'
import { parseFlows, readUpload } from './upload.ts'
import { toFlowRead } from './view.ts'

/** The project of the query is an order; the one that a file names, from here or elsewhere, is a wish. */
const intoProject =
  (ordered: string | undefined) =>
  (flow: FileFlow): NewFlow =>
    ordered ? { ...flow, folder_id: ordered } : { ...flow, folder_id: null, wish: flow.folder_id }

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

/** Open to everybody. Secrets in the graphs stay at home. */
export const openFlows = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>()

    .get('/flows/public_flow/:flow_id', path(FlowPath), ready, async (c) => {
      const flow = await findPublicFlow(c.var.db, c.req.valid('param').flow_id)
      if (!flow) throw new ApiError('forbidden', 'Flow is not public')
      return answer(c, toPublicFlow(flow))
    })

    .get('/flows/basic_examples/', ready, async (c) => {
      const flows = await listExamples(c.var.db)
      return answer(c, flows.map(toExample))
    })

export const flows = new Hono<SignedIn>()

  .route('/', listing) // GET flows/

  .get('/flows/:flow_id', path(FlowPath), query(FlowQuery), async (c) => {
    const { flow_id } = c.req.valid('param')
    const withOwner = c.req.valid('query').include !== undefined
    const { flow, owner, allowed } = await findFlow(c.var.ask, flow_id, withOwner)
    if (!allowed) throw new ApiError('forbidden', 'You do not have permission to view this flow')
    if (!flow) throw new ApiError('not_found', 'Flow not found')
    const body = toFlowRead(flow)
    if (withOwner) return answerTagged(c, { ...body, owner: toOwner(owner) })
    // The owner is told by another row, of which the ETag knows nothing.
    if (isKnown(c.req.header('if-none-match'), body.etag)) return unchanged(c, body)
    return answerTagged(c, body)
  })

  .post('/flows/', idempotent, body(FlowCreate), async (c) => {
    const flows = await createFlows(c.var.ask, [c.req.valid('json')])
    return answerTagged(c, toFlowRead(one(flows)), 201)
  })

  .post('/flows/batch/', idempotent, body(FlowBatch), async (c) => {
    const flows = await createFlows(c.var.ask, c.req.valid('json').flows)
    return answer(c, flows.map(toFlowRead), 201)
  })

  .post('/flows/upload/', idempotent, query(UploadQuery), async (c) => {
    const { folder_id } = c.req.valid('query')
    const uploaded = parseFlows(await readUpload(c))
    const flows = await createFlows(c.var.ask, uploaded.map(intoProject(folder_id)), 'import')
    return answer(c, flows.map(toFlowRead), 201)
  })

  .post('/flows/download/', onlyReads, body(FlowIds), async (c) => {
    const flows = await findFlows(c.var.ask, c.req.valid('json'))
    const [flow] = flows
    if (!flow) throw new ApiError('not_found', 'No flows found.')
    if (flows.length === 1) return answer(c, toFlowFile(flow))
    return c.body(toArchive(flows), 200, {
      'content-type': ARCHIVE_TYPE,
      'content-disposition': `attachment; filename=${fileTime()}_langbuilder_flows.zip`,
    })
  })

  .patch('/flows/:flow_id', path(FlowPath), conditional, patch(FlowUpdate), async (c) => {
    const { flow_id } = c.req.valid('param')
    const flow = await updateFlow(
      c.var.ask,
      flow_id,
      c.req.valid('json'),
      readMatch(c.req.header('if-match'), c.var.env),
    )
    return flow ? answerTagged(c, toFlowRead(flow)) : c.body(null, 204)
  })

  .delete('/flows/:flow_id', path(FlowPath), conditional, async (c) => {
    await deleteFlow(
      c.var.ask,
      c.req.valid('param').flow_id,
      readMatch(c.req.header('if-match'), c.var.env),
    )
    return c.body(null, 204)
  })

  .delete('/flows/', body(FlowIds), async (c) => {
    const deleted = await deleteFlows(c.var.ask, c.req.valid('json'))
    return c.json({ deleted })
  })
