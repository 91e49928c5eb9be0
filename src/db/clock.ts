// The primary's clock, a row that each write through flowgate and now and then a beat set forward. Whoever reads it in
// the same snapshot as something else knows how old that is at most, at any replica and whatever became of its log.
import type { Row } from './hrana.ts'
import { sql } from './sql.ts'

/**
 * What the row says, and the database's own time beside it, in milliseconds since 1970. `version` grows with each
 * write, also while a clock stands still or was set back: it is ahead of `at` then.
 */
export type Reading = { readonly version: number; readonly at: number; readonly now: number }

/** Everything up to `version` is in it; `index` is where that stands in the log which replicas follow. */
export type Position = { readonly version: number; readonly index: number | undefined }

const ms = sql`CAST(unixepoch('subsec') * 1000 AS INTEGER)`

export const readClock = sql`SELECT version, at, ${ms} AS now FROM flowgate_clock`

const forward = sql`INSERT INTO flowgate_clock (id, version, at) VALUES (1, ${ms}, ${ms})
  ON CONFLICT (id) DO UPDATE SET version = max(version + 1, excluded.version), at = excluded.at`

/** For the end of a write. */
export const tick = sql`${forward} RETURNING version, at, at AS now`

/** For when nobody writes: nothing where the last is from less than `everyMs` ago. */
export const beat = (everyMs: number) =>
  sql`${forward} WHERE excluded.at - flowgate_clock.at NOT BETWEEN 0 AND ${everyMs}`

/** Row of `readClock` or `tick` -> what it says; undefined before the first write. */
export const toReading = (row: Row | undefined): Reading | undefined =>
  row && { version: Number(row.version), at: Number(row.at), now: Number(row.now) }
