// API keys: the caller's own, and for superusers everybody's. What is stored is a hash; the key itself is seen once.
import type { Ask } from '../access/ask.ts'
import { amend, record } from '../access/audit.ts'
import { endKeys, keyColumns } from '../access/endings.ts'
import { amAdmin, amSuperuser, me, myId } from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { Secrets } from '../identity/house.ts'
import { decrypt, encrypt, hashKey } from '../identity/secrets.ts'
import { namesOf } from '../wire.ts'
import type { KeyCreate } from './params.ts'
import { NewKey } from './view.ts'

/** What is kept for a repeat; the key itself is sealed, for whoever reads the table must not get in with it. */
const kept = [...namesOf(NewKey).filter((name) => name !== 'api_key'), 'sealed']

/** So that their list is one answer. */
const MAX_KEYS = 1000

/** Makes a key for the caller. Throws 403 for a key about others where they are no admin, 409 for somebody who has too many. */
export async function createKey(
  ask: Ask,
  { name, expires_at, read_only, decisions }: KeyCreate,
  secrets: Secrets,
): Promise<{ row: Row; key: string }> {
  const id = newId()
  const key = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`
  const sealed = await encrypt(key, secrets, 'new api key')
  const { made, caller } = await ask.create(
    {
      insert: sql`INSERT INTO apikey (id, name, api_key, prefix, user_id, created_at, total_uses, is_active, expires_at, read_only, decisions)
      SELECT ${id}, ${name}, ${await hashKey(key)}, ${key.slice(0, 8)}, me.id, ${now}, 0, 1, ${expires_at}, ${read_only || decisions ? 1 : 0}, ${decisions ? 1 : 0} FROM ${me}
      WHERE ${decisions ? amAdmin : sql`1`} AND (SELECT count(*) FROM apikey WHERE user_id = me.id) < ${MAX_KEYS}`,
      audit: record(
        ask.author,
        'apikey.create',
        { id: sql`k.id`, after: keyColumns },
        sql`FROM apikey k WHERE k.id = ${id}`,
      ),
      made: sql`SELECT k.*, ${sealed} AS sealed FROM apikey k WHERE id = ${id}`,
    },
    kept,
  )
  const [row] = made.rows
  if (!row && decisions && !caller.isAdmin)
    throw new ApiError('forbidden', 'Only an admin makes a key that asks what others may do')
  if (!row)
    throw new ApiError('conflict', `A user has at most ${MAX_KEYS} API keys: delete one first`)
  return { row, key: await decrypt(String(row.sealed), secrets, 'new api key') }
}

/** The keys of the caller, or as superuser of anybody, oldest first. */
export async function listKeys(
  ask: Ask,
  userId: string | undefined,
): Promise<{ userId: string; keys: Row[] }> {
  const isMine =
    userId === undefined ? sql`k.user_id = ${myId}` : sql`k.user_id = ${userId} AND ${mayHandle}`
  const { caller, keys } = await ask.read({
    keys: sql`SELECT k.*, coalesce(k.prefix, substr(k.api_key, 1, 8)) AS shown
      FROM apikey k WHERE ${isMine} ORDER BY k.created_at, k.id`,
  })
  if (userId !== undefined && userId !== caller.id && !caller.isSuperuser)
    throw new ApiError('forbidden', "The user doesn't have enough privileges")
  return { userId: userId ?? caller.id, keys }
}

/** SQL boolean: the key `k` is the caller's, or anybody's for a superuser. */
const mayHandle = sql`(k.user_id = ${myId} OR ${amSuperuser})`

/** Deletes a key of the caller, or as superuser of anybody. One of others and one that is not there are the same 400. */
export async function deleteKey(ask: Ask, id: string): Promise<void> {
  const [audit, deletion] = endKeys(ask.author, sql`k.id = ${id} AND ${mayHandle}`)
  const { deleted } = await ask.write({ audit, deleted: deletion })
  if (!deleted.rowsAffected) throw new ApiError('bad_request', 'API Key not found')
}

/** Keeps the caller's key of LangBuilder's store, encrypted. */
export async function saveStoreKey(ask: Ask, encrypted: string): Promise<void> {
  await ask.write({
    change: amend(ask.author, 'user.update', {
      table: sql`user`,
      id: myId,
      when: sql`1`,
      unshown: { store_api_key: encrypted },
      touched: { updated_at: now },
    }),
  })
}
