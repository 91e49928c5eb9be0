// Until when somebody may do everything with a flow or project by the grants that they hold, leaving aside that they
// may be an admin. It looks at the grants that decide, as predicate.ts does, and asks for their end instead of a yes.
import { type SQL, sql } from '../db/sql.ts'
import { grantsHeld, isAdminGrant, isLive } from './grants.ts'
import { atFlow, atGlobal, atProject, grantsOf, isMe, myId, projectOf } from './predicate.ts'

/** Sorts after every time. */
const NEVER = '9999-99'

/** SQL: when the caller stops being a Global Admin: a time, NEVER, or '' for somebody who is not one. One grant without an end is enough. */
export const myEnd = sql`coalesce((SELECT max(coalesce(a.expires_at, ${NEVER}))
  ${grantsHeld(myId, sql`${isAdminGrant(sql`a`)} AND ${isLive(sql`a`)}`)}), '')`

/** SQL boolean: what ends then, or never where that is NULL, lasts longer than the right. */
export const outlives = (ends: SQL, right: SQL) => sql`(coalesce(${ends}, ${NEVER}) > ${right})`

type Where = { scope: SQL; id: SQL }

/**
 * SQL: the time, NEVER, or '' where they may not do everything there. With a role: and give away all that it holds,
 * for on a project that says something about the flows in it too. `except`: leaving aside the grant of this id. None of
 * these may name a row `a`: that is the grants' own name here.
 */
export function untilWhen({ scope, id }: Where, role: SQL = sql`NULL`, except?: SQL): SQL {
  const kept = sql`NOT ${isAdminGrant(sql`a`)}${except ? sql` AND a.id <> ${except}` : sql``}`
  const end = (grants: SQL) => sql`(SELECT max(CASE WHEN a.role_id IN
      (SELECT holding.role_id FROM rolepermission holding WHERE holding.permission_id = asked.id) THEN coalesce(a.expires_at, ${NEVER}) ELSE '' END)
    ${grantsOf(isMe, sql`${grants} AND ${kept}`)})`
  return sql`coalesce((SELECT min(CASE ${scope}
      WHEN 'Flow' THEN coalesce(${end(atFlow(id))}, ${end(atProject(projectOf(id)))}, ${end(atGlobal)}, '')
      WHEN 'Project' THEN coalesce(${end(atProject(id))}, ${end(atGlobal)}, '') ELSE '' END)
    FROM permission asked WHERE asked.scope = ${scope} OR (${scope} = 'Project' AND asked.scope = 'Flow' AND EXISTS (
      SELECT 1 FROM rolepermission given WHERE given.role_id = ${role} AND given.permission_id = asked.id))), '')`
}
