// Why somebody may or may not do something, and who may do what: the predicate's own fragments, asked
// about any user, with the grants they look at beside the answer.

import type { Ask } from '../access/ask.ts'
import { grantsHeld, isAdmin, isAdminGrant, isLive, wholeGrant } from '../access/grants.ts'
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
  projectOf,
} from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { ExplainQuery } from './params.ts'

export type Scope = { scope_type: 'Flow' | 'Project'; scope_id: string }

export const may = (permission: Permission, { scope_type, scope_id }: Scope): SQL =>
  scope_type === 'Flow'
    ? mayFlow(permission, sql`${scope_id}`)
    : mayProject(permission, sql`${scope_id}`)

/** SQL boolean: the grant `a` has a say in this; which of those have it last, their `rank` tells. */
export const reaches = ({ scope_type, scope_id }: Scope): SQL =>
  scope_type === 'Flow'
    ? sql`((${atFlow(sql`${scope_id}`)}) OR (${atProject(projectOf(sql`${scope_id}`))}) OR (${atGlobal}))`
    : sql`((${atProject(sql`${scope_id}`)}) OR (${atGlobal}))`

export const rank = sql`CASE a.scope_type WHEN 'Flow' THEN 3 WHEN 'Project' THEN 2 ELSE 1 END`

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
