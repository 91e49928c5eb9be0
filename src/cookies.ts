// How cookies are kept.
import type { Context } from 'hono'
import { isLoopback } from './addresses.ts'
import type { Open } from './env.ts'

/**
 * LangBuilder's front end takes its bearer token from the access cookie, which a script can neither read nor replace
 * where it is HttpOnly; nothing here reads it but to end its session. The others are for no script, and go along to a
 * listed origin of another site, whose browser says so if it is not an old one; every route that takes the refresh
 * cookie asks for the `Origin`.
 */
export function cookiesFor(c: Context<Open>) {
  const { CORS_ORIGINS, ACCESS_COOKIE } = c.var.env
  const { protocol, hostname } = new URL(c.req.url)
  // A page by plain http cannot replace what is Secure, and some browsers do not even keep it.
  const secure = protocol !== 'http:' || !isLoopback(hostname)
  const isListed = CORS_ORIGINS.includes(c.req.header('origin') ?? '')
  const isOtherSite = isListed && (c.req.header('sec-fetch-site') ?? 'cross-site') === 'cross-site'
  const own = { path: '/', secure, sameSite: 'Lax' } as const
  const kept = isOtherSite ? ({ ...own, secure: true, sameSite: 'None' } as const) : own
  return {
    own,
    hidden: { ...kept, httpOnly: true },
    readable: { ...own, httpOnly: ACCESS_COOKIE === 'httponly' },
  }
}
