// /scim/v2: a company's directory provisions users and groups (SCIM 2.0).
import { Hono } from 'hono/tiny'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { path } from '../params.ts'
import { Resources, Schema } from './bodies.ts'
import { toResourceTypes, toSchemas, toServiceProviderConfig } from './discovery.ts'
import { groups } from './group-routes.ts'
import { telling } from './handling.ts'
import { ResourcePath } from './params.ts'
import { toList } from './protocol.ts'
import { sendJson } from './transport.ts'
import { users } from './user-routes.ts'
import { baseOf } from './view.ts'

/** Provisioned users and groups. */
export const directory = new Hono<Open>().route('/', users).route('/', groups)

const named = (list: readonly { id: string }[], id: string) => {
  const found = list.find((one) => one.id === id)
  if (!found) throw new ApiError('not_found', `There is no ${id}`)
  return found
}

/** What the service says of itself, which the database is not asked for. */
export const directoryService = new Hono<Open>()
  .get('/ServiceProviderConfig', telling('What this SCIM service can do', Schema), (c) =>
    sendJson(c, toServiceProviderConfig(baseOf(c.req.url))),
  )
  .get('/ResourceTypes', telling('The types of resources', Resources), (c) => {
    const all = toResourceTypes(baseOf(c.req.url))
    return sendJson(c, toList(all, all.length, 1))
  })
  .get('/ResourceTypes/:id', telling('One type of resources', Schema), path(ResourcePath), (c) =>
    sendJson(c, named(toResourceTypes(baseOf(c.req.url)), c.req.valid('param').id)),
  )
  .get('/Schemas', telling('What users and groups are made of', Resources), (c) => {
    const all = toSchemas(baseOf(c.req.url))
    return sendJson(c, toList(all, all.length, 1))
  })
  .get(
    '/Schemas/:id',
    telling('What a user or a group is made of', Schema),
    path(ResourcePath),
    (c) => sendJson(c, named(toSchemas(baseOf(c.req.url)), c.req.valid('param').id)),
  )
