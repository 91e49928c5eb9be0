// The group whose members are superusers. Who became one by it is marked in their binding, and stops being one with it;
// who is one by another's word stays.
import { type Author, amend } from '../access/audit.ts'
import { boundUser } from '../access/bindings.ts'
import { otherSuperuser } from '../access/grants.ts'
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import type { Person } from './person.ts'

/** Makes the person a superuser, or no longer; the last active superuser remains one. */
export function mirrorSuperuser(
  author: Author,
  { bound, isSuperuser }: Pick<Person, 'bound' | 'isSuperuser'>,
  allowed = sql`1`,
): SQL[] {
  if (isSuperuser === undefined) return []
  const { issuer, subject } = bound
  const user = boundUser(bound)
  const isThis = sql`issuer = ${issuer} AND subject = ${subject}`
  const profile = sql`CASE WHEN json_valid(profile) THEN profile ELSE '{}' END`
  const isMarked = sql`EXISTS (SELECT 1 FROM flowgate_binding WHERE ${isThis} AND ${profile} ->> 'superuser')`
  const change = (when: SQL) =>
    amend(author, 'user.update', {
      table: sql`user`,
      id: user,
      when: sql`t.is_active AND ${allowed} AND ${when}`,
      set: { is_superuser: isSuperuser },
      touched: { updated_at: now },
    })
  if (isSuperuser)
    return [
      ...change(sql`1`),
      sql`UPDATE flowgate_binding SET profile = json_set(${profile}, '$.superuser', json('true'))
        WHERE ${isThis} AND changes()`,
    ]
  return [
    ...change(sql`${isMarked} AND ${otherSuperuser(sql`t.id`)}`),
    sql`UPDATE flowgate_binding SET profile = json_remove(${profile}, '$.superuser')
      WHERE ${isThis} AND ${allowed} AND ${isMarked} AND NOT (SELECT u.is_superuser FROM user u WHERE u.id = user_id)`,
  ]
}
