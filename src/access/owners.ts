// `include=owner`: whose flow or project it is, by id and name, for whoever may read the thing itself. It is
// what `user_id` says, and grants nothing.
import { type SQL, sql } from '../db/sql.ts'
import { dashed, toJson } from '../db/values.ts'
import { NAME_MAX } from '../names.ts'

export type Owner = { id: string; username: string }

/** SQL: the owner as a JSON object; NULL where nobody is, or is any more. A name of an adopted database ends early. */
export const ownerOf = (userId: SQL): SQL =>
  sql`(SELECT json_object('id', CAST(u.id AS TEXT), 'username', substr(CAST(u.username AS TEXT), 1, ${NAME_MAX}))
    FROM user u WHERE u.id = ${userId})`

/** What `ownerOf` selected, as the body shows it. */
export function toOwner(stored: unknown): Owner | null {
  const owner = toJson(stored) as Owner | null // our own JSON
  return owner && { id: String(dashed(owner.id)), username: owner.username }
}
