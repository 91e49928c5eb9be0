// What a person should know of the rows before anything is done to a database, as `status` tells it.
import type { Database } from '../db/client.ts'
import { isNoSuchTable } from '../db/failures.ts'
import { findings } from '../db/findings.ts'
import type { Plan } from '../migrate/plan.ts'
import { findLookAlikes, spelled } from './look-alikes.ts'

type Found = { report: Record<string, unknown>; lines: string[] }

/**
 * What was found, and nothing where the database cannot be read. Where it is as we left it, names alone:
 * those from before that look alike stay.
 */
export async function listFindings(db: Database, found: Plan): Promise<Found> {
  if (['empty', 'unknown'].includes(found.kind)) return { report: {}, lines: [] }
  const names = await listNames(db)
  if (['at_head', 'ahead'].includes(found.kind)) return names
  const rows = await listRows(db)
  return {
    report: { ...rows.report, ...names.report },
    lines: [...rows.lines, ...names.lines],
  }
}

async function listNames(db: Database): Promise<Found> {
  const report: Record<string, unknown> = {}
  const lines: string[] = []
  for (const [table, column] of [
    ['user', 'username'],
    ['role', 'name'],
  ] as const) {
    const found = await findLookAlikes(db, table, column).catch(() => undefined)
    if (!found) lines.push(`names    not compared: ${table}`)
    if (!found?.count) continue
    report[table] = found
    lines.push(
      `names    ${found.count} looks that several names in ${table} have (each is good as it is written):`,
      ...found.groups.map((names) => `  ${names.map(spelled).join(' ')}`),
    )
  }
  return { report: Object.keys(report).length > 0 ? { look_alikes: report } : {}, lines }
}

async function listRows(db: Database): Promise<Found> {
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
