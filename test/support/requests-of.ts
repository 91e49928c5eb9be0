// Requests made of what /openapi.json says that an operation takes, some of them broken.
import fc from 'fast-check'
import type { Operation } from '../../src/reference/document.ts'
import type { Schema } from '../../src/wire.ts'
import { type Ids, missing, objectOf, odd, rarely, someOf, valuesOf } from './from-schema.ts'

export type Request = { path: string; headers: Record<string, string>; body?: string }

/** A list of ids is of what the operation is about. */
const tagged = ({ tags }: Operation) => `${tags[0]?.replace(/s$/, '')}_id`

/** Requests for an operation at its path; `file` is the schema of what an upload may hold. */
export function requestsOf(
  path: string,
  operation: Operation,
  file: Schema,
  ids: Ids,
): fc.Arbitrary<Request> {
  const { parameters = [], requestBody } = operation
  const some = (where: string) =>
    someOf(
      parameters
        .filter((one) => one.in === where)
        .map(({ name, schema, required }) => ({
          name,
          required,
          value: valuesOf(schema, ids, name),
        })),
    )
  const bodies = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    bodyOf(type, schema, file, ids, tagged(operation)),
  )
  const body: fc.Arbitrary<Body> = bodies.length > 0 ? fc.oneof(...bodies) : fc.constant({})
  return fc
    .record({ path: some('path'), query: some('query'), header: some('header'), body })
    .map(({ path: inPath, query, header, body: { type, text } }) => ({
      path: path.replace(/\{(\w+)\}/g, (_, name) => encode(inPath[name])) + toQuery(query),
      headers: {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...Object.fromEntries(
          Object.entries(header).map(([name, value]) => [name, toHeader(value)]),
        ),
      },
      ...(text === undefined ? {} : { body: text }),
    }))
}

type Body = { type?: string; text?: string }

function bodyOf(
  type: string,
  schema: Schema,
  file: Schema,
  ids: Ids,
  name: string,
): fc.Arbitrary<Body> {
  if (type === 'application/x-www-form-urlencoded')
    return objectOf(schema, ids).map((fields) => ({ type, text: toQuery(fields).slice(1) }))
  if (type !== 'multipart/form-data')
    return jsonOf(valuesOf(schema, ids, name)).map((text) => ({ type, text }))
  const fields = Object.keys((schema.properties ?? {}) as object)
  const field = rarely(fc.constantFrom(...fields), fc.constant('other'))
  return fc.tuple(field, jsonOf(filesOf(file, ids))).map(([field, content]) => ({
    type: `${type}; boundary=x`,
    text: `--x\r\ncontent-disposition: form-data; name="${field}"; filename="f.json"\r\n\r\n${content}\r\n--x--\r\n`,
  }))
}

/** JSON text, or what looks like it for a while. */
const jsonOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  rarely(
    value.map((one) => JSON.stringify(one) ?? ''),
    fc.constantFrom('', '{', '[1', '"', '\u0000', '{}{}'),
  )

/** A flow, a collection, a project, or anything. */
function filesOf(file: Schema, ids: Ids): fc.Arbitrary<unknown> {
  const flow = objectOf(file, ids)
  const flows = fc.array(flow, { minLength: 1, maxLength: 3 })
  const folder_name = fc.string({ minLength: 1, maxLength: 20 })
  return rarely(fc.oneof(flow, fc.record({ flows }), fc.record({ folder_name, flows })), odd)
}

const asText = (value: unknown) =>
  (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed()
/** A segment that a URL keeps: nothing or dots alone would leave the path. */
const encode = (value: unknown) => encodeURIComponent(asText(value)).replace(/^\.*$/, missing)
const toHeader = (value: unknown) =>
  asText(value)
    .replace(/[^ -~]/g, '?')
    .trim()

function toQuery(fields: Record<string, unknown>): string {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(asText(value))}`,
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
