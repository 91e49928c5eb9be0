// One database client per request. What it sends is hrana, in one HTTP request per call.
import { byName, inOrder, type Results, type Rows, type Statements, type Taken } from './batch.ts'
import { DatabaseError, type Doing } from './database-error.ts'
import { isConstraint } from './failures.ts'
import { type Following, followed, type Stands, type Ways } from './following.ts'
import {
  ask,
  type InStatement,
  type Question,
  type Result,
  type Row,
  type Server,
} from './hrana.ts'
import { SQL } from './sql.ts'
import { compile } from './statement.ts'
import { heeding, runRead, runSnapshot, runTransaction, type SnapshotResult } from './steps.ts'
import { askKept, dropKept } from './streams.ts'

export type { Stands } from './following.ts'
export type { InStatement, Result, Row } from './hrana.ts'
export type { SnapshotResult } from './steps.ts'

export type DatabaseConfig = Server & {
  readonly limits?: Partial<Limits>
  readonly following?: Following | undefined
}

/** How long one HTTP request may take, its answer included, before it counts as timed out. */
export type Limits = {
  readonly requestMs: number
  /** A look that somebody waits for: readiness. */
  readonly lookMs: number
  /** One request of a migration. */
  readonly stepMs: number
}

type Limited = { limitMs?: number }

export type Database = ReturnType<typeof openDatabase>

/**
 * Opens a client for one request. Nothing is sent until the first call; each call is one HTTP request, and one more
 * where a stream that was kept from another request turns out to be dead, or a replica cannot answer.
 * What a call throws is a DatabaseError: its cause says what went wrong, and `doing` whether a write was under way.
 */
export function openDatabase({ limits: given, following, ...server }: DatabaseConfig) {
  const limits: Limits = { requestMs: 10_000, lookMs: 2_000, stepMs: 30_000, ...given }
  let roundTrips = 0
  const sendWithin = (limitMs: number) => {
    const signal = AbortSignal.timeout(limitMs)
    return (url: string, init: RequestInit) => {
      roundTrips++
      return fetch(url, { ...init, signal })
    }
  }
  const runWithin = (limitMs: number) => async (question: Question) =>
    (await ask(server, question, sendWithin(limitMs))).outcomes

  const ways: Ways = {
    readAt: (statements, { at = server, limitMs = limits.requestMs, index } = {}) =>
      heeding(
        (question) => askKept(at, question, sendWithin(limitMs), limitMs, index),
        (run) => runRead(run, statements),
      ),
    dropKept: (at) => dropKept(at, sendWithin(limits.lookMs)),
    writeAt: (statements, limitMs = limits.requestMs) =>
      heeding(
        (question) => ask(server, question, sendWithin(limitMs)),
        (run) => runTransaction(run, statements, { begin: 'BEGIN IMMEDIATE', end: 'COMMIT' }),
      ),
  }
  const beside = following && followed(server, following, ways)
  const follows = () => (following?.isAtHead() ? beside : undefined)

  async function call<T>(doing: Doing, run: () => Promise<T>): Promise<T> {
    const before = roundTrips
    try {
      return await run()
    } catch (cause) {
      // What was never sent (a value that cannot be bound) is a fault of the caller.
      throw roundTrips === before ? cause : new DatabaseError(doing, cause)
    }
  }

  const readAll = (queries: SQL[], stands: Stands<Result[]>) =>
    call('read', async () => {
      const beside = follows()
      if (beside) return beside.read(queries, stands)
      return (await ways.readAt(queries.map((query) => compile(query)))).results
    })

  function read(query: SQL): Promise<[Row[]]>
  function read<S extends Statements>(statements: S, stands?: Stands<Rows<S>>): Promise<Rows<S>>
  async function read(asked: SQL | Statements, stands: Stands<never> = () => true) {
    if (asked instanceof SQL)
      return (await readAll([asked], () => true)).map((result) => result.rows)
    const toRows = (all: Result[]) => {
      const results: Record<string, Result> = byName(asked, all)
      return Object.fromEntries(Object.entries(results).map(([name, { rows }]) => [name, rows]))
    }
    return toRows(await readAll(inOrder(asked), (results) => stands(toRows(results) as never)))
  }

  return {
    limits,

    /** HTTP requests sent so far. */
    get roundTrips() {
      return roundTrips
    },

    /** Where the last answer came from, if there is a replica. It is shown now: nobody is shown less by this isolate. */
    show: () => beside?.show(),

    /**
     * Runs the statements in one read transaction: rows by their names. A single one needs no BEGIN and COMMIT. Of a
     * replica only what `stands` does not refuse: else the primary is asked.
     */
    read,

    /**
     * Runs the statements in one immediate transaction, all of them or none: results by their names. Where
     * a constraint says no that `taken` names, its error is thrown.
     */
    async write<S extends Statements>(statements: S, taken: Taken = {}): Promise<Results<S>> {
      try {
        const results = await call('write', async () => {
          const compiled = inOrder(statements).map((query) => compile(query))
          return follows()?.write(compiled) ?? (await ways.writeAt(compiled)).results
        })
        return byName(statements, results)
      } catch (cause) {
        const name = Object.keys(taken).find((name) => isConstraint(cause, name))
        throw (name === undefined ? undefined : taken[name]?.(cause)) ?? cause
      }
    },

    /** Like `write`, with foreign keys off outside the transaction. The first statement must write. */
    migrate(
      statements: InStatement[],
      { limitMs = limits.stepMs }: Limited = {},
    ): Promise<Result[]> {
      const how = { begin: 'BEGIN', end: 'COMMIT', withoutForeignKeys: true } as const
      return call('write', () => runTransaction(runWithin(limitMs), statements, how))
    },

    /** What these statements would lead to: runs them and the queries, returns the queries' rows, and undoes all of it. */
    async rehearse(statements: InStatement[], queries: string[]): Promise<Row[][]> {
      const all = [...statements, ...queries]
      const how = { begin: 'BEGIN IMMEDIATE', end: 'ROLLBACK', withoutForeignKeys: true } as const
      const results = await call('read', () => runTransaction(runWithin(limits.stepMs), all, how))
      return results.slice(statements.length).map(({ rows }) => rows)
    },

    /**
     * Reads in one snapshot where a statement may fail (a table that is not there) without hiding the
     * others. Throws where there is no snapshot at all.
     */
    snapshot(
      statements: string[],
      { limitMs = limits.requestMs }: Limited = {},
    ): Promise<SnapshotResult[]> {
      return call('read', () => runSnapshot(runWithin(limitMs), statements))
    },
  }
}
