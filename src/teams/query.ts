// Teams: one's own, and for admins all of them.
import type { Ask } from '../access/ask.ts'
import { type Author, amend, columns, record } from '../access/audit.ts'
import type { Caller } from '../access/caller.ts'
import { endTeamGrants } from '../access/endings.ts'
import { slice } from '../access/long-list.ts'
import { amAdmin, amSuperuser, me, myId } from '../access/predicate.ts'
import { mayLeadTeam, mayReadTeam } from '../access/teams.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { keyOfName } from '../names.ts'
import { namesOf } from '../wire.ts'
import { type Refusal, refusalToPart, requireJoining } from './joining.ts'
import type { TeamCreate, TeamUpdate } from './params.ts'
import { toTeamRead } from './view.ts'

/** Teams that somebody who is not an admin makes: what they make costs others names. */
const MAX_MADE = 100

const selectTeams = sql`SELECT t.*, m.role FROM flowgate_team t
  LEFT JOIN flowgate_team_member m ON m.team_id = t.id AND m.user_id = ${myId}`

/** As many as fit into one answer, by name, after the row that the slice before ended with. */
export async function listTeams(ask: Ask, after: Row | undefined): Promise<Row[]> {
  const { found } = await ask.read({
    found: slice(
      sql`${selectTeams} WHERE (${amAdmin} OR m.role IS NOT NULL) AND t.name_key > ${after?.name_key ?? ''}`,
      sql`ORDER BY name_key`,
      sql`octet_length(concat(name, description, external_name)) + 300`,
    ),
  })
  return found
}

/** Throws 403 for whoever may not see the team, whether it exists or not, then 404. */
export async function findTeam(ask: Ask, id: string): Promise<Row> {
  const { found, verdicts } = await ask.read({
    verdicts: verdictsOf(mayReadTeam(sql`${id}`), id),
    found: sql`${selectTeams} WHERE t.id = ${id} AND ${mayReadTeam(sql`${id}`)}`,
  })
  requireTeam(one(verdicts), 'view this team')
  return one(found)
}

/**
 * Makes a team. Whoever is not an admin leads it; an admin stands above it and is not put into it. Throws 403 unless
 * that is open to all or the caller is an admin, or a superuser where it is a directory's group; 409 where a name is taken
 * or they made too many.
 */
export async function createTeam(ask: Ask, input: TeamCreate, isOpen: boolean): Promise<Row> {
  const id = newId()
  const few = sql`(SELECT count(*) FROM flowgate_team WHERE created_by = ${myId}) < ${MAX_MADE}`
  const { caller, made } = await ask.create(
    {
      insert: sql`INSERT INTO flowgate_team (id, name, name_key, description, external_name, created_at, created_by)
        SELECT ${id}, ${input.name}, ${keyOfName(input.name)}, ${input.description}, ${input.external_name}, ${now}, me.id
        FROM ${me} WHERE (${amAdmin} OR (${isOpen} AND ${few})) AND ${maySay(input.external_name ?? undefined)}`,
      recorded: record(
        ask.author,
        'team.create',
        { id: sql`t.id`, after: teamColumns },
        sql`FROM flowgate_team t WHERE t.id = ${id}`,
      ),
      lead: sql`INSERT INTO flowgate_team_member (team_id, user_id, role, created_at, created_by)
        SELECT t.id, me.id, 'admin', ${now}, me.id FROM ${me} JOIN flowgate_team t ON t.id = ${id} WHERE NOT ${amAdmin}`,
      recordedLead: record(
        ask.author,
        'member.create',
        { id: sql`m.team_id`, after: columns(sql`m`, ['user_id', 'role']) },
        sql`FROM flowgate_team_member m WHERE m.team_id = ${id}`,
      ),
      made: sql`${selectTeams} WHERE t.id = ${id}`,
    },
    namesOf(toTeamRead),
    nameTaken(input),
  )
  const [team] = made.rows
  if (team) return team
  requireSay(caller, input.external_name ?? undefined)
  if (!caller.isAdmin && !isOpen)
    throw new ApiError('forbidden', 'Teams are made by admins here (TEAMS=open lets everybody)')
  throw new ApiError('conflict', `You have made ${MAX_MADE} teams already: delete one first`)
}

