// /api/v1/audit: what was recorded, newest first, for admins.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import type { Ask } from '../access/ask.ts'
import { recorded } from '../access/audit.ts'
import { requireAdmin } from '../access/caller.ts'
import { bindingOf, readCursor, toCursor } from '../access/cursor.ts'
import { amAdmin, onlyIf } from '../access/predicate.ts'
import { only, type SignedIn } from '../access/signed-in.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { query } from '../params.ts'
import { arrayOf, count, flag, id, json, nullable, object, text, time, view } from '../wire.ts'
import { AuditQuery } from './params.ts'

const AuditEntry = view('AuditEntry', {
  id: count,
  at: time,
  actor_id: nullable(id),
  request_id: nullable(text),
  action: text,
  target_type: text,
  target_id: nullable(id),
  before: json,
  after: json,
})

/** Whoever or whatever an entry speaks of by its id: as it is called now, or was when it was deleted. */
const AuditName = view('AuditName', { id, name: text, is_gone: flag })

const toEntry = (row: Row) => AuditEntry({ ...row, id: row.seq } as Row)

export const auditLog = new Hono<SignedIn>().get(
  '/audit',
  about({
    summary: 'What was changed, by whom, newest first: for admins',
    gives: object({
      items: arrayOf(AuditEntry),
      names: arrayOf(AuditName),
      next_cursor: nullable(text),
    }),
    errors: ['cursor_invalid', 'forbidden'],
  }),
  only(requireAdmin),
  query(AuditQuery),
  async (c) => {
    const { cursor, ...filter } = c.req.valid('query')
    const { ask, env } = c.var
    const binding = bindingOf(ask, 'audit 2', Object.entries(filter).sort())
    const before = cursor === undefined ? undefined : await readCursor(cursor, binding, env)
    const { entries: rows, names } = await listAudit(ask, filter, before)
    const page = rows.slice(0, filter.size)
    const last = rows.length > page.length ? page.at(-1)?.seq : undefined
    return c.json({
      items: page.map(toEntry),
      names: names.map(AuditName),
      next_cursor: last === undefined ? null : await toCursor(last, binding, env),
    })
  },
)

/** One row more than asked for, which tells that there is a next page. */
async function listAudit(
  ask: Ask,
  filter: Omit<AuditQuery, 'cursor'>,
  before: unknown,
): Promise<{ entries: Row[]; names: Row[] }> {
  const columns = ['actor_id', 'action', 'target_type', 'target_id', 'request_id'] as const
  const conditions = [
    ...columns.map((name) => {
      const wanted = filter[name]
      return wanted === undefined ? sql`` : sql`AND ${sql.raw(name)} = ${wanted}`
    }),
    filter.since === undefined ? sql`` : sql`AND at >= ${filter.since}`,
    filter.until === undefined ? sql`` : sql`AND at < ${filter.until}`,
    before === undefined ? sql`` : sql`AND seq < ${Number(before)}`,
  ]
  const page = sql`FROM ${onlyIf(amAdmin)} flowgate_audit WHERE 1 ${sql.join(conditions, sql` `)}
    ORDER BY seq DESC LIMIT ${filter.size + 1}`
  return ask.read({
    entries: sql`SELECT seq, at, actor_id, request_id, action, target_type, target_id,
        ${bounded(sql`before`)} AS before, ${bounded(sql`after`)} AS after ${page}`,
    names: namesIn(page),
  })
}

const named = ['user', 'folder', 'flow', 'role', 'flowgate_team']

/** The names of all that the entries mention. Nobody's password or key is 32 letters of hexadecimal, and none is kept. */
function namesIn(page: SQL): SQL {
  const values = (json: SQL) =>
    sql`SELECT j.value FROM page, json_each(CASE WHEN json_valid(${json}) THEN ${json} ELSE '0' END) j`
  const living = named.map(
    (table) =>
      sql`SELECT id, ${called(sql.raw(table === 'user' ? 'username' : 'name'))} AS name, 0 AS is_gone
      FROM ${sql.raw(table)} WHERE id IN ids`,
  )
  const gone = sql`SELECT target_id, ${called(sql`coalesce(before ->> 'username', before ->> 'name')`)}, 1
    FROM flowgate_audit WHERE target_type IN ('user', 'project', 'flow', 'role', 'team') AND target_id IN ids
      AND action = target_type || '.delete' AND json_valid(before)`
  return sql`WITH page AS (SELECT actor_id, target_id, before, after ${page}),
    ids(id) AS MATERIALIZED (SELECT actor_id FROM page UNION SELECT target_id FROM page
      UNION ${values(sql`before`)} UNION ${values(sql`after`)})
    ${sql.join([...living, gone], sql` UNION ALL `)}`
}

/** As bytes, as above. */
const called = (name: SQL) => sql`CAST(substr(${recorded(name)}, 1, 300) AS BLOB)`

/** A page must fit into one answer of libSQL, however long the names were that somebody chose. As bytes, for those may not be UTF-8. */
const bounded = (json: SQL) =>
  sql`CAST(CASE WHEN octet_length(${json}) > 20000 THEN '{"too_large":true}' ELSE ${json} END AS BLOB)`
