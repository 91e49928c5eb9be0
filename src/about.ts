// What a route says of itself beyond its code: it hangs on the route in the chain, as the schemas of what it takes do,
// and the API description reads both.
import type { MiddlewareHandler } from 'hono'
import type { Code } from './errors.ts'
import type { HasSchema } from './wire.ts'

/** Headers that mean something to a client beyond HTTP's own handling of them. */
type HeaderName =
  | 'Content-Disposition'
  | 'ETag'
  | 'Flowgate-Flows-Owned'
  | 'Idempotent-Replayed'
  | 'Link'
  | 'Set-Cookie'
  | 'Visit-Cookie'

export type Description = {
  summary: string
  /** The body of success; none for 204. */
  gives?: HasSchema
  /** The status of success: 200, or 204 where nothing is given. */
  status?: number
  /** There is no success: whoever asks is told why. */
  refused?: true
  /** Success is 204 without a body for those who may not read what they changed. */
  blind?: true
  /** The errors of this route beyond those that its validators and its caller bring along. */
  errors?: readonly Code[]
  /** Needs no caller. */
  open?: boolean
  /** What it is answered from, where that is not the database: the code alone, or the settings too. */
  reads?: 'nothing' | 'settings'
  /** It speaks as the standard of decision APIs does: 400 for what is 422 elsewhere, 401 for a stranger. */
  standard?: true
  /** It answers a company's directory: by a token of its own, in SCIM's media type and its form of errors. */
  directory?: true
  /** The cookies that it goes by, where it takes some. */
  cookies?: readonly string[]
  /** Has an ETag, and is 304 without a body for whoever knows it. */
  tagged?: true
  /** Further answers that are no errors of their own, by status. */
  also?: Record<number, { means: string; gives?: HasSchema }>
  /** The headers of success beyond those of every answer. */
  headers?: readonly HeaderName[]
  /** The media type of a file that is given, beside JSON or instead of it. */
  archive?: string
  /** The field of a multipart body that carries a file, where the route takes one. */
  file?: string
}

/** Describes the route; a request passes it by. */
export const about = (description: Description): MiddlewareHandler =>
  Object.assign<MiddlewareHandler, { about: Description }>((_, next) => next(), {
    about: description,
  })
