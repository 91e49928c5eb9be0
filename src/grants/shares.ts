// Sharing: whoever may do everything with a flow or project gives and takes grants on it, under the rule of
// granting.ts. A share is a grant like any other: it stands in the same tables, and admins see it among theirs.
import type { Ask } from '../access/ask.ts'
import { amend } from '../access/audit.ts'
import type { Place } from '../access/decision.ts'
import { slice } from '../access/long-list.ts'
import { amAdmin, myId } from '../access/predicate.ts'
import { activeUser } from '../access/teams.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { keyOfTyped } from '../names.ts'
import { namesOf } from '../wire.ts'
import {
  type Holder,
  type Refusal,
  refusalToChange,
  refusalToGive,
  refusalToTake,
  requireGranter,
} from './granting.ts'
import { type GrantKind, give, heldAlready, ofTeams, ofUsers } from './holders.ts'
import { isAt, isEntitled, isThere, requireEntitled, verdictOf } from './places.ts'
import { replaced, replacedColumns } from './replaced.ts'
import type { ShareCreate, ShareUpdate } from './share-params.ts'
import { after, inOrder, shareBytes, shareRows } from './share-rows.ts'
import { toShareRead } from './share-view.ts'

/** Every grant on it, as many as fit into one answer. Throws 403, then 404. */
export async function listShares(ask: Ask, place: Place, from: Row | undefined): Promise<Row[]> {
  const { verdicts, found } = await ask.read({
    verdicts: verdictOf(place),
    found: slice(
      sql`${shareRows(isAt(sql`a`, place))} WHERE ${isEntitled(place)} AND ${after(from)}`,
      inOrder,
      shareBytes,
    ),
  })
  requireEntitled(one(verdicts), place)
  return found
}

/**
 * Grants that somebody who is not an admin has given to others, over or not: whoever holds many pays for each in their
 * listings, and is not asked before.
 */
const MAX_GIVEN = 5000
const few = sql`(${amAdmin} OR (SELECT count(*) FROM (
  SELECT 1 FROM userroleassignment g WHERE g.created_by = ${myId} AND g.created_by <> g.user_id
  UNION ALL SELECT 1 FROM flowgate_team_grant g WHERE g.created_by = ${myId} LIMIT ${MAX_GIVEN})) < ${MAX_GIVEN})`

/**
 * Gives a role there to somebody; one that is over is replaced. Throws 403 for whoever may not share it, 404 for it, for
 * nobody who is there and active, for no such team or role, 403 where they may not give this, 409 for a second time and
 * for whoever shares too much already.
 */
export async function createShare(ask: Ask, place: Place, input: ShareCreate): Promise<Row> {
  const { isTeam, receiver } = receiverOf(input)
  const holder: Holder = isTeam ? { team: receiver } : { user: receiver }
  const role = sql`(SELECT id FROM role WHERE name = ${input.role})`
  const gift = {
    holder,
    role,
    scope: sql`${place.scope}`,
    scopeId: sql`${place.id}`,
    ends: sql`${input.expires_at}`,
  }
  const refusal = refusalToGive(gift)
  const permitted = sql`(${isEntitled(place)} AND ${isThere(place)} AND ${refusal} IS NULL AND ${few})`
  const { id, statements } = give(ask.author, gift, permitted)
  const { verdicts, facts, made } = await ask.create(
    {
      verdicts: verdictOf(place),
      facts: sql<Facts>`SELECT ${refusal} AS refusal, ${receiver} AS receiver, ${role} AS role, ${few} AS few`,
      statements,
      made: shareRows(sql`a.id = ${id}`, replaced(place)),
    },
    [...namesOf(toShareRead), ...replacedColumns],
    heldAlready,
  )
  const [share] = made.rows
  if (share) return share
  requireEntitled(one(verdicts.rows), place)
  const { refusal: why, receiver: found, role: given, few: isFew } = one(facts.rows)
  if (!found) throw new ApiError('not_found', isTeam ? 'Team not found' : 'User not found')
  if (!given) throw new ApiError('not_found', `Role '${input.role}' not found`)
  requireGranter(why)
  if (!isFew)
    throw new ApiError('conflict', `You share ${MAX_GIVEN} things already: end a share first`)
  throw new ApiError('not_found', 'User not found')
}

