// Who may give and take which grants, among those who may administer grants there at all. Superusers: any. Global
// Admins: none that makes an admin. Whoever shares what they may do everything with: no role that holds more than they
// do there. All of these: none of their own, and none that lasts longer than their own right. So nobody lengthens,
// multiplies or widens what they hold, neither by a grant nor by what a role holds.
import { adminRole, allGrants, grantsHeld, isAdminGrant } from '../access/grants.ts'
import { amAdmin, amSuperuser, myId } from '../access/predicate.ts'
import { isMember } from '../access/teams.ts'
import { myEnd, outlives, untilWhen } from '../access/until.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'

/** Whose a grant is, in SQL: a user's or a team's. */
export type Holder = { readonly user: SQL } | { readonly team: SQL }

/** A grant as it is or would be, in SQL. */
type Wanted = { holder: Holder; role: SQL; scope: SQL; scopeId: SQL; ends: SQL }

const refusals = {
  own: 'You cannot change a grant or role of your own: ask another admin',
  admin: 'Only superusers give, change and take the role Admin with Global scope',
  more: 'You cannot give or take a role that holds more than you do there',
  ends: 'You cannot grant beyond the end of your own right: set expires_at to that, or earlier',
} as const
export type Refusal = keyof typeof refusals

/**
 * SQL boolean. A team is one's own to whoever is in it, but for those who hold everything there without it: what it
 * holds is then nothing new to them.
 */
const isOwn = (holder: Holder, place: { scope: SQL; id: SQL }, except?: SQL) =>
  'user' in holder
    ? sql`${holder.user} = ${myId}`
    : sql`(${isMember(myId, holder.team)} AND ${untilWhen(place, undefined, except)} = '')`

const makesAdmin = ({ role, scope }: Wanted) =>
  sql`(${scope} = 'Global' AND ${role} = ${adminRole})`

/** SQL: why the caller may not give this grant, by the name of the refusal; NULL where they may. */
export function refusalToGive(wanted: Wanted): SQL {
  const place = { scope: wanted.scope, id: wanted.scopeId }
  const right = sql`max(${myEnd}, ${untilWhen(place, wanted.role)})`
  return refusal([
    ['own', isOwn(wanted.holder, place)],
    ['admin', makesAdmin(wanted)],
    ['more', sql`${right} = ''`],
    ['ends', outlives(wanted.ends, right)],
  ])
}

/** The same for taking the grant `a` of this holder away. */
export function refusalToTake(a: SQL, holder: Holder): SQL {
  const place = { scope: sql`${a}.scope_type`, id: sql`${a}.scope_id` }
  return refusal([
    ['own', isOwn(holder, place, sql`${a}.id`)],
    ['admin', isAdminGrant(a)],
    ['more', sql`(NOT ${amAdmin} AND ${untilWhen(place, sql`${a}.role_id`)} = '')`],
  ])
}

/** The same for giving the grant `a` of this holder another role or another end: it is taken, and given anew. */
export const refusalToChange = (
  a: SQL,
  holder: Holder,
  to: { role: SQL | undefined; ends: SQL | undefined },
): SQL =>
  sql`coalesce(${refusalToTake(a, holder)}, ${refusalToGive({
    holder,
    role: to.role ?? sql`${a}.role_id`,
    scope: sql`${a}.scope_type`,
    scopeId: sql`${a}.scope_id`,
    ends: to.ends ?? sql`${a}.expires_at`,
  })})`

/** The same for changing what the role `r` holds, which changes every grant of it. */
export const refusalToWiden = (r: SQL) =>
  refusal([
    ['own', sql`EXISTS (SELECT 1 ${grantsHeld(myId, sql`a.role_id = ${r}.id`)})`],
    [
      'ends',
      sql`EXISTS (SELECT 1 ${allGrants(sql`a.role_id = ${r}.id`)} WHERE ${outlives(sql`a.expires_at`, myEnd)})`,
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
