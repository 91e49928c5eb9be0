// /api/v1/flows/:flow_id/shares, /api/v1/projects/:project_id/shares, /api/v1/me
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import type { Place } from '../access/decision.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import type { SignedIn } from '../access/signed-in.ts'
import { body, path } from '../params.ts'
import { arrayOf } from '../wire.ts'
import { listGrantedByMe, listSharedWithMe } from './mine.ts'
import {
  FlowPath,
  FlowSharePath,
  ProjectPath,
  ProjectSharePath,
  ShareCreate,
  ShareUpdate,
} from './share-params.ts'
import { Shared, toMyShare, toShared, toShareRead } from './share-view.ts'
import { createShare, deleteShare, listShares, updateShare } from './shares.ts'

const aFlow = (id: string): Place => ({ scope: 'Flow', id })
const aProject = (id: string): Place => ({ scope: 'Project', id })

const answerShares = (c: Context<SignedIn>, place: Place) =>
  answerLongList(c, {
    read: (after) => listShares(c.var.ask, place, after),
    toBody: toShareRead,
  })

/** The same routes for both, but for their paths. */
const aboutShares = (thing: 'flow' | 'project') => ({
  list: about({
    summary: `List who holds what on the ${thing}`,
    gives: arrayOf(toShareRead),
    errors: ['forbidden', 'not_found'],
  }),
  make: about({
    summary: `Share the ${thing} with a user or a team; \`warnings\` say what that replaces`,
    status: 201,
    gives: Shared,
    errors: ['forbidden', 'not_found', 'conflict'],
  }),
  change: about({
    summary: 'Give a share another role or another end',
    gives: Shared,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  }),
  end: about({ summary: 'End a share', errors: ['bad_request', 'forbidden', 'not_found'] }),
})

const onFlows = aboutShares('flow')
const ofFlows = new Hono<SignedIn>()

  .get('/flows/:flow_id/shares', onFlows.list, path(FlowPath), (c) =>
    answerShares(c, aFlow(c.req.valid('param').flow_id)),
  )

  .post(
    '/flows/:flow_id/shares',
    onFlows.make,
    idempotent,
    path(FlowPath),
    body(ShareCreate),
    async (c) => {
      const place = aFlow(c.req.valid('param').flow_id)
      const share = await createShare(c.var.ask, place, c.req.valid('json'))
      return c.json(toShared(share, place), 201)
    },
  )

  .patch(
    '/flows/:flow_id/shares/:share_id',
    onFlows.change,
    path(FlowSharePath),
    body(ShareUpdate),
    async (c) => {
      const { flow_id, share_id } = c.req.valid('param')
      const place = aFlow(flow_id)
      const share = await updateShare(c.var.ask, place, share_id, c.req.valid('json'))
      return c.json(toShared(share, place))
    },
  )

  .delete('/flows/:flow_id/shares/:share_id', onFlows.end, path(FlowSharePath), async (c) => {
    const { flow_id, share_id } = c.req.valid('param')
    await deleteShare(c.var.ask, aFlow(flow_id), share_id)
    return c.body(null, 204)
  })

const onProjects = aboutShares('project')
const ofProjects = new Hono<SignedIn>()

  .get('/projects/:project_id/shares', onProjects.list, path(ProjectPath), (c) =>
    answerShares(c, aProject(c.req.valid('param').project_id)),
  )

  .post(
    '/projects/:project_id/shares',
    onProjects.make,
    idempotent,
    path(ProjectPath),
    body(ShareCreate),
    async (c) => {
      const place = aProject(c.req.valid('param').project_id)
      const share = await createShare(c.var.ask, place, c.req.valid('json'))
      return c.json(toShared(share, place), 201)
    },
  )

  .patch(
    '/projects/:project_id/shares/:share_id',
    onProjects.change,
    path(ProjectSharePath),
    body(ShareUpdate),
    async (c) => {
      const { project_id, share_id } = c.req.valid('param')
      const place = aProject(project_id)
      const share = await updateShare(c.var.ask, place, share_id, c.req.valid('json'))
      return c.json(toShared(share, place))
    },
  )

  .delete(
    '/projects/:project_id/shares/:share_id',
    onProjects.end,
    path(ProjectSharePath),
    async (c) => {
      const { project_id, share_id } = c.req.valid('param')
      await deleteShare(c.var.ask, aProject(project_id), share_id)
      return c.body(null, 204)
    },
  )

const mine = new Hono<SignedIn>()

  .get(
    '/me/shared',
    about({
      summary: 'List what others share with the caller, by whom, until when, through which team',
      gives: arrayOf(toMyShare),
    }),
    (c) =>
      answerLongList(c, {
        read: (after) => listSharedWithMe(c.var.ask, after),
        toBody: toMyShare,
      }),
  )

  .get(
    '/me/granted',
    about({ summary: 'List what the caller shares with others', gives: arrayOf(toMyShare) }),
    (c) =>
      answerLongList(c, {
        read: (after) => listGrantedByMe(c.var.ask, after),
        toBody: toMyShare,
      }),
  )

export const shares = new Hono<SignedIn>()
  .route('/', ofFlows)
  .route('/', ofProjects)
  .route('/', mine)
