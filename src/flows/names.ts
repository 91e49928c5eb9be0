// A flow's name and endpoint name are unique among the flows of one user, a project's among their projects.
// That one is taken is said only to those who may read what has it; for others the next number is found.
import { mayFlow, mayProject } from '../access/predicate.ts'
import type { Taken } from '../db/batch.ts'
import { type Brackets, freeName } from '../db/free-name.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'

const taken = (detail: string) => (cause: unknown) => new ApiError('bad_request', detail, { cause })

/** Where a name is taken, also by a request that came in between. */
export const namesTaken: Taken = {
  'flow.name': taken('Name must be unique'),
  'flow.endpoint_name': taken('Endpoint name must be unique'),
  'folder.name': taken('Project name must be unique'),
}

/** SQL: the name that the flow gets when this one is asked for. */
export const renamedFlow = (id: string, column: 'name' | 'endpoint_name', wanted: string): SQL =>
  renamed(
    sql`flow`,
    sql.raw(column),
    id,
    wanted,
    column === 'name' ? [' (', ')'] : ['-', ''],
    (n) => mayFlow('Read', sql`${n}.id`),
  )

/** SQL: the name that the project gets when this one is asked for. */
export const renamedProject = (id: string, wanted: string): SQL =>
  renamed(sql`folder`, sql`name`, id, wanted, [' (', ')'], (n) => mayProject('Read', sql`${n}.id`))

/** Told "taken", those who may not read the row itself would learn whose it is: they get a number as well. */
function renamed(
  table: SQL,
  column: SQL,
  id: string,
  wanted: string,
  brackets: Brackets,
  mayRead: (row: SQL) => SQL,
): SQL {
  const owner = sql`(SELECT user_id FROM ${table} WHERE id = ${id})`
  return sql`CASE WHEN EXISTS (SELECT 1 FROM ${table} self JOIN ${table} other ON other.user_id = self.user_id
      AND other.id <> self.id AND other.${column} = ${wanted}
      WHERE self.id = ${id} AND NOT (${mayRead(sql`self`)} AND ${mayRead(sql`other`)}))
    THEN ${freeName(table, column, owner, wanted, brackets)} ELSE ${wanted} END`
}
