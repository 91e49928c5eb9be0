// The two tables of grants as one kind of thing: a user's stand in LangBuilder's, where `user_id` is never NULL, a
// team's in one of ours. What is written about a grant is written for either here.
import { type Author, grantColumns, record, teamGrantColumns } from '../access/audit.ts'
import { endOwnGrants, endTeamGrants } from '../access/endings.ts'
import { isLive } from '../access/grants.ts'
import { me } from '../access/predicate.ts'
import type { Taken } from '../db/batch.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { Holder } from './granting.ts'

/** A table of grants: how a row of it says whose it is, and how it ends. */
export type GrantKind = {
  readonly table: SQL
  /** What the audit says of a grant that is changed: whose it is, and on what. */
  readonly tells: readonly string[]
  /** Whose the grant `row` is. */
  holderOf(row: SQL): Holder
  /** SQL boolean: the grant `row` cannot be changed. */
  isFixed(row: SQL): SQL
  end: typeof endOwnGrants
}

export const ofUsers: GrantKind = {
  table: sql`userroleassignment`,
  tells: ['user_id', 'role_id', 'scope_type', 'scope_id'],
  holderOf: (row) => ({ user: sql`${row}.user_id` }),
  isFixed: (row) => sql`${row}.is_immutable`,
  end: endOwnGrants,
}
export const ofTeams: GrantKind = {
  table: sql`flowgate_team_grant`,
  tells: ['team_id', 'role_id', 'scope_type', 'scope_id'],
  holderOf: (row) => ({ team: sql`${row}.team_id` }),
  isFixed: () => sql`0`,
  end: endTeamGrants,
}

/** A grant that is to be, in SQL; `role` by its id. */
type Gift = {
  readonly holder: Holder
  readonly role: SQL
  readonly scope: SQL
  readonly scopeId: SQL
  readonly ends: SQL
}

/** The id of the grant that this will make, and the statements: one that is over makes room for it. */
export function give(
  author: Author,
  gift: Gift,
  permitted: SQL,
): { id: string; statements: SQL[] } {
  const id = newId()
  const { holder, role, scope, scopeId, ends } = gift
  const isSame = (column: string, whose: SQL) =>
    sql`g.${sql.raw(column)} = ${whose} AND g.role_id = ${role} AND g.scope_type = ${scope} AND g.scope_id IS ${scopeId}
      AND NOT ${isLive(sql`g`)} AND ${permitted}`
  if ('user' in holder)
    return {
      id,
      statements: [
        ...endOwnGrants(author, isSame('user_id', holder.user)),
        sql`INSERT INTO userroleassignment
            (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by, expires_at)
          SELECT ${id}, u.id, r.id, ${scope}, ${scopeId}, 0, ${now}, me.id, ${ends}
          FROM ${me} JOIN user u ON u.id = ${holder.user} JOIN role r ON r.id = ${role} WHERE ${permitted}`,
        record(
          author,
          'grant.create',
          { id: sql`g.id`, after: grantColumns(sql`g`) },
          sql`FROM userroleassignment g WHERE g.id = ${id}`,
        ),
      ],
    }
  return {
    id,
    statements: [
      ...endTeamGrants(author, isSame('team_id', holder.team)),
      sql`INSERT INTO flowgate_team_grant
          (id, team_id, role_id, scope_type, scope_id, created_at, created_by, expires_at)
        SELECT ${id}, u.id, r.id, ${scope}, ${scopeId}, ${now}, me.id, ${ends}
        FROM ${me} JOIN flowgate_team u ON u.id = ${holder.team} JOIN role r ON r.id = ${role} WHERE ${permitted}`,
      record(
        author,
        'grant.create',
        { id: sql`g.id`, after: teamGrantColumns(sql`g`) },
        sql`FROM flowgate_team_grant g WHERE g.id = ${id}`,
      ),
    ],
  }
}

/** The unique indexes decide who was first, also among isolates. */
export const heldAlready: Taken = {
  'userroleassignment.user_id': (cause) =>
    new ApiError('conflict', 'Role assignment already exists', { cause }),
  'flowgate_team_grant.team_id': (cause) =>
    new ApiError('conflict', 'Role assignment already exists', { cause }),
}
