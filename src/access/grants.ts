// Which grants exist at all, and who holds them. A grant that has expired by the database's clock does not.
import { SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'

/** The columns of a grant, of a user's own and of a team's: the names are those of `userroleassignment`, and `team_id`. */
type Columns = { readonly own: SQL; readonly team: SQL }
/** What a decision reads of a grant: an index of each table holds it. */
const decisive = sql`a.role_id, a.scope_type, a.scope_id, a.expires_at`
const deciding: Columns = { own: decisive, team: decisive }
const always = sql`a.rowid AS place, a.id, a.role_id, a.scope_type, a.scope_id, a.created_at, a.created_by, a.expires_at`
/** All that there is to know of it. */
export const wholeGrant: Columns = {
  own: sql`${always}, a.user_id, NULL AS team_id, a.is_immutable`,
  team: sql`${always}, NULL AS user_id, a.team_id, 0 AS is_immutable`,
}

/** What SQL asks, or what is known before it is asked. */
export type Known = SQL | boolean

/** SQL boolean: the user is in a team at all. */
export const isInTeams = (userId: SQL) =>
  sql`EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.user_id = ${userId})`

/** FROM and WHERE: of these the ones that are theirs alone, in the order of an index: all that somebody without teams holds. */
export const ownGrants = (userId: SQL, condition: SQL) =>
  sql`FROM userroleassignment a WHERE a.user_id = ${userId} AND ${condition}`

/** SQL boolean: the grant `a` stands on this one flow or project. */
export class AtPlace extends SQL {
  readonly #scope: 'Flow' | 'Project'
  readonly #id: SQL
  constructor(scope: 'Flow' | 'Project', id: SQL) {
    super(sql`a.scope_type = ${sql.raw(`'${scope}'`)} AND a.scope_id = ${id}`.queryChunks)
    this.#scope = scope
    this.#id = id
  }
  /** The same, or nowhere. As a key of the index: a condition that holds a subquery would be asked of each row. */
  onlyIf = (yes: Known): AtPlace =>
    yes === true
      ? this
      : new AtPlace(this.#scope, sql`CASE WHEN ${yes || sql`0`} THEN ${this.#id} END`)
}

/**
 * FROM: the grants `a` like this that the user holds, by themselves or through a team, whatever they allow. The
 * condition says whether one counts that is over. What it costs is what the user and their teams hold, or at one
 * place what teams hold there; never how many members a team has.
 */
export function grantsHeld(userId: SQL, condition: SQL, options: Options = {}): SQL {
  const { columns = deciding, inTeams = true, atPlace, team } = options
  if (!inTeams) return sql`FROM (SELECT ${columns.own} ${ownGrants(userId, condition)}) a`
  const asksFirst = inTeams !== true && !atPlace
  const member = asksFirst ? sql`CASE WHEN ${inTeams} THEN ${userId} END` : userId
  const first = atPlace
    ? sql`flowgate_team_grant a CROSS JOIN flowgate_team_member m`
    : sql`flowgate_team_member m CROSS JOIN flowgate_team_grant a`
  return sql`FROM (SELECT ${columns.own} ${ownGrants(userId, condition)}
    UNION ALL SELECT ${columns.team} FROM ${first}
      WHERE a.team_id = m.team_id AND m.user_id = ${member} AND ${atPlace ?? condition}
    ${team ? sql`UNION ALL SELECT ${columns.team} FROM flowgate_team_grant a WHERE a.team_id = ${team} AND ${condition}` : sql``}) a`
}

type Options = {
  readonly columns?: Columns
  /** Are there teams to be looked at? By SQL, or as it is known. */
  readonly inTeams?: Known
  /** The condition for a team's grants, where it holds at one place alone: these come first, and then whose they are. */
  readonly atPlace?: SQL | undefined
  /** A team whose own grants are meant too. */
  readonly team?: SQL | undefined
}

/**
 * FROM: all grants `a` like this, whoever holds them; `ofUsers` is the condition for those of users, where it differs.
 * `gate`: what comes before either table, as `onlyIf` makes it.
 */
export const allGrants = (condition: SQL, ofUsers = condition, gate = sql``) =>
  sql`FROM (SELECT ${wholeGrant.own} FROM ${gate} userroleassignment a WHERE ${ofUsers}
    UNION ALL SELECT ${wholeGrant.team} FROM ${gate} flowgate_team_grant a WHERE ${condition}) a`

/** The same from the other side: a SELECT of the users who hold a grant `a` like this, and of what is `held` by it. */
export const holdersOf = (condition: SQL, held: SQL) =>
  sql`SELECT a.user_id, ${held} AS held FROM userroleassignment a WHERE ${condition}
    UNION ALL SELECT m.user_id, ${held} FROM flowgate_team_grant a CROSS JOIN flowgate_team_member m ON m.team_id = a.team_id
      WHERE ${condition}`

/** SQL boolean: the grant `a` is in force. */
export const isLive = (a: SQL, at = now) =>
  sql`(${a}.expires_at IS NULL OR ${a}.expires_at > ${at})`

/**
 * SQL: the id of a role of the system. It is not a constant, for an adopted database keeps the one it has; but
 * names of roles are unique, no request renames one with the flag, and the flag is not for anybody to set.
 */
const systemRole = (name: 'Admin' | 'Owner') =>
  sql`(SELECT id FROM role WHERE name = ${sql.raw(`'${name}'`)} AND is_system_role)`
export const adminRole = systemRole('Admin')
export const ownerRole = systemRole('Owner')

/** SQL boolean: the grant `a` makes its holder a Global Admin, while it is in force. */
export const isAdminGrant = (a: SQL) =>
  sql`(${a}.scope_type = 'Global' AND ${a}.scope_id IS NULL AND ${a}.role_id = ${adminRole})`

/** SQL boolean: apart from this user there is an active superuser. One must always remain. */
export const otherSuperuser = (userId: SQL) =>
  sql`EXISTS (SELECT 1 FROM user o WHERE o.is_superuser AND o.is_active AND o.id <> ${userId})`

/** SQL boolean: a superuser or a holder of Admin with Global scope. `user` names a row of that table. */
export const isAdmin = (user: SQL, inTeams: Known = true) => sql`(${user}.is_superuser OR EXISTS (
  SELECT 1 ${grantsHeld(sql`${user}.id`, sql`${isAdminGrant(sql`a`)} AND ${isLive(sql`a`)}`, { inTeams })}))`
