// What is sent together, and its results under the same keys.
import type { Result as Found, Row } from './hrana.ts'
import { SQL } from './sql.ts'

/** Statements by name, in the order in which they run. Of a list nobody reads the results. */
export type Statements = Readonly<Record<string, SQL | readonly SQL[]>>

/** `sql<T>` says what its rows are. */
type RowOf<Q> = Q extends SQL<infer T> ? (unknown extends T ? Row : T) : never

/** Rows by the names of the statements that stand alone. */
export type Rows<S> = { [K in keyof S as S[K] extends SQL ? K : never]: RowOf<S[K]>[] }

export type Result<T = Row> = { rows: T[]; rowsAffected: number }
export type Results<S> = { [K in keyof S as S[K] extends SQL ? K : never]: Result<RowOf<S[K]>> }

/** What a unique index or another constraint that says no means, by its name as in `isConstraint`. */
export type Taken = Readonly<Record<string, (cause: unknown) => Error>>

export const inOrder = (statements: Statements): SQL[] => Object.values(statements).flat()

/** Results in order -> by name. */
export function byName<S extends Statements>(statements: S, results: readonly Found[]): Results<S> {
  const named: Record<string, Found> = {}
  let n = 0
  for (const [name, one] of Object.entries(statements)) {
    const result = results[n]
    if (one instanceof SQL && result) named[name] = result
    n += one instanceof SQL ? 1 : one.length
  }
  return named as unknown as Results<S> // by construction; that rows are what `sql<T>` says is its promise
}

/** The row that is there once the judges have had their say. */
export function one<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('A row that cannot be missing is missing')
  return row
}
