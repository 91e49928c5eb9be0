// One migration, as the build knows it, and how its file is read. A file that could not run in atomic
// requests, would not be undone as a whole, or takes something away unsaid, is refused here, when the bundle is built.
import { createHash } from 'node:crypto'
import { listRebuilt } from './rebuild.ts'
import type { Owned, Schema } from './schema.ts'
import { bareName, countBreaks, squash, verbOf } from './sql-text.ts'

export type Revision = {
  /** `0003_owners`: the file's name. */
  readonly tag: string
  /** Milliseconds, from drizzle's journal: what drizzle orders its ledger by. Never a clock. */
  readonly when: number
  /** sha256 (hex) of the file's text, as drizzle writes it to the ledger. */
  readonly hash: string
  /**
   * How the hash of the text with CRLF line ends begins, as drizzle makes it in such a checkout: 64 bits tell that file
   * from an edited one.
   */
  readonly crlfHash: string
  readonly statements: readonly string[]
  /** Where the statements are repeated in slices: what each of them does, in words; else empty. */
  readonly repeats: readonly string[]
  /** SELECTs that must give no row before anything is written, and what is wrong where they do. */
  readonly requires: readonly { readonly wrong: string; readonly sql: string }[]
  /** What it takes away or rebuilds, in words; needs `-- flowgate:acknowledge` in the file. */
  readonly destructive: readonly string[]
  /** Code that does not know this revision must not serve after it (`-- flowgate:breaks`). */
  readonly breaks: boolean
  /** What a database holds after it. */
  readonly schema: Schema
}

/** A build has at least one. */
export type Revisions = readonly [Revision, ...Revision[]]

/** The newest one of the build. */
export const headOf = (revisions: Revisions): Revision => revisions.at(-1) ?? revisions[0]

const BREAKPOINT = '--> statement-breakpoint'
const FORBIDDEN = /^(BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|ATTACH|DETACH|VACUUM)\b/i
/** Where a repeated statement takes its slice: all of it in the file, for whoever runs it once. */
const SLICE = /\bLIMIT -1\b/gi

/** A revision's file -> everything but `when` and `schema`. Throws an Error that names the file and the statement. */
export function readRevision(tag: string, text: string): Omit<Revision, 'when' | 'schema'> {
  const lines = text.replace(/\r\n/g, '\n')
  const pieces = splitStatements(tag, lines)
  const required = pieces.filter((sql) => directiveOf(sql, 'require') !== undefined)
  const statements = pieces.filter((sql) => !required.includes(sql))
  const destructive = statements.flatMap((sql) => labelDestructive(sql))
  if (destructive.length > 0 && !isAcknowledged(text)) throw unsaid(tag, destructive)
  return {
    tag,
    hash: sha256(lines),
    crlfHash: sha256(lines.replace(/\n/g, '\r\n')).slice(0, 16),
    statements,
    repeats: readRepeats(tag, statements),
    requires: required.map((sql) => readRequire(tag, sql)),
    destructive,
    breaks: /^--\s*flowgate:breaks\b/m.test(text),
  }
}

/**
 * sha256 of the statements alone: the same after a change of comments, white space or line ends. Made when it is asked
 * for, which is when a revision is recorded, or its file's hash is another one: the build would carry a kilobyte of them.
 */
export const contentHashOf = ({
  requires,
  statements,
}: Pick<Revision, 'requires' | 'statements'>): string =>
  sha256([...requires.map(({ sql }) => sql), ...statements].map(squash).join('\n'))

/** The reasons that the file states. */
export const reasonsOf = (text: string): string[] =>
  [...text.matchAll(/^--[ \t]*flowgate:acknowledge[ \t]+(\S.*)$/gm)].map(
    ([, reason = '']) => reason,
  )

const isAcknowledged = (text: string) => reasonsOf(text).length > 0

export const unsaid = (tag: string, labels: readonly string[]) =>
  new Error(
    `${tag}: ${labels.join(', ')}. If this is meant, say so in the file: -- flowgate:acknowledge <why>`,
  )

