// What must be true of a database once it is at head: nothing lost, everything recorded, the counts right.
import { type Client, createClient } from '@libsql/client'
import { revisions } from '../../migrations/bundle.ts'

/** A server that hangs must not keep the benchmark. */
const LIMIT_MS = 120_000

export type Counts = { users: number; flows: number; apiKeys: number }

export async function countRows(url: string): Promise<Counts> {
  const db = open(url)
  try {
    return {
      users: await one(db, 'SELECT count(*) FROM user'),
      flows: await one(db, 'SELECT count(*) FROM flow'),
      apiKeys: await one(db, 'SELECT count(*) FROM apikey'),
    }
  } finally {
    db.close()
  }
}

/** Differences in words, and how long the database says that each revision took. */
export async function verify(
  url: string,
  expected: Counts,
): Promise<{ problems: string[]; durations: Record<string, number> }> {
  const db = open(url)
  const problems: string[] = []
  const durations: Record<string, number> = {}
  try {
    const counts = await countRows(url)
    for (const [what, n] of Object.entries(expected))
      if (counts[what as keyof Counts] !== n)
        problems.push(`${counts[what as keyof Counts]} ${what}, not ${n}`)
    const ledger = await db.execute(
      'SELECT name, duration_ms FROM __drizzle_migrations ORDER BY created_at',
    )
    for (const { name, duration_ms } of ledger.rows) durations[String(name)] = Number(duration_ms)
    const names = ledger.rows.map(({ name }) => name)
    const tags = revisions.map(({ tag }) => tag)
    if (JSON.stringify(names) !== JSON.stringify(tags)) problems.push(`the ledger says ${names}`)
    const wrong = await one(db, wrongCounts)
    if (wrong > 0) problems.push(`${wrong} counts of flows are wrong`)
    const dashed = await one(db, 'SELECT count(*) FROM flow WHERE length(id) <> 32')
    if (dashed > 0) problems.push(`${dashed} flows have an id of another form`)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  } finally {
    db.close()
  }
  return { problems, durations }
}

/** Kept per project and for all of them; a project without flows may have none or 0. */
const wrongCounts = `WITH real AS (
    SELECT coalesce(folder_id, '') AS folder_id, count(*) AS n FROM flow GROUP BY 1
    UNION ALL SELECT '*', count(*) FROM flow)
  SELECT (SELECT count(*) FROM real r LEFT JOIN flowgate_flow_count c USING (folder_id) WHERE r.n IS NOT c.n)
    + (SELECT count(*) FROM flowgate_flow_count c WHERE c.head_id IS NOT
      (SELECT id FROM flow f WHERE f.folder_id = c.folder_id ORDER BY f.updated_at DESC, f.id DESC LIMIT 1))
    + (SELECT count(*) FROM flowgate_flow_count WHERE n <> 0 AND folder_id NOT IN (SELECT folder_id FROM real))`

async function one(db: Client, sql: string): Promise<number> {
  const { rows } = await db.execute(sql)
  return Number(rows[0]?.[0])
}

const open = (url: string) =>
  createClient({
    url,
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(LIMIT_MS) }),
  })
