// What the standard's binding to HTTP asks for, where the rest of flowgate speaks as LangBuilder does.
import type { Context, MiddlewareHandler } from 'hono'
import { ApiError, type Code } from '../errors.ts'

/** The request is wrong, or nobody says who sends it. */
const words: Partial<Record<Code, Code>> = {
  invalid: 'bad_request',
  not_authenticated: 'invalid_credentials',
}

/** The same error: 400 for whatever is wrong with a request, 401 for whoever has not proved who they are. */
export function inItsWords(error: ApiError, c: Context): ApiError {
  const code = c.req.path.startsWith('/access/v1/') ? words[error.code] : undefined
  return code ? new ApiError(code, error.detail, { cause: error.cause }) : error
}

/** A request that comes with an id is answered with it, whatever it looks like. The log and a problem body have ours. */
export const echoed: MiddlewareHandler = async (c, next) => {
  await next()
  const theirs = c.req.header('x-request-id')
  if (theirs) c.res.headers.set('X-Request-Id', theirs)
}
