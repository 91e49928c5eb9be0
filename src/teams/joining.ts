// Whom those who lead a team, and admins, may put into it and take out: whoever is put into a team is given what it holds.
// Who makes admins is for superusers to say, whichever way it is done. An admin, who need not lead the team, puts nobody
// in for longer than they are one, and never themselves: what they hold by being an admin ends with that.
import { isAdminGrant, isLive } from '../access/grants.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import { isMember, leads } from '../access/teams.ts'
import { myEnd, outlives } from '../access/until.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'

const refusals = {
  own: 'You cannot put yourself into a team: ask somebody who leads it, or another admin',
  admin: 'Only superusers change who holds the role Admin with Global scope by a team',
  ends: 'This team holds grants that outlast your own right: ask somebody who leads it, or another admin',
} as const
export type Refusal = keyof typeof refusals

const holds = (teamId: SQL, condition: SQL) =>
  sql`EXISTS (SELECT 1 FROM flowgate_team_grant a WHERE a.team_id = ${teamId} AND ${isLive(sql`a`)} AND ${condition})`
const makesAdmins = (teamId: SQL) => holds(teamId, isAdminGrant(sql`a`))

/** SQL: why the caller may not put this user into the team, by the name of the refusal; NULL where they may. */
export const refusalToJoin = (
  teamId: SQL,
  userId: SQL,
): SQL => sql`(CASE WHEN ${amSuperuser} THEN NULL
  WHEN ${userId} = ${myId} AND NOT ${isMember(myId, teamId)} THEN 'own'
  WHEN ${makesAdmins(teamId)} THEN 'admin'
  WHEN NOT ${leads(teamId)} AND ${holds(teamId, outlives(sql`a.expires_at`, myEnd))} THEN 'ends' END)`

/** The same for taking the user out of it; without one, for taking everybody out. Whoever leaves asks nobody. */
export const refusalToPart = (teamId: SQL, userId = sql`NULL`): SQL =>
  sql`(CASE WHEN NOT ${amSuperuser} AND ${userId} IS NOT ${myId} AND ${makesAdmins(teamId)} THEN 'admin' END)`

/** Throws 403 with the reason, where there is one. */
export function requireJoining(refusal: Refusal | null | undefined): void {
  if (refusal) throw new ApiError('forbidden', refusals[refusal])
}
