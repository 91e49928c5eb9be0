// SQL as it is written here -> text and bound values. A statement may name a table that whoever sends it
// defines, such as the caller: it gets the definition where it names it, and nowhere else.
import type { Argument } from './hrana.ts'
import { type Chunk, Name, SQL, Text } from './sql.ts'

export type Compiled = { sql: string; args: Argument[] }

/** A table that statements name and their sender defines. Without a sender who does, they do not compile. */
export class Given extends SQL {
  readonly name: string
  constructor(name: string) {
    super([new Text(name)])
    this.name = name
  }
}

/** The time that a statement goes by, as SQLite's functions of time take it: the database's own clock, or the one that its sender says. */
class Instant extends SQL {
  constructor() {
    super([new Text("'now'")])
  }
}
export const instant: SQL = new Instant()

class Defined extends SQL {
  readonly table: Given
  readonly definition: SQL
  readonly statement: SQL
  constructor(table: Given, definition: SQL, statement: SQL) {
    super([])
    this.table = table
    this.definition = definition
    this.statement = statement
  }
}

/** The statement with this definition, a CTE, wherever it names the table. */
export const define = <T>(table: Given, definition: SQL, statement: SQL<T>) =>
  new Defined(table, definition, statement) as SQL<T> // whose rows are those of the statement

/** The same, its texts joined as far as they go: for a part of statements that is used again and again. */
export function settle<T>(part: SQL<T>): SQL<T> {
  const chunks: Chunk[] = []
  let text = ''
  const add = (some: readonly unknown[]) => {
    for (const chunk of some) {
      if (chunk instanceof Text) text += chunk.value
      else if (chunk instanceof SQL && !isNamed(chunk)) add(chunk.queryChunks)
      else {
        chunks.push(new Text(text), chunk as Chunk) // it was one in the part
        text = ''
      }
    }
  }
  add([part])
  return new SQL([...chunks, new Text(text)])
}

const isNamed = (chunk: SQL) =>
  chunk instanceof Given || chunk instanceof Defined || chunk instanceof Instant

/** The definitions that are at hand, innermost first. */
type Scope = { table: Given; named: boolean; outer: Scope | undefined } | undefined

/**
 * Joins the pieces. A listing has hundreds of them. What is neither SQL nor a value that SQLite keeps is a TypeError.
 * `now`: what `instant` is, as `2026-01-31 12:00:00.123`; by default the database's own.
 */
export function compile(query: SQL, now?: string): Compiled {
  return join([query], undefined, now)
}

function join(chunks: unknown[], scope: Scope, now: string | undefined): Compiled {
  let text = ''
  const args: Compiled['args'] = []
  const append = (part: Compiled) => {
    text += part.sql
    args.push(...part.args)
  }
  const add = (chunks: readonly unknown[]) => {
    for (const chunk of chunks) {
      if (chunk instanceof Given) text += named(chunk, scope)
      else if (chunk instanceof Defined) append(joinDefined(chunk, scope, now))
      else if (chunk instanceof Instant && now !== undefined) append({ sql: '?', args: [now] })
      else if (chunk instanceof SQL) add(chunk.queryChunks)
      else if (chunk instanceof Text) text += chunk.value
      else if (chunk instanceof Name) text += `"${chunk.value.replaceAll('"', '""')}"`
      else {
        text += '?'
        args.push(toArgument(chunk))
      }
    }
  }
  add(chunks)
  return { sql: text, args }
}

function named(table: Given, scope: Scope): string {
  for (let at = scope; at; at = at.outer) {
    if (at.table !== table) continue
    at.named = true
    return table.name
  }
  throw new Error(`A statement names ${table.name}, and its sender does not say who that is`)
}

function joinDefined(
  { table, definition, statement }: Defined,
  outer: Scope,
  now: string | undefined,
): Compiled {
  const scope = { table, named: false, outer }
  const inner = join([statement], scope, now)
  if (!scope.named) return inner
  const given = join([definition], outer, now)
  const rest = inner.sql.startsWith('WITH ') ? `, ${inner.sql.slice(5)}` : ` ${inner.sql}`
  return { sql: `WITH ${given.sql}${rest}`, args: [...given.args, ...inner.args] }
}

function toArgument(chunk: unknown): Argument {
  if (chunk === null || chunk instanceof ArrayBuffer) return chunk
  if (typeof chunk === 'string' || typeof chunk === 'number') return chunk
  if (typeof chunk === 'boolean' || typeof chunk === 'bigint') return chunk
  // Not what it is, for that may be somebody's secret.
  throw new TypeError(`Neither SQL nor a value that SQLite keeps: ${typeof chunk}`)
}
