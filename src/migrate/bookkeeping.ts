// The engine's own SQL: ledger, lease and guard, and the statements that keep them honest. Every
// condition a write depends on travels inside its transaction; a guard that fails undoes all of it.
import type { InStatement } from '../db/client.ts'
import { isBusy, isConstraint } from '../db/failures.ts'
import { GUARD, LEASE, LEDGER } from './observe.ts'
import type { Revision } from './revision.ts'
import type { Schema } from './schema.ts'

/** Renewed by every request of a migration; the longest that a dead holder can stall the others. */
export const LEASE_TTL_S = 3

/** How a revision came to be in the ledger: run, proven to have run, or vouched for by a person. */
export type How = 'applied' | 'stamped' | 'forced'

const check = (name: string) => `INTEGER CONSTRAINT ${name} CHECK (${name} = 1)`

/** The private tables, column by column, so that an older one can be widened. */
const privateTables: Record<string, Record<string, string>> = {
  // drizzle 1.0's ledger; the columns after `applied_at` are ours and nullable.
  [LEDGER]: {
    id: 'INTEGER PRIMARY KEY',
    hash: 'TEXT NOT NULL',
    created_at: 'NUMERIC',
    name: 'TEXT',
    applied_at: 'TEXT',
    how: 'TEXT',
    run_id: 'TEXT',
    duration_ms: 'INTEGER',
    content_hash: 'TEXT',
    breaks: 'INTEGER',
  },
  [LEASE]: {
    id: 'INTEGER PRIMARY KEY CHECK (id = 1)',
    holder: 'TEXT NOT NULL',
    fence: 'INTEGER NOT NULL',
    taken_at: 'REAL NOT NULL',
    expires_at: 'REAL NOT NULL',
    failed_hash: 'TEXT',
    failed_tag: 'TEXT',
    failed_code: 'TEXT',
    failures: 'INTEGER NOT NULL DEFAULT 0',
    retry_at: 'REAL',
    // Counts taken before a rebuild, for its guards.
    measured: 'TEXT',
  },
  // Never holds a row: a guard inserts 0 where its condition does not hold, and the named check aborts.
  [GUARD]: Object.fromEntries(
    ['ledger_moved', 'schema_moved', 'lease_lost', 'rows_changed', 'orphans_made'].map((name) => [
      name,
      check(name),
    ]),
  ),
}

/**
 * Creates what is missing of the private tables, aborts if the schema is no longer the one that was read,
 * and only then widens tables that drizzle or an older build made: two who widen at once cannot both.
 */
export function prepareTables(schema: Schema, version: number): InStatement[] {
  const tables = Object.entries(privateTables)
  const creations = tables
    .filter(([table]) => !schema[table])
    .map(([table, columns]) => {
      const body = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
      return `CREATE TABLE IF NOT EXISTS ${table} (${body.join(', ')})`
    })
  const additions = tables.flatMap(([table, columns]) =>
    Object.entries(schema[table] ? columns : {})
      .filter(([name]) => !schema[table]?.columns[name])
      .map(([name, type]) => `ALTER TABLE ${table} ADD COLUMN ${name} ${type}`),
  )
  return [...creations, expectSchema(version + creations.length), ...additions]
}

/** Aborts if anybody changed the schema since it was read; `version` counts our own statements before this one. */
function expectSchema(version: number): InStatement {
  return {
    sql: `INSERT INTO ${GUARD} (schema_moved) SELECT 0 WHERE (SELECT schema_version FROM pragma_schema_version) IS NOT ?1`,
    args: [version],
  }
}

/** Takes a lease that is free or over, or renews our own; then aborts unless it is ours. */
export function holdLease(holder: string): InStatement[] {
  return [
    {
      sql: `INSERT INTO ${LEASE} (id, holder, fence, taken_at, expires_at)
        VALUES (1, ?1, 1, unixepoch('subsec'), unixepoch('subsec') + ${LEASE_TTL_S})
        ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, fence = fence + 1,
          taken_at = excluded.taken_at, expires_at = excluded.expires_at
        WHERE holder IS excluded.holder OR expires_at <= unixepoch('subsec')`,
      args: [holder],
    },
    {
      sql: `INSERT INTO ${GUARD} (lease_lost) SELECT 0 WHERE NOT EXISTS (
        SELECT 1 FROM ${LEASE} WHERE id = 1 AND holder = ?1 AND expires_at > unixepoch('subsec'))`,
      args: [holder],
    },
  ]
}

