// Making the engine's own tables, and the guards: statements that abort their whole transaction where a
// condition does not hold. Every condition a write depends on travels inside its transaction.
import type { InStatement } from '../db/client.ts'
import { isConstraint } from '../db/failures.ts'
import type { Schema } from './schema.ts'
import { GUARD, type Guard, privateTables } from './tables.ts'

/** Aborts where `moved`, a SQL boolean, is true. */
export const guard = (name: Guard, moved: string): string =>
  `INSERT INTO ${GUARD} (${name}) SELECT 0 WHERE ${moved}`

const define = ([table, columns]: [string, Record<string, string>]): string => {
  const body = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
  return `CREATE TABLE IF NOT EXISTS ${table} (${body.join(', ')})`
}

/** Makes all of them, where none is there. */
export const privateDefinitions: string[] = Object.entries(privateTables).map(define)

/**
 * Creates what is missing of the private tables, aborts if the schema is no longer the one that was read,
 * and only then widens tables that drizzle or an older build made: two who widen at once cannot both.
 */
export function prepareTables({
  schema,
  schemaVersion,
}: {
  schema: Schema
  schemaVersion: number
}): InStatement[] {
  const tables = Object.entries(privateTables)
  const creations = tables.filter(([table]) => !schema[table]).map(define)
  const additions = tables.flatMap(([table, columns]) =>
    Object.entries(schema[table] ? columns : {})
      .filter(([name]) => !schema[table]?.columns[name])
      .map(([name, type]) => `ALTER TABLE ${table} ADD COLUMN ${name} ${type}`),
  )
  return [...creations, expectSchema(schemaVersion + creations.length), ...additions]
}

/** Aborts if anybody changed the schema since it was read; `version` counts our own statements before this one. */
const expectSchema = (version: number): InStatement => ({
  sql: guard(
    'schema_moved',
    '(SELECT schema_version FROM pragma_schema_version) IS NOT CAST(?1 AS INTEGER)',
  ),
  args: [version],
})

/** The database is no longer what the plan saw, or someone else holds the lease: look again. Not an error. */
export const hasMoved = (error: unknown): boolean =>
  (['ledger_moved', 'schema_moved', 'lease_lost'] as const).some((name) =>
    isConstraint(error, name),
  )
