// Rows of `apikey` -> the bodies of the contract. Pure.
import type { Row } from '../db/client.ts'
import { dashed, toTime } from '../db/values.ts'

/** `sk-` and 32 bytes in base64url. */
const KEY_LENGTH = 46

/** A new key: the only time that it is shown in full. */
export const toNewKey = (row: Row, key: string) => ({
  name: row.name,
  last_used_at: toTime(row.last_used_at),
  total_uses: row.total_uses,
  is_active: Boolean(row.is_active),
  id: dashed(row.id),
  api_key: key,
  user_id: dashed(row.user_id),
})

/** A key in a list: the first eight characters, the rest masked. */
export const toMaskedKey = (row: Row) => ({
  ...toNewKey(row, String(row.shown).padEnd(KEY_LENGTH, '*')),
  created_at: toTime(row.created_at),
})
