// SQL as it is written here: a template that keeps its pieces apart, which statement.ts joins. drizzle's is of the same
// make; but it takes any value at all into its holes, and brings what it knows of Postgres's columns: 4 KiB.
import type { Argument } from './hrana.ts'

/** Text that is SQL as it stands. */
export class Text {
  readonly value: string
  constructor(value: string) {
    this.value = value
  }
}

/** Of a table or a column; it is quoted. */
export class Name {
  readonly value: string
  constructor(value: string) {
    this.value = value
  }
}

export type Chunk = Text | Name | SQL | Argument

/** `T` says what its rows are. */
export class SQL<T = unknown> {
  readonly queryChunks: readonly Chunk[]
  /** Never there: for the compiler alone. */
  declare readonly rows: T
  constructor(queryChunks: readonly Chunk[]) {
    this.queryChunks = queryChunks
  }
}

/** SQL with holes for more of it, for names, and for values that are bound. */
export const sql = <T = unknown>(
  texts: TemplateStringsArray,
  ...holes: (SQL | Name | Argument)[]
): SQL<T> => new SQL(texts.flatMap((text, i) => [new Text(text), ...holes.slice(i, i + 1)]))

/** Text that is SQL as it stands: never what somebody sent. */
sql.raw = (text: string): SQL => new SQL([new Text(text)])

sql.identifier = (name: string): Name => new Name(name)

sql.join = (parts: readonly SQL[], between: SQL): SQL =>
  new SQL(parts.flatMap((part, i) => (i === 0 ? [part] : [between, part])))

/** SQL: a list to look in, as one value however long it is. */
export const listed = (values: readonly string[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`
