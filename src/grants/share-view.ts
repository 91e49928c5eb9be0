// Rows of shares -> bodies. Pure.

import type { Place } from '../access/decision.ts'
import type { Row } from '../db/client.ts'
import { flag, id, nullable, object, oneOf, optional, text, texts, time, view } from '../wire.ts'
import { warningsOf } from './replaced.ts'

const share = {
  id,
  user_id: nullable(id),
  username: nullable(text),
  team_id: nullable(id),
  team: nullable(text),
  role: text,
  is_immutable: flag,
  created_at: time,
  created_by: nullable(id),
  by_username: nullable(text),
  expires_at: optional(time),
}

/** One grant on a flow or project, of a user or of a team: the other two fields are null. */
export const toShareRead = view('ShareRead', share)

/** What `toShared` makes. */
export const Shared = object({ warnings: texts }, toShareRead)

/** The same as it has just been made or changed, with what it takes away. */
export const toShared = (row: Row, place: Pick<Place, 'scope'>) => ({
  ...toShareRead(row),
  warnings: warningsOf(row, place),
})

/** The same for lists over all flows and projects; `name` is null where the caller may not read it. */
export const toMyShare = view('MyShare', {
  ...share,
  scope_type: oneOf('Flow', 'Project'),
  scope_id: id,
  name: nullable(text),
})
