// One database client per request: a client kept at module level dies for ever once requests are
// cancelled under it (its queue is shared), and making one costs microseconds.

import { createClient, type InStatement, type ResultSet, type Row } from '@libsql/client/http'
import * as hrana from '@libsql/hrana-client'
import { SQL } from 'drizzle-orm'
import { byName, inOrder, type Results, type Rows, type Statements, type Taken } from './batch.ts'
import { DatabaseError, type Doing, StatusError } from './database-error.ts'
import { isConstraint } from './failures.ts'
import { decode, narrow } from './rows.ts'
import { compile } from './statement.ts'
import { type Result, runSnapshot, runTransaction, type SnapshotResult } from './steps.ts'

export type { InStatement, Row } from '@libsql/client/http'
export type { Result, SnapshotResult } from './steps.ts'

export type DatabaseConfig = {
  readonly url: string
  readonly authToken?: string | undefined
  readonly limits?: Partial<Limits>
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
 * Opens a client for one request. Nothing is sent until the first call; each call is one HTTP request.
 * What a call throws is a DatabaseError: its cause says what went wrong, and `doing` whether a write was under way.
 */
export function openDatabase({ url, authToken, limits: given }: DatabaseConfig) {
  const limits: Limits = { requestMs: 10_000, lookMs: 2_500, stepMs: 30_000, ...given }
  let roundTrips = 0
  const within = (limitMs: number) => (request: Request) => {
    roundTrips++
    return send(request, limitMs)
  }
  const client = createClient({
    url,
    fetch: within(limits.requestMs),
    intMode: 'bigint',
    ...(authToken ? { authToken } : {}),
  })
  const hranaWithin = (limitMs: number) =>
    hrana.openHttp(toHttpUrl(url), authToken, within(limitMs))

  async function call<T>(doing: Doing, run: () => Promise<T>): Promise<T> {
    const before = roundTrips
    try {
      return await run()
    } catch (cause) {
      // What was never sent (a value that cannot be bound) is a fault of the caller.
      throw roundTrips === before ? cause : new DatabaseError(doing, cause)
    }
  }

  const batch = (queries: SQL[], mode: 'deferred' | 'write'): Promise<ResultSet[]> =>
    call(mode === 'write' ? 'write' : 'read', async () => {
      const results = await client.batch(queries.map(compile), mode)
      for (const { rows } of results) decode(narrow(rows))
      return results
    })

  const runRead = async (queries: SQL[]): Promise<ResultSet[]> => {
    const [only] = queries
    if (!only || queries.length > 1) return batch(queries, 'deferred')
    const result = await call('read', () => client.execute(compile(only)))
    decode(narrow(result.rows))
    return [result]
  }

  function read(query: SQL): Promise<[Row[]]>
  function read<S extends Statements>(statements: S): Promise<Rows<S>>
  async function read(asked: SQL | Statements) {
    if (asked instanceof SQL) return (await runRead([asked])).map((result) => result.rows)
    const results: Record<string, Result> = byName(asked, await runRead(inOrder(asked)))
    const rows = Object.entries(results).map(([name, result]) => [name, result.rows])
    return Object.fromEntries(rows)
  }

  return {
    limits,

    /** HTTP requests sent so far. */
    get roundTrips() {
      return roundTrips
    },

    /** Runs the statements in one read transaction: rows by their names. A single one needs no BEGIN and COMMIT. */
    read,

    /**
     * Runs the statements in one immediate transaction, all of them or none: results by their names. Where
     * a constraint says no that `taken` names, its error is thrown.
     */
    async write<S extends Statements>(statements: S, taken: Taken = {}): Promise<Results<S>> {
      try {
        return byName(statements, await batch(inOrder(statements), 'write'))
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
      return call('write', () =>
        runTransaction(hranaWithin(limitMs), 'BEGIN', statements, 'COMMIT'),
      )
    },

    /** What these statements would lead to: runs them and the queries, gives the queries' rows, and undoes all of it. */
    async rehearse(statements: InStatement[], queries: string[]): Promise<Row[][]> {
      const all = [...statements, ...queries]
      const results = await call('read', () =>
        runTransaction(hranaWithin(limits.stepMs), 'BEGIN IMMEDIATE', all, 'ROLLBACK'),
      )
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
      return call('read', () => runSnapshot(hranaWithin(limitMs), statements))
    },
  }
}

async function send(request: Request, limitMs: number): Promise<Response> {
  // sqld compresses as hard as it can where brotli is welcome: 25 ms for one row, measured on loopback.
  request.headers.set('accept-encoding', 'identity')
  const response = await fetch(request, { signal: AbortSignal.timeout(limitMs) })
  // hrana would keep the status only as a part of a sentence.
  if (!response.ok) throw new StatusError(response.status, await response.text())
  return response
}

const toHttpUrl = (url: string) => url.replace(/^libsql:/, 'https:')
