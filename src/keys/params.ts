// What callers may send about API keys.
import * as v from 'valibot'
import { objectOf } from '../containers.ts'
import { Bool, Time, text, Uuid } from '../fields.ts'

export const KeyPath = v.object({ api_key_id: Uuid })
/** The keys of another user, for superusers. */
export const Whose = v.object({ user_id: v.optional(Uuid) })
export const KeyCreate = objectOf({
  name: v.nullish(text(255), null),
  /** From then on it opens nothing; without it, it never ends. */
  expires_at: v.nullish(Time, null),
  /** It changes nothing. */
  read_only: v.nullish(Bool, false),
  /** It asks what others may do, and nothing else. */
  decisions: v.nullish(Bool, false),
})
export type KeyCreate = v.InferOutput<typeof KeyCreate>
export const StoreKey = objectOf({ api_key: text(1000) })
