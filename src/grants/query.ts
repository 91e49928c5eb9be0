// Reads of assignments, for admins: stored ones only, never inherited ones, with the names of what they are about.
import type { Ask } from '../access/ask.ts'
import { allGrants, grantsHeld, wholeGrant } from '../access/grants.ts'
import { ofHeader } from '../access/headers.ts'
import { slice } from '../access/long-list.ts'
import { amAdmin, onlyIf } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { beginningOf, dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { keyOfName } from '../names.ts'
import type { AssignmentFilter } from './params.ts'

/** No name of ours is longer; of those that others stored, the beginning is shown. */
const MAX_NAME = 1000
const from = (
  grants: SQL,
) => sql`FROM (SELECT a.*, a.team_id IS NOT NULL AS is_team ${grants}) a JOIN role r ON r.id = a.role_id
  LEFT JOIN user u ON u.id = a.user_id LEFT JOIN flowgate_team t ON t.id = a.team_id`

/** SQL: a SELECT of assignments `a` of users and of teams as their view takes them. */
const select = (
  grants: SQL,
) => sql`SELECT a.*, t.name AS team_name, r.name AS role_name, r.description AS role_description,
    r.is_system_role AS role_is_system_role, r.created_at AS role_created_at, ${beginningOf(sql`u.username`, MAX_NAME)} AS username,
    CASE a.scope_type WHEN 'Flow' THEN ${ofHeader(beginningOf(sql`f.name`, MAX_NAME), sql`a.scope_id`)}
      WHEN 'Project' THEN (SELECT ${beginningOf(sql`p.name`, MAX_NAME)} FROM folder p WHERE p.id = a.scope_id) END AS scope_name
  ${from(grants)}`
export const selectAssignments = select(allGrants(sql`1`))

/** Among which they are looked for: what somebody gave to others has an index, and what somebody holds. */
function among({ user_id, teams, created_by }: AssignmentFilter): SQL {
  if (user_id && teams) return grantsHeld(sql`${user_id}`, sql`1`, { columns: wholeGrant })
  if (!created_by) return allGrants(sql`1`, sql`1`, onlyIf(amAdmin))
  const given = sql`a.created_by = ${created_by}`
  return allGrants(given, sql`${given} AND a.created_by <> a.user_id`)
}

/**
 * Unknown filter values give none. As many as fit into one answer, after the row that the slice before ended with, in
 * the order in which they were made: users' first, then teams', each in that of its table, or an index of it.
 */
export async function listAssignments(
  ask: Ask,
  filter: AssignmentFilter,
  after: Row | undefined,
): Promise<Row[]> {
  const { found } = await ask.read({ found: someOf(filter, after) })
  return found
}

/** The same for so many of them, and how many there are. `skip` counts where there is no row before. */
export async function pageAssignments(
  ask: Ask,
  filter: AssignmentFilter,
  { after, take, skip }: { after: Row | undefined; take: number; skip: number },
): Promise<{ found: Row[]; total: number }> {
  const { found, count } = await ask.read({
    found: someOf(filter, after, take, after ? 0 : skip),
    count: sql<{
      total: number
    }>`SELECT count(*) AS total ${from(among(filter))} WHERE ${amAdmin} ${matching(filter)}`,
  })
  return { found, total: one(count).total }
}

/** One of them. Throws 404. */
export async function findAssignment(ask: Ask, id: string): Promise<Row> {
  const { found } = await ask.read({
    found: sql`${selectAssignments} WHERE a.id = ${id} AND ${amAdmin}`,
  })
  return found[0] ?? noAssignment(id)
}

export function noAssignment(id: string): never {
  throw new ApiError('not_found', `Assignment '${dashed(id)}' not found`)
}

const someOf = (filter: AssignmentFilter, after: Row | undefined, take?: number, skip?: number) =>
  slice(
    sql`${select(among(filter))} WHERE ${amAdmin} ${matching(filter)} AND (a.is_team, a.place) > (${after?.is_team ?? 0}, ${after?.place ?? 0})`,
    sql`ORDER BY is_team, place`,
    sql`octet_length(concat(role_name, role_description, username, scope_name, team_name)) + 800`,
    take,
    skip,
  )

/** SQL: `AND` and what is asked of `a`. A user is found by every way to write their name. */
function matching(filter: AssignmentFilter): SQL {
  const { user_id, teams, created_by, team_id, username, role_name, scope_type } = filter
  const conditions = [
    created_by === undefined
      ? []
      : sql`AND a.created_by = ${created_by} AND a.user_id IS NOT a.created_by`,
    user_id === undefined || teams ? [] : sql`AND a.user_id = ${user_id}`,
    team_id === undefined ? [] : sql`AND a.team_id = ${team_id}`,
    username === undefined
      ? []
      : sql`AND a.user_id IN (SELECT id FROM user WHERE username = ${username} OR username_key = ${keyOfName(username)})`,
    role_name === undefined ? [] : sql`AND r.name = ${role_name}`,
    scope_type === undefined ? [] : sql`AND a.scope_type = ${scope_type}`,
  ]
  return sql.join(conditions.flat(), sql` `)
}
