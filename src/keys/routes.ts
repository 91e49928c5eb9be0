// /api/v1/api_key
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { idempotent } from '../access/idempotent.ts'
import { type SignedIn, signedInOnly } from '../access/signed-in.ts'
import { dashed } from '../db/values.ts'
import { encrypt } from '../identity/secrets.ts'
import { body, path, query } from '../params.ts'
import { arrayOf, count, id, object, text } from '../wire.ts'
import { KeyCreate, KeyPath, StoreKey, Whose } from './params.ts'
import { createKey, deleteKey, listKeys, saveStoreKey } from './query.ts'
import { MaskedKey, NewKey, toMaskedKey, toNewKey } from './view.ts'

export const keys = new Hono<SignedIn>()

  .post(
    '/api_key/',
    about({
      summary:
        'Make an API key; it is shown in full only here. `expires_at` ends it, with `read_only` it changes nothing, with `decisions` (admins) it only asks what anybody may do',
      errors: ['forbidden', 'conflict'],
      gives: NewKey,
    }),
    signedInOnly('A new API key'),
    idempotent,
    body(KeyCreate),
    async (c) => {
      const { row, key } = await createKey(c.var.ask, c.req.valid('json'), c.var.env)
      return c.json(toNewKey(row, key))
    },
  )

  .get(
    '/api_key/',
    about({
      summary: "List the caller's API keys, masked; as superuser those of `user_id`",
      gives: object({ total_count: count, user_id: id, api_keys: arrayOf(MaskedKey) }),
      errors: ['forbidden'],
    }),
    query(Whose),
    async (c) => {
      const { userId, keys } = await listKeys(c.var.ask, c.req.valid('query').user_id)
      return c.json({
        total_count: keys.length,
        user_id: dashed(userId),
        api_keys: keys.map(toMaskedKey),
      })
    },
  )

  .post(
    '/api_key/store',
    about({
      summary: 'Keep the store key of the caller, encrypted',
      gives: object({ detail: text }),
    }),
    body(StoreKey),
    async (c) => {
      const encrypted = await encrypt(c.req.valid('json').api_key, c.var.env, 'store api key')
      await saveStoreKey(c.var.ask, encrypted)
      return c.json({ detail: 'API Key saved' })
    },
  )

  .delete(
    '/api_key/:api_key_id',
    about({
      summary: "Delete one of the caller's API keys, or as superuser anybody's",
      gives: object({ detail: text }),
      errors: ['bad_request'],
    }),
    path(KeyPath),
    async (c) => {
      await deleteKey(c.var.ask, c.req.valid('param').api_key_id)
      return c.json({ detail: 'API Key deleted' })
    },
  )
