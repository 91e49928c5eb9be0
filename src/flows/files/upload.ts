// Files that callers send in the multipart field `file`: JSON documents, and zip archives of them.
import type { Context } from 'hono'
import { placesOf } from '../../containers.ts'
import { ApiError } from '../../errors.ts'
import { decode, invalid, NO_UTF8, parse, parseJson } from '../../params.ts'
import { FileFlow, FileFlows, MAX_FLOWS } from '../params.ts'
import { looksLike, mayBeFlow } from './foreign.ts'
import { isArchive, unzip } from './unzip.ts'

/** A JSON object with the name of its file, and of the archive that it came in. */
export type Document = {
  readonly name: string
  readonly archive?: string
  readonly content: Record<string, unknown>
}

/** A file holds one flow, or several. */
const places = [...placesOf(FileFlow), ...placesOf(FileFlows)]

/** All of them. Throws 422 where there is no file, 400 for one that cannot be read, 413 for too much in archives. */
export async function readUpload(c: Context): Promise<Document[]> {
  const form = await c.req.formData().catch(() => undefined)
  const files = (form?.getAll('file') ?? []).filter((file) => typeof file !== 'string')
  if (files.length === 0)
    throw invalid([{ type: 'missing', loc: ['body', 'file'], msg: 'Field required' }])
  atMost(files) // each holds a flow, or is refused
  const documents: Document[] = []
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const name = shown(file.name)
    if (!isArchive(bytes)) documents.push({ name, content: readObject(name, bytes) })
    else
      for (const entry of unzip(name, bytes)) {
        const inner = shown(entry.name)
        documents.push({ name: inner, archive: file.name, content: readObject(inner, entry.bytes) })
      }
  }
  return documents
}

/** The name of a file in a sentence. */
const shown = (name: string) =>
  `'${name.slice(0, 100).toWellFormed().replace(/\p{C}/gu, '?') || 'The file'}'`

function readObject(name: string, bytes: Uint8Array): Record<string, unknown> {
  if (isArchive(bytes)) throw unreadable(name, 'an archive within an archive is not unpacked')
  const text = decode(bytes)
  if (text === undefined) throw unreadable(name, NO_UTF8)
  const json = parseJson(text, places)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw unreadable(name, 'it must hold one JSON object')
  return json as Record<string, unknown>
}

const unreadable = (name: string, why: string) =>
  new ApiError('bad_request', `${name} cannot be read: ${why}`)

/**
 * The flows of all documents: each holds `{"flows": [...]}`, or a single one. Throws 400 for a document without,
 * 422 for fields at fault.
 */
export function parseFlows(documents: readonly Document[]): FileFlow[] {
  const flows = documents.flatMap((document) => {
    requireFlows(document)
    const where = whereIn(document, documents)
    return 'flows' in document.content
      ? parse(FileFlows, document.content, where).flows
      : [parse(FileFlow, document.content, where)]
  })
  if (flows.length === 0) throw new ApiError('bad_request', 'No flows found in the file')
  return atMost(flows)
}

/** Throws 400 for a document in which something else stands for a flow, or nothing at all. */
export function requireFlows({ name, content }: Document): void {
  const flows = 'flows' in content ? content.flows : [content]
  if (!Array.isArray(flows)) return // which the schema says
  if (flows.length === 0) throw new ApiError('bad_request', `No flows found in the file ${name}`)
  const at = flows.findIndex((flow) => !mayBeFlow(flow))
  if (at < 0) return
  const which = 'flows' in content ? ` in place ${at} of its list` : ''
  throw new ApiError('bad_request', `${name} holds no flow${which}${looksLike(flows[at])}`)
}

/** Where a field at fault is: its file is named where there are several. */
export const whereIn = ({ name }: Document, documents: readonly Document[]): string[] =>
  documents.length > 1 ? ['body', name] : ['body']

/** Throws 422 for more flows than one request makes. */
export function atMost<T>(flows: T[]): T[] {
  if (flows.length <= MAX_FLOWS) return flows
  const msg = `List should have at most ${MAX_FLOWS} items`
  throw invalid([{ type: 'value_error', loc: ['body', 'flows'], msg }])
}
