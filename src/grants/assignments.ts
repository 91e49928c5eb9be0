// Changing assignments, for admins. Each write is one transaction: the rows that decide and the
// conditional write are read and made together, so nothing can change between check and act.
import type { Ask } from '../access/ask.ts'
import { amend } from '../access/audit.ts'
import { amAdmin } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'
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
import { countOwned, takeOwned } from './owned.ts'
import type { AssignmentCreate, AssignmentQuery, AssignmentUpdate } from './params.ts'
import { noAssignment, selectAssignments } from './query.ts'
import { toAssignmentRead } from './view.ts'

/** What is kept of an assignment for a repeat: its own columns and those of its role. */
const kept = [
  ...namesOf(toAssignmentRead).filter((name) => name !== 'role'),
  ...['role_description', 'role_is_system_role', 'role_created_at'],
]

/**
 * Grants a role; one that has expired is replaced. Throws 404 for an unknown user, role or scope, 400 for a
 * malformed scope, 403 where the caller may not give this, 409 for a second time.
 */
export async function createAssignment(ask: Ask, input: AssignmentCreate): Promise<Row> {
  const { user_id = null, team_id = null } = input
  const holder: Holder = team_id === null ? { user: sql`${user_id}` } : { team: sql`${team_id}` }
  const gift = {
    holder,
    role: sql`(SELECT id FROM role WHERE name = ${input.role_name})`,
    scope: sql`${input.scope_type}`,
    scopeId: sql`${input.scope_id}`,
    ends: sql`${input.expires_at}`,
  }
  const scopeExists = existsScope(input)
  const refusal = refusalToGive(gift)
  const { id, statements } = give(
    ask.author,
    gift,
    sql`(${amAdmin} AND ${refusal} IS NULL AND ${scopeExists})`,
  )
  const { facts, made } = await ask.create(
    {
      facts: sql<Facts>`SELECT ${scopeExists} AS has_scope, ${refusal} AS refusal,
        (SELECT 1 FROM role WHERE name = ${input.role_name}) AS has_role,
        coalesce((SELECT 1 FROM user WHERE id = ${user_id}), (SELECT 1 FROM flowgate_team WHERE id = ${team_id})) AS has_holder`,
      statements,
      made: sql`${selectAssignments} WHERE a.id = ${id}`,
    },
    kept,
    heldAlready,
  )
  const [assignment] = made.rows
  if (assignment) return assignment
  const { has_holder, has_role, has_scope, refusal: why } = one(facts.rows)
  const whom = team_id === null ? `User '${dashed(user_id)}'` : `Team '${dashed(team_id)}'`
  if (!has_holder) throw new ApiError('not_found', `${whom} not found`)
  if (!has_role) throw new ApiError('not_found', `Role '${input.role_name}' not found`)
  if (has_scope) requireGranter(why)
  throw scopeError(input)
}

type Facts = {
  has_holder: 1 | null
  has_role: 1 | null
  has_scope: number
  refusal: Refusal | null
}

/** How many flows its user still owns in the project of the grant; null where it stands on no project. */
type Left = { owned: number | null }

/**
 * Gives an assignment another role or another end; everything else about it stays. With `flows` a grant on a
 * project takes the Owner grants on the flows in it along.
 */
export async function updateAssignment(
  ask: Ask,
  id: string,
  { role_name, expires_at }: AssignmentUpdate,
  { flows }: AssignmentQuery,
): Promise<Left & { assignment: Row }> {
  const role = sql`(SELECT id FROM role WHERE name = ${role_name ?? null})`
  const to = {
    role: role_name === undefined ? undefined : role,
    ends: expires_at === undefined ? undefined : sql`${expires_at}`,
  }
  const refusal = (kind: GrantKind, g: SQL) => refusalToChange(g, kind.holderOf(g), to)
  const exists = role_name === undefined ? sql`1` : sql`${role} IS NOT NULL`
  const permitted = (kind: GrantKind, g: SQL) =>
    sql`NOT ${kind.isFixed(g)} AND ${amAdmin} AND ${refusal(kind, g)} IS NULL AND ${exists}`
  const change = (kind: GrantKind) =>
    amend(ask.author, 'grant.update', {
      table: kind.table,
      tells: kind.tells,
      id,
      when: permitted(kind, sql`t`),
      set: { role_id: to.role, expires_at },
    })
  const { standing, roles, updated, left } = await ask.write(
    {
      left: countOwned(id),
      owned: flows ? takeOwned(ask.author, mayTakeAlong(id, permitted)) : [],
      standing: standingOf(id, refusal),
      roles: sql<{ id: string | null }>`SELECT ${role} AS id`,
      change: change(ofUsers),
      ofTeam: change(ofTeams),
      updated: sql`${selectAssignments} WHERE a.id = ${id}`,
    },
    heldAlready,
  )
  const { refusal: why } = requireMutable(standing.rows[0], id, 'modify')
  if (role_name !== undefined && !one(roles.rows).id)
    throw new ApiError('not_found', `Role '${role_name}' not found`)
  requireGranter(why)
  return { assignment: one(updated.rows), owned: leftOf(one(left.rows), flows) }
}

