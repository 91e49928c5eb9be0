// /scim/v2/Groups
import { Hono } from 'hono/tiny'
import type { Open } from '../env.ts'
import { path, query } from '../params.ts'
import { Group, Resources } from './bodies.ts'
import { changeGroup, createGroup, deleteGroup } from './group-changes.ts'
import { findGroup, listGroups } from './groups.ts'
import { asked, changing, described, idOf, making, reading, sendKnown } from './handling.ts'
import { conditional, groupBody, ifMatch, Page, patchBody, ResourcePath, Shown } from './params.ts'
import { toList } from './protocol.ts'
import { exactly, patchedGroup } from './roster.ts'
import { pageOfGroups } from './search.ts'
import { sendJson, sendResource } from './transport.ts'
import { shownOf, shows } from './view.ts'

export const groups = new Hono<Open>()
  .get(
    '/Groups',
    described('List or search provisioned groups', { gives: Resources }),
    query(Page),
    async (c) => {
      const page = c.req.valid('query')
      const { resources, total } = await listGroups(
        asked(c),
        pageOfGroups(page),
        shows(page, 'members'),
      )
      const shown = resources.map((one) => shownOf(one, page))
      return sendJson(c, toList(shown, total, Math.max(page.startIndex, 1)))
    },
  )
  .post(
    '/Groups',
    making('Provision a group: a team with these members', Group),
    query(Shown),
    groupBody,
    async (c) => {
      const { displayName, externalId, members } = c.req.valid('json')
      const group = await createGroup(asked(c), {
        displayName,
        externalId: externalId || null,
        members: [...new Set(members?.map(({ value }) => value))],
      })
      return sendResource(c, group, shownOf(group, c.req.valid('query')), 201)
    },
  )
  .get(
    '/Groups/:id',
    reading('Read a provisioned group', Group),
    path(ResourcePath),
    query(Shown),
    async (c) => {
      const [id, shown] = [idOf(c.req.valid('param').id, 'Group'), c.req.valid('query')]
      const { group } = await findGroup(asked(c), id, shows(shown, 'members'))
      return sendKnown(c, group, shown)
    },
  )
  .put(
    '/Groups/:id',
    changing('Replace the name and the members of a group', Group),
    path(ResourcePath),
    query(Shown),
    conditional,
    groupBody,
    async (c) => {
      const { displayName, externalId, members } = c.req.valid('json')
      const id = idOf(c.req.valid('param').id, 'Group')
      const group = await changeGroup(asked(c), id, ifMatch(c), (now) => ({
        displayName,
        externalId: externalId === undefined ? now.externalId : externalId || null,
        roster: exactly(members?.map(({ value }) => value) ?? []),
      }))
      return sendResource(c, group, shownOf(group, c.req.valid('query')))
    },
  )
  .patch(
    '/Groups/:id',
    described(
      'Rename a group, or change who is in it; the group is answered to whoever asks for `attributes`',
      {
        errors: ['not_found', 'conflict', 'precondition_failed'],
        headers: ['ETag'],
        also: { 200: { means: 'Changed, with what was asked for', gives: Group } },
      },
    ),
    path(ResourcePath),
    query(Shown),
    conditional,
    patchBody,
    async (c) => {
      const [id, shown] = [idOf(c.req.valid('param').id, 'Group'), c.req.valid('query')]
      const { Operations } = c.req.valid('json')
      const group = await changeGroup(asked(c), id, ifMatch(c), (now) =>
        patchedGroup(now, Operations),
      )
      if (shown.attributes !== undefined) return sendResource(c, group, shownOf(group, shown))
      c.header('etag', group.meta.version)
      return c.body(null, 204)
    },
  )
  .delete(
    '/Groups/:id',
    changing('Delete a group, its team and all that holds'),
    path(ResourcePath),
    conditional,
    async (c) => {
      await deleteGroup(asked(c), idOf(c.req.valid('param').id, 'Group'), ifMatch(c))
      return c.body(null, 204)
    },
  )
