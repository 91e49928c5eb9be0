// The revisions as they run on a large database: each repeat step slice by slice, in transactions of its
// own, cut off anywhere. A loop of its own, so that the SQL is proven apart from the engine.
import type { Client } from '@libsql/client'
import { type Revision, sliceOf } from '../../src/migrate/revision.ts'

/** What the `require` pieces find wrong, in their own words; a table that is not there has nothing wrong. */
export async function findObstacles(
  db: Client,
  revisions: readonly Revision[],
): Promise<{ what: string; rows: string[] }[]> {
  const found: { what: string; rows: string[] }[] = []
  for (const { wrong, sql } of revisions.flatMap((revision) => revision.requires)) {
    const rows = await readUnlessMissing(db, sql)
    if (rows.length > 0) found.push({ what: wrong, rows })
  }
  return found
}

async function readUnlessMissing(db: Client, sql: string): Promise<string[]> {
  try {
    return (await db.execute(sql)).rows.map((row) => String(row[0]))
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such table')) return []
    throw error
  }
}

/**
 * Runs the revisions, at most `transactions` of them with a repeat step, and returns how many rows each
 * label changed. As far as it came is as far as a crash would leave it.
 */
export async function runInSlices(
  db: Client,
  revisions: readonly Revision[],
  size: number,
  transactions = Number.POSITIVE_INFINITY,
): Promise<{ changed: Record<string, number>; transactions: number }> {
  const changed: Record<string, number> = {}
  let sent = 0
  for (const { statements, repeats } of revisions) {
    for (let isDone = false; !isDone; ) {
      const isRepeated = repeats.length > 0
      if (isRepeated && sent++ >= transactions) return { changed, transactions: sent }
      const results = await db.migrate(statements.map((sql) => sliceOf(sql, size)))
      for (const [i, { rowsAffected }] of results.entries()) {
        const label = repeats[i]
        if (label !== undefined) changed[label] = (changed[label] ?? 0) + rowsAffected
      }
      isDone = !isRepeated || results.every(({ rowsAffected }) => rowsAffected === 0)
    }
  }
  return { changed, transactions: sent }
}
