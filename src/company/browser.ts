// A browser that stands before the sign-in page, or comes back to it: where it goes on, whatever comes of it.
import type { Context, MiddlewareHandler } from 'hono'
import type { Env, Open } from '../env.ts'
import { ApiError } from '../errors.ts'

/** What an answer of an error says, and a redirect does not. */
const ofErrors = ['content-type', 'content-length', 'www-authenticate', 'retry-after']

/** Whoever reads pages is sent to the sign-in page with the code of what went wrong; programs have the error itself. */
export const refusedInBrowser: MiddlewareHandler<Open> = async (c, next) => {
  await next()
  const isPage = c.req.header('accept')?.includes('text/html')
  if (!(c.error instanceof ApiError) || !isPage) return
  const headers = new Headers(c.res.headers)
  for (const name of ofErrors) headers.delete(name)
  headers.set('location', `/console/?refused=${c.error.code}`)
  c.res = undefined
  c.res = new Response(null, { status: 302, headers })
}

/** Where a provider sends browsers back to: it is registered there letter by letter. */
export const redirectUri = (c: Context, provider: string) =>
  `${new URL(c.req.url).origin}/api/v1/auth/${provider}/callback`

/** The address of a `to`. Throws 422 for LangBuilder's front end where nobody has said where it is. */
export function addressOf(to: string, { LANGBUILDER_URL }: Env): string {
  if (to !== 'langbuilder') return to
  if (LANGBUILDER_URL !== undefined) return LANGBUILDER_URL
  throw new ApiError('invalid', [
    { type: 'value_error', loc: ['query', 'to'], msg: 'LANGBUILDER_URL is not set here' },
  ])
}
