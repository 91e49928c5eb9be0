// What a share takes away: a grant on a flow replaces what its receiver had through the project, or everywhere.

import type { Place } from '../access/decision.ts'
import { isAdmin } from '../access/grants.ts'
import {
  type Asking,
  atFlow,
  atGlobal,
  atProject,
  isGranted,
  isMe,
  mayFlow,
  mayProject,
  permissions,
  projectOf,
} from '../access/predicate.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { toJson } from '../db/values.ts'

/** Members of a team that are looked at. */
const LOOKED_AT = 1000

export const replacedColumns = ['replaced', 'holds'] as const

/** SQL boolean over `s`: a team of which not everybody is looked at. */
const isLarge = sql`EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.team_id = s.team_id LIMIT 1 OFFSET ${LOOKED_AT})`

const receiver: Asking = {
  ...isMe,
  id: sql`receiver.id`,
  isAdmin: sql`0`,
  inTeams: sql`1`,
}

/**
 * SQL: columns over a row of `shareRows`. `replaced`: a JSON array of how many active users had something there from
 * further away and have this grant in its place, of what any of them could do (`Create,Read,`), and of whether the team
 * has more members than are looked at; `holds`: what the role holds there.
 */
export function replaced({ scope, id }: Place): SQL {
  const thing = sql`${id}`
  const nowhere = sql`NULL`
  const project = projectOf(thing)
  const [here, further, may] =
    scope === 'Flow'
      ? ([
          atFlow(thing),
          sql`(${isGranted(atProject(project), receiver)} OR ${isGranted(atGlobal, receiver)})`,
          (name: (typeof permissions)[number]) => mayFlow(name, nowhere, project, receiver),
        ] as const)
      : ([
          atProject(thing),
          isGranted(atGlobal, receiver),
          (name: (typeof permissions)[number]) => mayProject(name, nowhere, receiver),
        ] as const)
  const had = permissions.map((name) => sql`iif(max(${may(name)}), ${`${name},`}, '')`)
  return sql`, (SELECT json_array(count(*), ${sql.join(had, sql` || `)}, ${isLarge})
      FROM (SELECT s.user_id AS id WHERE s.user_id IS NOT NULL UNION ALL SELECT * FROM (
        SELECT m.user_id FROM flowgate_team_member m WHERE m.team_id = s.team_id LIMIT ${LOOKED_AT})) x
      JOIN user receiver ON receiver.id = x.id
      WHERE receiver.is_active AND NOT ${isAdmin(sql`receiver`)} AND ${further}
        AND NOT ${isGranted(sql`${here} AND a.id <> s.id`, receiver)}) AS replaced,
    (SELECT group_concat(p.name) FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
      WHERE rp.role_id = s.role_id AND p.scope = ${scope}) AS holds`
}

/** In words, what a row of those columns says. */
export function warningsOf(row: Row, { scope }: Pick<Place, 'scope'>): string[] {
  const [count = 0, had = '', isLarge] = (toJson(row.replaced) ?? []) as [number?, string?, number?]
  if (count === 0) return []
  const held = String(row.holds ?? '').split(',')
  const before = permissions.filter((name) => had.split(',').includes(name))
  const now = permissions.filter((name) => held.includes(name))
  const lost = before.filter((name) => !now.includes(name))
  const members = isLarge ? `of the first ${LOOKED_AT} members` : count === 1 ? 'member' : 'members'
  const who = row.username ?? `${count} ${members} of ${row.team}`
  const whence = scope === 'Flow' ? 'through the project or everywhere' : 'everywhere'
  const list = (names: readonly string[]) => names.join(', ') || 'nothing'
  const loses = lost.length > 0 ? `; ${list(lost)} is lost` : ''
  return [
    `On this ${scope.toLowerCase()} the share replaces what ${who} had ${whence}: before ${list(before)}, now ${list(now)}${loses}`,
  ]
}
