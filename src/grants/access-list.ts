// Who may do what with a thing. A team may have any number of members, so nobody is asked about one by one: those who
// hold the same roles at the same scopes may do the same, and the predicate is asked about one of them.
import type { Ask } from '../access/ask.ts'
import { decides, may, type Place, reaches } from '../access/decision.ts'
import { grantsHeld, holdersOf, isAdmin, isLive, wholeGrant } from '../access/grants.ts'
import { amAdmin, asUser, permissions } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { dashed, withoutBlob } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { AccessQuery } from './params.ts'
import { isEntitled, isThere } from './places.ts'

/**
 * A page of the active users who may do anything with it, with the predicate's answer per permission and
 * the grants that decide. For admins and whoever may do everything with it, as its Owner may; to these,
 * admins are a number and no names. Throws 403 for others, then 404.
 */
export async function listAccess(
  ask: Ask,
  query: AccessQuery,
): Promise<{ rows: Row[]; total: number; admins: number }> {
  const place: Place = { scope: query.scope_type, id: query.scope_id }
  const mayAsk = sql`(${isEntitled(place)} AND ${isThere(place)})`
  const shown = sql`actions <> '' AND (${amAdmin} OR NOT is_admin)`
  const page = sql`SELECT w.id, w.username, w.is_superuser, k.is_admin, k.actions FROM able w JOIN kinds k ON k.held = w.held
    WHERE ${shown} ORDER BY username LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`
  const numbers = sql`SELECT coalesce(sum(n) FILTER (WHERE ${shown}), 0) AS total,
    coalesce(sum(n) FILTER (WHERE is_admin), 0) AS admins FROM kinds`
  const { verdicts, found } = await ask.read(
    {
      verdicts: sql<{
        is_entitled: number
        is_there: number
      }>`SELECT ${isEntitled(place)} AS is_entitled, ${isThere(place)} AS is_there`,
      // The numbers stand beside each row, and alone where the page has none: counted apart, everybody would be read twice.
      found: sql<
        Row & Numbers
      >`WITH ${kindsOf(place, mayAsk)} SELECT numbers.*, able.*, ${decidingGrants(place)} AS grants
      FROM (${numbers}) numbers LEFT JOIN (${page}) able ORDER BY username`,
    },
    ({ verdicts: [verdict] }) => Boolean(verdict?.is_entitled && verdict.is_there),
  )
  const verdict = one(verdicts)
  if (!verdict.is_entitled)
    throw new ApiError(
      'forbidden',
      `You do not have permission to view who has access to this ${query.scope_type.toLowerCase()}`,
    )
  if (!verdict.is_there)
    throw new ApiError('not_found', `${query.scope_type} '${dashed(query.scope_id)}' not found`)
  const { total, admins } = one(found)
  return { rows: found.filter(({ id }) => id !== null), total, admins }
}

type Numbers = { total: number; admins: number }

/**
 * SQL, for WITH: the active users of whom a grant has a say in this (`able`), and what those who hold the same have in common
 * (`kinds`): how many they are, and the predicate's answer, which is that about one of them.
 */
function kindsOf(place: Place, condition: SQL): SQL {
  const holders = holdersOf(
    sql`${reaches(place)} AND ${isLive(sql`a`)}`,
    sql`concat(a.scope_type, a.role_id)`,
  )
  return sql`asker(is_entitled) AS MATERIALIZED (SELECT ${condition}),
    holding(user_id, held) AS MATERIALIZED (SELECT user_id, group_concat(held) FROM (
      SELECT DISTINCT user_id, held FROM asker CROSS JOIN (${holders} UNION ALL SELECT id, 'superuser' FROM user WHERE is_superuser)
      WHERE is_entitled ORDER BY user_id, held) GROUP BY user_id),
    able AS MATERIALIZED (SELECT u.id, u.username, u.is_superuser, h.held FROM holding h CROSS JOIN user u ON u.id = h.user_id WHERE u.is_active),
    kinds AS MATERIALIZED (SELECT k.held, k.n, ${isAdmin(sql`u`)} AS is_admin, ${actionsOf(sql`u.id`, place)} AS actions
      FROM (SELECT held, count(*) AS n, min(id) AS one FROM able GROUP BY held) k CROSS JOIN user u ON u.id = k.one)`
}

/** SQL: `Create,Read,...` as far as the predicate allows it to this user. */
function actionsOf(userId: SQL, place: Place): SQL {
  const actions = permissions.map(
    (name) => sql`CASE WHEN ${may(name, place)} THEN ${`${name},`} ELSE '' END`,
  )
  return sql`(${asUser(userId, sql`SELECT ${sql.join(actions, sql` || `)}`)})`
}

/** SQL: the live grants that decide for the user in `able`, as JSON. */
function decidingGrants(place: Place): SQL {
  const live = sql`${reaches(place)} AND ${isLive(sql`a`)}`
  const held = grantsHeld(sql`able.id`, live, { columns: wholeGrant })
  return sql`(SELECT CAST(json_group_array(json_object('id', a.id, 'role_name', ${withoutBlob(sql`r.name`)}, 'scope_type', a.scope_type,
      'scope_id', a.scope_id, 'expires_at', a.expires_at, 'team_id', a.team_id,
      'team_name', (SELECT t.name FROM flowgate_team t WHERE t.id = a.team_id))) AS BLOB)
    ${held} JOIN role r ON r.id = a.role_id
    WHERE ${decides(sql`a`, sql`able.is_admin`, held)})`
}
