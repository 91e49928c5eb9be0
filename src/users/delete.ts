// Deleting a user: grants, keys and projects that nobody else has anything to do with go along; all
// other projects and all flows stay, without an owner, for those who hold grants on them.
import { type SQL, sql } from 'drizzle-orm'
import { columns, grantColumns, record } from '../access/audit.ts'
import { type Credential, callerRow, requireSuperuser } from '../access/authenticate.ts'
import { amSuperuser, me } from '../access/predicate.ts'
import type { Database } from '../db/client.ts'
import { isConstraint } from '../db/failures.ts'
import { ApiError } from '../errors.ts'

/** Deletes a user in one transaction. Throws 403, 404, 400 for oneself, 409 where a foreign table refers to them. */
export async function deleteUser(db: Database, who: Credential, userId: string): Promise<void> {
  const [callers, targets] = await write(
    db,
    callerRow(who),
    sql`SELECT id FROM user WHERE id = ${userId}`,
    ...deletions(who, userId),
  )
  const caller = requireSuperuser(callers?.rows, who)
  if (caller.id === userId)
    throw new ApiError('bad_request', "You can't delete your own user account")
  if (!targets?.rows[0]) throw new ApiError('not_found', 'User not found')
}

function deletions(who: Credential, userId: string): SQL[] {
  const allowed = sql`(${amSuperuser} AND (SELECT id FROM me) <> ${userId})`
  const change = (statement: SQL) => sql`WITH ${me(who)} ${statement} AND ${allowed}`
  const grants = sql`a.user_id = ${userId} AND ${allowed}`
  const deserted = sql`p.user_id = ${userId} AND ${allowed}
    AND NOT EXISTS (SELECT 1 FROM flow f WHERE f.folder_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM folder c WHERE c.parent_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM userroleassignment a WHERE a.scope_type = 'Project' AND a.scope_id = p.id)`
  const owned = sql`p.user_id = ${userId} AND ${allowed}`
  return [
    record(
      who,
      'grant.delete',
      { id: sql`a.id`, before: grantColumns(sql`a`) },
      sql`FROM userroleassignment a WHERE ${grants}`,
    ),
    change(sql`DELETE FROM userroleassignment AS a WHERE a.user_id = ${userId}`),
    change(sql`UPDATE userroleassignment SET created_by = NULL WHERE created_by = ${userId}`),
    change(sql`DELETE FROM apikey WHERE user_id = ${userId}`),
    record(
      who,
      'project.delete',
      { id: sql`p.id`, before: columns(sql`p`, ['name', 'user_id']) },
      sql`FROM folder p WHERE ${deserted}`,
    ),
    sql`WITH ${me(who)} DELETE FROM folder AS p WHERE ${deserted}`,
    record(
      who,
      'project.update',
      { id: sql`p.id`, before: columns(sql`p`, ['user_id', 'is_starter_project']) },
      sql`FROM folder p WHERE ${owned}`,
    ),
    change(sql`UPDATE folder SET user_id = NULL, is_starter_project = 0 WHERE user_id = ${userId}`),
    change(sql`UPDATE flow SET user_id = NULL WHERE user_id = ${userId}`),
    record(
      who,
      'user.delete',
      { id: sql`u.id`, before: columns(sql`u`, ['username', 'is_active', 'is_superuser']) },
      sql`FROM user u WHERE u.id = ${userId} AND ${allowed}`,
    ),
    change(sql`DELETE FROM user WHERE id = ${userId}`),
  ]
}

/** An adopted database may have tables that are not ours and refer to users. */
async function write(db: Database, ...statements: SQL[]) {
  try {
    return await db.write(...statements)
  } catch (cause) {
    if (!isConstraint(cause, 'FOREIGN KEY')) throw cause
    throw new ApiError(
      'conflict',
      'The user is referred to by rows that flowgate does not own (variables, files). Delete those first, or deactivate the user.',
      { cause },
    )
  }
}
