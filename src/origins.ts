// Which browsers ask from our own pages, or from those of a listed origin.
import type { HonoRequest } from 'hono'

/** Browsers send `Origin` with whatever is no plain link or image; who is no browser sends none. */
export function isFromOurPages(req: HonoRequest, listed: readonly string[]): boolean {
  const origin = req.header('origin')
  if (origin === undefined) return !/^(cross|same)-site$/.test(req.header('sec-fetch-site') ?? '')
  return origin === new URL(req.url).origin || listed.includes(origin)
}
