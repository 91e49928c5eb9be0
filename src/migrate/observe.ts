// Reads everything a decision needs in one round trip and one snapshot, and decides nothing.
// Only "no such table" means absent; any other error means we do not know.
import type { Database, SnapshotResult } from '../db/client.ts'
import { isNoSuchColumn, isNoSuchTable } from '../db/failures.ts'
import { type LedgerRow, readLedger, toLedgerRow } from './ledger.ts'
import { leftoverNames } from './leftovers.ts'
import { ownedBy, type Revisions } from './revision.ts'
import { type Owned, type Schema, schemaQueries, toSchema } from './schema.ts'
import { LEASE, LEDGER, privateTables } from './tables.ts'

const ALEMBIC = 'alembic_version'

export type Lease = {
  readonly holder: string
  /** How long it still lives by the database's clock; 0 or less when it is over. */
  readonly remainingMs: number
  /** What it lasts from each transaction on, where that is known. */
  readonly seconds?: number
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
      /** Of rows that may be ours, oldest first; undefined when there is no ledger table. */
      readonly ledger: readonly LedgerRow[] | undefined
      readonly lease: Lease | undefined
      /** Of our own objects alone: private tables, leftovers and what the build's revisions know. */
      readonly schema: Schema
      /** SQLite's counter of schema changes. */
      readonly schemaVersion: number
      /** Size of the whole database. */
      readonly bytes: number
      /** What LangBuilder's own ledger says. Reported and left alone. */
      readonly alembic?: string
    }
  | { readonly kind: 'unreadable'; readonly error: unknown }

export type Seen = Extract<Observed, { kind: 'seen' }>

const queries = [
  `SELECT *, (expires_at - unixepoch('subsec')) * 1000 AS remaining_ms,
     (retry_at - unixepoch('subsec')) * 1000 AS retry_in_ms FROM ${LEASE} WHERE id = 1`,
  // Text alone, and little of it: any value may stand there, and more than an answer can hold. A view may
  // never come to an end, so it is not even begun: SQLite runs of a CASE only what it comes to.
  `SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = '${ALEMBIC}')
     THEN (SELECT group_concat(version, ', ') FROM (SELECT substr(version_num, 1, 64) AS version
       FROM (SELECT version_num FROM ${ALEMBIC} LIMIT 8) WHERE typeof(version_num) = 'text')) END AS versions`,
  `SELECT schema_version, page_count * page_size AS bytes
     FROM pragma_schema_version, pragma_page_count, pragma_page_size`,
]

/** One HTTP request; never throws, never writes. `revisions` are the build's: what is ours at all. */
export async function observe(
  db: Database,
  revisions: Revisions,
  limitMs = db.limits.requestMs,
): Promise<Observed> {
  try {
    const [ledger, lease, alembic, version, ...schema] = await db.snapshot(
      [readLedger(revisions), ...queries, ...schemaQueries(aroundOwned(revisions))],
      { limitMs },
    )
    const ledgerRows = rowsUnlessMisshapen(ledger, LEDGER)
    const [leaseRow] = rowsUnlessMisshapen(lease, LEASE) ?? []
    const numbers = rowsUnlessAbsent(version)?.[0]
    return {
      kind: 'seen',
      ledger: ledgerRows?.map(toLedgerRow).sort((a, b) => a.createdAt - b.createdAt),
      lease: leaseRow && toLease(leaseRow),
      schema: toSchema(schema.map((result) => rowsUnlessAbsent(result) ?? [])),
      schemaVersion: Number(numbers?.schema_version),
      bytes: Number(numbers?.bytes),
      ...toAlembic(alembic),
    }
  } catch (error) {
    return { kind: 'unreadable', error }
  }
}

function aroundOwned(revisions: Revisions): Owned {
  const { tables, objects } = ownedBy(revisions)
  const privateNames = Object.keys(privateTables)
  return { tables: [...tables, ...tables.flatMap(leftoverNames), ...privateNames], objects }
}

type Row = Record<string, unknown>

function rowsUnlessAbsent(result: SnapshotResult | undefined, table?: string): Row[] | undefined {
  if (!result) throw new Error('the database answered fewer results than were asked for')
  if ('rows' in result) return result.rows
  if (table && isNoSuchTable(result.error, table)) return undefined
  throw result.error
}

/** In a table of another shape nothing of ours is read; what to say of it is the plan's to decide. */
function rowsUnlessMisshapen(result: SnapshotResult | undefined, table: string): Row[] | undefined {
  if (result && 'error' in result && isNoSuchColumn(result.error)) return []
  return rowsUnlessAbsent(result, table)?.map(withLowerNames)
}

/** Names of columns come as they were written when the table was made. */
const withLowerNames = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))

/** Nothing is decided by it, so whatever stands under that name is fine. */
function toAlembic(result: SnapshotResult | undefined): { alembic?: string } {
  const versions = result && 'rows' in result ? result.rows[0]?.versions : undefined
  return versions == null ? {} : { alembic: String(versions).slice(0, 200) }
}

function toLease(row: Row): Lease {
  const lease = {
    holder: String(row.holder),
    remainingMs: Number(row.remaining_ms),
    ...(typeof row.seconds === 'number' ? { seconds: row.seconds } : {}),
  }
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