/** Gives a share another role or another end. Throws 403 and 404 as above, 400 for what cannot be changed. */
export async function updateShare(
  ask: Ask,
  place: Place,
  id: string,
  input: ShareUpdate,
): Promise<Row> {
  const role = sql`(SELECT id FROM role WHERE name = ${input.role ?? null})`
  const to = {
    role: input.role === undefined ? undefined : role,
    ends: input.expires_at === undefined ? undefined : sql`${input.expires_at}`,
  }
  const refusal = (kind: GrantKind, g: SQL) => refusalToChange(g, kind.holderOf(g), to)
  const hasRole = input.role === undefined ? sql`1` : sql`${role} IS NOT NULL`
  const change = (kind: GrantKind) =>
    amend(ask.author, 'grant.update', {
      table: kind.table,
      tells: kind.tells,
      id,
      when: sql`${isAt(sql`t`, place)} AND NOT ${kind.isFixed(sql`t`)} AND ${isEntitled(place)} AND ${hasRole}
        AND ${refusal(kind, sql`t`)} IS NULL`,
      set: { role_id: to.role, expires_at: input.expires_at },
    })
  const { verdicts, standing, roles, updated } = await ask.write(
    {
      verdicts: verdictOf(place),
      standing: standingOf(place, id, refusal),
      roles: sql<{ id: string | null }>`SELECT ${role} AS id`,
      own: change(ofUsers),
      teams: change(ofTeams),
      updated: shareRows(sql`a.id = ${id}`, replaced(place)),
    },
    heldAlready,
  )
  requireEntitled(one(verdicts.rows), place)
  const { refusal: why } = requireMutable(standing.rows[0], 'change')
  if (input.role !== undefined && !one(roles.rows).id)
    throw new ApiError('not_found', `Role '${input.role}' not found`)
  requireGranter(why)
  return one(updated.rows)
}

/** Ends a share: it is gone at the next request. */
export async function deleteShare(ask: Ask, place: Place, id: string): Promise<void> {
  const refusal = (kind: GrantKind, g: SQL) => refusalToTake(g, kind.holderOf(g))
  const ends = (kind: GrantKind) =>
    kind.end(
      ask.author,
      sql`g.id = ${id} AND ${isAt(sql`g`, place)} AND NOT ${kind.isFixed(sql`g`)} AND ${isEntitled(place)}
        AND ${refusal(kind, sql`g`)} IS NULL`,
    )
  const { verdicts, standing } = await ask.write({
    verdicts: verdictOf(place),
    standing: standingOf(place, id, refusal),
    own: ends(ofUsers),
    teams: ends(ofTeams),
  })
  requireEntitled(one(verdicts.rows), place)
  requireGranter(requireMutable(standing.rows[0], 'end').refusal)
}

/** Whom a share is for. Somebody who is not active is nobody here. */
function receiverOf({ user_id, username, team_id, team }: ShareCreate) {
  if (user_id !== undefined || username !== undefined)
    return { isTeam: false, receiver: activeUser({ user_id, username }) }
  const isThis =
    team === undefined ? sql`id = ${team_id ?? null}` : sql`name_key = ${keyOfTyped(team) ?? null}`
  return { isTeam: true, receiver: sql`(SELECT id FROM flowgate_team WHERE ${isThis})` }
}

type Facts = { refusal: Refusal | null; receiver: string | null; role: string | null; few: number }

type Standing = { is_fixed: number; refusal: Refusal | null }

const standingOf = (place: Place, id: string, refusal: (kind: GrantKind, g: SQL) => SQL) => {
  const ofKind = (kind: GrantKind) =>
    sql`SELECT ${kind.isFixed(sql`g`)} AS is_fixed, ${refusal(kind, sql`g`)} AS refusal
      FROM ${kind.table} g WHERE g.id = ${id} AND ${isAt(sql`g`, place)}`
  return sql<Standing>`${ofKind(ofUsers)} UNION ALL ${ofKind(ofTeams)}`
}

function requireMutable(standing: Standing | undefined, verb: 'change' | 'end'): Standing {
  if (!standing) throw new ApiError('not_found', 'Share not found')
  if (standing.is_fixed)
    throw new ApiError('bad_request', `Cannot ${verb} the Owner of a Starter Project`)
  return standing
}
