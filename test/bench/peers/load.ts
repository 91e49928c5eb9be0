// Rows of a world on libSQL -> the tables of schema.sql.
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { createClient, ResultSet, Row, Value } from '@libsql/client'
import type { Postgres } from './postgres.ts'

const ROWS = 5000

/** `key`: what its rows are walked by. */
type Source = { columns: string; from: string; key?: string; where?: string }

const tables: Record<string, Source> = {
  person: { columns: 'id, is_superuser', from: 'user' },
  role: {
    columns: `id, name = 'Admin', EXISTS (SELECT 1 FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
      WHERE rp.role_id = t.id AND p.name = 'Read' AND p.scope = 'Flow')`,
    from: 'role',
  },
  'held (user_id, role_id, scope, scope_id, ends)': {
    columns: 'user_id, role_id, scope_type, scope_id, expires_at',
    from: 'userroleassignment',
  },
  'held (team_id, role_id, scope, scope_id, ends)': {
    columns: 'team_id, role_id, scope_type, scope_id, expires_at',
    from: 'flowgate_team_grant',
  },
  'member (user_id, team_id)': { columns: 'user_id, team_id', from: 'flowgate_team_member' },
  flow: {
    columns: `id, name, description, data, is_component, updated_at, endpoint_name, tags, mcp_enabled, action_name,
      action_description, access_type, revision, folder_id`,
    from: 'flow',
  },
  // The rows of all flows together, and of those in no project, stand among those of projects.
  project_count: {
    columns: 'folder_id, n, head',
    from: 'flowgate_flow_count',
    key: 'folder_id',
    where: 'length(folder_id) = 32',
  },
  total_count: {
    columns: 'n',
    from: 'flowgate_flow_count',
    key: 'folder_id',
    where: `folder_id = '*'`,
  },
}

export async function load(db: ReturnType<typeof createClient>, postgres: Postgres) {
  const [before = '', after = ''] = read('schema').split('-- flowgate:loaded')
  postgres.run(before)
  for (const [table, source] of Object.entries(tables)) {
    process.stderr.write(`\rloading ${table.split(' ')[0]}      `)
    await postgres.copy(table, Readable.from(lines(db, source)))
  }
  for (const sql of [after, read('function'), read('row-level')]) postgres.run(sql)
}

const read = (name: string) => readFileSync(new URL(`${name}.sql`, import.meta.url), 'utf8')

async function* lines(
  db: ReturnType<typeof createClient>,
  { columns, from, key, where = 'true' }: Source,
): AsyncGenerator<string> {
  const by = `t.${key ?? 'rowid'}`
  for (let last: Value | undefined = key ? '' : 0; last !== undefined; ) {
    const { rows }: ResultSet = await db.execute({
      sql: `SELECT ${by}, ${columns} FROM "${from}" t WHERE ${by} > ? AND ${where} ORDER BY ${by} LIMIT ${ROWS}`,
      args: [last],
    })
    yield rows.map(toLine).join('')
    last = rows.at(-1)?.[0]
  }
}

/** A line of COPY's text format, without the key. */
const toLine = (row: Row) => `${Array.from(row).slice(1).map(toField).join('\t')}\n`

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
const toField = (value: unknown) =>
  value === null ? '\\N' : String(value).replace(/[\\\t\n\r]/g, (one) => escapes[one] ?? one)
