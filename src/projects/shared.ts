// "Shared with me" as projects are shown: a row that stands in no table.
import { permissions } from '../access/predicate.ts'
import { SHARED_NAME, SHARED_PROJECT } from '../access/shared.ts'
import { type SQL, sql } from '../db/sql.ts'

/** SQL: its row, as if it were one of `folder`. Nobody owns it, and nobody may change it. */
export const sharedRow = sql`(SELECT ${SHARED_PROJECT} AS id, ${SHARED_NAME} AS name,
  'Flows that you may read one by one, outside of the projects that you may read' AS description,
  0 AS is_starter_project, NULL AS parent_id, NULL AS auth_settings, NULL AS user_id)`

/** SQL columns, as `projectActions` has them for others: it is read, by grants on its flows. */
export const sharedActions: SQL = sql`${sql.join(
  permissions.map((name) => sql`${Number(name === 'Read')} AS ${sql.identifier(name)}`),
  sql`, `,
)}, 'Flow' AS scope`
