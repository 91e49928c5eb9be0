// /api/v1/flows/:flow_id/shares, /api/v1/projects/:project_id/shares, /api/v1/me
import { type Context, Hono } from 'hono'
import type { SignedIn } from '../access/ask.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import { body, path } from '../params.ts'
import { listGrantedByMe, listSharedWithMe } from './mine.ts'
import type { Place } from './places.ts'
import {
  FlowPath,
  FlowSharePath,
  ProjectPath,
  ProjectSharePath,
  ShareCreate,
  ShareUpdate,
} from './share-params.ts'
import { toMyShare, toShared, toShareRead } from './share-view.ts'
import { createShare, deleteShare, listShares, updateShare } from './shares.ts'

const aFlow = (id: string): Place => ({ scope: 'Flow', id })
const aProject = (id: string): Place => ({ scope: 'Project', id })

const answerShares = (c: Context<SignedIn>, place: Place) =>
  answerLongList(c, {
    read: (after) => listShares(c.var.ask, place, after),
    toBody: toShareRead,
  })

const ofFlows = new Hono<SignedIn>()

  .get('/flows/:flow_id/shares', path(FlowPath), (c) =>
    answerShares(c, aFlow(c.req.valid('param').flow_id)),
  )

  .post('/flows/:flow_id/shares', idempotent, path(FlowPath), body(ShareCreate), async (c) => {
    const place = aFlow(c.req.valid('param').flow_id)
    const share = await createShare(c.var.ask, place, c.req.valid('json'))
    return c.json(toShared(share, place), 201)
  })

  .patch('/flows/:flow_id/shares/:share_id', path(FlowSharePath), body(ShareUpdate), async (c) => {
    const { flow_id, share_id } = c.req.valid('param')
    const place = aFlow(flow_id)
    const share = await updateShare(c.var.ask, place, share_id, c.req.valid('json'))
    return c.json(toShared(share, place))
  })

  .delete('/flows/:flow_id/shares/:share_id', path(FlowSharePath), async (c) => {
    const { flow_id, share_id } = c.req.valid('param')
    await deleteShare(c.var.ask, aFlow(flow_id), share_id)
    return c.body(null, 204)
  })

const ofProjects = new Hono<SignedIn>()

  .get('/projects/:project_id/shares', path(ProjectPath), (c) =>
    answerShares(c, aProject(c.req.valid('param').project_id)),
  )

  .post(
    '/projects/:project_id/shares',
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
    path(ProjectSharePath),
    body(ShareUpdate),
    async (c) => {
      const { project_id, share_id } = c.req.valid('param')
      const place = aProject(project_id)
      const share = await updateShare(c.var.ask, place, share_id, c.req.valid('json'))
      return c.json(toShared(share, place))
    },
  )

  .delete('/projects/:project_id/shares/:share_id', path(ProjectSharePath), async (c) => {
    const { project_id, share_id } = c.req.valid('param')
    await deleteShare(c.var.ask, aProject(project_id), share_id)
    return c.body(null, 204)
  })

const mine = new Hono<SignedIn>()

  .get('/me/shared', (c) =>
    answerLongList(c, {
      read: (after) => listSharedWithMe(c.var.ask, after),
      toBody: toMyShare,
    }),
  )

  .get('/me/granted', (c) =>
    answerLongList(c, {
      read: (after) => listGrantedByMe(c.var.ask, after),
      toBody: toMyShare,
    }),
  )

export const shares = new Hono<SignedIn>()
  .route('/', ofFlows)
  .route('/', ofProjects)
  .route('/', mine)
