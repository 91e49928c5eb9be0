// A real database without a Worker, for tests of the engine alone: sqld, a proxy before it, and the engine
// run in this process as the Worker would run it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type InStatement, type InValue } from '@libsql/client'
import { type Sqld, startSqld } from '../../src/cli/sqld.ts'
import { type Database, type Limits, openDatabase } from '../../src/db/client.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'

export type TestDatabase = {
  readonly url: string
  readonly proxy: DatabaseProxy
  readonly client: Client
  /** A fresh isolate's client; requests go through the proxy. */
  open(limits?: Partial<Limits>): Database
  /** Empties the database, so that one server can serve many cases. */
  reset(): Promise<void>
  /** SIGKILL and a new start over the same files. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export async function startDatabase(): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-engine-'))
  let sqld: Sqld = await startSqld(directory)
  const { url } = sqld
  const proxy = await startProxy(url)
  const client = createClient({ url })
  return {
    url,
    proxy,
    client,
    open: (limits = {}) => openDatabase({ url: proxy.url, limits }),
    async reset() {
      proxy.decide(() => 'forward')
      proxy.reset()
      const { rows } = await client.execute(
        `SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
      )
      // A dropped table takes its triggers with it, but an implicit DELETE fires none.
      if (rows.length > 0)
        await client.migrate(rows.map(({ type, name }) => `DROP ${type} IF EXISTS "${name}"`))
    },
    async crash() {
      await sqld.stop('SIGKILL')
      sqld = await startSqld(directory, { port: Number(new URL(url).port) })
    },
    async stop() {
      await proxy.stop()
      client.close()
      await sqld.stop('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Numbers beyond 2^53, as text: a column of integers takes them back. */
const columnsOf: Record<string, string> = {
  flowgate_search_entry:
    'flow_id, CAST(at AS TEXT) AS at, CAST(moved AS TEXT) AS moved, folder_id, updated_at, size',
  flowgate_search_docsize: 'CAST(id AS TEXT) AS id, sz, origin',
  flowgate_search_term: 'term, CAST(doc AS TEXT) AS doc, col, "offset"',
}

/** Every row of every table, by table; for comparisons before and after. */
export async function readRows(client: Client): Promise<Record<string, Record<string, unknown>[]>> {
  const { rows: tables } = await client.execute(
    `SELECT name, iif(sql LIKE '%WITHOUT ROWID', '1', 'rowid') AS first FROM sqlite_master
     WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  )
  const results = await client.batch(
    tables.map(
      ({ name, first }) =>
        `SELECT ${columnsOf[String(name)] ?? '*'} FROM "${name}" ORDER BY ${first}`,
    ),
    'read',
  )
  return Object.fromEntries(
    tables.map(({ name }, i) => [
      String(name),
      (results[i]?.rows ?? []).map((row) => ({ ...row })),
    ]),
  )
}

/** What makes an empty database the same again, in one `migrate`. */
export async function dump(client: Client): Promise<InStatement[]> {
  const { rows: objects } = await client.execute(
    `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
     ORDER BY type <> 'table', type = 'trigger', rowid`,
  )
  // An index of words makes tables for itself; what it says of its words is no table.
  const ofIndex = /flowgate_search_(?:data|idx|docsize|config)/
  const definitions = objects
    .map(({ sql }) => String(sql))
    .filter((sql) => !/^CREATE TABLE/i.test(sql) || !ofIndex.test(sql))
  const inserts = Object.entries(await readRows(client)).flatMap(([table, rows]) =>
    (table === 'flowgate_search_term' ? [] : rows).map((row) => ({
      sql: `INSERT OR REPLACE INTO "${table}" (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row).map(() => '?')})`,
      args: Object.values(row) as InValue[],
    })),
  )
  const isTrigger = (sql: string) => /^CREATE TRIGGER/i.test(sql)
  return [
    ...definitions.filter((sql) => !isTrigger(sql)),
    ...inserts,
    ...definitions.filter(isTrigger),
  ]
}
