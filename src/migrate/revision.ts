// One migration, as the build knows it, and how its file is read. A file that could not run in one
// atomic request, or would not be undone as a whole, is refused here, when the bundle is built.
import { createHash } from 'node:crypto'
import { listRebuilt } from './rebuild.ts'
import type { Schema } from './schema.ts'

export type Revision = {
  /** `0003_owners`: the file's name. */
  readonly tag: string
  /** Milliseconds, from drizzle's journal: what drizzle orders its ledger by. Never a clock. */
  readonly when: number
  /** sha256 (hex) of the file's text, as drizzle writes it to the ledger. */
  readonly hash: string
  /** sha256 of the statements alone: the same after a change of comments, white space or line ends. */
  readonly contentHash: string
  readonly statements: readonly string[]
  /** What it takes away or rebuilds, in words; needs `-- flowgate:acknowledge` in the file. */
  readonly destructive: readonly string[]
  /** Code that does not know this revision must not serve after it (`-- flowgate:breaks`). */
  readonly breaks: boolean
  /** What a database holds after it. */
  readonly schema: Schema
}

const BREAKPOINT = '--> statement-breakpoint'
const FORBIDDEN = /^(BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|ATTACH|DETACH|VACUUM)\b/i

/** A revision's file -> everything but `when` and `schema`. Throws an Error that names the file and the statement. */
export function readRevision(tag: string, text: string): Omit<Revision, 'when' | 'schema'> {
  const statements = splitStatements(tag, text)
  const destructive = statements.flatMap((sql) => labelDestructive(sql))
  if (destructive.length > 0 && !/^--\s*flowgate:acknowledge\s+\S/m.test(text)) {
    throw new Error(
      `${tag}: ${destructive.join(', ')}. If this is meant, say so in the file: -- flowgate:acknowledge <why>`,
    )
  }
  return {
    tag,
    hash: sha256(text),
    contentHash: sha256(statements.map((sql) => squash(sql)).join('\n')),
    statements,
    destructive,
    breaks: /^--\s*flowgate:breaks\b/m.test(text),
  }
}

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
    if (
      !isTrigger &&
      splitTokens(code).filter((t) => t === ';').length > (code.endsWith(';') ? 1 : 0)
    ) {
      throw new Error(`${where}: two statements without "${BREAKPOINT}" between them`)
    }
  }
  if (pieces.length === 0) throw new Error(`${tag}: holds no statement`)
  return pieces
}

/** Statement text without comments and with white space collapsed outside of strings. */
export function squash(sql: string): string {
  return splitTokens(sql)
    .filter((token) => !token.startsWith('--') && !token.startsWith('/*'))
    .map((token) => (/^\s+$/.test(token) ? ' ' : token))
    .filter((token, i, all) => token !== ' ' || all[i - 1] !== ' ')
    .join('')
    .trim()
}

/** Comments, quoted things, runs of white space, semicolons, and the rest. */
function splitTokens(sql: string): string[] {
  return (
    sql.match(
      /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\s+|;|[^\s;'"`[\-/]+|[-/'"`[]/g,
    ) ?? []
  )
}

function labelDestructive(sql: string): string[] {
  const code = squash(sql)
  const dropped = /^DROP TABLE (?:IF EXISTS )?[`"[]?(\w+)/i.exec(code)?.[1]
  if (dropped) return [`drops table ${dropped}`]
  const column = /^ALTER TABLE [`"[]?(\w+)[`"\]]? DROP (?:COLUMN )?[`"[]?(\w+)/i.exec(code)
  if (column) return [`drops column ${column[1]}.${column[2]}`]
  return listRebuilt([code]).map((table) => `rebuilds table ${table}`)
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
