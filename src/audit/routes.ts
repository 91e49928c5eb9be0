// /api/v1/audit: what was recorded, newest first, for admins.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import type { Ask } from '../access/ask.ts'
import { requireAdmin } from '../access/caller.ts'
import { bindingOf, readCursor, toCursor } from '../access/cursor.ts'
import { amAdmin } from '../access/predicate.ts'
import { only, type SignedIn } from '../access/signed-in.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { query } from '../params.ts'
import { arrayOf, count, id, json, nullable, object, text, time, view } from '../wire.ts'
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

const toEntry = (row: Row) => AuditEntry({ ...row, id: row.seq } as Row)

export const auditLog = new Hono<SignedIn>().get(
  '/audit',
  about({
    summary: 'What was changed, by whom, newest first: for admins',
    gives: object({ items: arrayOf(AuditEntry), next_cursor: nullable(text) }),
    errors: ['cursor_invalid', 'forbidden'],
  }),
  only(requireAdmin),
  query(AuditQuery),
  async (c) => {
    const { cursor, ...filter } = c.req.valid('query')
    const { ask, env } = c.var
    const binding = bindingOf(ask, 'audit 2', Object.entries(filter).sort())
    const before = cursor === undefined ? undefined : await readCursor(cursor, binding, env)
    const rows = await listAudit(ask, filter, before)
    const page = rows.slice(0, filter.size)
    const last = rows.length > page.length ? page.at(-1)?.seq : undefined
    return c.json({
      items: page.map(toEntry),
      next_cursor: last === undefined ? null : await toCursor(last, binding, env),
    })
  },
)

/** One row more than asked for, which tells that there is a next page. */
async function listAudit(
  ask: Ask,
  filter: Omit<AuditQuery, 'cursor'>,
  before: unknown,
): Promise<Row[]> {
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
  const { entries } = await ask.read({
    entries: sql`SELECT seq, at, actor_id, request_id, action, target_type, target_id,
        ${bounded(sql`before`)} AS before, ${bounded(sql`after`)} AS after FROM flowgate_audit WHERE ${amAdmin} ${sql.join(conditions, sql` `)}
      ORDER BY seq DESC LIMIT ${filter.size + 1}`,
  })
  return entries
}

/** A page must fit into one answer of libSQL, however long the names were that somebody chose. As bytes, for those may not be UTF-8. */
const bounded = (json: SQL) =>
  sql`CAST(CASE WHEN octet_length(${json}) > 20000 THEN '{"too_large":true}' ELSE ${json} END AS BLOB)`
