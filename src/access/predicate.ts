// The one place that says who may do what (design: the decision rule). Everything that lists, counts,
// reads or writes puts these expressions into its own statement; nothing is decided outside of SQL.
import { type SQL, sql } from '../db/sql.ts'
import { define, Given } from '../db/statement.ts'
import { now } from '../db/values.ts'
import { AtPlace, grantsHeld, isAdmin, isInTeams, isLive, type Known } from './grants.ts'

export const permissions = ['Create', 'Read', 'Update', 'Delete'] as const
export type Permission = (typeof permissions)[number]

/**
 * Whose rights are asked: the table `me(id, is_admin, in_teams)`, one row for an active user and none otherwise. The
 * expressions below name it, and `ask` says that it is the caller.
 */
export const me = new Given('me')

/** The statement with this user for `me`, instead of the caller. */
export const asUser = <T>(userId: SQL, statement: SQL<T>): SQL<T> =>
  define(
    me,
    sql`me(id, is_admin, in_teams) AS MATERIALIZED (
  SELECT myself.id, ${isAdmin(sql`myself`)}, ${isInTeams(sql`myself.id`)} FROM user myself WHERE myself.id = ${userId} AND myself.is_active)`,
    statement,
  )

/** SQL boolean (1 or 0): the caller is a superuser or a Global Admin. */
export const amAdmin = sql`coalesce((SELECT is_admin FROM ${me}), 0)`

/**
 * Before a table in FROM: of it nothing is read unless this holds, which names none of its columns. In WHERE SQLite asks
 * it of each row anew, and who is refused has had the whole table read.
 */
export const onlyIf = (condition: SQL) => sql`(SELECT 1 WHERE ${condition}) CROSS JOIN`

/** SQL boolean: the caller is a superuser. */
export const amSuperuser = sql`EXISTS (SELECT 1 FROM ${me} JOIN user u ON u.id = me.id WHERE u.is_superuser)`

/** SQL boolean: the grant `a` stands at this scope. */
export const atFlow = (flowId: SQL) => new AtPlace('Flow', flowId)
export const atProject = (folderId: SQL) => new AtPlace('Project', folderId)
export const atGlobal = sql`a.scope_type = 'Global' AND a.scope_id IS NULL`

/** SQL: a SELECT of the roles that hold the permission, for flows or for projects. */
export const rolesWith = (permission: Permission, scope: 'Flow' | 'Project') => sql`
      SELECT rp.role_id FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
      WHERE p.name = ${permission} AND p.scope = ${scope}`

/** SQL: the same as a text: a subquery would be planned anew wherever it stands. */
export const roleList = (permission: Permission, scope: 'Flow' | 'Project') =>
  sql`(SELECT coalesce(',' || group_concat(role_id) || ',', '') FROM (${rolesWith(permission, scope)}))`

/** SQL boolean: the role of the grant `a` is in such a text. */
export const isIn = (list: SQL) => sql`(instr(${list}, ',' || a.role_id || ',') > 0)`

/** SQL boolean: the role of the grant `a` is among them. */
export const holds = (permission: Permission, scope: 'Flow' | 'Project') =>
  sql`a.role_id IN (${rolesWith(permission, scope)})`

/** SQL: the flow `placed`, by its id. A range, for by the key SQLite would go to its row instead of the index of places. */
const place = (column: SQL, flowId: SQL) =>
  sql`(SELECT ${column} FROM flow placed WHERE placed.id BETWEEN ${flowId} AND ${flowId})`

/** SQL: the project of the flow, NULL for none. Its row holds that behind the graph, and is not read for it. */
export const projectOf = (flowId: SQL): SQL => place(sql`placed.folder_id`, flowId)

/** SQL boolean: the flow is there, and anybody may see it who knows its id. */
export const isPublic = (flowId: SQL): SQL =>
  sql`(${place(sql`placed.access_type`, flowId)} IS 'PUBLIC')`

/** Whose rights are asked, and when, in SQL: `me` and now, unless a statement has all that at hand in a row. */
export type Asking = {
  readonly id: SQL
  readonly isAdmin: Known
  readonly now: SQL
  /** Is in a team at all. */
  readonly inTeams: Known
  readonly holds: typeof holds
  /** SQL over the grants `a` of one scope: they allow what is asked. Without it, one of them holds the permission. */
  readonly allows?: SQL
  /** The id of a team that is asked about as such, NULL where it is a user. */
  readonly team?: SQL
}
/** SQL: the caller's id; NULL where nobody active asks. */
export const myId = sql`(SELECT id FROM ${me})`

