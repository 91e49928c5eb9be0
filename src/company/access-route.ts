// /api/v1/auth/access: a session for whoever passed Cloudflare Access, as pages need one that know of no such header.
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { limited } from '../defence.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { readPassed } from '../identity/cloudflare-access.ts'
import { query } from '../params.ts'
import { issueTokens } from '../session-cookies.ts'
import { signInPerson } from './accounts.ts'
import { toPerson } from './arrival.ts'
import { addressOf, refusedInBrowser } from './browser.ts'
import { Start } from './params.ts'
import { laterOf } from './routes.ts'
import { requireAccess } from './settings.ts'

/** A page of another site may send somebody here, who then is who they are; it begins no sessions by its pictures. */
const gone: MiddlewareHandler<Open> = async (c, next) => {
  if ((c.req.header('sec-fetch-dest') ?? 'document') !== 'document')
    throw new ApiError('forbidden', 'Signing in is a page to go to')
  await next()
}

/** Open to strangers. `ready` comes once Access has vouched for somebody. */
export const accessSignIn = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>().get(
    '/auth/access/start',
    about({
      summary: 'Begin a session for whoever passed Cloudflare Access, and go on to `to`',
      open: true,
      status: 302,
      headers: ['Visit-Cookie'],
      errors: [
        'not_found',
        'sign_in_invalid',
        'forbidden',
        'sign_in_refused',
        'too_many_requests',
        'provider_unavailable',
        'write_unknown',
      ],
    }),
    requireAccess,
    refusedInBrowser,
    gone,
    limited('LOGIN_LIMITER'),
    query(Start),
    async (c) => {
      const address = addressOf(c.req.valid('query').to, c.var.env)
      const passed = await readPassed(c.req, c.var.env, laterOf(c))
      if (!passed)
        throw new ApiError(
          'sign_in_invalid',
          'Nothing has come along from Cloudflare Access: it does not stand in front of this address.',
        )
      await ready(c, async () => {})
      await issueTokens(c, await signInPerson(c.var, toPerson(passed), c.req.header('user-agent')))
      return c.redirect(address, 302)
    },
  )
