// API keys: always the caller's own. What is stored is a hash; the key itself is seen once.
import { sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { amend, columns, record } from '../access/audit.ts'
import type { Caller } from '../access/caller.ts'
import { me, myId } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { decrypt, encrypt, hashKey } from '../identity/secrets.ts'
import { namesOf } from '../wire.ts'
import { NewKey } from './view.ts'

const recorded = columns(sql`k`, ['name', 'prefix', 'user_id'])

/** What is kept for a repeat; the key itself is sealed, for whoever reads the table must not get in with it. */
const kept = [...namesOf(NewKey).filter((name) => name !== 'api_key'), 'sealed']

/** Makes a key for the caller. */
export async function createKey(
  ask: Ask,
  name: string | null,
  secret: string,
): Promise<{ row: Row; key: string }> {
  const id = newId()
  const key = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`
  const sealed = await encrypt(key, secret, 'new api key')
  const { made } = await ask.create(
    {
      insert: sql`INSERT INTO apikey (id, name, api_key, prefix, user_id, created_at, total_uses, is_active)
      SELECT ${id}, ${name}, ${await hashKey(key)}, ${key.slice(0, 8)}, me.id, ${now}, 0, 1 FROM ${me}`,
      audit: record(
        ask.author,
        'apikey.create',
        { id: sql`k.id`, after: recorded },
        sql`FROM apikey k WHERE k.id = ${id}`,
      ),
      made: sql`SELECT k.*, ${sealed} AS sealed FROM apikey k WHERE id = ${id}`,
    },
    kept,
  )
  const row = one(made.rows)
  return { row, key: await decrypt(String(row.sealed), secret, 'new api key') }
}

/** The caller's keys, oldest first. */
export async function listKeys(ask: Ask): Promise<{ caller: Caller; keys: Row[] }> {
  return ask.read({
    keys: sql`SELECT k.*, coalesce(k.prefix, substr(k.api_key, 1, 8)) AS shown
      FROM apikey k WHERE k.user_id = ${myId} ORDER BY k.created_at, k.id`,
  })
}

/** Deletes a key of the caller. Somebody else's and one that is not there are the same 400. */
export async function deleteKey(ask: Ask, id: string): Promise<void> {
  const own = sql`k.id = ${id} AND k.user_id = ${myId}`
  const { deletion } = await ask.write({
    audit: record(
      ask.author,
      'apikey.delete',
      { id: sql`k.id`, before: recorded },
      sql`FROM apikey k WHERE ${own}`,
    ),
    deletion: sql`DELETE FROM apikey AS k WHERE ${own}`,
  })
  if (!deletion.rowsAffected) throw new ApiError('bad_request', 'API Key not found')
}

/** Keeps the caller's key of LangBuilder's store, encrypted. */
export async function saveStoreKey(ask: Ask, encrypted: string): Promise<void> {
  await ask.write({
    change: amend(
      ask.author,
      'user.update',
      sql`user`,
      myId,
      sql`1`,
      {},
      { unshown: { store_api_key: sql`${encrypted}` }, stamps: { updated_at: now } },
    ),
  })
}
