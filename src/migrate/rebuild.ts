// SQLite changes a column by rebuilding its table: copy, drop, rename. A copy that loses rows, or ids that
// children refer to, would go unnoticed with foreign keys off; these guards undo the whole request instead.
import type { InStatement } from '../db/client.ts'
import { guard } from './guard.ts'
import { LEASE } from './tables.ts'

/** The tables that the statements copy through `__new_<table>`. */
export function listRebuilt(statements: readonly string[]): string[] {
  return statements.flatMap((sql) => /\bCREATE TABLE [`"[]?__new_(\w+)/i.exec(sql)?.[1] ?? [])
}

/** Orphans per pair of tables. Some may have been there before, and stay none of our business. */
const ORPHANS = `SELECT "table" || ' > ' || parent AS pair, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1`

/** Wraps a revision's statements: what is counted before must be there after. */
export function guardRebuild(statements: readonly string[]): InStatement[] {
  const tables = listRebuilt(statements)
  if (tables.length === 0) return [...statements]
  const counts = tables.map((table) => `'${table}', (SELECT count(*) FROM "${table}")`).join(', ')
  return [
    `UPDATE ${LEASE} SET measured = json_object('rows', json_object(${counts}),
      'orphans', (SELECT json_group_object(pair, n) FROM (${ORPHANS}))) WHERE id = 1`,
    ...statements,
    ...tables.map((table) =>
      guard(
        'rows_changed',
        `(SELECT count(*) FROM "${table}") IS NOT (SELECT measured ->> '$.rows.${table}' FROM ${LEASE} WHERE id = 1)`,
      ),
    ),
    guard(
      'orphans_made',
      `EXISTS (SELECT 1 FROM (${ORPHANS}) WHERE n > coalesce((
        SELECT value FROM json_each((SELECT measured FROM ${LEASE} WHERE id = 1), '$.orphans') WHERE key = pair), 0))`,
    ),
  ]
}
