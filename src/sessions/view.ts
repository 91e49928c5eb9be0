// Rows of `flowgate_session` -> bodies. Pure.
import { flag, id, nullable, text, time, view } from '../wire.ts'

/** One sign-in; `current` is the one that asks. */
export const toSession = view('Session', {
  id,
  user_id: id,
  created_at: time,
  renewed_at: time,
  expires_at: time,
  user_agent: nullable(text),
  current: flag,
})
