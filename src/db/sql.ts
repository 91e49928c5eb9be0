// SQL as it is written here: drizzle's template, whose holes take any value at all, with a type for what may stand in them.
import { type Name, SQL, sql as untyped } from 'drizzle-orm'
import type { Argument } from './hrana.ts'

export { SQL }

/** SQL, a name, or a value that is bound. `undefined` is none of these: drizzle makes nothing of it. */
type Hole = SQL | Name | Argument

type Template = {
  /** `T` says what its rows are. */
  <T = unknown>(texts: TemplateStringsArray, ...holes: Hole[]): SQL<T>
  /** Text that is SQL as it stands: never what somebody sent. */
  raw(text: string): SQL
  identifier(name: string): Name
  join(parts: readonly SQL[], between: SQL): SQL
}

export const sql = untyped as Template // which takes more than that

/** SQL: a list to look in, as one value however long it is. */
export const listed = (values: readonly string[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`
