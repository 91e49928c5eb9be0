// The ledger: drizzle's own table of what has run, with columns of ours. Other applications may keep rows
// in it; they are neither read as ours nor ever touched.
import { Buffer } from 'node:buffer'
import type { InStatement } from '../db/client.ts'
import { guard } from './guard.ts'
import { contentHashOf, type Revision, type Revisions } from './revision.ts'
import { LEASE, LEDGER } from './tables.ts'

export type LedgerRow = {
  readonly hash: string
  /** Journal time in milliseconds. */
  readonly createdAt: number
  readonly name: string | null
  /** Of the statements alone; only rows that flowgate wrote have it. */
  readonly contentHash: string | null
  readonly breaks: boolean
  /** The run that wrote it, and how; where that was flowgate. */
  readonly runId?: string
  readonly how?: string
  /** Rows that its repeated statements changed, by what they do. */
  readonly changed?: Readonly<Record<string, number>>
}

/** How a revision came to be in the ledger: run, proven to have run, or vouched for by a person. */
export type How = 'applied' | 'stamped' | 'forced'

/** A hash as hexadecimal: of whatever type and length, it is read, sorts and compares here as it does there. */
const HASH = `hex(substr(CAST(coalesce(hash, '') AS BLOB), 1, 200))`
const toHex = (hash: string) => Buffer.from(hash, 'latin1').toString('hex').toUpperCase()

/** SQL boolean: the row may be one of ours, as `isOurs` in history.ts judges by more than its place. */
function mayBeOurs(revisions: Revisions): string {
  const tags = revisions.map(({ tag }) => `'${tag.replaceAll("'", "''")}'`)
  const seconds = revisions.map(({ when }) => Math.floor(when / 1000))
  return `(how IS NOT NULL OR name GLOB '[0-9][0-9][0-9][0-9]_*' OR name IN (${tags})
    OR name IS NULL AND CAST(created_at / 1000 AS INTEGER) IN (${seconds}))`
}

/** Those that are read; drizzle 0.x makes the first two. */
const read = 'hash created_at name content_hash breaks run_id how changed'.split(' ')

/**
 * Reads what may be ours. Others may have added any number of rows of any size, and a column that is not there
 * yet is NULL: inside of the innermost SELECT its name means the table's, if it has one, else that of `absent`.
 */
export function readLedger(revisions: Revisions): string {
  const values = read.map((column) => {
    const value = column === 'hash' ? HASH : column
    return `(SELECT ${value} FROM ${LEDGER} one WHERE one.rowid = at.rid) AS ${column}`
  })
  return `WITH absent(${read}) AS (SELECT ${read.map(() => 'NULL')})
    SELECT * FROM (SELECT ${values} FROM absent CROSS JOIN (SELECT rowid AS rid FROM ${LEDGER}) at)
    WHERE ${mayBeOurs(revisions)}`
}

/** A row that `readLedger` read. */
export function toLedgerRow(row: Record<string, unknown>): LedgerRow {
  return {
    hash: Buffer.from(String(row.hash), 'hex').toString('latin1'),
    createdAt: Number(row.created_at) || 0,
    name: typeof row.name === 'string' ? row.name : null,
    contentHash: typeof row.content_hash === 'string' ? row.content_hash : null,
    breaks: Number(row.breaks ?? 0) === 1,
    ...(typeof row.run_id === 'string' ? { runId: row.run_id } : {}),
    ...(typeof row.how === 'string' ? { how: row.how } : {}),
    ...toChanged(row.changed),
  }
}

function toChanged(stored: unknown): Pick<LedgerRow, 'changed'> {
  try {
    return typeof stored === 'string' ? { changed: JSON.parse(stored) } : {}
  } catch {
    return {}
  }
}

/** Aborts unless the ledger holds exactly the hashes that the plan saw, among the rows that may be ours. */
export function expectLedger(hashes: readonly string[], revisions: Revisions): InStatement {
  return {
    sql: guard(
      'ledger_moved',
      `(SELECT coalesce(group_concat(hash, ' '), '') FROM (
        SELECT ${HASH} AS hash FROM ${LEDGER} WHERE ${mayBeOurs(revisions)} ORDER BY 1)) IS NOT ?1`,
    ),
    args: [hashes.map(toHex).sort().join(' ')],
  }
}

/**
 * Records a revision: run in this transaction, proven to have run before, or forced. One whose statements
 * are repeated is recorded only by the transaction in which none of them changed anything.
 */
export function recordRevision(revision: Revision, how: How, runId: string): InStatement {
  const progress = `(SELECT progress -> ('$."' || ?3 || '"') FROM ${LEASE} WHERE id = 1)`
  return {
    sql: `INSERT INTO ${LEDGER} (hash, created_at, name, applied_at, how, run_id, duration_ms, content_hash, breaks, changed)
      SELECT ?1, CAST(?2 AS INTEGER), ?3, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?4, ?5,
        CAST((unixepoch('subsec') - (SELECT taken_at FROM ${LEASE} WHERE id = 1)) * 1000 AS INTEGER), ?6, CAST(?7 AS INTEGER),
        ${progress} WHERE (SELECT changed FROM ${LEASE} WHERE id = 1) = 0`,
    args: [
      revision.hash,
      revision.when,
      revision.tag,
      how,
      runId,
      contentHashOf(revision),
      revision.breaks ? 1 : 0,
    ],
  }
}

/** Adds what the statement before this one changed to what this transaction and this revision changed. */
export const countChanges = (tag: string, label: string): InStatement => ({
  sql: `UPDATE ${LEASE} SET changed = changed + changes(),
      progress = json_set(coalesce(progress, '{}'), '$."' || ?1 || '"', json_set(coalesce(progress -> ('$."' || ?1 || '"'), '{}'),
        '$."' || ?2 || '"', coalesce(progress ->> ('$."' || ?1 || '"."' || ?2 || '"'), 0) + changes()))
    WHERE id = 1`,
  args: [tag, label],
})

/**
 * One row about this transaction and this run: `changed`, rows of its slices; `ms`, how long it has taken so
 * far; `finished`, a JSON list of what the repeated revisions have changed that this run recorded.
 */
export const measure = (runId: string): InStatement => ({
  sql: `SELECT changed, (unixepoch('subsec') - taken_at) * 1000 AS ms,
    (SELECT json_group_array(json(changed)) FROM ${LEDGER} WHERE run_id = ?1 AND changed IS NOT NULL) AS finished
    FROM ${LEASE} WHERE id = 1`,
  args: [runId],
})

/** drizzle 0.x records no name, and drizzle 1.0 would run such a revision again: gives it its name. */
export const nameRevision = (revision: Revision): InStatement => ({
  sql: `UPDATE ${LEDGER} SET name = ?1 WHERE name IS NULL AND (hash IN (?3, '') OR substr(hash, 1, 16) = ?4)
    AND CAST(created_at / 1000 AS INTEGER) = CAST(?2 AS INTEGER)`,
  args: [revision.tag, Math.floor(revision.when / 1000), revision.hash, revision.crlfHash],
})

/** Takes back what the ledger says of our own revisions. */
export const forget = (rows: readonly LedgerRow[]): InStatement[] =>
  rows.map(({ hash, createdAt, name }) => ({
    sql: `DELETE FROM ${LEDGER} WHERE ${HASH} = ?1
      AND coalesce(CAST(created_at AS INTEGER), 0) = CAST(?2 AS INTEGER) AND name IS ?3`,
    args: [toHex(hash), createdAt, name],
  }))