/** Splits at drizzle's breakpoints; each piece must be one statement that a transaction can hold. */
export function splitStatements(tag: string, text: string): string[] {
  const pieces = text
    .split(BREAKPOINT)
    .map((piece) => piece.replace(/\r\n/g, '\n').trim())
    .filter((piece) => squash(piece) !== '')
  for (const [i, piece] of pieces.entries()) {
    const code = squash(piece)
    const where = `${tag}, statement ${i + 1}`
    const forbidden = FORBIDDEN.exec(code)?.[1]
    if (forbidden)
      throw new Error(
        `${where}: ${forbidden.toUpperCase()} cannot run inside a revision's transaction. Remove it: ` +
          'a revision is one transaction already, with foreign keys off and checked at its end',
      )
    const isTrigger = /^CREATE (TEMP |TEMPORARY )?TRIGGER\b/i.test(code)
    if (!isTrigger && countBreaks(code) > 0)
      throw new Error(`${where}: two statements without "${BREAKPOINT}" between them`)
  }
  if (pieces.length === 0) throw new Error(`${tag}: holds no statement`)
  return pieces
}

/** The words behind `-- flowgate:<name>` in the comments of the piece. */
function directiveOf(sql: string, name: 'repeat' | 'require'): string | undefined {
  return new RegExp(`^--[ \\t]*flowgate:${name}\\b[ \\t]*(.*)$`, 'm').exec(sql)?.[1]?.trim()
}

/** A revision is repeated as a whole or not at all: the schema must not change before its ledger row is written. */
function readRepeats(tag: string, statements: readonly string[]): string[] {
  const labels = statements.map((sql) => directiveOf(sql, 'repeat'))
  if (labels.every((label) => label === undefined)) return []
  return labels.map((label, i) => {
    const sql = statements[i] ?? ''
    const where = `${tag}, statement ${i + 1}`
    if (label === undefined)
      throw new Error(
        `${where}: all statements of a revision are repeated, or none. Split the file`,
      )
    if (!/^[^"]+$/.test(label))
      throw new Error(`${where}: -- flowgate:repeat needs words that say what it does`)
    if (!/^(INSERT|UPDATE|DELETE)$/.test(verbOf(sql)))
      throw new Error(`${where}: only INSERT, UPDATE and DELETE can be repeated`)
    if ((squash(sql).match(SLICE) ?? []).length !== 1)
      throw new Error(`${where}: a repeated statement takes its slice with one LIMIT -1`)
    return label
  })
}

function readRequire(tag: string, sql: string): { wrong: string; sql: string } {
  const wrong = directiveOf(sql, 'require')
  if (!wrong) throw new Error(`${tag}: -- flowgate:require needs words that say what is wrong`)
  if (verbOf(sql) !== 'SELECT') throw new Error(`${tag}: -- flowgate:require needs a SELECT`)
  return { wrong, sql }
}

/** The statement for this many rows at most. */
export const sliceOf = (sql: string, rows: number): string => sql.replace(SLICE, `LIMIT ${rows}`)

/** What can be told from the words; what is gone afterwards is seen when the bundle is rehearsed. */
function labelDestructive(sql: string): string[] {
  const code = squash(sql)
  const name = /^(?:DROP (?:TABLE|TRIGGER|VIEW)|DELETE FROM) (?:IF EXISTS )?([^ (;]+)/i.exec(
    code,
  )?.[1]
  if (/^DROP TABLE/i.test(code)) return [`drops table ${bareName(name ?? '')}`]
  if (/^DROP (TRIGGER|VIEW)/i.test(code))
    return [`drops ${/^DROP (\w+)/i.exec(code)?.[1]?.toLowerCase()} ${bareName(name ?? '')}`]
  const column = /^ALTER TABLE ([^ ]+) DROP (?:COLUMN )?([^ ;]+)/i.exec(code)
  if (column) return [`drops column ${bareName(column[1] ?? '')}.${bareName(column[2] ?? '')}`]
  const renamed = /^ALTER TABLE ([^ ]+) RENAME (?:COLUMN )?(?:TO )?([^ ;]+)/i.exec(code)
  // The last step of a rebuild, which has its own label.
  if (renamed && !/^__new_/i.test(bareName(renamed[1] ?? '')))
    return [`renames in table ${bareName(renamed[1] ?? '')}`]
  if (verbOf(code) === 'DELETE') return ['deletes rows']
  return listRebuilt([code]).map((table) => `rebuilds table ${table}`)
}

/** All tables of the build and the names of what hangs on them. */
export function ownedBy(revisions: Revisions): Owned {
  const tables = revisions.flatMap((revision) => Object.entries(revision.schema))
  return {
    tables: [...new Set(tables.map(([name]) => name))],
    objects: [
      ...new Set(
        tables.flatMap(([, { indexes, triggers }]) => [...indexes, ...triggers].map((o) => o.name)),
      ),
    ].filter((name) => !name.startsWith('sqlite_')),
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
