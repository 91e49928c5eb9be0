// API keys: always the caller's own. What is stored is a hash; the key itself is seen once.
import { sql } from 'drizzle-orm'
import { amend, columns, record } from '../access/audit.ts'
import { type Caller, type Credential, callerRow, requireCaller } from '../access/authenticate.ts'
import { me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { hashKey } from '../identity/secrets.ts'

const recorded = columns(sql`k`, ['name', 'prefix', 'user_id'])

/** Makes a key for the caller. */
export async function createKey(
  db: Database,
  who: Credential,
  name: string | null,
): Promise<{ row: Row; key: string }> {
  const id = newId()
  const key = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`
  const [callers, , , made] = await db.write(
    callerRow(who),
    sql`WITH ${me(who)} INSERT INTO apikey (id, name, api_key, prefix, user_id, created_at, total_uses, is_active)
      SELECT ${id}, ${name}, ${await hashKey(key)}, ${key.slice(0, 8)}, me.id, ${now}, 0, 1 FROM me`,
    record(
      who,
      'apikey.create',
      { id: sql`k.id`, after: recorded },
      sql`FROM apikey k WHERE k.id = ${id}`,
    ),
    sql`SELECT * FROM apikey WHERE id = ${id}`,
  )
  requireCaller(callers?.rows, who)
  return { row: made?.rows[0] as Row, key }
}

/** The caller's keys, oldest first. */
export async function listKeys(
  db: Database,
  who: Credential,
): Promise<{ caller: Caller; rows: Row[] }> {
  const [callers, rows] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT k.*, coalesce(k.prefix, substr(k.api_key, 1, 8)) AS shown
      FROM apikey k WHERE k.user_id = (SELECT id FROM me) ORDER BY k.created_at, k.id`,
  )
  return { caller: requireCaller(callers, who), rows: rows ?? [] }
}

/** Deletes a key of the caller. Somebody else's and one that is not there are the same 400. */
export async function deleteKey(db: Database, who: Credential, id: string): Promise<void> {
  const own = sql`k.id = ${id} AND k.user_id = (SELECT id FROM me)`
  const [callers, found] = await db.write(
    callerRow(who),
    record(
      who,
      'apikey.delete',
      { id: sql`k.id`, before: recorded },
      sql`FROM apikey k WHERE ${own}`,
    ),
    sql`WITH ${me(who)} DELETE FROM apikey AS k WHERE ${own}`,
  )
  requireCaller(callers?.rows, who)
  if (!found?.rowsAffected) throw new ApiError('bad_request', 'API Key not found')
}

/** Keeps the caller's key of LangBuilder's store, encrypted. */
export async function saveStoreKey(db: Database, who: Credential, encrypted: string) {
  const [callers] = await db.write(
    callerRow(who),
    ...amend(
      who,
      'user.update',
      sql`user`,
      sql`(SELECT id FROM me)`,
      sql`1`,
      {},
      { unshown: { store_api_key: sql`${encrypted}` }, stamps: { updated_at: now } },
    ),
  )
  requireCaller(callers?.rows, who)
}
