// /api/v1/teams
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import type { SignedIn } from '../access/signed-in.ts'
import { body, path } from '../params.ts'
import { arrayOf } from '../wire.ts'
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

  .get(
    '/teams/:team_id/members',
    about({
      summary: 'List who is in a team',
      gives: arrayOf(toTeamMember),
      errors: ['forbidden', 'not_found'],
    }),
    path(TeamPath),
    (c) => {
      const { team_id } = c.req.valid('param')
      return answerLongList(c, {
        read: (after) => listMembers(c.var.ask, team_id, after),
        toBody: toTeamMember,
      })
    },
  )

  .post(
    '/teams/:team_id/members',
    about({
      summary: 'Put an active user into a team, by `user_id` or `username`',
      status: 201,
      gives: toTeamMember,
      errors: ['forbidden', 'not_found', 'conflict'],
    }),
    idempotent,
    path(TeamPath),
    body(MemberCreate),
    async (c) => {
      const { team_id } = c.req.valid('param')
      const member = await addMember(c.var.ask, team_id, c.req.valid('json'))
      return c.json(toTeamMember(member), 201)
    },
  )

  .patch(
    '/teams/:team_id/members/:user_id',
    about({
      summary: 'Let a member lead the team (`admin`), or no longer',
      gives: toTeamMember,
      errors: ['forbidden', 'not_found', 'conflict'],
    }),
    path(MemberPath),
    body(MemberUpdate),
    async (c) => {
      const { team_id, user_id } = c.req.valid('param')
      const member = await changeMember(c.var.ask, team_id, user_id, c.req.valid('json').role)
      return c.json(toTeamMember(member))
    },
  )

  .delete(
    '/teams/:team_id/members/:user_id',
    about({
      summary: 'Take somebody out of a team, or leave it',
      errors: ['forbidden', 'not_found', 'conflict'],
    }),
    path(MemberPath),
    async (c) => {
      const { team_id, user_id } = c.req.valid('param')
      await removeMember(c.var.ask, team_id, user_id)
      return c.body(null, 204)
    },
  )

export const teams = new Hono<SignedIn>()

  .get(
    '/teams/',
    about({
      summary: 'List the teams that the caller is in; as admin all of them',
      gives: arrayOf(toTeamRead),
    }),
    (c) => answerLongList(c, { read: (after) => listTeams(c.var.ask, after), toBody: toTeamRead }),
  )

  .post(
    '/teams/',
    about({
      summary: 'Make a team, as admin; with `TEAMS=open` everybody may, and leads it',
      status: 201,
      gives: toTeamRead,
      errors: ['forbidden', 'conflict'],
    }),
    idempotent,
    body(TeamCreate),
    async (c) => {
      const team = await createTeam(c.var.ask, c.req.valid('json'), c.var.env.TEAMS === 'open')
      return c.json(toTeamRead(team), 201)
    },
  )

  .get(
    '/teams/:team_id',
    about({
      summary: 'Read a team',
      gives: toTeamRead,
      errors: ['forbidden', 'not_found'],
    }),
    path(TeamPath),
    async (c) => c.json(toTeamRead(await findTeam(c.var.ask, c.req.valid('param').team_id))),
  )

  .patch(
    '/teams/:team_id',
    about({
      summary: 'Rename a team or describe it, as one who leads it',
      gives: toTeamRead,
      errors: ['forbidden', 'not_found', 'conflict'],
    }),
    path(TeamPath),
    body(TeamUpdate),
    async (c) => {
      const { team_id } = c.req.valid('param')
      return c.json(toTeamRead(await updateTeam(c.var.ask, team_id, c.req.valid('json'))))
    },
  )

  .delete(
    '/teams/:team_id',
    about({
      summary: 'Delete a team with all that it holds',
      errors: ['forbidden', 'not_found'],
    }),
    path(TeamPath),
    async (c) => {
      await deleteTeam(c.var.ask, c.req.valid('param').team_id)
      return c.body(null, 204)
    },
  )

  .route('/', members)
