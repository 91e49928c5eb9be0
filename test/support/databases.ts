// Databases in the states that a cold start may meet.
import type { Client } from '@libsql/client'
import { revisions } from '../../migrations/bundle.ts'
import { openDatabase } from '../../src/db/client.ts'
import type { Revisions } from '../../src/migrate/revision.ts'
import { migrate } from '../../src/migrate/run.ts'

/** What a build of that age carried: its first `count` revisions, at least one. */
export const older = ([first, ...later]: Revisions, count: number): Revisions => [
  first,
  ...later.slice(0, count - 1),
]

/** Brings the database to its first `count` revisions, with ledger, as an older build would have. */
export async function migrateTo(url: string, count: number): Promise<void> {
  const { refusal } = await migrate(openDatabase({ url }), older(revisions, count))
  if (refusal) throw refusal
}

/** Makes the tables of the first `count` revisions without any ledger: somebody else's "create all". */
export async function createTables(db: Client, count: number): Promise<void> {
  await db.migrate(revisions.slice(0, count).flatMap((revision) => [...revision.statements]))
}

/** All tags, or those in `range`. */
export const tags = (from = 0, to = revisions.length) => revisions.slice(from, to).map((r) => r.tag)

/** The ledger's names and how each came there, oldest first; empty without a ledger. */
export async function readLedger(db: Client): Promise<string[]> {
  const tables = await listTables(db)
  if (!tables.includes('__drizzle_migrations')) return []
  const { rows } = await db.execute(
    'SELECT name, how FROM __drizzle_migrations ORDER BY created_at',
  )
  return rows.map((row) => `${row.name} ${row.how}`)
}

export async function listTables(db: Client): Promise<string[]> {
  const { rows } = await db.execute(
    "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
  )
  return rows.map((row) => String(row.name))
}
