// What stands under the name of a private table and is none that could be written or widened: found before
// anything is sent, and told by name. Pure.
import type { Schema, Table } from './schema.ts'
import { GUARD, privateTables } from './tables.ts'

/** The first of them, in words. */
export function findMisshapen(schema: Schema): string | undefined {
  for (const [name, columns] of Object.entries(privateTables)) {
    const found = schema[name]
    const wrong = found && faultOf(name, columns, found)
    if (wrong) return `${name} ${wrong}`
  }
  return undefined
}

function faultOf(name: string, columns: Record<string, string>, found: Table): string | undefined {
  // Without a rowid, nothing numbers the rows that are added without an id.
  if (found.form && found.form !== 'STRICT') return `is ${found.form}, not an ordinary table`
  const lacking = Object.keys(columns).find(
    (column) => !found.columns[column] && !isAddable(name, column, columns[column] ?? ''),
  )
  if (lacking) return `has no column ${lacking}`
  const filled = Object.entries(found.columns).find(
    ([column, { notNull, default: value }]) => !columns[column] && notNull && value === null,
  )
  return filled && `has a column ${filled[0]} that nobody fills`
}

/** SQLite adds no keys and nothing that must be filled; and the first guard stands before all additions. */
const isAddable = (table: string, column: string, definition: string) =>
  table === GUARD
    ? column !== 'schema_moved'
    : !/PRIMARY KEY/.test(definition) &&
      (/DEFAULT/.test(definition) || !/NOT NULL/.test(definition))