const leftOf = ({ owned }: Left, flows: boolean) => (owned !== null && flows ? 0 : owned)

/**
 * Revokes a grant; it is gone at the user's next request. With `flows` a grant on a project takes the Owner
 * grants on the flows in it along.
 */
export async function deleteAssignment(
  ask: Ask,
  id: string,
  { flows }: AssignmentQuery,
): Promise<Left> {
  const refusal = (kind: GrantKind, g: SQL) => refusalToTake(g, kind.holderOf(g))
  const permitted = (kind: GrantKind, g: SQL) =>
    sql`NOT ${kind.isFixed(g)} AND ${amAdmin} AND ${refusal(kind, g)} IS NULL`
  const end = (kind: GrantKind) =>
    kind.end(ask.author, sql`g.id = ${id} AND ${permitted(kind, sql`g`)}`)
  const { standing, left } = await ask.write({
    standing: standingOf(id, refusal),
    left: countOwned(id),
    owned: flows ? takeOwned(ask.author, mayTakeAlong(id, permitted)) : [],
    end: end(ofUsers),
    ofTeam: end(ofTeams),
  })
  requireGranter(requireMutable(standing.rows[0], id, 'remove').refusal)
  return { owned: leftOf(one(left.rows), flows) }
}

/** SQL boolean over the grant `held` of a user: it is this one, and may be changed. */
const mayTakeAlong = (id: string, permitted: (kind: GrantKind, g: SQL) => SQL) =>
  sql`held.id = ${id} AND ${permitted(ofUsers, sql`held`)}`

/** What forbids to change a grant. */
type Standing = { is_immutable: number; refusal: Refusal | null }

const standingOf = (id: string, refusal: (kind: GrantKind, g: SQL) => SQL) => {
  const ofKind = (kind: GrantKind) =>
    sql`SELECT ${kind.isFixed(sql`g`)} AS is_immutable, ${refusal(kind, sql`g`)} AS refusal FROM ${kind.table} g WHERE g.id = ${id}`
  return sql<Standing>`${ofKind(ofUsers)} UNION ALL ${ofKind(ofTeams)}`
}

function requireMutable(
  standing: Standing | undefined,
  id: string,
  verb: 'modify' | 'remove',
): Standing {
  if (!standing) return noAssignment(id)
  if (standing.is_immutable) {
    throw new ApiError('bad_request', `Cannot ${verb} immutable assignment (Starter Project Owner)`)
  }
  return standing
}

/** SQL boolean: scope type and id fit together and name something that exists. */
function existsScope({ scope_type, scope_id }: AssignmentCreate): SQL {
  if (scope_type === 'Global') return scope_id === null ? sql`1` : sql`0`
  if (scope_type === 'Flow') return sql`EXISTS (SELECT 1 FROM flow WHERE id = ${scope_id})`
  if (scope_type === 'Project') return sql`EXISTS (SELECT 1 FROM folder WHERE id = ${scope_id})`
  return sql`0`
}

function scopeError({ scope_type, scope_id }: AssignmentCreate): ApiError {
  if (scope_type === 'Global')
    return new ApiError('bad_request', 'Global scope should not have scope_id')
  if (scope_type !== 'Flow' && scope_type !== 'Project') {
    return new ApiError(
      'bad_request',
      `Invalid scope_type: ${scope_type}. Must be 'Flow', 'Project', or 'Global'`,
    )
  }
  if (scope_id === null) return new ApiError('bad_request', `${scope_type} scope requires scope_id`)
  return new ApiError('not_found', `${scope_type} '${dashed(scope_id)}' not found`)
}
