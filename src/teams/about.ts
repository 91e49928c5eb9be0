// What the API description says about teams.
import { type About, listOf } from '../wire.ts'
import { toTeamMember, toTeamRead } from './view.ts'

export const aboutTeams: About = {
  'GET /api/v1/teams/': {
    summary: 'List the teams that the caller is in; as admin all of them',
    gives: listOf(toTeamRead),
  },
  'POST /api/v1/teams/': {
    summary: 'Make a team, as admin; with `TEAMS=open` everybody may, and leads it',
    status: 201,
    gives: toTeamRead,
    errors: ['forbidden', 'conflict'],
  },
  'GET /api/v1/teams/:team_id': {
    summary: 'Read a team',
    gives: toTeamRead,
    errors: ['forbidden', 'not_found'],
  },
  'PATCH /api/v1/teams/:team_id': {
    summary: 'Rename a team or describe it, as one who leads it',
    gives: toTeamRead,
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  'DELETE /api/v1/teams/:team_id': {
    summary: 'Delete a team with all that it holds',
    errors: ['forbidden', 'not_found'],
  },
  'GET /api/v1/teams/:team_id/members': {
    summary: 'List who is in a team',
    gives: listOf(toTeamMember),
    errors: ['forbidden', 'not_found'],
  },
  'POST /api/v1/teams/:team_id/members': {
    summary: 'Put an active user into a team, by `user_id` or `username`',
    status: 201,
    gives: toTeamMember,
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  'PATCH /api/v1/teams/:team_id/members/:user_id': {
    summary: 'Let a member lead the team (`admin`), or no longer',
    gives: toTeamMember,
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  'DELETE /api/v1/teams/:team_id/members/:user_id': {
    summary: 'Take somebody out of a team, or leave it',
    errors: ['forbidden', 'not_found', 'conflict'],
  },
}
