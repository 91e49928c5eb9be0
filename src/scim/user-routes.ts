// /scim/v2/Users
import { Hono } from 'hono/tiny'
import type { Open } from '../env.ts'
import { path, query } from '../params.ts'
import { Resources, User } from './bodies.ts'
import { asked, changing, described, idOf, making, reading, sendKnown } from './handling.ts'
import { conditional, ifMatch, Page, patchBody, ResourcePath, Shown, userBody } from './params.ts'
import { patched, toPerson } from './person.ts'
import { toList } from './protocol.ts'
import { pageOfUsers } from './search.ts'
import { sendJson, sendResource } from './transport.ts'
import { changeUser, deleteUser } from './user-changes.ts'
import { createUser, findUser, listUsers } from './users.ts'
import { shownOf } from './view.ts'

export const users = new Hono<Open>()
  .get(
    '/Users',
    described('List or search provisioned users', { gives: Resources }),
    query(Page),
    async (c) => {
      const page = c.req.valid('query')
      const { resources, total } = await listUsers(asked(c), pageOfUsers(page))
      const shown = resources.map((one) => shownOf(one, page))
      return sendJson(c, toList(shown, total, Math.max(page.startIndex, 1)))
    },
  )
  .post('/Users', making('Provision a user', User), query(Shown), userBody, async (c) => {
    const user = await createUser(asked(c), toPerson(c.req.valid('json')))
    return sendResource(c, user, shownOf(user, c.req.valid('query')), 201)
  })
  .get(
    '/Users/:id',
    reading('Read a provisioned user', User),
    path(ResourcePath),
    query(Shown),
    async (c) => {
      const { user } = await findUser(asked(c), idOf(c.req.valid('param').id, 'User'))
      return sendKnown(c, user, c.req.valid('query'))
    },
  )
  .put(
    '/Users/:id',
    changing('Replace what is kept of a user', User),
    path(ResourcePath),
    query(Shown),
    conditional,
    userBody,
    async (c) => {
      const [id, body] = [idOf(c.req.valid('param').id, 'User'), c.req.valid('json')]
      const user = await changeUser(asked(c), id, ifMatch(c), (now) => toPerson(body, now))
      return sendResource(c, user, shownOf(user, c.req.valid('query')))
    },
  )
  .patch(
    '/Users/:id',
    changing('Change a user; who is not `active` any more is signed out at once', User),
    path(ResourcePath),
    query(Shown),
    conditional,
    patchBody,
    async (c) => {
      const id = idOf(c.req.valid('param').id, 'User')
      const { Operations } = c.req.valid('json')
      const user = await changeUser(asked(c), id, ifMatch(c), (now) => patched(now, Operations))
      return sendResource(c, user, shownOf(user, c.req.valid('query')))
    },
  )
  .delete(
    '/Users/:id',
    changing('Delete a provisioned user'),
    path(ResourcePath),
    conditional,
    async (c) => {
      await deleteUser(asked(c), idOf(c.req.valid('param').id, 'User'), ifMatch(c))
      return c.body(null, 204)
    },
  )
