// What the routes of users and of groups have in common: how they are described, how they ask, and what they send.

import type { Context } from 'hono'
import { about, type Description } from '../about.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { isNamed } from '../etags.ts'
import type { HasSchema } from '../wire.ts'
import { toAsked } from './directory.ts'
import type { Shown } from './params.ts'
import { toId } from './roster.ts'
import { sendResource } from './transport.ts'
import { baseOf, type Resource, shownOf } from './view.ts'

export const asked = (c: Context<Open>) => toAsked(c.var, baseOf(c.req.url))

/** What is no id is nobody's. */
export function idOf(id: string, what: string): string {
  const [read] = toId(id) ?? []
  if (read === undefined) throw new ApiError('not_found', `${what} not found`)
  return read
}

export const described = (summary: string, more: Partial<Description> = {}) =>
  about({ summary, directory: true, errors: ['not_found'], ...more })
export const changing = (summary: string, gives?: HasSchema) =>
  described(summary, {
    errors: ['not_found', 'conflict', 'precondition_failed'],
    ...(gives ? { gives, headers: ['ETag'] } : {}),
  })
export const making = (summary: string, gives: HasSchema) =>
  described(summary, { status: 201, gives, headers: ['ETag'] })
export const reading = (summary: string, gives: HasSchema) =>
  described(summary, { gives, tagged: true })
export const telling = (summary: string, gives: HasSchema) =>
  described(summary, { gives, reads: 'settings' })

/** The resource, or 304 for whoever knows it. */
export function sendKnown(c: Context<Open>, resource: Resource, shown: Shown) {
  const known = c.req.header('if-none-match')
  if (known === undefined || !isNamed(known, resource.meta.version))
    return sendResource(c, resource, shownOf(resource, shown))
  c.header('etag', resource.meta.version)
  return c.body(null, 304)
}
