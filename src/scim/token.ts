// Who may come in: whoever holds SCIM_TOKEN, and nobody else. The token is looked at before anything is read of the
// request and before the database is asked; without one in the settings none of these addresses exists.
import { timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { countWrongKey } from '../defence.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'

export const directoryOnly: MiddlewareHandler<Open> = async (c, next) => {
  const { SCIM_TOKEN } = c.var.env
  if (SCIM_TOKEN === undefined) throw new ApiError('not_found', 'Not Found')
  const given = bearerOf(c)
  if (given === undefined || !(await isSame(given, SCIM_TOKEN))) {
    if (given !== undefined) await countWrongKey(c)
    throw new ApiError('invalid_credentials', 'Send SCIM_TOKEN as the bearer token')
  }
  await next()
}

const bearerOf = (c: Context) => /^bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]

/** How long it takes tells nothing of either: their digests are compared, all of them. */
async function isSame(given: string, expected: string): Promise<boolean> {
  const [one, other] = await Promise.all([given, expected].map(digest))
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}

const digest = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
