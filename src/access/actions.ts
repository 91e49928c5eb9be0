// `include=actions` on projects: what the caller may do with each, and the scope whose grants say so.
import { sql } from '../db/sql.ts'
import { amAdmin, atProject, isGranted, mayProject, permissions } from './predicate.ts'

/** SQL columns over a row `p` of `folder`: one per permission, named like it, and `scope`. */
export const projectActions = sql`${sql.join(
  permissions.map((name) => sql`${mayProject(name, sql`p.id`)} AS ${sql.identifier(name)}`),
  sql`, `,
)}, CASE WHEN NOT ${amAdmin} AND ${isGranted(atProject(sql`p.id`))} THEN 'Project' ELSE 'Global' END AS scope`
