// What callers may send about sessions.
import * as v from 'valibot'
import { Flag, Uuid } from '../fields.ts'

export const SessionPath = v.object({ session_id: Uuid })
export const Whose = v.object({ user_id: v.optional(Uuid) })
/** `keys` asks for the user's API keys to go as well. */
export const Ending = v.object({ user_id: v.optional(Uuid), keys: v.optional(Flag, 'false') })
