// API keys as credentials. A key is nothing but text until a row says whose it is; until then nothing is
// parsed, validated, written or migrated for it.
import type { Database, Row } from '../db/client.ts'
import { kindOf } from '../db/failures.ts'
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { hashKey } from './secrets.ts'

/** What a request is for: it changes something, it reads, or it asks what somebody may do and reads nothing else. */
export type Purpose = 'writing' | 'reading' | 'deciding'

/** `plain` is how an adopted database stores the key until its first use. */
export type Key = { kind: 'key'; hash: string; plain: string | null; purpose: Purpose }

/** Longer than any key that was ever made. */
const MAX_LENGTH = 256

/** The key of a request. Throws 403 for what cannot be one. */
export async function readKey(text: string, purpose: Purpose): Promise<Key> {
  if (text.length > MAX_LENGTH) throw unknownKey()
  // Whoever has read the table must not get in with what it stores.
  const plain = text.startsWith('sha256:') ? null : text.toWellFormed().replaceAll('\0', '')
  return { kind: 'key', hash: await hashKey(text), plain, purpose }
}

export const unknownKey = () => new ApiError('not_authenticated', 'Invalid or missing API key')

const isNamed = (k: SQL, { hash, plain }: Key) => sql`${k}.api_key IN (${hash}, ${plain})`

/** SQL boolean over a row `k` of `apikey`: it is this key, and good for what is asked. */
export const isKey = (k: SQL, key: Key) => sql`(${isNamed(k, key)} AND ${k}.is_active
  AND (${k}.expires_at IS NULL OR ${k}.expires_at > ${now})
  ${key.purpose === 'writing' ? sql`AND NOT coalesce(${k}.read_only, 0)` : sql``}
  ${key.purpose === 'deciding' ? sql`` : sql`AND NOT coalesce(${k}.decisions, 0)`})`

/** SQL boolean: the key is one that asks about everybody. */
export const asksAboutAll = (key: Key) =>
  sql`EXISTS (SELECT 1 FROM apikey k WHERE ${isKey(sql`k`, key)} AND k.decisions)`

/**
 * Looks the key up before anything is done for it: one indexed read. It fits any revision of ours or
 * LangBuilder's, for it names only what they all have; where not even that is there, no key is right. In a
 * database that has been at head it was there, and what has become of the key nobody knows.
 */
export async function lookUp(db: Database, key: Key, wasAtHead: boolean): Promise<void> {
  const { found } = await db
    .read(
      {
        found: sql`SELECT k.*, u.is_active AS of_active_user, ${now} AS now
        FROM apikey k LEFT JOIN user u ON u.id = k.user_id WHERE ${isNamed(sql`k`, key)} LIMIT 1`,
      },
      // Refused is who the primary refuses.
      ({ found: [row] }) => judge(row, key),
    )
    .catch((error: unknown) => {
      if (wasAtHead || kindOf(error) !== 'schema') throw error
      return { found: [] }
    })
  judge(found[0], key)
}

function judge(row: Row | undefined, { purpose }: Key): void {
  const isOver = typeof row?.expires_at === 'string' && row.expires_at <= String(row.now)
  if (!row?.is_active || isOver) throw unknownKey()
  // In a database that is not at head yet a user may go by another spelling of the id: judged later.
  if (row.of_active_user === 0) throw new ApiError('invalid_credentials', 'Inactive user')
  if (row.decisions && purpose !== 'deciding')
    throw new ApiError('forbidden', 'This API key only asks for decisions, under /access/v1')
  if (row.read_only && purpose === 'writing')
    throw new ApiError('forbidden', 'This API key only reads')
}

/** Counts the use of a key; one that an adopted database stores as it is becomes its hash. */
export const countUse = (key: Key) => sql`UPDATE apikey AS k
  SET total_uses = total_uses + 1, last_used_at = ${now},
    prefix = coalesce(prefix, substr(api_key, 1, 8)), api_key = ${key.hash} WHERE ${isNamed(sql`k`, key)}`
