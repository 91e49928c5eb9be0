// Why somebody may or may not do something, and who may do what: the predicate's own fragments, asked
// about any user, with the grants they look at beside the answer.
import type { Ask } from '../access/ask.ts'
import { decides, may, rankOf, reaches } from '../access/decision.ts'
import { grantsHeld, isLive, wholeGrant } from '../access/grants.ts'
import { amAdmin, asUser, holds } from '../access/predicate.ts'
import { askedAboutBy } from '../access/subjects.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { ExplainQuery } from './params.ts'

/** What was found about a user: `subject` is the user's row with the predicate's answer in `allowed`. */
export type Explanation = { subject: Row; grants: Row[] }

/** Several roles at one scope are as many grants; those that decide come first. */
const MAX_GRANTS = 1000

/** For oneself or an admin. Throws 403 for others, whoever they ask about, and 404 for an unknown user. */
export async function explain(ask: Ask, query: ExplainQuery): Promise<Explanation> {
  const { permission, scope_type: scope } = query
  const place = { scope, id: query.scope_id }
  const asker = ask.author.id
  const subject = askedAboutBy(asker, query.user_id ? sql`${query.user_id}` : asker)
  const { caller, subjects, grants } = await ask.read(
    {
      subjects: asUser(
        subject,
        sql`SELECT u.id, u.is_active, u.is_superuser, ${amAdmin} AS is_admin, ${may(permission, place)} AS allowed
      FROM user u WHERE u.id = ${subject}`,
      ),
      grants: asUser(
        subject,
        sql`WITH reaching AS (
        SELECT a.*, ${isLive(sql`a`)} AS is_live, ${holds(permission, scope)} AS holds
        ${grantsHeld(subject, reaches(place), { columns: wholeGrant })})
      SELECT g.*, (SELECT t.name FROM flowgate_team t WHERE t.id = g.team_id) AS team_name, g.is_live AND ${decides(sql`g`, amAdmin, sql`FROM reaching a WHERE a.is_live`)} AS decides,
        r.name AS role_name, r.description AS role_description, r.is_system_role AS role_is_system_role, r.created_at AS role_created_at
      FROM reaching g JOIN role r ON r.id = g.role_id ORDER BY ${rankOf(sql`g`)} DESC, g.created_at, g.id LIMIT ${MAX_GRANTS}`,
      ),
    },
    ({ subjects }) => subjects.length > 0,
  )
  const [found] = subjects
  if (found) return { subject: found, grants }
  if (!caller.isAdmin) throw new ApiError('forbidden', 'Admin access required')
  throw new ApiError('not_found', `User '${dashed(query.user_id)}' not found`)
}
