// Who has a say in a team: its admins lead it, its members see it, and admins of the house stand above all.
import { type SQL, sql } from '../db/sql.ts'
import { keyOfTyped } from '../names.ts'
import { amAdmin, myId } from './predicate.ts'

/** Teams of one user: each is looked at in every listing of theirs, whoever put them into it. */
export const MAX_TEAMS = 100

/** SQL boolean: the user is in the team. */
export const isMember = (userId: SQL, teamId: SQL) =>
  sql`EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.team_id = ${teamId} AND m.user_id = ${userId})`

/** SQL boolean: the caller may see the team and who is in it. */
export const mayReadTeam = (teamId: SQL) => sql`(${amAdmin} OR ${isMember(myId, teamId)})`

/** SQL boolean: the caller is one of its admins. */
export const leads = (teamId: SQL) => sql`EXISTS (SELECT 1 FROM flowgate_team_member m
  WHERE m.team_id = ${teamId} AND m.user_id = ${myId} AND m.role = 'admin')`

/** SQL boolean: the caller may change the team and who is in it. */
export const mayLeadTeam = (teamId: SQL) => sql`(${amAdmin} OR ${leads(teamId)})`

/** SQL boolean: somebody leads the team apart from this user, and can sign in to do it. */
export const otherLead = (
  teamId: SQL,
  userId: SQL,
) => sql`EXISTS (SELECT 1 FROM flowgate_team_member o
  JOIN user u ON u.id = o.user_id WHERE o.team_id = ${teamId} AND o.role = 'admin' AND o.user_id <> ${userId} AND u.is_active)`

/** A user by id or name: as it is written, else in another spelling. */
type Named = { user_id?: string | undefined; username?: string | undefined }

/** SQL: the id of this user, who is active; NULL where there is no such user, or none that can sign in. */
export const activeUser = ({ user_id, username }: Named): SQL =>
  username === undefined
    ? sql`(SELECT id FROM user WHERE id = ${user_id ?? null} AND is_active)`
    : sql`(SELECT id FROM user WHERE is_active AND (username = ${username} OR username_key = ${keyOfTyped(username) ?? null}
        AND NOT EXISTS (SELECT 1 FROM user WHERE username = ${username})))`

/** SQL boolean: who is in the team is what a company's directory says, and nobody's to change by hand. */
export const isMirroredTeam = (teamId: SQL) =>
  sql`EXISTS (SELECT 1 FROM flowgate_team t WHERE t.id = ${teamId} AND t.external_name IS NOT NULL)`
