// Who may give and take which grants, among those who may administer grants at all. Superusers: any. Global
// Admins: none that makes an admin, none of their own, and none that lasts longer than their own right. So
// nobody lengthens, multiplies or widens what they hold, neither by a grant nor by what a role holds.
import { type SQL, sql } from 'drizzle-orm'
import { adminRole, grantsHeld, isAdminGrant, isLive } from '../access/grants.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import { ApiError } from '../errors.ts'

/** A grant as it is or would be, in SQL. */
type Wanted = { user: SQL; role: SQL; scope: SQL; ends: SQL }

const refusals = {
  own: 'You cannot change a grant or role of your own: ask another admin',
  admin: 'Only superusers give, change and take the role Admin with Global scope',
  ends: 'You cannot grant beyond the end of your own right: set expires_at to that, or earlier',
} as const
export type Refusal = keyof typeof refusals

/** SQL: when the caller is no Global Admin any more; NULL where that lasts. One grant without an end is enough. */
const myEnd = sql`(SELECT CASE WHEN count(*) = count(a.expires_at) THEN max(a.expires_at) END
  ${grantsHeld(myId)} AND ${isAdminGrant(sql`a`)} AND ${isLive(sql`a`)})`

const outlivesMe = (ends: SQL) =>
  sql`(${myEnd} IS NOT NULL AND coalesce(${ends}, '9999-99') > ${myEnd})`

const isOwn = (user: SQL) => sql`${user} = ${myId}`

const makesAdmin = ({ role, scope }: Wanted) =>
  sql`(${scope} = 'Global' AND ${role} = ${adminRole})`

/** SQL: why the caller may not give this grant, by the name of the refusal; NULL where they may. */
export const refusalToGive = (wanted: Wanted) =>
  refusal([
    ['own', isOwn(wanted.user)],
    ['admin', makesAdmin(wanted)],
    ['ends', outlivesMe(wanted.ends)],
  ])

/** The same for taking the grant `a` away. */
export const refusalToTake = (a: SQL) =>
  refusal([
    ['own', isOwn(sql`${a}.user_id`)],
    ['admin', isAdminGrant(a)],
  ])

/** The same for changing what the role `r` holds, which changes every grant of it. */
export const refusalToWiden = (r: SQL) =>
  refusal([
    ['own', sql`EXISTS (SELECT 1 ${grantsHeld(myId)} AND a.role_id = ${r}.id)`],
    [
      'ends',
      sql`EXISTS (SELECT 1 FROM userroleassignment g WHERE g.role_id = ${r}.id AND ${outlivesMe(sql`g.expires_at`)})`,
    ],
  ])

function refusal(cases: [Refusal, SQL][]): SQL {
  const branches = cases.map(([name, applies]) => sql`WHEN ${applies} THEN ${name}`)
  return sql`(CASE WHEN ${amSuperuser} THEN NULL ${sql.join(branches, sql` `)} END)`
}

/** Throws 403 with the reason, where there is one. */
export function requireGranter(refusal: Refusal | null | undefined): void {
  if (refusal) throw new ApiError('forbidden', refusals[refusal])
}
