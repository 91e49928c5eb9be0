// Names that look alike, of users and of roles: flowgate gives no two, but finds what was given before it.
// Each goes on working as it is written; who shall have another is for a person to say.
import type { Database } from '../db/client.ts'
import { isNoSuchTable } from '../db/failures.ts'
import { keyOfTyped } from '../names.ts'

const SLICE = 5000
/** Groups that are named; all are counted. */
const SHOWN = 20

export type LookAlikes = { count: number; groups: string[][] }

/** Names by what they look like, where there are several; none where the table is not there. */
export async function findLookAlikes(
  db: Database,
  table: 'user' | 'role',
  column: 'username' | 'name',
): Promise<LookAlikes> {
  const groups = new Map<string, string[]>()
  for (let after = 0; ; ) {
    const rows = await readSlice(db, table, column, after)
    for (const { name } of rows) {
      const key = keyOfTyped(String(name))
      if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), String(name)])
    }
    after = Number(rows.at(-1)?.rid)
    if (rows.length < SLICE) break
  }
  const alike = [...groups.values()].filter((names) => names.length > 1)
  return { count: alike.length, groups: alike.slice(0, SHOWN) }
}

async function readSlice(db: Database, table: string, column: string, after: number) {
  const sql = `SELECT rowid AS rid, substr(${column}, 1, 256) AS name FROM ${table} WHERE rowid > ${after} ORDER BY rowid LIMIT ${SLICE}`
  const [result] = await db.snapshot([sql], { limitMs: db.limits.stepMs })
  if (result && 'rows' in result) return result.rows
  if (result && isNoSuchTable(result.error, '')) return []
  throw result?.error
}

/** With everything spelled out that a terminal might not show, or show as another's. */
export const spelled = (name: string) =>
  JSON.stringify(name).replace(
    /[^\x20-\x7e]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  )
