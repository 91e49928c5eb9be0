// Taking somebody off a project: the flows there that they made are still theirs, by grants of their own that
// outweigh the project's. So whoever does it is told how many, and may take those grants along.
import { type Author, grantColumns, record } from '../access/audit.ts'
import { amAdmin } from '../access/predicate.ts'
import { type SQL, sql } from '../db/sql.ts'

/** FROM and WHERE: the Owner grants `o` on flows in the project of the grant `held`, of the same user. */
const owned = sql`FROM userroleassignment held JOIN flow f ON f.folder_id = held.scope_id
  JOIN userroleassignment o ON o.user_id = held.user_id AND o.scope_type = 'Flow' AND o.scope_id = f.id
  WHERE held.scope_type = 'Project' AND o.role_id = (SELECT id FROM role WHERE name = 'Owner' AND is_system_role)
    AND NOT o.is_immutable`

/** A number: how many flows they own in the project of this grant; NULL where it stands on none. */
export const countOwned = (id: string) => sql<{ owned: number | null }>`SELECT CASE WHEN EXISTS (
    SELECT 1 FROM userroleassignment WHERE id = ${id} AND scope_type = 'Project')
  THEN (SELECT count(*) ${owned} AND held.id = ${id} AND ${amAdmin}) END AS owned`

/** Takes the Owner grants along where the condition holds for the project's grant `held`, which is still there. */
export function takeOwned(author: Author, condition: SQL): SQL[] {
  const taken = sql`g.id IN (SELECT o.id ${owned} AND ${condition})`
  return [
    record(
      author,
      'grant.delete',
      { id: sql`g.id`, before: grantColumns(sql`g`) },
      sql`FROM userroleassignment g WHERE ${taken}`,
    ),
    sql`DELETE FROM userroleassignment AS g WHERE ${taken}`,
  ]
}
