// Files that callers send: one JSON document in the multipart field `file`.
import type { Context } from 'hono'
import { ApiError } from '../errors.ts'
import { invalid, parse, parseJson } from '../params.ts'
import { FlowBatch, FlowCreate } from './params.ts'

/** The JSON object in the file. Throws 422 if there is no file, 400 if it cannot be read as one. */
export async function readUpload(c: Context): Promise<Record<string, unknown>> {
  const form = await c.req.formData().catch(() => undefined)
  const file = form?.get('file')
  if (!file || typeof file === 'string')
    throw invalid([{ type: 'missing', loc: ['body', 'file'], msg: 'Field required' }])
  const json = parseJson(decode(await file.arrayBuffer()))
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ApiError('bad_request', 'The file cannot be read: it must hold one JSON object')
  return json as Record<string, unknown>
}

/** The flows of a file: `{"flows": [...]}`, or a single one. Throws 422 for fields at fault. */
export function parseFlows(content: Record<string, unknown>): FlowCreate[] {
  if ('flows' in content) return parse(FlowBatch, content, 'body').flows
  return [parse(FlowCreate, content, 'body')]
}

/** '' where the bytes are no UTF-8, which is no JSON either. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return ''
  }
}