/** Throws 403 for whoever does not lead the team, whether it exists or not, or may not say whose group it is, then 404, 409 where a name is taken. */
export async function updateTeam(ask: Ask, id: string, input: TeamUpdate): Promise<Row> {
  const { name, description, external_name } = input
  const led = mayLeadTeam(sql`${id}`)
  const { caller, verdicts, updated } = await ask.write(
    {
      verdicts: verdictsOf(led, id),
      change: amend(ask.author, 'team.update', {
        table: sql`flowgate_team`,
        id,
        when: sql`${led} AND ${maySay(external_name)}`,
        set: { name, description, external_name },
        touched: { name_key: name === undefined ? undefined : keyOfName(name) },
      }),
      updated: sql`${selectTeams} WHERE t.id = ${id}`,
    },
    nameTaken(input),
  )
  requireTeam(one(verdicts.rows), 'change this team')
  requireSay(caller, external_name)
  return one(updated.rows)
}

/** Deletes a team with what it holds: its members have none of that at their next request. Throws 403, 404, 403 where only superusers may. */
export async function deleteTeam(ask: Ask, id: string): Promise<void> {
  const led = mayLeadTeam(sql`${id}`)
  // Its members go first where they say who leads it: the row says that it goes, with a key that no name has.
  const mark = ` ${newId()}`
  const refusal = refusalToPart(sql`${id}`)
  const { verdicts, refused } = await ask.write({
    verdicts: verdictsOf(led, id),
    refused: sql<{ why: Refusal | null }>`SELECT ${refusal} AS why`,
    decision: sql`UPDATE flowgate_team SET name_key = ${mark} WHERE id = ${id} AND ${led} AND ${refusal} IS NULL`,
    deletions: deletionOfTeam(ask.author, id, mark),
  })
  requireTeam(one(verdicts.rows), 'delete this team')
  requireJoining(one(refused.rows).why)
}

/** The deletion and its records, of a team that bears this mark for the key of its name. */
export function deletionOfTeam(author: Author, id: string, mark: string): SQL[] {
  const goes = sql`EXISTS (SELECT 1 FROM flowgate_team g WHERE g.id = ${id} AND g.name_key = ${mark})`
  return [
    record(
      author,
      'team.delete',
      {
        id: sql`t.id`,
        before: sql`json_object('name', t.name, 'description', t.description, 'members',
          (SELECT count(*) FROM flowgate_team_member m WHERE m.team_id = t.id))`,
      },
      sql`FROM flowgate_team t WHERE t.id = ${id} AND ${goes}`,
    ),
    ...endTeamGrants(author, sql`g.team_id = ${id} AND ${goes}`),
    sql`DELETE FROM flowgate_team_member WHERE team_id = ${id} AND ${goes}`,
    sql`DELETE FROM flowgate_team WHERE id = ${id} AND name_key = ${mark}`,
  ]
}

type ExternalName = string | null | undefined

/** SQL boolean: the caller may say which group of a directory the team is, if they do: that decides who is in it. */
const maySay = (given: ExternalName) => (given === undefined ? sql`1` : amSuperuser)

function requireSay({ isSuperuser }: Caller, given: ExternalName): void {
  if (given !== undefined && !isSuperuser)
    throw new ApiError('forbidden', 'Only superusers say which group of a directory a team is')
}

const teamColumns = columns(sql`t`, ['name', 'description', 'external_name'])

export type Verdict = { allowed: number; has_team: number; is_admin: number }

/** The statement whose row `requireTeam` looks at. */
export const verdictsOf = (allowed: SQL, id: string) =>
  sql<Verdict>`SELECT ${allowed} AS allowed, ${amAdmin} AS is_admin, EXISTS (SELECT 1 FROM flowgate_team WHERE id = ${id}) AS has_team`

/** One that is hidden and one that is not there are the same 403; only admins could see any. */
export function requireTeam({ allowed, has_team, is_admin }: Verdict, what: string): void {
  if (!allowed || (!has_team && !is_admin))
    throw new ApiError('forbidden', `You do not have permission to ${what}`)
  if (!has_team) throw new ApiError('not_found', 'Team not found')
}

/** The unique index decides who was first. */
const nameTaken = ({ name, external_name }: TeamUpdate): Taken => ({
  'flowgate_team.name_key': (cause) =>
    new ApiError('conflict', `Team '${name}' already exists`, { cause }),
  'flowgate_team.external_name': (cause) =>
    new ApiError('conflict', `Another team is the group '${external_name}' already`, { cause }),
})
