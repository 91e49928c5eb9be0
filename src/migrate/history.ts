// Reads the ledger against the build's revisions: does one continue the other? Judges rows alone; what
// the schema looks like is not asked here.
import type { LedgerRow } from './observe.ts'
import type { Revision } from './revision.ts'

export type History =
  | {
      kind: 'continuous'
      /** A prefix of the build's revisions; all of them where there are `newer` ones. Never empty. */
      known: readonly Revision[]
      newer: string[]
      /** The first of the newer ones that older code must not serve after. */
      breaking: string | undefined
      /** Recorded without a name, as drizzle 0.x does. */
      unnamed: readonly Revision[]
    }
  | { kind: 'diverged'; from: string | null; rows: string[] }
  | { kind: 'tampered'; from: string; revision: string }

/** `ledger` has at least one row, oldest first. */
export function readHistory(ledger: readonly LedgerRow[], revisions: readonly Revision[]): History {
  const known = revisions.filter((revision) => ledger.some((row) => isRowOf(row, revision)))
  const strangers = ledger.filter((row) => !revisions.some((revision) => isRowOf(row, revision)))
  const newest = known.at(-1)
  const rows = [
    ...strangers
      .filter((row) => known.length < revisions.length || row.createdAt <= (newest?.when ?? 0))
      .map(describe),
    ...revisions
      .slice(0, newest ? revisions.indexOf(newest) : 0)
      .filter((revision) => !known.includes(revision))
      .map((revision) => `${revision.tag} (missing)`),
    ...known
      .filter((revision) => ledger.filter((row) => isRowOf(row, revision)).length > 1)
      .map((revision) => `${revision.tag} (recorded twice)`),
  ]
  if (rows.length > 0 || !newest) return { kind: 'diverged', from: newest?.tag ?? null, rows }
  const edited = known.find((revision) =>
    ledger.some((row) => isRowOf(row, revision) && isEdited(row, revision)),
  )
  if (edited) return { kind: 'tampered', from: newest.tag, revision: edited.tag }
  const breaking = strangers.find((row) => row.breaks)
  return {
    kind: 'continuous',
    known,
    newer: strangers.map(describe),
    breaking: breaking && describe(breaking),
    unnamed: known.filter((revision) =>
      ledger.some((row) => row.name === null && isRowOf(row, revision)),
    ),
  }
}

/** drizzle's 1.0 keeps times to the second; the name, where there is one, decides. */
function isRowOf(row: LedgerRow, revision: Revision): boolean {
  if (row.name !== null) return row.name === revision.tag
  return Math.floor(row.createdAt / 1000) === Math.floor(revision.when / 1000)
}

/** An empty hash was written by a reader of bundled files: it says nothing. */
function isEdited(row: LedgerRow, revision: Revision): boolean {
  if (row.hash === '' || row.hash === revision.hash) return false
  return row.contentHash !== revision.contentHash
}

const describe = (row: LedgerRow) => row.name ?? `created_at ${row.createdAt}`