/** Ends our lease, and only ours; a recorded failure is settled. */
export function dropLease(holder: string): InStatement {
  return {
    sql: `UPDATE ${LEASE} SET expires_at = 0, failed_hash = NULL, failed_tag = NULL, failed_code = NULL,
        failures = 0, retry_at = NULL, measured = NULL
      WHERE id = 1 AND holder = ?1`,
    args: [holder],
  }
}

/** Ends anybody's lease and forgets a failure. Safe at any time: no write depends on the lease alone. */
export function breakLease(): InStatement {
  return `UPDATE ${LEASE} SET expires_at = 0, failed_hash = NULL, failed_tag = NULL, failed_code = NULL,
    failures = 0, retry_at = NULL WHERE id = 1`
}

/** Aborts unless the ledger holds exactly the hashes that the plan saw, in their order. */
export function expectLedger(hashes: readonly string[]): InStatement {
  return {
    sql: `INSERT INTO ${GUARD} (ledger_moved) SELECT 0 WHERE (SELECT coalesce(group_concat(hash, ' '), '') FROM
      (SELECT hash FROM ${LEDGER} ORDER BY created_at, rowid)) IS NOT ?1`,
    args: [hashes.join(' ')],
  }
}

/** Records a revision: run in this transaction, proven to have run before, or forced. */
export function recordRevision(revision: Revision, how: How, runId: string): InStatement {
  return {
    sql: `INSERT INTO ${LEDGER} (hash, created_at, name, applied_at, how, run_id, duration_ms, content_hash, breaks)
      SELECT ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?4, ?5,
        CAST((unixepoch('subsec') - (SELECT taken_at FROM ${LEASE} WHERE id = 1)) * 1000 AS INTEGER), ?6, ?7`,
    args: [
      revision.hash,
      revision.when,
      revision.tag,
      how,
      runId,
      revision.contentHash,
      revision.breaks ? 1 : 0,
    ],
  }
}

/** drizzle 0.x records no name, and drizzle 1.0 would run such a revision again: gives it its name. */
export function nameRevision(revision: Revision): InStatement {
  return {
    sql: `UPDATE ${LEDGER} SET name = ?1 WHERE name IS NULL AND CAST(created_at / 1000 AS INTEGER) = ?2`,
    args: [revision.tag, Math.floor(revision.when / 1000)],
  }
}

/** Tells all isolates that this revision failed; the pause doubles each time, from 2 seconds to 5 minutes. */
export function recordFailure(revision: Revision, holder: string, code: string): InStatement {
  return {
    sql: `INSERT INTO ${LEASE} (id, holder, fence, taken_at, expires_at, failed_hash, failed_tag, failed_code, failures, retry_at)
      VALUES (1, ?1, 1, unixepoch('subsec'), 0, ?2, ?3, ?4, 1, unixepoch('subsec') + 2)
      ON CONFLICT (id) DO UPDATE SET expires_at = 0, failed_hash = excluded.failed_hash, failed_tag = excluded.failed_tag,
        failed_code = excluded.failed_code,
        failures = CASE WHEN failed_hash IS excluded.failed_hash THEN failures + 1 ELSE 1 END,
        retry_at = unixepoch('subsec') + min(300, 2 << CASE WHEN failed_hash IS excluded.failed_hash THEN min(failures, 10) ELSE 0 END)
      WHERE holder IS excluded.holder OR expires_at <= unixepoch('subsec')`,
    args: [holder, revision.hash, revision.tag, code],
  }
}

/** The database is no longer what the plan saw, or someone else is at it: look again. Not an error. */
export function hasMoved(error: unknown): boolean {
  return (
    isBusy(error) ||
    ['ledger_moved', 'schema_moved', 'lease_lost'].some((name) => isConstraint(error, name))
  )
}
