// How the directory is answered: by SCIM's own media type, and errors in its form, whoever throws them.
import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Env, Open } from '../env.ts'
import type { Code, FieldIssue } from '../errors.ts'
import { MEDIA_TYPE, Refusal, urns } from './protocol.ts'
import type { Resource } from './view.ts'

/** Of a problem body. */
type Problem = { status: number; code: Code; detail: string | FieldIssue[] }

/** Says a problem in SCIM's form. Where there is no directory, its addresses are answered as any unknown one. */
export const inScimsWords: MiddlewareHandler<Open> = async (c, next) => {
  await next()
  const { env } = c.var as { env?: Env } // a request may be refused before it has one
  const { status, headers } = c.res
  if (env?.SCIM_TOKEN === undefined || headers.get('content-type') !== 'application/problem+json')
    return
  const problem = (await c.res.json()) as Problem // as errors.ts writes it
  const said = problem.code === 'invalid' ? 400 : status
  const scimType = typeOf(c.error, problem)
  const body = {
    schemas: [urns.error],
    status: String(said),
    ...(scimType ? { scimType } : {}),
    detail: textOf(problem.detail),
  }
  headers.set('content-type', MEDIA_TYPE)
  c.res = undefined
  c.res = new Response(JSON.stringify(body), { status: said, headers })
}

function typeOf(error: Error | undefined, { code, detail }: Problem) {
  if (error instanceof Refusal) return error.scimType
  if (code !== 'invalid') return undefined
  const isMalformed = Array.isArray(detail) && detail.some(({ loc }) => loc.length < 2)
  return isMalformed ? 'invalidSyntax' : 'invalidValue'
}

const textOf = (detail: Problem['detail']) =>
  Array.isArray(detail)
    ? detail
        .map(({ loc, msg }) => [...loc.slice(1), ''].join('.').replace(/\.$/, ': ') + msg)
        .join('; ')
    : detail

/** Sends a message of SCIM. */
export const sendJson = (c: Context, body: object, status: ContentfulStatusCode = 200) =>
  c.body(JSON.stringify(body), status, { 'content-type': MEDIA_TYPE })

/** Sends one resource, with where it is and which one it is. */
export function sendResource(c: Context, resource: Resource, shown: object, status?: 201) {
  c.header('etag', resource.meta.version)
  if (status) c.header('location', resource.meta.location)
  return sendJson(c, shown, status)
}
