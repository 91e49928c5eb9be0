// Merging JSON in the database, as RFC 7396 has it: numbers and keys that the patch does not name stay as they are written.
import { type SQL, sql } from './sql.ts'

const textOf = (column: SQL) => sql`CAST(${column} AS TEXT)`

/** SQL: the object in a column with the patch merged in. What is not an object counts as an empty one. */
export const merged = (column: SQL, patch: string): SQL => sql`json_patch(
  CASE WHEN json_valid(${textOf(column)}) THEN iif(json_type(${textOf(column)}) = 'object', ${textOf(column)}, '{}') ELSE '{}' END,
  ${patch})`

/** SQL boolean: the patch and what is there have at most `max` bytes together, and so has what becomes of them. */
export const fitsInto = (column: SQL, patch: string, max: number): SQL =>
  sql`(coalesce(octet_length(${column}), 0) + ${new TextEncoder().encode(patch).length} <= ${max})`

/** SQL boolean: the object in a column has this member. */
export const hasMember = (column: SQL, name: string): SQL =>
  sql`coalesce(CASE WHEN json_valid(${textOf(column)}) THEN json_type(${textOf(column)}, ${`$.${name}`}) IS NOT NULL END, 0)`
