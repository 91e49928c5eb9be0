// The ledger: drizzle's own table of what has run, with columns of ours. Other applications may keep rows
// in it; they are neither read as ours nor ever touched.
import type { InStatement } from '../db/client.ts'
import { guard } from './guard.ts'
import type { LedgerRow } from './observe.ts'
import type { Revision } from './revision.ts'
import { LEASE, LEDGER } from './tables.ts'

/** How a revision came to be in the ledger: run, proven to have run, or vouched for by a person. */
export type How = 'applied' | 'stamped' | 'forced'

/** Aborts unless the ledger holds exactly the hashes that the plan saw. */
export function expectLedger(hashes: readonly string[]): InStatement {
  return {
    sql: guard(
      'ledger_moved',
      `(SELECT coalesce(group_concat(hash, ' '), '') FROM (
        SELECT coalesce(CAST(hash AS TEXT), '') AS hash FROM ${LEDGER} ORDER BY 1) WHERE hash NOT GLOB '*[^0-9a-f]*')
        IS NOT ?1`,
    ),
    // Only hexadecimal ones, which sort the same here and there.
    args: [
      hashes
        .filter((hash) => /^[0-9a-f]*$/.test(hash))
        .sort()
        .join(' '),
    ],
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
      revision.contentHash,
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
  sql: `UPDATE ${LEDGER} SET name = ?1 WHERE name IS NULL AND hash IN (?3, ?4, '')
    AND CAST(created_at / 1000 AS INTEGER) = CAST(?2 AS INTEGER)`,
  args: [revision.tag, Math.floor(revision.when / 1000), revision.hash, revision.crlfHash],
})

/** Takes back what the ledger says of our own revisions. */
export const forget = (rows: readonly LedgerRow[]): InStatement[] =>
  rows.map(({ hash, createdAt, name }) => ({
    sql: `DELETE FROM ${LEDGER} WHERE coalesce(hash, '') = ?1 AND CAST(created_at AS INTEGER) = CAST(?2 AS INTEGER) AND name IS ?3`,
    args: [hash, createdAt, name],
  }))
