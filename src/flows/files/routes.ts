// /api/v1/flows/upload/, download/, and what strangers may see of flows, which is the same as leaves for a file.
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../../about.ts'
import { idempotent } from '../../access/idempotent.ts'
import { onlyReads, type SignedIn } from '../../access/signed-in.ts'
import type { Open } from '../../env.ts'
import { ApiError } from '../../errors.ts'
import { body, path, query } from '../../params.ts'
import { answer, arrayOf } from '../../wire.ts'
import { createFlows, type NewFlow } from '../create.ts'
import { type FileFlow, FlowIds, FlowPath, UploadQuery } from '../params.ts'
import { toFileFlow, toFlowRead } from '../view.ts'
import {
  ARCHIVE_TYPE,
  fileTime,
  toArchive,
  toExample,
  toFlowFile,
  toPublicFlow,
} from './archive.ts'
import { findFlows, findPublicFlow, listExamples } from './download.ts'
import { parseFlows, readUpload } from './upload.ts'

/** The project of the query is an order; the one that a file names, from here or elsewhere, is a wish. */
const intoProject =
  (ordered: string | undefined) =>
  (flow: FileFlow): NewFlow =>
    ordered ? { ...flow, folder_id: ordered } : { ...flow, folder_id: null, wish: flow.folder_id }

/** Open to everybody. Secrets in the graphs stay at home. */
export const openFlows = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>()

    .get(
      '/flows/public_flow/:flow_id',
      about({
        summary: 'Read a flow whose access type is PUBLIC',
        open: true,
        tagged: true,
        gives: toFileFlow,
        errors: ['forbidden', 'too_many_requests'],
      }),
      path(FlowPath),
      ready,
      async (c) => {
        const flow = await findPublicFlow(c.var.db, c.req.valid('param').flow_id)
        if (!flow) throw new ApiError('forbidden', 'Flow is not public')
        return answer(c, toPublicFlow(flow))
      },
    )

    .get(
      '/flows/basic_examples/',
      about({
        summary: 'List the example flows',
        open: true,
        tagged: true,
        gives: arrayOf(toFileFlow),
        errors: ['too_many_requests'],
      }),
      ready,
      async (c) => {
        const flows = await listExamples(c.var.db)
        return answer(c, flows.map(toExample))
      },
    )

export const flowFiles = new Hono<SignedIn>()

  .post(
    '/flows/upload/',
    about({
      summary: 'Create flows from files: one flow, {"flows": [...]}, or a zip archive of them',
      file: 'file',
      status: 201,
      gives: arrayOf(toFlowRead),
      errors: ['bad_request', 'forbidden', 'not_found', 'too_large'],
    }),
    idempotent,
    query(UploadQuery),
    async (c) => {
      const { folder_id } = c.req.valid('query')
      const uploaded = parseFlows(await readUpload(c))
      const flows = await createFlows(c.var.ask, uploaded.map(intoProject(folder_id)), 'import')
      return answer(c, flows.map(toFlowRead), 201)
    },
  )

  .post(
    '/flows/download/',
    about({
      summary: 'Read flows as files: one as JSON, several as a zip archive',
      gives: toFileFlow,
      archive: ARCHIVE_TYPE,
      headers: ['Content-Disposition'],
      errors: ['bad_request', 'not_found'],
    }),
    onlyReads,
    body(FlowIds),
    async (c) => {
      const flows = await findFlows(c.var.ask, c.req.valid('json'))
      const [flow] = flows
      if (!flow) throw new ApiError('not_found', 'No flows found.')
      if (flows.length === 1) return answer(c, toFlowFile(flow))
      return c.body(toArchive(flows), 200, {
        'content-type': ARCHIVE_TYPE,
        'content-disposition': `attachment; filename=${fileTime()}_langbuilder_flows.zip`,
      })
    },
  )
