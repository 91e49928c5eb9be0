// Checks: up to a hundred questions in one statement, answered by the predicate itself.
import type { Ask } from '../access/ask.ts'
import { amAdmin, mayFlow, mayProject, type Permission, permissions } from '../access/predicate.ts'
import { SHARED_PROJECT } from '../access/shared.ts'
import { type SQL, sql } from '../db/sql.ts'

type Check = { permission: string; scopeType: string; scopeId: string | null }

/** May the caller do this? In the order asked; what does not exist is judged like what is hidden, and what only looks like a project is read by all. */
export async function check(ask: Ask, checks: Check[]): Promise<boolean[]> {
  const questions = checks.map((asked) => [asked.permission, asked.scopeType, asked.scopeId])
  const { answers } = await ask.read({
    answers: sql<{
      allowed: number | null
    }>`WITH asked(n, permission, scope_type, id) AS MATERIALIZED (
        SELECT key, value ->> 0, value ->> 1, value ->> 2 FROM json_each(${JSON.stringify(questions)}))
      SELECT CASE asked.scope_type
        WHEN 'Flow' THEN ${perPermission((name) => mayFlow(name, sql`asked.id`))}
        WHEN 'Project' THEN CASE WHEN asked.id = ${SHARED_PROJECT} THEN asked.permission = 'Read' ELSE ${perPermission((name) => mayProject(name, sql`asked.id`))} END
        ELSE ${amAdmin} END AS allowed
      FROM asked ORDER BY n`,
  })
  return answers.map((answer) => Boolean(answer.allowed))
}

/** A branch for each permission: with its name as a constant, the roles that hold it are looked up once for all checks. */
const perPermission = (may: (permission: Permission) => SQL) =>
  sql`CASE asked.permission ${sql.join(
    permissions.map((name) => sql`WHEN ${name} THEN ${may(name)}`),
    sql` `,
  )} ELSE ${amAdmin} END`
