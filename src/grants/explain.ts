// Why somebody may or may not do something, and who may do what: the predicate's own fragments, asked
// about any user, with the grants they look at beside the answer.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import {
  grantsHeld,
  holdersOf,
  isAdmin,
  isAdminGrant,
  isLive,
  wholeGrant,
} from '../access/grants.ts'
import {
  amAdmin,
  asUser,
  atFlow,
  atGlobal,
  atProject,
  holds,
  mayFlow,
  mayProject,
  type Permission,
  permissions,
  projectOf,
} from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { dashed, withoutBlob } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { AccessQuery, ExplainQuery } from './params.ts'

type Scope = { scope_type: 'Flow' | 'Project'; scope_id: string }

const may = (permission: Permission, { scope_type, scope_id }: Scope): SQL =>
  scope_type === 'Flow'
    ? mayFlow(permission, sql`${scope_id}`)
    : mayProject(permission, sql`${scope_id}`)

/** SQL boolean: the grant `a` has a say in this; which of those have it last, their `rank` tells. */
const reaches = ({ scope_type, scope_id }: Scope): SQL =>
  scope_type === 'Flow'
    ? sql`((${atFlow(sql`${scope_id}`)}) OR (${atProject(projectOf(sql`${scope_id}`))}) OR (${atGlobal}))`
    : sql`((${atProject(sql`${scope_id}`)}) OR (${atGlobal}))`

const rank = sql`CASE a.scope_type WHEN 'Flow' THEN 3 WHEN 'Project' THEN 2 ELSE 1 END`

/** What was found about a user: `subject` is the user's row with the predicate's answer in `allowed`. */
export type Explanation = { subject: Row; grants: Row[] }

/** Several roles at one scope are as many grants; those that decide come first. */
const MAX_GRANTS = 1000

/** For oneself or an admin. Throws 403 for others, whoever they ask about, and 404 for an unknown user. */
export async function explain(ask: Ask, query: ExplainQuery): Promise<Explanation> {
  const asker = ask.author.id
  const asked = query.user_id ? sql`${query.user_id}` : asker
  const subject = sql`(SELECT s.id FROM user s JOIN user c ON c.id = ${asker} AND c.is_active
    WHERE s.id = ${asked} AND (s.id = c.id OR ${isAdmin(sql`c`)}))`
  const { caller, subjects, grants } = await ask.read({
    subjects: asUser(
      subject,
      sql`SELECT u.id, u.is_active, u.is_superuser, ${amAdmin} AS is_admin, ${may(query.permission, query)} AS allowed
      FROM user u WHERE u.id = ${subject}`,
    ),
    grants: asUser(
      subject,
      sql`WITH reaching AS (
        SELECT a.*, ${rank} AS rank, ${isLive(sql`a`)} AS is_live, ${holds(query.permission, query.scope_type)} AS holds
        ${grantsHeld(subject, reaches(query), { columns: wholeGrant })})
      SELECT g.*, (SELECT t.name FROM flowgate_team t WHERE t.id = g.team_id) AS team_name, g.is_live AND CASE WHEN ${amAdmin} THEN ${isAdminGrant(sql`g`)}
          ELSE g.rank = (SELECT max(rank) FROM reaching WHERE is_live) END AS decides,
        r.name AS role_name, r.description AS role_description, r.is_system_role AS role_is_system_role, r.created_at AS role_created_at
      FROM reaching g JOIN role r ON r.id = g.role_id ORDER BY g.rank DESC, g.created_at, g.id LIMIT ${MAX_GRANTS}`,
    ),
  })
  const [found] = subjects
  if (found) return { subject: found, grants }
  if (!caller.isAdmin) throw new ApiError('forbidden', 'Admin access required')
  throw new ApiError('not_found', `User '${dashed(query.user_id)}' not found`)
}

/**
 * A page of the active users who may do anything with it, with the predicate's answer per permission and
 * the grants that decide. For admins and whoever may do everything with it, as its Owner may; to these,
 * admins are a number and no names.
 */
export async function listAccess(
  ask: Ask,
  query: AccessQuery,
): Promise<{ rows: Row[]; total: number; admins: number }> {
  const isOwner = sql`(${sql.join(
    permissions.map((permission) => may(permission, query)),
    sql` AND `,
  )})`
  const table = query.scope_type === 'Flow' ? sql`flow` : sql`folder`
  const able = sql`WITH asker(is_entitled) AS MATERIALIZED (SELECT ${isOwner}),
    able AS (SELECT u.id, u.username, u.is_superuser, ${isAdmin(sql`u`)} AS is_admin, ${actionsOf(sql`u.id`, query)} AS actions FROM user u
      WHERE u.is_active AND (SELECT is_entitled FROM asker) AND EXISTS (SELECT 1 FROM ${table} WHERE id = ${query.scope_id})
        AND (u.is_superuser OR u.id IN (${holdersOf(reaches(query))})))`
  const shown = sql`actions <> '' AND (${amAdmin} OR NOT is_admin)`
  const { verdicts, rows, count } = await ask.read({
    verdicts: sql<{
      is_entitled: number
      is_there: number
    }>`SELECT ${isOwner} AS is_entitled, EXISTS (SELECT 1 FROM ${table} WHERE id = ${query.scope_id}) AS is_there`,
    rows: sql`${able} SELECT able.*, ${decidingGrants(query)} AS grants
      FROM able WHERE ${shown} ORDER BY username LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`,
    count: sql<{
      total: number
      admins: number
    }>`${able} SELECT count(*) FILTER (WHERE ${shown}) AS total, count(*) FILTER (WHERE is_admin) AS admins FROM able`,
  })
  const verdict = one(verdicts)
  if (!verdict.is_entitled)
    throw new ApiError(
      'forbidden',
      `You do not have permission to view who has access to this ${query.scope_type.toLowerCase()}`,
    )
  if (!verdict.is_there)
    throw new ApiError('not_found', `${query.scope_type} '${dashed(query.scope_id)}' not found`)
  return { rows, ...one(count) }
}

/** SQL: `Create,Read,...` as far as the predicate allows it to this user. */
function actionsOf(userId: SQL, scope: Scope): SQL {
  const actions = permissions.map(
    (name) => sql`CASE WHEN ${may(name, scope)} THEN ${`${name},`} ELSE '' END`,
  )
  return sql`(${asUser(userId, sql`SELECT ${sql.join(actions, sql` || `)}`)})`
}

/** SQL: the live grants that decide for the user in `able`, as JSON. */
function decidingGrants(scope: Scope): SQL {
  const live = sql`${reaches(scope)} AND ${isLive(sql`a`)}`
  const held = grantsHeld(sql`able.id`, live, { columns: wholeGrant })
  return sql`(SELECT CAST(json_group_array(json_object('id', a.id, 'role_name', ${withoutBlob(sql`r.name`)}, 'scope_type', a.scope_type,
      'scope_id', a.scope_id, 'expires_at', a.expires_at, 'team_id', a.team_id,
      'team_name', (SELECT t.name FROM flowgate_team t WHERE t.id = a.team_id))) AS BLOB)
    ${held} JOIN role r ON r.id = a.role_id
    WHERE CASE WHEN able.is_admin THEN ${isAdminGrant(sql`a`)}
      ELSE ${rank} = (SELECT max(${rank}) ${held}) END)`
}
