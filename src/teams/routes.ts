// /api/v1/teams
import { Hono } from 'hono'
import type { SignedIn } from '../access/ask.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import { body, path } from '../params.ts'
import { addMember, changeMember, listMembers, removeMember } from './members.ts'
import {
  MemberCreate,
  MemberPath,
  MemberUpdate,
  TeamCreate,
  TeamPath,
  TeamUpdate,
} from './params.ts'
import { createTeam, deleteTeam, findTeam, listTeams, updateTeam } from './query.ts'
import { toTeamMember, toTeamRead } from './view.ts'

const members = new Hono<SignedIn>()

  .get('/teams/:team_id/members', path(TeamPath), (c) => {
    const { team_id } = c.req.valid('param')
    return answerLongList(c, {
      read: (after) => listMembers(c.var.ask, team_id, after),
      toBody: toTeamMember,
    })
  })

  .post('/teams/:team_id/members', idempotent, path(TeamPath), body(MemberCreate), async (c) => {
    const { team_id } = c.req.valid('param')
    const member = await addMember(c.var.ask, team_id, c.req.valid('json'))
    return c.json(toTeamMember(member), 201)
  })

  .patch('/teams/:team_id/members/:user_id', path(MemberPath), body(MemberUpdate), async (c) => {
    const { team_id, user_id } = c.req.valid('param')
    const member = await changeMember(c.var.ask, team_id, user_id, c.req.valid('json').role)
    return c.json(toTeamMember(member))
  })

  .delete('/teams/:team_id/members/:user_id', path(MemberPath), async (c) => {
    const { team_id, user_id } = c.req.valid('param')
    await removeMember(c.var.ask, team_id, user_id)
    return c.body(null, 204)
  })

export const teams = new Hono<SignedIn>()

  .get('/teams/', (c) =>
    answerLongList(c, { read: (after) => listTeams(c.var.ask, after), toBody: toTeamRead }),
  )

  .post('/teams/', idempotent, body(TeamCreate), async (c) => {
    const team = await createTeam(c.var.ask, c.req.valid('json'), c.var.env.TEAMS === 'open')
    return c.json(toTeamRead(team), 201)
  })

  .get('/teams/:team_id', path(TeamPath), async (c) =>
    c.json(toTeamRead(await findTeam(c.var.ask, c.req.valid('param').team_id))),
  )

  .patch('/teams/:team_id', path(TeamPath), body(TeamUpdate), async (c) => {
    const { team_id } = c.req.valid('param')
    return c.json(toTeamRead(await updateTeam(c.var.ask, team_id, c.req.valid('json'))))
  })

  .delete('/teams/:team_id', path(TeamPath), async (c) => {
    await deleteTeam(c.var.ask, c.req.valid('param').team_id)
    return c.body(null, 204)
  })

  .route('/', members)
