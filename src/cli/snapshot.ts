// Everything that a database holds, read through its server in one transaction: whoever writes meanwhile is
// not waited for and not seen.
import { createClient, type InStatement, type Row } from '@libsql/client/http'
import { DatabaseError, StatusError } from '../db/database-error.ts'
import { type Cell, quote, selectCells, sizeOf, toCells } from './cells.ts'

export type SchemaObject = { type: string; name: string; table: string; sql: string }
export const isTable = ({ type }: SchemaObject) => type === 'table'
/** Its rows are in shadow tables. */
export const isVirtual = ({ sql }: SchemaObject) => /^CREATE\s+VIRTUAL\s/i.test(sql)

export type Table = {
  readonly name: string
  readonly rows: number
  /** What a copied row consists of: the rowid too, where it has one. */
  readonly columns: readonly string[]
  /** What orders its rows and tells them apart; undefined: nothing that can be named. */
  readonly key: readonly string[] | undefined
}
export type Snapshot = {
  readonly objects: readonly SchemaObject[]
  readonly tables: readonly Table[]
  /** PRAGMAs that belong to the file. */
  readonly settings: Readonly<Record<string, string | number>>
  read(table: Table): AsyncGenerator<Cell[][]>
}

/** Bytes asked for at a time; libSQL answers at most 10 MB. */
const CHUNK_BYTES = 2_000_000
const ROWS_MOST = 5000

/** Opens a snapshot for `use`. Throws a DatabaseError where the database does not answer. */
export async function withSnapshot<T>(
  { url, token }: { url: string; token?: string | undefined },
  use: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const plain = async (request: Request) => {
    // sqld compresses as hard as it can where brotli is welcome.
    request.headers.set('accept-encoding', 'identity')
    const response = await fetch(request)
    if (!response.ok) throw new StatusError(response.status, await response.text())
    return response
  }
  const options = { url, fetch: plain, intMode: 'bigint' as const }
  const client = createClient({ ...options, ...(token ? { authToken: token } : {}) })
  try {
    const transaction = await client.transaction('read')
    try {
      const ask: Query = (sql) =>
        transaction.execute(sql).then(
          ({ rows }) => rows,
          (cause) => {
            throw new DatabaseError('read', cause)
          },
        )
      return await use(await openSnapshot(ask))
    } finally {
      transaction.close()
    }
  } finally {
    client.close()
  }
}

/** Reads what there is; `ask` must answer from one snapshot. */
export async function openSnapshot(ask: Query): Promise<Snapshot> {
  const objects = (
    await ask(
      `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid`,
    )
  ).map((row) => ({
    type: String(row.type),
    name: String(row.name),
    table: String(row.tbl_name),
    sql: String(row.sql),
  }))
  const listed = await ask(
    `SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')
      AND name NOT IN ('sqlite_schema', 'sqlite_master')`,
  )
  const tables: Table[] = []
  for (const { name, wr } of listed)
    tables.push(await describeTable(ask, String(name), Number(wr) === 1))
  const settings: Record<string, string | number> = {}
  for (const name of ['encoding', 'page_size', 'auto_vacuum', 'user_version', 'application_id']) {
    // sqld takes a PRAGMA by itself for a write: not of a token that may only read, nor where writes are blocked.
    const value = (await ask(`SELECT * FROM pragma_${name}`))[0]?.[0]
    settings[name] = typeof value === 'string' ? value : Number(value)
  }
  return { objects, tables, settings, read: (table) => readTable(ask, table) }
}

type Query = (statement: InStatement) => Promise<Row[]>

async function describeTable(ask: Query, name: string, withoutRowid: boolean): Promise<Table> {
  const info = await ask({
    sql: 'SELECT name, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid',
    args: [name],
  })
  // What is generated comes back by itself.
  const own = info.filter(({ hidden }) => Number(hidden) === 0).map((row) => String(row.name))
  const keys = info.filter(({ pk }) => Number(pk) > 0).sort((a, b) => Number(a.pk) - Number(b.pk))
  const taken = info.map((row) => String(row.name).toLowerCase())
  const rowid = ['rowid', '_rowid_', 'oid'].find((alias) => !taken.includes(alias))
  const counted = await ask(`SELECT count(*) FROM ${quote(name)}`)
  const rows = Number(counted[0]?.[0])
  if (withoutRowid) return { name, rows, columns: own, key: keys.map((row) => String(row.name)) }
  if (!rowid) return { name, rows, columns: own, key: undefined }
  return { name, rows, columns: [rowid, ...own], key: [rowid] }
}

/** All rows in the order of their key, so many at a time as one answer carries. */
async function* readTable(ask: Query, table: Table): AsyncGenerator<Cell[][]> {
  const select = `SELECT ${selectCells(table.columns)} FROM ${quote(table.name)}`
  let [limit, done] = [200, 0]
  let last: Cell[] = []
  for (;;) {
    const page = toPage(table, last, limit, done)
    const rows = await ask({ ...page, sql: `${select} ${page.sql}` }).catch((error: unknown) => {
      if (limit > 1 && /RESPONSE_TOO_LARGE|TOOBIG/.test(String(error))) return undefined
      throw new Error(`${table.name}, after ${done} rows`, { cause: error })
    })
    if (!rows) {
      limit = Math.ceil(limit / 4)
      continue
    }
    const chunk = rows.map(toCells)
    if (chunk.length > 0) yield chunk
    if (chunk.length < limit) return
    done += chunk.length
    last = chunk.at(-1) ?? []
    const fitting = Math.floor((limit * CHUNK_BYTES) / sizeOf(chunk))
    limit = Math.max(1, Math.min(ROWS_MOST, 4 * limit, fitting))
  }
}

function toPage({ columns, key }: Table, last: Cell[], limit: number, done: number) {
  if (!key) return { sql: `LIMIT ${limit} OFFSET ${done}`, args: [] }
  const names = key.map(quote).join(', ')
  const order = `ORDER BY ${names} LIMIT ${limit}`
  if (last.length === 0) return { sql: order, args: [] }
  const from = key.map((name) => last[columns.indexOf(name)] as Cell) // a key is made of columns
  return {
    sql: `WHERE (${names}) > (${from.map(({ sql }) => sql).join(', ')}) ${order}`,
    args: from.flatMap(({ args }) => args),
  }
}
