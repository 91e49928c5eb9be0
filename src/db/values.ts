// How values are stored and how they look on the wire: UUIDs, JSON.
import { type SQL, sql } from './sql.ts'
import { instant } from './statement.ts'

/** A fresh UUID as stored: 32 lower-case hex digits. */
export const newId = (): string => crypto.randomUUID().replaceAll('-', '')

/** 32 hex digits -> the dashed form of the wire; null stays null. */
export function dashed(id: unknown): string | null {
  if (id === null || id === undefined) return null
  const text = String(id)
  const hex = (text.length === 32 ? text : text.replaceAll('-', '')).toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** SQL: now by the primary's clock, UTC, as SQLAlchemy stores it. */
export const now = sql`strftime('%Y-%m-%d %H:%M:%f000', ${instant})`

/** SQL: what every UPDATE of a flow sets beside what it is about: how often the row was written. */
export const counted = sql`revision = coalesce(revision, 0) + 1`

/** SQL: what a column holds, where JSON cannot hold a BLOB: that is read as text. */
export const withoutBlob = (column: SQL) =>
  sql`CASE typeof(${column}) WHEN 'blob' THEN CAST(${column} AS TEXT) ELSE ${column} END`

/** libSQL does not look into a value of 5 MB, unless told otherwise. */
const MAX_LOOKED_INTO = 4_900_000

/**
 * SQL: the beginning of a text as bytes, which are read as text: sqld does not send as text what is not UTF-8. NULL where
 * libSQL does not look into it.
 */
export const beginningOf = (column: SQL, length: number) =>
  sql`CASE WHEN octet_length(${column}) <= ${MAX_LOOKED_INTO} THEN CAST(substr(CAST(${column} AS TEXT), 1, ${length}) AS BLOB) END`

/** Stored JSON text -> value; text that is not JSON counts as null. */
export function toJson(stored: unknown): unknown {
  // JSON has no int64: nearly the number is better than no answer.
  if (typeof stored === 'bigint') return Number(stored)
  if (typeof stored !== 'string') return stored ?? null
  try {
    return JSON.parse(stored)
  } catch {
    return null
  }
}
