// Who is in a team. What the team holds, they have at their next request, and no longer than they are in it.
import type { Ask } from '../access/ask.ts'
import { columns, record } from '../access/audit.ts'
import { slice } from '../access/long-list.ts'
import { amAdmin, me, myId } from '../access/predicate.ts'
import {
  activeUser,
  isMirroredTeam,
  MAX_TEAMS,
  mayLeadTeam,
  mayReadTeam,
  otherLead,
} from '../access/teams.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { namesOf } from '../wire.ts'
import { type Refusal, refusalToJoin, refusalToPart, requireJoining } from './joining.ts'
import type { MemberCreate } from './params.ts'
import { requireTeam, verdictsOf } from './query.ts'
import { toTeamMember } from './view.ts'

const selectMembers = sql`SELECT m.user_id, m.role, m.created_at, u.username, u.is_active
  FROM flowgate_team_member m JOIN user u ON u.id = m.user_id`

/** As many as fit into one answer, after the row that the slice before ended with. Throws 403, then 404. */
export async function listMembers(ask: Ask, id: string, after: Row | undefined): Promise<Row[]> {
  const { verdicts, found } = await ask.read({
    verdicts: verdictsOf(mayReadTeam(sql`${id}`), id),
    found: slice(
      sql`${selectMembers} WHERE m.team_id = ${id} AND m.user_id > ${after?.user_id ?? ''} AND ${mayReadTeam(sql`${id}`)}`,
      sql`ORDER BY user_id`,
      sql`octet_length(username) + 200`,
    ),
  })
  requireTeam(one(verdicts), 'view this team')
  return found
}

/**
 * Puts an active user into the team. Throws 403, then 404 for the team, 409 where a directory says who is in it, 404 for
 * nobody who is there and active, 403 where the caller may not put them in, 409 for somebody who is in it already, or in
 * too many.
 */
export async function addMember(ask: Ask, id: string, input: MemberCreate): Promise<Row> {
  const user = activeUser(input)
  const led = mayLeadTeam(sql`${id}`)
  const few = sql`(SELECT count(*) FROM flowgate_team_member x WHERE x.user_id = u.id) < ${MAX_TEAMS}`
  const isThis = sql`m.team_id = ${id} AND m.user_id = ${user}`
  const refusal = refusalToJoin(sql`${id}`, user)
  const { verdicts, found, made } = await ask.create(
    {
      verdicts: verdictsOf(led, id),
      found: sql<{
        id: string | null
        refusal: Refusal | null
        is_mirrored: number
      }>`SELECT ${user} AS id, ${refusal} AS refusal, ${isMirroredTeam(sql`${id}`)} AS is_mirrored`,
      insert: sql`INSERT INTO flowgate_team_member (team_id, user_id, role, created_at, created_by)
        SELECT t.id, u.id, ${input.role}, ${now}, me.id
        FROM ${me} JOIN flowgate_team t ON t.id = ${id} JOIN user u ON u.id = ${user} WHERE ${led} AND ${few} AND ${refusal} IS NULL
        AND NOT ${isMirroredTeam(sql`${id}`)}`,
      recorded: record(
        ask.author,
        'member.create',
        { id: sql`m.team_id`, after: memberColumns },
        sql`FROM flowgate_team_member m WHERE ${isThis} AND changes()`,
      ),
      made: sql`${selectMembers} WHERE ${isThis} AND changes()`,
    },
    namesOf(toTeamMember),
    isIn,
  )
  const [member] = made.rows
  if (member) return member
  requireTeam(one(verdicts.rows), 'change who is in this team')
  const { id: there, refusal: why, is_mirrored } = one(found.rows)
  requireByHand(is_mirrored)
  if (!there) throw new ApiError('not_found', 'User not found')
  requireJoining(why)
  throw new ApiError('conflict', `A user is in at most ${MAX_TEAMS} teams, and this one is already`)
}

