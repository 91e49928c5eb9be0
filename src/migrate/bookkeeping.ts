// The engine's own SQL: ledger, lease and guard, and the statements that keep them honest. Every
// condition a write depends on travels inside its transaction; a guard that fails undoes all of it.
import type { InStatement } from '../db/client.ts'
import { isBusy, isConstraint } from '../db/failures.ts'
import { GUARD, LEASE, LEDGER } from './observe.ts'
import type { Revision } from './revision.ts'
import type { Schema } from './schema.ts'

/** Renewed by every request of a migration; the longest that a dead holder can stall the others. */
export const LEASE_TTL_S = 3

/** drizzle 1.0's ledger; the columns after `applied_at` are ours and nullable. */
const ledgerColumns: Record<string, string> = {
  name: 'TEXT',
  applied_at: 'TEXT',
  how: 'TEXT',
  run_id: 'TEXT',
  duration_ms: 'INTEGER',
  content_hash: 'TEXT',
  breaks: 'INTEGER',
}

const creations: Record<string, string> = {
  [LEDGER]: `CREATE TABLE IF NOT EXISTS ${LEDGER} (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, created_at NUMERIC,
    ${Object.entries(ledgerColumns)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')})`,
  [LEASE]: `CREATE TABLE IF NOT EXISTS ${LEASE} (id INTEGER PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL,
    fence INTEGER NOT NULL, taken_at REAL NOT NULL, expires_at REAL NOT NULL,
    failed_hash TEXT, failed_tag TEXT, failures INTEGER NOT NULL DEFAULT 0, retry_at REAL)`,
  // Never holds a row: a guard inserts 0 where its condition does not hold, and the named check aborts.
  [GUARD]: `CREATE TABLE IF NOT EXISTS ${GUARD} (
    ledger_moved INTEGER CONSTRAINT ledger_moved CHECK (ledger_moved = 1),
    schema_moved INTEGER CONSTRAINT schema_moved CHECK (schema_moved = 1),
    lease_lost INTEGER CONSTRAINT lease_lost CHECK (lease_lost = 1),
    orphans_made INTEGER CONSTRAINT orphans_made CHECK (orphans_made = 1))`,
}

/** Creates what is missing of the three private tables, or widens a ledger that drizzle made. */
export function prepareTables(schema: Schema): string[] {
  const ledger = schema[LEDGER]
  return [
    ...Object.keys(creations)
      .filter((table) => !schema[table])
      .map((table) => creations[table] as string),
    ...Object.entries(ledger ? ledgerColumns : {})
      .filter(([column]) => !ledger?.columns[column])
      .map(([column, type]) => `ALTER TABLE ${LEDGER} ADD COLUMN ${column} ${type}`),
  ]
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
    sql: `UPDATE ${LEASE} SET expires_at = 0, failed_hash = NULL, failed_tag = NULL, failures = 0, retry_at = NULL
      WHERE id = 1 AND holder = ?1`,
    args: [holder],
  }
}

/** Aborts unless the ledger still ends where the plan saw it end: `count:newest`. */
export function expectLedger(rows: number, newest: number | null): InStatement {
  return {
    sql: `INSERT INTO ${GUARD} (ledger_moved) SELECT 0 WHERE
      (SELECT count(*) || ':' || coalesce(max(created_at), '') FROM ${LEDGER}) IS NOT ?1`,
    args: [`${rows}:${newest ?? ''}`],
  }
}

/** Aborts if anybody changed the schema since it was read; `version` counts our own statements before this one. */
export function expectSchema(version: number): InStatement {
  return {
    sql: `INSERT INTO ${GUARD} (schema_moved) SELECT 0 WHERE (SELECT schema_version FROM pragma_schema_version) IS NOT ?1`,
    args: [version],
  }
}

/** Records a revision, whether its statements ran in this transaction or were proven to have run before. */
export function recordRevision(
  revision: Revision,
  how: 'applied' | 'stamped',
  runId: string,
): InStatement {
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

/** Tells all isolates that this revision failed; the pause doubles each time, from 2 seconds to 5 minutes. */
export function recordFailure(revision: Revision, holder: string): InStatement {
  return {
    sql: `INSERT INTO ${LEASE} (id, holder, fence, taken_at, expires_at, failed_hash, failed_tag, failures, retry_at)
      VALUES (1, ?1, 1, unixepoch('subsec'), 0, ?2, ?3, 1, unixepoch('subsec') + 2)
      ON CONFLICT (id) DO UPDATE SET expires_at = 0, failed_hash = excluded.failed_hash, failed_tag = excluded.failed_tag,
        failures = CASE WHEN failed_hash IS excluded.failed_hash THEN failures + 1 ELSE 1 END,
        retry_at = unixepoch('subsec') + min(300, 2 << CASE WHEN failed_hash IS excluded.failed_hash THEN min(failures, 10) ELSE 0 END)
      WHERE holder IS excluded.holder OR expires_at <= unixepoch('subsec')`,
    args: [holder, revision.hash, revision.tag],
  }
}

/** The database is no longer what the plan saw, or someone else is at it: look again. Not an error. */
export function hasMoved(error: unknown): boolean {
  return (
    isBusy(error) ||
    ['ledger_moved', 'schema_moved', 'lease_lost'].some((name) => isConstraint(error, name))
  )
}
