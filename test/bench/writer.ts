// An ordinary client of the same database, who knows nothing of a migration: five writes a second, each at
// its time whether or not the one before is through.
import { createClient } from '@libsql/client'
import { someUser } from './old-worlds.ts'

const EVERY_MS = 200
/** For what is still open when it stops. */
const LAST_MS = 60_000

export type Writes = {
  /** From when each was due to its answer. */
  readonly latencies: number[]
  readonly failures: string[]
  readonly inserted: number
}

export type Writer = { /** Ends after the last answer. */ stop(): Promise<Writes> }

/** Updates a flow and adds one by turns, in columns that every revision has. */
export function startWriter(url: string, name: string): Writer {
  const db = createClient({ url, concurrency: 10_000 })
  const latencies: number[] = []
  const failures: string[] = []
  const open = new Set<Promise<void>>()
  const started = performance.now()
  let inserted = 0
  const write = async (n: number, due: number) => {
    const isInsert = n % 2 === 1
    try {
      await db.execute(isInsert ? insert(name, n) : update(name, n))
      if (isInsert) inserted++
      latencies.push(performance.now() - due)
    } catch (error) {
      failures.push(error instanceof Error ? error.message.slice(0, 200) : String(error))
    }
  }
  let n = 0
  const timer = setInterval(() => {
    for (; started + n * EVERY_MS <= performance.now(); n++) {
      const one = write(n, started + n * EVERY_MS).finally(() => open.delete(one))
      open.add(one)
    }
  }, 10)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.race([
        Promise.all(open),
        new Promise((end) => setTimeout(end, LAST_MS).unref()),
      ])
      failures.push(...Array.from(open, () => `no answer in ${LAST_MS / 1000} s`))
      db.close()
      // What still comes in belongs to nobody.
      return { latencies: [...latencies], failures: [...failures], inserted }
    },
  }
}

/** What the writer meets where nobody migrates. */
export async function writeFor(url: string, ms: number): Promise<Writes> {
  const writer = startWriter(url, 'before')
  await new Promise((resolve) => setTimeout(resolve, ms))
  return writer.stop()
}

const update = (name: string, n: number) => ({
  sql: `UPDATE flow SET name = ? WHERE rowid = (SELECT rowid FROM flow WHERE user_id = ? LIMIT 1 OFFSET ?)`,
  args: [`${name} ${n}`, someUser, n % 20],
})

const insert = (name: string, n: number) => ({
  sql: `INSERT INTO flow (id, name, data, is_component, updated_at, webhook, tags, locked, user_id, folder_id)
    VALUES (lower(hex(randomblob(16))), ?, '{}', 0, '2026-01-01 00:00:00.000000', 0, '[]', 0, ?,
      (SELECT id FROM folder WHERE user_id = ? ORDER BY id LIMIT 1))`,
  args: [`${name} ${n}`, someUser, someUser],
})
