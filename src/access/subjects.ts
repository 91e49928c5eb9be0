// Whoever a question is about: a user or a team, who need not be the caller. A row of theirs (id, team_id, is_active,
// is_superuser, is_admin, in_teams) goes into the predicate in place of the caller; of id and team_id one is NULL.
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { grantsHeld, isAdmin, isAdminGrant, isInTeams, isLive } from './grants.ts'
import { type Asking, holds, isIn, type Permission, permissions, roleList } from './predicate.ts'

/** What may be asked. Who may do everything may share. */
export const actions = [...permissions, 'Share'] as const
export type Action = (typeof actions)[number]

/** All of these are held by who may do it. */
export const neededFor = (action: Action): readonly Permission[] =>
  action === 'Share' ? permissions : [action]

/** SQL: this user's id where the asker may ask about them, as anybody may about themselves and admins about all; else NULL. */
export const askedAboutBy = (asker: SQL, userId: SQL): SQL =>
  sql`(SELECT s.id FROM user s JOIN user c ON c.id = ${asker} AND c.is_active
    WHERE s.id = ${userId} AND (s.id = c.id OR ${isAdmin(sql`c`)}))`

const adminGrant = sql`${isAdminGrant(sql`a`)} AND ${isLive(sql`a`)}`

/** SQL: the columns of a user `u`, or of a team `t`: what its grants allow to somebody who holds nothing else. Of neither, they are nobody's. */
export const subjectColumns = sql`u.id, t.id AS team_id, coalesce(u.is_active, t.id IS NOT NULL) AS is_active, u.is_superuser,
  coalesce(u.is_superuser, 0) OR EXISTS (SELECT 1 ${grantsHeld(sql`u.id`, adminGrant, { atPlace: adminGrant, team: sql`t.id` })}) AS is_admin,
  ${isInTeams(sql`u.id`)} AS in_teams`

/** SQL: columns after a comma, the roles that hold what the action takes. */
export const rolesFor = (action: Action, scope: 'Flow' | 'Project'): SQL =>
  sql.join(
    neededFor(action).map(
      (permission, n) => sql`, ${roleList(permission, scope)} AS ${sql.raw(`r${n}`)}`,
    ),
    sql``,
  )

/** SQL over grants `a`: each of these texts, columns of `row`, has a role of theirs. NULL without a grant. */
export const holdEach = (row: SQL, count: number): SQL =>
  sql.join(
    Array.from({ length: count }, (_, n) => sql`max(${isIn(sql`${row}.${sql.raw(`r${n}`)}`)})`),
    sql` AND `,
  )

/** The row, with its columns of `rolesFor`, in the terms of the predicate: whatever permission is named, the action is meant. */
export const asSubject = (row: SQL, action: Action): Asking => ({
  id: sql`${row}.id`,
  team: sql`${row}.team_id`,
  isAdmin: sql`${row}.is_admin`,
  now,
  inTeams: sql`${row}.in_teams`,
  holds,
  allows: holdEach(row, neededFor(action).length),
})