/** Makes a member lead the team, or no longer. Throws 403, 404, and 409 where nobody would lead it. */
export async function changeMember(
  ask: Ask,
  id: string,
  userId: string,
  role: 'member' | 'admin',
): Promise<Row> {
  const led = mayLeadTeam(sql`${id}`)
  const isLast = sql`(${role} = 'member' AND ${isLastLead(id, userId)})`
  const { verdicts, found, updated } = await ask.write({
    verdicts: verdictsOf(led, id),
    found: sql<Standing>`SELECT ${isLast} AS is_last FROM flowgate_team_member m WHERE ${isThis(id, userId)}`,
    recorded: record(
      ask.author,
      'member.update',
      {
        id: sql`m.team_id`,
        before: memberColumns,
        after: sql`json_object('user_id', m.user_id, 'role', ${role})`,
      },
      sql`FROM flowgate_team_member m WHERE ${isThis(id, userId)} AND m.role <> ${role} AND ${led} AND NOT ${isLast}`,
    ),
    change: sql`UPDATE flowgate_team_member SET role = ${role} WHERE team_id = ${id} AND user_id = ${userId} AND changes()`,
    updated: sql`${selectMembers} WHERE ${isThis(id, userId)}`,
  })
  requireTeam(one(verdicts.rows), 'change who is in this team')
  requireMember(found.rows[0])
  return one(updated.rows)
}

/** Takes somebody out of the team, or the caller leaves it. Throws 403, 404, 409 where a directory says who is in it, 403 where the caller may not take them out, and 409 where nobody would lead it. */
export async function removeMember(ask: Ask, id: string, userId: string): Promise<void> {
  const allowed = sql`(${mayLeadTeam(sql`${id}`)} OR (${myId} = ${userId} AND ${mayReadTeam(sql`${id}`)}))`
  const isLast = isLastLead(id, userId)
  const refusal = refusalToPart(sql`${id}`, sql`${userId}`)
  const isMirrored = isMirroredTeam(sql`${id}`)
  const { verdicts, found } = await ask.write({
    verdicts: verdictsOf(allowed, id),
    found: sql<
      Standing & { refusal: Refusal | null; is_mirrored: number }
    >`SELECT ${isLast} AS is_last, ${refusal} AS refusal, ${isMirrored} AS is_mirrored FROM flowgate_team_member m WHERE ${isThis(id, userId)}`,
    recorded: record(
      ask.author,
      'member.delete',
      { id: sql`m.team_id`, before: memberColumns },
      sql`FROM flowgate_team_member m WHERE ${isThis(id, userId)} AND ${allowed} AND ${refusal} IS NULL AND NOT ${isLast} AND NOT ${isMirrored}`,
    ),
    deletion: sql`DELETE FROM flowgate_team_member WHERE team_id = ${id} AND user_id = ${userId} AND changes()`,
  })
  requireTeam(one(verdicts.rows), 'change who is in this team')
  requireByHand(found.rows[0]?.is_mirrored)
  requireJoining(found.rows[0]?.refusal)
  requireMember(found.rows[0])
}

const isThis = (id: string, userId: string): SQL => sql`m.team_id = ${id} AND m.user_id = ${userId}`

/** SQL boolean over `m`: without them nobody would lead the team but admins of the house, and the caller is not one of them. */
const isLastLead = (id: string, userId: string) =>
  sql`(m.role = 'admin' AND NOT ${amAdmin} AND NOT ${otherLead(sql`${id}`, sql`${userId}`)})`

const memberColumns = columns(sql`m`, ['user_id', 'role'])

type Standing = { is_last: number }

function requireMember(standing: Standing | undefined): void {
  if (!standing) throw new ApiError('not_found', 'Nobody of that id is in this team')
  if (standing.is_last)
    throw new ApiError(
      'conflict',
      'A team has at least one active admin: make somebody else one first, or ask an admin of the house',
    )
}

function requireByHand(isMirrored: number | undefined): void {
  if (isMirrored)
    throw new ApiError(
      'conflict',
      'A company’s directory says who is in this team: change the group there, or have a superuser clear external_name first',
    )
}

/** The primary key decides who was first. */
const isIn: Taken = {
  'flowgate_team_member.team_id': (cause) =>
    new ApiError('conflict', 'The user is in this team already', { cause }),
}
