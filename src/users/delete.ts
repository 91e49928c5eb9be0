// Deleting a user: grants, places in teams, keys and projects that nobody else has anything to do with go along; all
// other projects and all flows stay, without an owner, for those who hold grants on them.
import type { Ask } from '../access/ask.ts'
import { type Author, columns, grantColumns, record } from '../access/audit.ts'
import { unbind } from '../access/bindings.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import type { Taken } from '../db/batch.ts'
import { type SQL, sql } from '../db/sql.ts'
import { counted } from '../db/values.ts'
import { ApiError } from '../errors.ts'

/** Deletes a user in one transaction. Throws 403, 404, 400 for oneself, 409 where a foreign table refers to them. */
export async function deleteUser(ask: Ask, userId: string): Promise<void> {
  const { caller, targets } = await ask.write(
    {
      targets: sql`SELECT id FROM user WHERE id = ${userId}`,
      deletions: deletionOfUser(ask.author, userId, sql`(${amSuperuser} AND ${myId} <> ${userId})`),
    },
    referredTo,
  )
  if (caller.id === userId)
    throw new ApiError('bad_request', "You can't delete your own user account")
  if (!targets.rows[0]) throw new ApiError('not_found', 'User not found')
}

/** The deletion and its records, where it is `allowed`: a condition that holds until the user is gone. */
export function deletionOfUser(author: Author, userId: string, allowed: SQL): SQL[] {
  const change = (statement: SQL) => sql`${statement} AND ${allowed}`
  const grants = sql`a.user_id = ${userId} AND ${allowed}`
  const deserted = sql`p.user_id = ${userId} AND ${allowed}
    AND NOT EXISTS (SELECT 1 FROM flow f WHERE f.folder_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM folder c WHERE c.parent_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM userroleassignment a WHERE a.scope_type = 'Project' AND a.scope_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM flowgate_team_grant a WHERE a.scope_type = 'Project' AND a.scope_id = p.id)`
  const owned = sql`p.user_id = ${userId} AND ${allowed}`
  return [
    record(
      author,
      'grant.delete',
      { id: sql`a.id`, before: grantColumns(sql`a`) },
      sql`FROM userroleassignment a WHERE ${grants}`,
    ),
    change(sql`DELETE FROM userroleassignment AS a WHERE a.user_id = ${userId}`),
    change(sql`UPDATE userroleassignment SET created_by = NULL WHERE created_by = ${userId}`),
    record(
      author,
      'member.delete',
      { id: sql`m.team_id`, before: columns(sql`m`, ['user_id', 'role']) },
      sql`FROM flowgate_team_member m WHERE m.user_id = ${userId} AND ${allowed}`,
    ),
    change(sql`DELETE FROM flowgate_team_member WHERE user_id = ${userId}`),
    ...unbind(author, sql`b.user_id = ${userId} AND ${allowed}`),
    change(sql`DELETE FROM apikey WHERE user_id = ${userId}`),
    change(sql`DELETE FROM flowgate_session WHERE user_id = ${userId}`),
    record(
      author,
      'project.delete',
      { id: sql`p.id`, before: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE ${deserted}`,
    ),
    sql`DELETE FROM folder AS p WHERE ${deserted}`,
    record(
      author,
      'project.update',
      { id: sql`p.id`, before: columns(sql`p`, ['user_id', 'is_starter_project']) },
      sql`FROM folder p WHERE ${owned}`,
    ),
    change(sql`UPDATE folder SET user_id = NULL, is_starter_project = 0 WHERE user_id = ${userId}`),
    change(sql`UPDATE flow SET ${counted}, user_id = NULL WHERE user_id = ${userId}`),
    record(
      author,
      'user.delete',
      { id: sql`u.id`, before: columns(sql`u`, ['username', 'is_active', 'is_superuser']) },
      sql`FROM user u WHERE u.id = ${userId} AND ${allowed}`,
    ),
    change(sql`DELETE FROM user WHERE id = ${userId}`),
  ]
}

/** An adopted database may have tables that are not ours and refer to users. */
export const referredTo: Taken = {
  'FOREIGN KEY': (cause) =>
    new ApiError(
      'conflict',
      'The user is referred to by rows that flowgate does not own (variables, files). Delete those first, or deactivate the user.',
      { cause },
    ),
}
