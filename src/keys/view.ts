// Rows of `apikey` -> the bodies of the contract. Pure.
import type { Row } from '../db/client.ts'
import { count, flag, id, nullable, text, time, timeOrNull, view } from '../wire.ts'

/** `sk-` and 32 bytes in base64url. */
const KEY_LENGTH = 46

const fields = {
  name: nullable(text),
  last_used_at: timeOrNull,
  total_uses: count,
  is_active: flag,
  id,
  api_key: text,
  user_id: id,
  expires_at: timeOrNull,
  read_only: flag,
  decisions: flag,
}

export const NewKey = view('NewApiKey', fields)
export const MaskedKey = view('ApiKeyRead', { ...fields, created_at: time })

/** A new key: the only time that it is shown in full. */
export const toNewKey = (row: Row, key: string) => NewKey({ ...row, api_key: key })

/** A key in a list: the first eight characters, the rest masked. */
export const toMaskedKey = (row: Row) =>
  MaskedKey({ ...row, api_key: String(row.shown).padEnd(KEY_LENGTH, '*') })
