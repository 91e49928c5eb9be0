// What others share with the caller, and what the caller shares with others.
import type { Ask } from '../access/ask.ts'
import { isLive } from '../access/grants.ts'
import { ofHeader } from '../access/headers.ts'
import { slice } from '../access/long-list.ts'
import { mayFlow, mayProject, myId } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { after, inOrder, shareBytes, shareRows, sharesHeld } from './share-rows.ts'

const onThings = sql`a.scope_type IN ('Flow', 'Project') AND a.scope_id IS NOT NULL`

/** SQL: of the flow or project of `s`: its name, where the caller may read it, and whose it is. */
const thing = sql`, CASE s.scope_type
    WHEN 'Flow' THEN CASE WHEN ${mayFlow('Read', sql`s.scope_id`)} THEN ${ofHeader(sql`f.name`, sql`s.scope_id`)} END
    ELSE (SELECT p.name FROM folder p WHERE p.id = s.scope_id AND ${mayProject('Read', sql`s.scope_id`)}) END AS name,
  CASE s.scope_type WHEN 'Flow' THEN ${ofHeader(sql`f.user_id`, sql`s.scope_id`)}
    ELSE (SELECT p.user_id FROM folder p WHERE p.id = s.scope_id) END AS owner_id`

/** As many as fit into one answer of what the caller holds, themselves or through a team, and neither gave nor made. */
export async function listSharedWithMe(ask: Ask, from: Row | undefined): Promise<Row[]> {
  const held = sharesHeld(
    myId,
    sql`${onThings} AND a.created_by IS NOT ${myId} AND ${isLive(sql`a`)}`,
    thing,
  )
  return read(ask, sql`${held} WHERE ${after(from)} AND owner_id IS NOT ${myId}`)
}

/** As many as fit into one answer of what the caller gave to others, over or not. */
export async function listGrantedByMe(ask: Ask, from: Row | undefined): Promise<Row[]> {
  const given = sql`${onThings} AND a.created_by = ${myId}`
  const toOthers = sql`${given} AND a.created_by <> a.user_id`
  return read(ask, sql`${shareRows(given, thing, toOthers)} WHERE ${after(from)}`)
}

async function read(ask: Ask, rows: SQL): Promise<Row[]> {
  const { found } = await ask.read({
    found: slice(rows, inOrder, sql`${shareBytes} + coalesce(octet_length(name), 0)`),
  })
  return found
}
