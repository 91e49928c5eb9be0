// What the API description says about API keys.
import { type About, count, id, listOf, object, text } from '../wire.ts'
import { MaskedKey, NewKey } from './view.ts'

export const aboutKeys: About = {
  'GET /api/v1/api_key/': {
    summary: "List the caller's API keys, masked; as superuser those of `user_id`",
    gives: object({ total_count: count, user_id: id, api_keys: listOf(MaskedKey) }),
    errors: ['forbidden'],
  },
  'POST /api/v1/api_key/': {
    summary:
      'Make an API key; it is shown in full only here. `expires_at` ends it, with `read_only` it changes nothing',
    errors: ['forbidden', 'conflict'],
    gives: NewKey,
  },
  'POST /api/v1/api_key/store': {
    summary: 'Keep the store key of the caller, encrypted',
    gives: object({ detail: text }),
  },
  'DELETE /api/v1/api_key/:api_key_id': {
    summary: "Delete one of the caller's API keys, or as superuser anybody's",
    gives: object({ detail: text }),
    errors: ['bad_request'],
  },
}
