// Changing assignments, for admins. Each write is one transaction: the rows that decide and the
// conditional write are read and made together, so nothing can change between check and act.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { type Author, amend, grantColumns, record } from '../access/audit.ts'
import { isLive } from '../access/grants.ts'
import { amAdmin, me } from '../access/predicate.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { dashed, newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { namesOf } from '../wire.ts'
import { type Refusal, refusalToGive, refusalToTake, requireGranter } from './granting.ts'
import { countOwned, takeOwned } from './owned.ts'
import type { AssignmentCreate, AssignmentQuery, AssignmentUpdate } from './params.ts'
import { assignments, noAssignment } from './query.ts'
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
  const id = newId()
  const scopeExists = existsScope(input)
  const role = sql`(SELECT id FROM role WHERE name = ${input.role_name})`
  const refusal = refusalToGive({
    user: sql`${input.user_id}`,
    role,
    scope: sql`${input.scope_type}`,
    ends: sql`${input.expires_at}`,
  })
  const permitted = sql`(${amAdmin} AND ${refusal} IS NULL)`
  const expired = sql`a.user_id = ${input.user_id} AND a.role_id = ${role}
    AND a.scope_type = ${input.scope_type} AND a.scope_id IS ${input.scope_id} AND NOT ${isLive(sql`a`)} AND ${permitted}`
  const { facts, made } = await ask.create(
    {
      facts: sql<Facts>`SELECT ${scopeExists} AS has_scope, ${refusal} AS refusal,
        (SELECT 1 FROM user WHERE id = ${input.user_id}) AS has_user,
        (SELECT 1 FROM role WHERE name = ${input.role_name}) AS has_role`,
      recordedEnd: recordDeletion(ask.author, expired),
      end: sql`DELETE FROM userroleassignment AS a WHERE ${expired}`,
      insert: sql`INSERT INTO userroleassignment
          (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by, expires_at)
        SELECT ${id}, u.id, r.id, ${input.scope_type}, ${input.scope_id}, 0, ${now}, me.id, ${input.expires_at}
        FROM ${me} JOIN user u ON u.id = ${input.user_id} JOIN role r ON r.name = ${input.role_name}
        WHERE ${permitted} AND ${scopeExists}`,
      recorded: record(
        ask.author,
        'grant.create',
        { id: sql`a.id`, after: grantColumns(sql`a`) },
        sql`FROM userroleassignment a WHERE a.id = ${id}`,
      ),
      made: sql`${assignments} WHERE a.id = ${id}`,
    },
    kept,
    existsAlready,
  )
  const [assignment] = made.rows
  if (assignment) return assignment
  const { has_user, has_role, has_scope, refusal: why } = one(facts.rows)
  if (!has_user) throw new ApiError('not_found', `User '${dashed(input.user_id)}' not found`)
  if (!has_role) throw new ApiError('not_found', `Role '${input.role_name}' not found`)
  if (has_scope) requireGranter(why)
  throw scopeError(input)
}

type Facts = {
  has_user: 1 | null
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
  const refusal = (a: SQL) =>
    sql`coalesce(${refusalToTake(a)}, ${refusalToGive({
      user: sql`${a}.user_id`,
      role: role_name === undefined ? sql`${a}.role_id` : role,
      scope: sql`${a}.scope_type`,
      ends: expires_at === undefined ? sql`${a}.expires_at` : sql`${expires_at}`,
    })})`
  const exists = role_name === undefined ? sql`1` : sql`${role} IS NOT NULL`
  const permitted = (a: SQL) =>
    sql`NOT ${a}.is_immutable AND ${amAdmin} AND ${refusal(a)} IS NULL AND ${exists}`
  const { found, roles, updated, left } = await ask.write(
    {
      left: countOwned(id),
      owned: flows ? takeOwned(ask.author, sql`a.id = ${id} AND ${permitted(sql`a`)}`) : [],
      found: sql<Standing>`SELECT a.is_immutable, ${refusal(sql`a`)} AS refusal FROM userroleassignment a WHERE a.id = ${id}`,
      roles: sql<{ id: string | null }>`SELECT ${role} AS id`,
      change: amend(ask.author, 'grant.update', sql`userroleassignment`, id, permitted(sql`t`), {
        ...(role_name === undefined ? {} : { role_id: role }),
        ...(expires_at === undefined ? {} : { expires_at: sql`${expires_at}` }),
      }),
      updated: sql`${assignments} WHERE a.id = ${id}`,
    },
    existsAlready,
  )
  const { refusal: why } = requireMutable(found.rows[0], id, 'modify')
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
  const condition = sql`a.id = ${id} AND NOT a.is_immutable AND ${amAdmin} AND ${refusalToTake(sql`a`)} IS NULL`
  const { found, left } = await ask.write({
    found: sql<Standing>`SELECT a.is_immutable, ${refusalToTake(sql`a`)} AS refusal FROM userroleassignment a WHERE a.id = ${id}`,
    left: countOwned(id),
    owned: flows ? takeOwned(ask.author, condition) : [],
    recorded: recordDeletion(ask.author, condition),
    deletion: sql`DELETE FROM userroleassignment AS a WHERE ${condition}`,
  })
  requireGranter(requireMutable(found.rows[0], id, 'remove').refusal)
  return { owned: leftOf(one(left.rows), flows) }
}

const recordDeletion = (author: Author, condition: SQL) =>
  record(
    author,
    'grant.delete',
    { id: sql`a.id`, before: grantColumns(sql`a`) },
    sql`FROM userroleassignment a WHERE ${condition}`,
  )

/** What forbids to change a grant. */
type Standing = { is_immutable: number; refusal: Refusal | null }

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

/** The unique indexes decide who was first, also among isolates. */
const existsAlready: Taken = {
  'userroleassignment.user_id': (cause) =>
    new ApiError('conflict', 'Role assignment already exists', { cause }),
}
