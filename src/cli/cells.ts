// Values on their way from one database to another, so that nothing is lost: text as its bytes (a NUL, broken
// UTF-8), 64-bit integers whole, and each with the type that it is stored as, which need not be its column's.
import type { Row } from '@libsql/client/http'
import type { Argument } from '../db/hrana.ts'

/** A value in SQL, and what stands for the `?` in it. */
export type Cell = { sql: string; args: Argument[] }

/** SQLite takes 32,766 values in a statement; shorter ones are faster. */
const VALUES_MOST = 2000

export const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

/** What to select so that `toCells` can read it: all types as letters, then the values. */
export function selectCells(columns: readonly string[]): string {
  const names = columns.map(quote)
  const types = names.map((name) => `substr(typeof(${name}), 1, 1)`).join(' || ')
  return [types, ...names.map(asSent)].join(', ')
}

/** JSON has no infinity. */
const asSent = (column: string) =>
  `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB)
    WHEN 'real' THEN iif(abs(${column}) = 9e999, CAST(${column} AS TEXT), ${column}) ELSE ${column} END`

export function toCells(row: Row): Cell[] {
  const [types, ...values] = Array.from({ length: row.length }, (_, n) => row[n] ?? null)
  return values.map((value, n) => toCell(String(types)[n], value))
}

function toCell(type: string | undefined, value: Row[number]): Cell {
  if (type === 'r' && typeof value === 'string')
    return { sql: value.startsWith('-') ? '-9e999' : '9e999', args: [] }
  return { sql: type === 't' ? 'CAST(? AS TEXT)' : '?', args: [value] }
}

export const sizeOf = (chunk: Cell[][]) =>
  chunk
    .flat()
    .flatMap(({ args }) => args)
    .reduce<number>((sum, arg) => sum + (arg instanceof ArrayBuffer ? arg.byteLength : 8), 1)

export function toInserts(table: string, columns: readonly string[], chunk: Cell[][]) {
  const perStatement = Math.max(1, Math.floor(VALUES_MOST / columns.length))
  const into = `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES`
  return Array.from({ length: Math.ceil(chunk.length / perStatement) }, (_, n) => {
    const rows = chunk.slice(n * perStatement, (n + 1) * perStatement)
    return {
      sql: `${into} ${rows.map((cells) => `(${cells.map(({ sql }) => sql).join(', ')})`).join(', ')}`,
      args: rows.flat().flatMap(({ args }) => args),
    }
  })
}