export const isMe: Asking = {
  id: myId,
  isAdmin: amAdmin,
  now,
  inTeams: sql`(SELECT in_teams FROM ${me})`,
  holds,
}

/**
 * SQL boolean: may the caller do this to the flow? The most specific scope with any grant decides
 * alone (an explicit grant replaces what would be inherited, also when it takes away); several
 * roles there are a union. max() over no grants is NULL, so coalesce falls through to the next scope.
 */
export function mayFlow(
  permission: Permission,
  flowId: SQL,
  folderId = projectOf(flowId),
  who = isMe,
): SQL {
  return adminOr(
    who,
    sql`coalesce(
    ${decidedAt(permission, 'Flow', atFlow(flowId), who)},
    ${decidedAt(permission, 'Flow', atProject(folderId), who)},
    ${decidedAt(permission, 'Flow', atGlobal, who)}, 0)`,
  )
}

/**
 * SQL: the same with what decides, whether somebody is an admin left aside: 10, 20 or 30 where the flow's own grants do, its
 * project's or Global ones, and what `allows` says of them; 0 where there is none.
 */
export function verdictOn(permission: Permission, flowId: SQL, folderId: SQL, who: Asking): SQL {
  const levels = [atFlow(flowId), atProject(folderId), atGlobal]
  const verdicts = levels.map(
    (grants, n) =>
      sql`${sql.raw(`${10 * (n + 1)}`)} + ${decidedAt(permission, 'Flow', grants, who)}`,
  )
  return sql`coalesce(${sql.join(verdicts, sql`, `)}, 0)`
}

/** SQL boolean: an admin may do everything, others what this says. */
export function adminOr({ isAdmin }: Asking, others: SQL): SQL {
  if (isAdmin === true) return sql`1`
  return isAdmin ? sql`(${isAdmin} OR ${others})` : others
}

/**
 * SQL boolean: may the caller do everything with the flow? It is what handing it on takes: others, and the
 * caller elsewhere, get rights over it then that nobody may give away who does not hold them.
 */
export const mayHandOn = (flowId: SQL): SQL =>
  permitsAll(permissions, (permission) => mayFlow(permission, flowId))

/** SQL boolean: each of these permissions is held. */
export const permitsAll = (
  held: readonly Permission[],
  may: (permission: Permission) => SQL,
): SQL => sql`(${sql.join(held.map(may), sql` AND `)})`

/** SQL: the scope whose grants decide about a flow that the user has some access to. */
export function decidingScope(flowId: SQL, folderId: SQL, who = isMe): SQL {
  return sql`CASE WHEN ${adminOr(who, sql`0`)} THEN 'Global'
    WHEN ${isGranted(atFlow(flowId), who)} THEN 'Flow'
    WHEN ${isGranted(atProject(folderId), who)} THEN 'Project' ELSE 'Global' END`
}

/** SQL boolean: may the caller do this to the project? From the project's grants, else the Global ones. */
export function mayProject(permission: Permission, folderId: SQL, who = isMe): SQL {
  return adminOr(
    who,
    sql`coalesce(
    ${decidedAt(permission, 'Project', atProject(folderId), who)},
    ${decidedAt(permission, 'Project', atGlobal, who)}, 0)`,
  )
}

/** 1 if the user's roles there allow it, 0 if they do not, NULL without a grant there. */
export const decidedAt = (
  permission: Permission,
  scope: 'Flow' | 'Project',
  grants: SQL,
  who = isMe,
) =>
  who.allows
    ? sql`(SELECT ${who.allows} ${grantsOf(who, grants)})`
    : sql`(SELECT max(${who.holds(permission, scope)}) ${grantsOf(who, grants)})`

/** SQL boolean: the user has a grant there, whatever it allows. */
export const isGranted = (grants: SQL, who = isMe) =>
  sql`EXISTS (SELECT 1 ${grantsOf(who, grants)})`

/** FROM: the user's live grants there, their own and their teams' alike, as `a`. */
export function grantsOf({ id, inTeams, now, team }: Asking, grants: SQL): SQL {
  const live = (condition: SQL) => sql`${condition} AND ${isLive(sql`a`, now)}`
  const atPlace = grants instanceof AtPlace ? live(grants.onlyIf(inTeams)) : undefined
  return grantsHeld(id, live(grants), { atPlace, inTeams, team })
}
