// Groups of a directory as memberships of teams: of those teams alone whose external name says that they are its groups.
import { type Author, columns, justInserted, record } from '../access/audit.ts'
import { isMember, MAX_TEAMS } from '../access/teams.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import type { Person } from './person.ts'

/** The external name of the team that is this group of a provider. */
export const externalName = (source: string, group: string) => `${source}:${group}`

const memberColumns = columns(sql`m`, ['user_id', 'role'])

/**
 * Puts the user into the teams of their groups, and takes them out of those of other groups of the same provider. No
 * team is made; beyond the most teams that a user may be in, the first by name count. `user`: NULL changes nothing.
 */
export function mirrorGroups(
  author: Author,
  user: SQL,
  { source, groups }: Pick<Person, 'source' | 'groups'>,
): SQL[] {
  if (!groups) return []
  const named = listed(groups.map((group) => externalName(source, group)))
  // Nothing that sorts between the two begins otherwise: an id holds neither of `:` and `;`.
  const others = sql`SELECT t.id FROM flowgate_team t
    WHERE t.external_name > ${`${source}:`} AND t.external_name < ${`${source};`} AND t.external_name NOT IN ${named}`
  const leaves = sql`m.user_id = ${user} AND m.team_id IN (${others})`
  const room = sql`max(0, ${MAX_TEAMS} - (SELECT count(*) FROM flowgate_team_member x WHERE x.user_id = ${user}))`
  return [
    record(
      author,
      'member.delete',
      { id: sql`m.team_id`, before: memberColumns },
      sql`FROM flowgate_team_member m WHERE ${leaves}`,
    ),
    sql`DELETE FROM flowgate_team_member AS m WHERE ${leaves}`,
    sql`INSERT INTO flowgate_team_member (team_id, user_id, role, created_at, created_by)
      SELECT t.id, u.id, 'member', ${now}, NULL FROM user u JOIN flowgate_team t ON t.external_name IN ${named}
      WHERE u.id = ${user} AND NOT ${isMember(sql`u.id`, sql`t.id`)} ORDER BY t.external_name LIMIT ${room}`,
    record(
      author,
      'member.create',
      { id: sql`m.team_id`, after: memberColumns },
      sql`FROM flowgate_team_member m WHERE ${justInserted(sql`m`)}`,
    ),
  ]
}
