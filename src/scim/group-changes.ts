// Making, changing and deleting groups of the directory.
import { columns, record } from '../access/audit.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { keyOfName } from '../names.ts'
import { deletionOfTeam } from '../teams/query.ts'
import { type Asked, externalNameOf, requireKnown, untilUndisturbed } from './directory.ts'
import { byTeam, findGroup, selectGroup, selectMembers, sign } from './groups.ts'
import { join, judge, part, requireGood } from './membership.ts'
import { exactly, type GroupChange } from './roster.ts'
import { type Resource, toGroup } from './view.ts'

const teamColumns = columns(sql`t`, ['name', 'external_name'])

/** Makes a group. Throws 409 where its name or externalId is taken, 400 for members who are nobody. */
export async function createGroup(
  asked: Asked,
  {
    displayName,
    externalId,
    members,
  }: { displayName: string; externalId: string | null; members: string[] },
): Promise<Resource> {
  const { db, author, base } = asked
  const id = newId()
  const external = externalNameOf(externalId ?? id)
  const change: GroupChange = { displayName, externalId, roster: exactly(members) }
  const judged = judge(id, change, external)
  const isMade = sql`EXISTS (SELECT 1 FROM flowgate_team t WHERE t.id = ${id})`
  const { standing, made, shown } = await db.write({
    standing: judged.standing,
    insert: sql`INSERT INTO flowgate_team (id, name, name_key, description, external_name, created_at, created_by)
      SELECT ${id}, ${displayName}, ${keyOfName(displayName)}, NULL, ${external}, ${now}, NULL WHERE ${judged.isGood}`,
    recorded: record(
      author,
      'team.create',
      { id: sql`t.id`, after: teamColumns },
      sql`FROM flowgate_team t WHERE t.id = ${id}`,
    ),
    joined: join(author, id, members, isMade),
    made: selectGroup(id),
    shown: selectMembers(id, true),
  })
  requireGood(one(standing.rows), change)
  const row = one(made.rows)
  return toGroup(row, byTeam(shown.rows, row), base)
}

/** SQL boolean: the team `t` is as in this row; with who is in it, where the caller says which one they know. */
const isStill = (row: Row, known: string | undefined) =>
  sql`(t.name IS ${row.name ?? null} AND t.external_name IS ${row.external_name ?? null}
    AND ${known === undefined ? sql`1` : sql`${sign} IS ${row.sign ?? null}`})`

/** Changes a group to what `toNext` makes of it. Throws 404, 412, and what `createGroup` throws. */
export const changeGroup = (
  asked: Asked,
  id: string,
  known: string | undefined,
  toNext: (group: { displayName: string; externalId: string | null }) => GroupChange,
): Promise<Resource> =>
  untilUndisturbed(async () => {
    const { row, group } = await findGroup(asked, id, false)
    requireKnown(known, group)
    const externalId = row.external_id === row.id ? null : String(row.external_id)
    const change = toNext({ displayName: String(row.name), externalId })
    return sendChange(asked, row, change, known)
  })

/** Undefined where the group is not as in this row any more. */
async function sendChange(asked: Asked, row: Row, change: GroupChange, known: string | undefined) {
  const { db, author, base } = asked
  const id = String(row.id)
  const { displayName, externalId, roster } = change
  const external = externalNameOf(externalId ?? id)
  // A key that no name has says within the batch that it goes ahead.
  const mark = ` ${newId()}`
  const goesOn = sql`EXISTS (SELECT 1 FROM flowgate_team g WHERE g.id = ${id} AND g.name_key = ${mark})`
  const judged = judge(id, change, external)
  const { standing, stands, changed, shown } = await db.write({
    standing: judged.standing,
    stands: sql`SELECT 1 FROM flowgate_team t WHERE t.id = ${id} AND ${isStill(row, known)}`,
    decision: sql`UPDATE flowgate_team AS t SET name_key = ${mark} WHERE t.id = ${id} AND ${isStill(row, known)} AND ${judged.isGood}`,
    recorded: record(
      author,
      'team.update',
      {
        id: sql`t.id`,
        before: teamColumns,
        after: sql`json_object('name', ${displayName}, 'external_name', ${external})`,
      },
      sql`FROM flowgate_team t WHERE t.id = ${id} AND ${goesOn} AND (t.name IS NOT ${displayName} OR t.external_name IS NOT ${external})`,
    ),
    parted: part(author, id, roster, goesOn),
    joined: join(author, id, roster.joins, goesOn),
    change: sql`UPDATE flowgate_team SET name = ${displayName}, name_key = ${keyOfName(displayName)}, external_name = ${external}
      WHERE id = ${id} AND name_key = ${mark}`,
    changed: selectGroup(id),
    shown: selectMembers(id, true),
  })
  if (!stands.rows[0]) return undefined
  requireGood(one(standing.rows), change)
  const next = one(changed.rows)
  return toGroup(next, byTeam(shown.rows, next), base)
}

/** Deletes a group with its team and whatever that holds. Throws 404 and 412. */
export const deleteGroup = (asked: Asked, id: string, known: string | undefined): Promise<true> =>
  untilUndisturbed(async () => {
    const { row, group } = await findGroup(asked, id, false)
    requireKnown(known, group)
    const mark = ` ${newId()}`
    const { decision } = await asked.db.write({
      decision: sql`UPDATE flowgate_team AS t SET name_key = ${mark} WHERE t.id = ${id} AND ${isStill(row, known)}`,
      deletion: deletionOfTeam(asked.author, id, mark),
    })
    return decision.rowsAffected > 0 ? true : undefined
  })
