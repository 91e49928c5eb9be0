// Reads everything a decision needs in one round trip and one snapshot, and decides nothing.
// Only "no such table" means absent; any other error means we do not know.
import type { Database, SnapshotResult } from '../db/client.ts'
import { isNoSuchTable } from '../db/failures.ts'
import { type Schema, schemaQueries, toSchema } from './schema.ts'

export const LEDGER = '__drizzle_migrations'
export const LEASE = 'flowgate_lease'
export const GUARD = 'flowgate_guard'
const ALEMBIC = 'alembic_version'

export type LedgerRow = {
  readonly hash: string
  /** Journal time in milliseconds. */
  readonly createdAt: number
  readonly name: string | null
  /** Of the statements alone; only rows that flowgate wrote have it. */
  readonly contentHash: string | null
  readonly breaks: boolean
  /** The run that wrote it, where that was flowgate. */
  readonly runId?: string
  readonly how?: string
}

export type Lease = {
  readonly holder: string
  /** How long it still lives by the database's clock; 0 or less when it is over. */
  readonly remainingMs: number
  readonly failure?: {
    /** Hash of the revision that failed. */
    readonly hash: string
    readonly tag: string
    /** The database's error code; never its words. */
    readonly reason?: string
    readonly attempts: number
    readonly retryInMs: number
  }
}

export type Observed =
  | {
      readonly kind: 'seen'
      /** Oldest first; undefined when there is no ledger table. */
      readonly ledger: readonly LedgerRow[] | undefined
      readonly lease: Lease | undefined
      readonly schema: Schema
      /** SQLite's counter of schema changes. */
      readonly schemaVersion: number
      /** What LangBuilder's own ledger says. Reported and left alone. */
      readonly alembic?: string
    }
  | { readonly kind: 'unreadable'; readonly error: unknown }

const queries = [
  `SELECT * FROM ${LEDGER} ORDER BY created_at, rowid`,
  `SELECT *, (expires_at - unixepoch('subsec')) * 1000 AS remaining_ms,
     (retry_at - unixepoch('subsec')) * 1000 AS retry_in_ms FROM ${LEASE} WHERE id = 1`,
  `SELECT version_num FROM ${ALEMBIC}`,
  'SELECT schema_version FROM pragma_schema_version',
  ...schemaQueries,
]

/** One HTTP request; never throws, never writes. */
export async function observe(db: Database): Promise<Observed> {
  try {
    const [ledger, lease, alembic, version, ...schema] = await db.snapshot(queries)
    const ledgerRows = rowsUnlessAbsent(ledger, LEDGER)
    const leaseRow = rowsUnlessAbsent(lease, LEASE)?.[0]
    const versions = rowsUnlessAbsent(alembic, ALEMBIC)?.map((row) => String(row.version_num))
    return {
      kind: 'seen',
      ledger: ledgerRows?.map(toLedgerRow),
      lease: leaseRow && toLease(leaseRow),
      schema: toSchema(schema.map((result) => rowsUnlessAbsent(result) ?? [])),
      schemaVersion: Number(rowsUnlessAbsent(version)?.[0]?.schema_version),
      ...(versions ? { alembic: versions.join(', ') } : {}),
    }
  } catch (error) {
    return { kind: 'unreadable', error }
  }
}

type Row = Record<string, unknown>

function rowsUnlessAbsent(result: SnapshotResult | undefined, table?: string): Row[] | undefined {
  if (!result) throw new Error('the database answered fewer results than were asked for')
  if ('rows' in result) return result.rows
  if (table && isNoSuchTable(result.error, table)) return undefined
  throw result.error
}

function toLedgerRow(row: Row): LedgerRow {
  return {
    hash: String(row.hash ?? ''),
    createdAt: Number(row.created_at),
    name: typeof row.name === 'string' ? row.name : null,
    contentHash: typeof row.content_hash === 'string' ? row.content_hash : null,
    breaks: Number(row.breaks ?? 0) === 1,
    ...(typeof row.run_id === 'string' ? { runId: row.run_id } : {}),
    ...(typeof row.how === 'string' ? { how: row.how } : {}),
  }
}

function toLease(row: Row): Lease {
  const lease = { holder: String(row.holder), remainingMs: Number(row.remaining_ms) }
  if (typeof row.failed_hash !== 'string') return lease
  return {
    ...lease,
    failure: {
      hash: String(row.failed_hash),
      tag: String(row.failed_tag),
      ...(typeof row.failed_code === 'string' ? { reason: row.failed_code } : {}),
      attempts: Number(row.failures),
      retryInMs: Number(row.retry_in_ms),
    },
  }
}
