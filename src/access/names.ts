// Names that are one per look, in the database: a column keeps what names.ts makes of each, and its unique
// index decides. Rows that something else wrote have no key yet; before a name is given, all of them get one.
import type { Result, Results, Statements } from '../db/batch.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { keyOfName, keyOfTyped } from '../names.ts'

/** Where names are kept; `first` puts the rows in order that have the better right to a name. */
type Names = { readonly table: SQL; readonly name: SQL; readonly key: SQL; readonly first: SQL }

export const usersNames: Names = {
  table: sql`user`,
  name: sql`username`,
  key: sql`username_key`,
  first: sql`is_superuser DESC, create_at, id`,
}
export const rolesNames: Names = {
  table: sql`role`,
  name: sql`name`,
  key: sql`name_key`,
  first: sql`is_system_role DESC, created_at, id`,
}

/** Names that one statement folds, and how often one request does it. */
const SLICE = 1000
const SLICES = 25

type Unkeyed = { id: string; name: string }

/** SQL boolean: every name has its key, so that the index knows them all. */
export const allKeyed = ({ table, key }: Names) =>
  sql`NOT EXISTS (SELECT 1 FROM ${table} WHERE ${key} IS NULL)`

/** The statement whose rows `whenKeyed` looks at. */
export const unkeyed = ({ table, name, key, first }: Names) =>
  sql<Unkeyed>`SELECT id, ${name} AS name FROM ${table} WHERE ${key} IS NULL ORDER BY ${first} LIMIT ${SLICE}`

/** The same where no name is given. */
export const noneUnkeyed = sql<Unkeyed>`SELECT 1 AS id, 1 AS name WHERE 0`

type Door = {
  write<S extends Statements>(statements: S): Promise<Results<S>>
}

/**
 * Sends a write that gives a name under the condition `allKeyed`, and carries `unkeyed`. Where names are
 * still without a key it changed nothing: they get one, and it is sent again.
 */
export async function whenKeyed<T extends { unkeyed: Result<Unkeyed> }>(
  door: Door,
  names: Names,
  send: () => Promise<T>,
): Promise<T> {
  for (let slice = 0; slice <= SLICES; slice++) {
    const results = await send()
    if (results.unkeyed.rows.length === 0) return results
    await door.write(giveKeys(names, results.unkeyed.rows))
  }
  throw new ApiError('database_busy', 'Names of this database are still being put in order')
}

/** Who comes second keeps a name that looks like another's, under a key that no name has. */
function giveKeys({ table, key }: Names, rows: readonly Unkeyed[]) {
  const keys = new Map<string, string>()
  for (const { id, name } of rows) {
    const folded = keyOfTyped(String(name))
    if (folded && !keys.has(folded)) keys.set(folded, id)
  }
  const first = JSON.stringify([...keys].map(([folded, id]) => [id, folded]))
  const ids = listed(rows.map(({ id }) => id))
  return {
    folded: sql`UPDATE OR IGNORE ${table} AS t SET ${key} = x.value ->> 1
      FROM json_each(${first}) x WHERE t.id = x.value ->> 0 AND t.${key} IS NULL`,
    others: sql`UPDATE ${table} SET ${key} = ' ' || id
      WHERE id IN ${ids} AND ${key} IS NULL`,
  }
}

/** SQL: the key of a row that gets this name; whoever keeps a name keeps its key. */
export const nameKeyFor = ({ name, key }: Names, given: string, row: SQL) =>
  sql`CASE WHEN ${row}.${name} IS ${given} THEN ${row}.${key} ELSE ${keyOfName(given)} END`
