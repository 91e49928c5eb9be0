// Who joins and leaves a team of the directory, and what may be wrong with that, as statements of one batch.
import { type Author, columns, justInserted, record } from '../access/audit.ts'
import { MAX_TEAMS } from '../access/teams.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { dashed, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { keyOfName } from '../names.ts'
import { isProvisioned } from './directory.ts'
import { isTheirs, MAX_IN_GROUP } from './groups.ts'
import { Refusal } from './protocol.ts'
import type { GroupChange, Roster } from './roster.ts'

type Standing = {
  name: number
  external: number
  unknown: string | null
  crowded: string | null
  size: number
}

/** What may be wrong with a change of this team, and whether nothing is. */
export function judge(id: string, { displayName, roster }: GroupChange, external: string) {
  const joins = sql`(SELECT j.value FROM json_each(${JSON.stringify([...roster.joins])}) j)`
  const isIn = sql`EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.team_id = ${id} AND m.user_id = j.value)`
  const first = (condition: SQL) =>
    sql`(SELECT j.value FROM json_each(${JSON.stringify([...roster.joins])}) j WHERE ${condition} LIMIT 1)`
  const name = sql`EXISTS (SELECT 1 FROM flowgate_team t WHERE t.name_key = ${keyOfName(displayName)} AND t.id <> ${id})`
  const taken = sql`EXISTS (SELECT 1 FROM flowgate_team t WHERE t.external_name = ${external} AND t.id <> ${id})`
  const unknown = first(sql`NOT ${isProvisioned(sql`j.value`)}`)
  const crowded = first(
    sql`NOT ${isIn} AND (SELECT count(*) FROM flowgate_team_member x WHERE x.user_id = j.value) >= ${MAX_TEAMS}`,
  )
  const size = sql`((SELECT count(*) FROM flowgate_team_member m WHERE m.team_id = ${id} AND NOT ${leaves(roster)} AND m.user_id NOT IN ${joins})
    + ${roster.joins.size})`
  return {
    standing: sql<Standing>`SELECT ${name} AS name, ${taken} AS external, ${unknown} AS unknown, ${crowded} AS crowded, ${size} AS size`,
    isGood: sql`(NOT ${name} AND NOT ${taken} AND ${unknown} IS NULL AND ${crowded} IS NULL AND ${size} <= ${MAX_IN_GROUP})`,
  }
}

export function requireGood(standing: Standing, { displayName, externalId }: GroupChange): void {
  const { name, external, unknown, crowded, size } = standing
  if (external)
    throw new Refusal('uniqueness', `A group with the externalId '${externalId}' is there already`)
  if (name) throw new Refusal('uniqueness', `A team is called '${displayName}' already`)
  if (unknown) throw new Refusal('invalidValue', `members: no user has the id ${dashed(unknown)}`)
  if (crowded)
    throw new ApiError(
      'conflict',
      `A user is in at most ${MAX_TEAMS} teams, and ${dashed(crowded)} is already`,
    )
  if (size > MAX_IN_GROUP)
    throw new ApiError(
      'conflict',
      `A group has at most ${MAX_IN_GROUP} members; it would have ${size}`,
    )
}

/** SQL boolean over `m`: a user of the directory's who is not to be in the team any more. */
function leaves({ keeps, joins, leaves }: Roster): SQL {
  const gone = keeps
    ? sql`m.user_id IN ${listed([...leaves])}`
    : sql`m.user_id NOT IN ${listed([...joins])}`
  return sql`(${gone} AND ${isTheirs})`
}

const memberColumns = columns(sql`m`, ['user_id', 'role'])

export const join = (author: Author, id: string, ids: Iterable<string>, when: SQL): SQL[] => [
  sql`INSERT INTO flowgate_team_member (team_id, user_id, role, created_at, created_by)
    SELECT ${id}, j.value, 'member', ${now}, NULL FROM (SELECT DISTINCT value FROM json_each(${JSON.stringify([...ids])})) j
    WHERE ${when} AND NOT EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.team_id = ${id} AND m.user_id = j.value)`,
  record(
    author,
    'member.create',
    { id: sql`m.team_id`, after: memberColumns },
    // By nothing else: as a range of rows it is asked once, and not anew for each row that is written meanwhile.
    sql`FROM flowgate_team_member m WHERE ${justInserted(sql`m`)}`,
  ),
]

export const part = (author: Author, id: string, roster: Roster, when: SQL): SQL[] => {
  const gone = sql`m.team_id = ${id} AND ${leaves(roster)} AND ${when}`
  return [
    record(
      author,
      'member.delete',
      { id: sql`m.team_id`, before: memberColumns },
      sql`FROM flowgate_team_member m WHERE ${gone}`,
    ),
    sql`DELETE FROM flowgate_team_member AS m WHERE ${gone}`,
  ]
}
