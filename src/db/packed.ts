// Many values as one. libSQL wraps each value in an object of its own and the client each row in
// another, which costs more than reading them; as one JSON text they come over for next to nothing.
import { type SQL, sql } from 'drizzle-orm'
import type { Row } from './client.ts'

/** What is read of a row: name -> SQL. */
export type Fields = Readonly<Record<string, SQL>>

/** SQL: the values as a JSON array. */
export const packed = (fields: Fields): SQL =>
  sql`json_array(${sql.join(Object.values(fields), sql`, `)})`

/** Such an array, parsed -> the row. */
export function unpacker(fields: Fields): (values: readonly unknown[]) => Row {
  const names = Object.keys(fields)
  return (values) => {
    const row: Record<string, unknown> = {}
    for (const [i, name] of names.entries()) row[name] = values[i]
    return row as Row
  }
}
