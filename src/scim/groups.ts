// Groups of the directory: teams that mirror them. Their members, as far as the directory knows, are its own users who are
// in the team; anybody else in it is not its business.
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { type Asked, externalIdOfTeam, isMirrored, isProvisioned, notFound } from './directory.ts'
import { type Member, type Resource, toGroup } from './view.ts'

/** Members of one group, and of all groups of one answer: what is shown of them fits into it. */
export const MAX_IN_GROUP = 20_000

export const isTheirs = isProvisioned(sql`m.user_id`)

/** Stands for who is in a team: rows are numbered as they come, and the last of them has come at a time of its own. */
export const sign = sql`(SELECT count(*) || ' ' || coalesce(sum(m.rowid), 0) || ' ' || coalesce(max(m.created_at), '')
  FROM flowgate_team_member m WHERE m.team_id = t.id AND ${isTheirs})`

const lastChange = (type: string) => sql`coalesce((SELECT a.at FROM flowgate_audit a
  WHERE a.target_type = ${type} AND a.target_id = t.id ORDER BY a.seq DESC LIMIT 1), '')`

const selectGroups = sql`SELECT t.id, t.name, ${externalIdOfTeam} AS external_id, t.external_name, t.created_at,
  max(t.created_at, ${lastChange('team')}, ${lastChange('member')}) AS changed_at, ${sign} AS sign
  FROM flowgate_team t WHERE ${isMirrored}`

const membersOf = (teams: SQL) => sql<Row>`SELECT m.team_id, m.user_id
  FROM flowgate_team_member m JOIN user u ON u.id = m.user_id
  WHERE m.team_id IN ${teams} AND ${isTheirs} ORDER BY m.team_id, m.user_id`

type Page = { readonly where: SQL; readonly offset: number; readonly limit: number }

/** A page of those that meet the condition over `t`, by what the directory calls them: fewer, where their members would be too many for one answer. */
export async function listGroups(
  { db, base }: Asked,
  { where, offset, limit }: Page,
  withMembers: boolean,
): Promise<{ resources: Resource[]; total: number }> {
  const size = sql`(SELECT count(*) FROM flowgate_team_member m WHERE m.team_id = t.id)`
  const page = sql`SELECT t.id, row_number() OVER (ORDER BY t.external_name) AS n,
      sum(${size}) OVER (ORDER BY t.external_name) AS so_far
    FROM (SELECT * FROM flowgate_team t WHERE ${isMirrored} AND ${where}
      ORDER BY t.external_name LIMIT ${limit} OFFSET ${offset}) t`
  const ids = withMembers
    ? sql`(SELECT p.id FROM (${page}) p WHERE p.n = 1 OR p.so_far <= ${MAX_IN_GROUP})`
    : sql`(SELECT p.id FROM (SELECT t.id FROM flowgate_team t WHERE ${isMirrored} AND ${where}
      ORDER BY t.external_name LIMIT ${limit} OFFSET ${offset}) p)`
  const { found, members, count } = await db.read({
    found: sql<Row>`${selectGroups} AND t.id IN ${ids} ORDER BY t.external_name`,
    members: membersOf(withMembers ? ids : sql`(SELECT NULL)`),
    count: sql<{
      total: number
    }>`SELECT count(*) AS total FROM flowgate_team t WHERE ${isMirrored} AND ${where}`,
  })
  return {
    resources: await Promise.all(found.map((row) => toGroup(row, byTeam(members, row), base))),
    total: one(count).total,
  }
}

export const byTeam = (members: readonly Row[], { id }: Row) =>
  members.filter(({ team_id }) => team_id === id) as unknown as Member[] // as membersOf selects them

export const selectGroup = (id: string) => sql<Row>`${selectGroups} AND t.id = ${id}`
export const selectMembers = (id: string, isWanted: boolean) =>
  membersOf(isWanted ? sql`(${id})` : sql`(SELECT NULL)`)

/** Throws 404 for a team that mirrors no group of the directory's, whether it is there or not. */
export async function findGroup({ db, base }: Asked, id: string, withMembers: boolean) {
  const { found, members } = await db.read({
    found: selectGroup(id),
    members: selectMembers(id, withMembers),
  })
  const [row] = found
  if (!row) throw notFound('Group')
  return { row, group: await toGroup(row, byTeam(members, row), base) }
}
