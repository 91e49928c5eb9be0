// Column types as SQLAlchemy declares them for LangBuilder on SQLite. Only the declared type matters
// here: it fixes the affinity of the column. What the values look like is decided in each view.ts.
import { customType } from 'drizzle-orm/sqlite-core'

const declared = (sqlType: string) => customType<{ data: string }>({ dataType: () => sqlType })
const declaredNumber = (sqlType: string) =>
  customType<{ data: number }>({ dataType: () => sqlType })

/** A UUID: 32 lower-case hex digits, no dashes. */
export const uuid = declared('CHAR(32)')
/** UTC without offset: `YYYY-MM-DD HH:MM:SS.ffffff`. */
export const datetime = declared('DATETIME')
/** 0 or 1. */
export const bool = declaredNumber('BOOLEAN')
/** JSON as text; an absent flow graph is the text `null`. */
export const json = declared('JSON')
export const varchar = declared('VARCHAR')
/** PRIVATE or PUBLIC. */
export const accessType = declared('VARCHAR(7)')
