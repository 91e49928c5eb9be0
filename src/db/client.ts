// One database client per request: a client kept at module level dies for ever once requests are
// cancelled under it (its queue is shared), and making one costs microseconds.

import { createClient, type InStatement, type ResultSet, type Row } from '@libsql/client/http'
import * as hrana from '@libsql/hrana-client'
import { SQL, StringChunk, sql } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { DatabaseError, type Doing, StatusError } from './database-error.ts'
import { narrow, type Result, runSnapshot, runTransaction, type SnapshotResult } from './steps.ts'

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

/** How SQLite writes names, values and places for them. drizzle's own dialect would bring its query builder too: 20 KiB. */
const sqlite = {
  casing: new CasingCache(),
  escapeName: (name: string) => `"${name.replaceAll('"', '""')}"`,
  escapeString: (text: string) => `'${text.replaceAll("'", "''")}'`,
  escapeParam: () => '?',
}

/**
 * drizzle's `sql` -> text and bound values. A listing has hundreds of pieces; joining them here takes a
 * third of the time that drizzle takes, which gets only what is neither text nor value.
 */
export function compile(query: SQL): { sql: string; args: (string | number | null)[] } {
  let text = ''
  const args: (string | number | null)[] = []
  const add = (chunks: unknown[]) => {
    for (const chunk of chunks) {
      if (chunk instanceof SQL) add(chunk.queryChunks)
      else if (chunk instanceof StringChunk) text += chunk.value.join('')
      else if (chunk === null || typeof chunk === 'string' || typeof chunk === 'number') {
        text += '?'
        args.push(chunk)
      } else {
        const other = sql`${chunk}`.toQuery(sqlite)
        text += other.sql
        args.push(...(other.params as typeof args))
      }
    }
  }
  add(query.queryChunks)
  return { sql: text, args }
}

/**
 * Opens a client for one request. Nothing is sent until the first call; each call is one HTTP request.
 * What a call throws is a DatabaseError: its cause says what went wrong, and `doing` whether a write was under way.
 */
export function openDatabase({ url, authToken, limits: given }: DatabaseConfig) {
  const limits: Limits = { requestMs: 10_000, lookMs: 2_500, stepMs: 30_000, ...given }
  let roundTrips = 0
  let prelude: SQL[] = []
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
      const results = await client.batch([...prelude, ...queries].map(compile), mode)
      const own = results.slice(prelude.length)
      prelude = []
      for (const { rows } of own) narrow(rows)
      return own
    })

  return {
    limits,

    /** HTTP requests sent so far. */
    get roundTrips() {
      return roundTrips
    },

    /** Has this statement run first in the next `read` or `write`, at no round trip of its own. */
    precede(query: SQL): void {
      prelude.push(query)
    },

    /** Runs the queries in one read transaction; rows per query. A single one needs no BEGIN and COMMIT. */
    async read(...queries: SQL[]): Promise<Row[][]> {
      const [only] = queries
      if (only && queries.length + prelude.length === 1)
        return [narrow((await call('read', () => client.execute(compile(only)))).rows)]
      const results = await batch(queries, 'deferred')
      return results.map((result) => result.rows)
    },

    /** Runs the queries in one immediate transaction: all of them or none. */
    write(...queries: SQL[]): Promise<ResultSet[]> {
      return batch(queries, 'write')
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
