// What a person should know of the rows before anything is done to a database, as `status` tells it.
import type { Database } from '../db/client.ts'
import { isNoSuchTable } from '../db/failures.ts'
import { findings } from '../db/findings.ts'
import type { Plan } from '../migrate/plan.ts'

type Found = { report: Record<string, unknown>; lines: string[] }

/** What was found, and nothing where the database is as we left it, or cannot be read. */
export async function listFindings(db: Database, found: Plan): Promise<Found> {
  if (['at_head', 'ahead', 'empty', 'unknown'].includes(found.kind))
    return { report: {}, lines: [] }
  const counts: Record<string, number> = {}
  const uncounted: string[] = []
  for (const { name, sql } of findings) {
    // Each by itself: one that takes too long hides no other.
    const [result] = await db.snapshot([sql], { limitMs: db.limits.stepMs }).catch(() => [])
    if (result && 'rows' in result) {
      const n = Number(result.rows[0]?.n ?? 0)
      if (n > 0) counts[name] = n
    } else if (!result || !isNoSuchTable(result.error, '')) uncounted.push(name)
  }
  return {
    report: { rows: counts, ...(uncounted.length > 0 ? { uncounted } : {}) },
    lines: [
      ...Object.entries(counts).map(([name, n]) => `rows     ${n} ${name}`),
      ...uncounted.map((name) => `rows     not counted: ${name}`),
    ],
  }
}
