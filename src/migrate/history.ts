// Reads the ledger against the build's revisions: does one continue the other? Judges rows alone; what
// the schema looks like is not asked here.
import type { LedgerRow } from './ledger.ts'
import { contentHashOf, type Revision, type Revisions } from './revision.ts'

export type History =
  /** No row of ours. */
  | { kind: 'none' }
  | {
      kind: 'continuous'
      /** A prefix of the build's revisions; all of them where there are `newer` ones. Never empty. */
      known: readonly [Revision, ...Revision[]]
      newer: string[]
      /** The first of the newer ones that older code must not serve after. */
      breaking: string | undefined
      /** Recorded without a name, as drizzle 0.x does. */
      unnamed: readonly Revision[]
    }
  | { kind: 'diverged'; from: string | null; rows: string[] }
  | { kind: 'tampered'; from: string; revision: string }

/** `ledger` is oldest first. Rows of other applications say nothing of ours. */
export function readHistory(ledger: readonly LedgerRow[], revisions: Revisions): History {
  const own = ledger.filter((row) => isOurs(row, revisions))
  if (own.length === 0) return { kind: 'none' }
  const [first, ...later] = revisions.filter((revision) => rowsOf(revision, own).length > 0)
  const strangers = own.filter((row) => !revisions.some((revision) => isRowOf(row, revision)))
  if (!first) return { kind: 'diverged', from: null, rows: strangers.map(nameOf) }
  const known: readonly [Revision, ...Revision[]] = [first, ...later]
  const newest = later.at(-1) ?? first
  const rows = [
    ...strangers
      .filter((row) => known.length < revisions.length || row.createdAt <= newest.when)
      .map(nameOf),
    ...revisions
      .slice(0, revisions.indexOf(newest))
      .filter((revision) => !known.includes(revision))
      .map((revision) => `${revision.tag} (missing)`),
    // The same row twice says the same twice.
    ...known
      .filter((revision) => new Set(rowsOf(revision, own).map(({ hash }) => hash)).size > 1)
      .map((revision) => `${revision.tag} (recorded twice)`),
  ]
  if (rows.length > 0) return { kind: 'diverged', from: newest.tag, rows }
  const edited = known.find((revision) =>
    rowsOf(revision, own).some((row) => isEdited(row, revision)),
  )
  if (edited) return { kind: 'tampered', from: newest.tag, revision: edited.tag }
  const breaking = strangers.find((row) => row.breaks)
  return {
    kind: 'continuous',
    known,
    newer: strangers.map(nameOf),
    breaking: breaking && nameOf(breaking),
    unnamed: known.filter((revision) => rowsOf(revision, own).some((row) => row.name === null)),
  }
}

/**
 * A row that flowgate wrote, that is named the way its revisions are, or that records one of this build's;
 * drizzle writes rows of any application into the same table.
 */
export const isOurs = (row: LedgerRow, revisions: Revisions): boolean =>
  row.how !== undefined ||
  /^\d{4}_/.test(row.name ?? '') ||
  revisions.some((revision) => isRowOf(row, revision))

const rowsOf = (revision: Revision, ledger: readonly LedgerRow[]): LedgerRow[] =>
  ledger.filter((row) => isRowOf(row, revision))

/** drizzle's 1.0 keeps times to the second; the name, where there is one, decides. */
function isRowOf(row: LedgerRow, revision: Revision): boolean {
  if (row.name !== null) return row.name === revision.tag
  return Math.floor(row.createdAt / 1000) === Math.floor(revision.when / 1000)
}

/** An empty hash was written by a reader of bundled files: it says nothing. */
function isEdited(row: LedgerRow, revision: Revision): boolean {
  if (['', revision.hash].includes(row.hash) || row.hash.startsWith(revision.crlfHash)) return false
  return row.contentHash !== contentHashOf(revision)
}

const nameOf = (row: LedgerRow) => row.name ?? `created_at ${row.createdAt}`
