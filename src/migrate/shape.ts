// What stands under the name of a private table and could be neither written nor widened: found before
// anything is sent, and told by name. Pure.
import { isGenerated, type Schema, type Table } from './schema.ts'
import { bareText } from './sql-text.ts'
import { GUARD, guards, LEASE, LEDGER, privateTables } from './tables.ts'

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
  const generated = Object.keys(columns).find((column) => isGenerated(found.columns[column]))
  if (generated) return `has a column ${generated} that takes no values`
  const empty = Object.entries(found.columns).find(
    ([column, { notNull, default: value }]) =>
      !isFilled(name, column, found) && notNull && value === null,
  )
  if (empty) return `has a column ${empty[0]} that nobody fills`
  return name === LEDGER ? undefined : faultOfBehaviour(name, found)
}

/** SQLite numbers a key by itself. */
const isFilled = (table: string, column: string, { primaryKey }: Table) =>
  table === LEDGER && column === 'id'
    ? primaryKey.includes(column)
    : privateTables[table]?.[column] !== undefined

/** Nobody but flowgate writes the lease and the guard: what they do is what keeps two runs apart. */
function faultOfBehaviour(name: string, found: Table): string | undefined {
  const [trigger] = found.triggers
  if (trigger) return `has a trigger ${trigger.name}`
  const [clause] = found.conflicts
  if (clause) return `has a clause ${clause}`
  const checks = found.checks.map(bareText)
  const unchecked = guards.find(
    (guard) => name === GUARD && found.columns[guard] && !checks.includes(`${guard}=1`),
  )
  if (unchecked) return `does not check ${unchecked}`
  return name === LEASE && !hasKey(found, 'id') ? 'has no key on id' : undefined
}

const hasKey = ({ primaryKey, indexes }: Table, column: string) =>
  primaryKey.join() === column ||
  indexes.some(({ unique, where, columns }) => unique && !where && columns.join() === column)

/** SQLite adds no keys and nothing that must be filled; and the first guard stands before all additions. */
const isAddable = (table: string, column: string, definition: string) =>
  table === GUARD
    ? column !== 'schema_moved'
    : !/PRIMARY KEY/.test(definition) &&
      (/DEFAULT/.test(definition) || !/NOT NULL/.test(definition))
