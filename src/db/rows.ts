// What libSQL hands out -> values that can be worked with, in place.
import type { Row } from '@libsql/client/http'

/**
 * Integers come as bigint, for one beyond 2^53 would be an error otherwise, which hides its whole table.
 * Those that a number can hold become numbers, in place.
 */
export function narrow(rows: Row[]): Row[] {
  for (const row of rows)
    for (const name in row) {
      const value = row[name]
      if (typeof value !== 'bigint') continue
      const number = Number(value)
      if (Number.isSafeInteger(number)) row[name] = number
    }
  return rows
}

/** Every column is one for text or numbers: a BLOB in it is text. Bytes that are no UTF-8 become U+FFFD. */
export function decode(rows: Row[]): Row[] {
  for (const row of rows)
    for (const name in row) {
      const value = row[name]
      if (value instanceof ArrayBuffer) row[name] = new TextDecoder().decode(value)
    }
  return rows
}
