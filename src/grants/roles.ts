// Roles, for admins: the system's are fixed, custom ones hold any of the eight permissions.
import type { Ask } from '../access/ask.ts'
import { record, recorded } from '../access/audit.ts'
import { allGrants } from '../access/grants.ts'
import { slice } from '../access/long-list.ts'
import {
  allKeyed,
  nameKeyFor,
  noneUnkeyed,
  rolesNames,
  unkeyed,
  whenKeyed,
} from '../access/names.ts'
import { amAdmin } from '../access/predicate.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { dashed, newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { keyOfName } from '../names.ts'
import { namesOf } from '../wire.ts'
import { type Refusal, refusalToWiden, requireGranter } from './granting.ts'
import type { RoleCreate, RoleUpdate } from './params.ts'
import { toRoleDetail } from './view.ts'

/** SQL: what the role `r` holds, as a sorted JSON list of `Flow:Read` and its like. */
const held = sql`(SELECT json_group_array(x.permission) FROM (
  SELECT p.scope || ':' || p.name AS permission FROM rolepermission rp JOIN permission p ON p.id = rp.permission_id
  WHERE rp.role_id = r.id ORDER BY 1) x)`

const roleJson = sql`json_object('name', ${recorded(sql`r.name`)}, 'description', ${recorded(sql`r.description`)}, 'permissions', json(${held}))`
const fullRole = (id: string) =>
  sql`SELECT r.*, ${held} AS permissions FROM role r WHERE r.id = ${id}`

/** As many as fit into one answer, after the row that the slice before ended with. */
export async function listRoles(ask: Ask, after: Row | undefined): Promise<Row[]> {
  const isCustom = sql`(NOT is_system_role)`
  const range = after
    ? sql`(${isCustom}, name) > (${after.is_custom ?? null}, ${after.name ?? null})`
    : sql`1`
  const { roles } = await ask.read({
    roles: slice(
      sql`SELECT role.*, ${isCustom} AS is_custom FROM role WHERE ${amAdmin} AND ${range}`,
      sql`ORDER BY is_custom, name`,
      sql`octet_length(concat(name, description)) + 300`,
    ),
  })
  return roles
}

/** One role with its permissions. */
export async function findRole(ask: Ask, id: string): Promise<Row> {
  const { roles } = await ask.read({ roles: sql`${fullRole(id)} AND ${amAdmin}` })
  return roles[0] ?? notFound(id)
}

/** Throws 409 when the name is taken. */
export async function createRole(ask: Ask, input: RoleCreate): Promise<Row> {
  const id = newId()
  const { made } = await whenKeyed(ask, rolesNames, () =>
    ask.create(
      {
        unkeyed: unkeyed(rolesNames),
        insert: sql`INSERT INTO role (id, name, name_key, description, is_system_role, created_at)
        SELECT ${id}, ${input.name}, ${keyOfName(input.name)}, ${input.description}, 0, ${now}
        WHERE ${amAdmin} AND ${allKeyed(rolesNames)}`,
        permissions: addPermissions(
          id,
          input.permissions,
          sql`EXISTS (SELECT 1 FROM role WHERE id = ${id})`,
        ),
        recorded: record(
          ask.author,
          'role.create',
          { id: sql`r.id`, after: roleJson },
          sql`FROM role r WHERE r.id = ${id}`,
        ),
        made: fullRole(id),
      },
      namesOf(toRoleDetail),
      nameTaken(input.name),
    ),
  )
  return one(made.rows)
}

/**
 * What changes for the role's holders, changes at their next request. Throws 404, 400 for a role of the system,
 * 403 where the caller may not change what it holds, 409 when the name is taken.
 */
export async function updateRole(ask: Ask, id: string, input: RoleUpdate): Promise<Row> {
  const permissions = input.permissions && JSON.stringify(input.permissions)
  const name = sql`coalesce(${input.name ?? null}, r.name)`
  const key =
    input.name === undefined ? sql`r.name_key` : nameKeyFor(rolesNames, input.name, sql`r`)
  const description =
    input.description === undefined ? sql`r.description` : sql`${input.description}`
  const wanted = sql`coalesce(${permissions ?? null}, ${held})`
  const refusal = input.permissions === undefined ? sql`NULL` : refusalToWiden(sql`r`)
  const named = input.name === undefined ? sql`1` : allKeyed(rolesNames)
  const mutable = sql`EXISTS (SELECT 1 FROM role r WHERE r.id = ${id} AND NOT r.is_system_role AND ${amAdmin}
    AND ${named} AND ${refusal} IS NULL)`
  const after = sql`json_object('name', ${recorded(name)}, 'description', ${recorded(description)}, 'permissions', json(${wanted}))`
  const { refusals, updated } = await whenKeyed(ask, rolesNames, () =>
    ask.write(
      {
        unkeyed: input.name === undefined ? noneUnkeyed : unkeyed(rolesNames),
        refusals: sql<{
          refusal: Refusal | null
        }>`SELECT ${refusal} AS refusal FROM role r WHERE r.id = ${id}`,
        recorded: record(
          ask.author,
          'role.update',
          { id: sql`r.id`, before: roleJson, after },
          sql`FROM role r WHERE r.id = ${id} AND ${mutable} AND ${roleJson} <> ${after}`,
        ),
        change: sql`UPDATE role AS r SET name = ${name}, name_key = ${key}, description = ${description} WHERE r.id = ${id} AND ${mutable}`,
        permissions:
          input.permissions === undefined
            ? []
            : [
                sql`DELETE FROM rolepermission WHERE role_id = ${id} AND ${mutable}`,
                addPermissions(id, input.permissions, mutable),
              ],
        updated: fullRole(id),
      },
      nameTaken(input.name),
    ),
  )
  const role = requireCustom(updated.rows[0], id)
  requireGranter(refusals.rows[0]?.refusal)
  return role
}

/** Throws 409 with the number of grants while there are any. */
export async function deleteRole(ask: Ask, id: string): Promise<void> {
  const unused = sql`r.id = ${id} AND NOT r.is_system_role AND ${amAdmin}
    AND NOT EXISTS (SELECT 1 ${allGrants(sql`a.role_id = ${id}`)})`
  const { found } = await ask.write({
    found: sql`SELECT r.*, (SELECT count(*) ${allGrants(sql`a.role_id = ${id}`)}) AS grants FROM role r WHERE r.id = ${id}`,
    recorded: record(
      ask.author,
      'role.delete',
      { id: sql`r.id`, before: roleJson },
      sql`FROM role r WHERE ${unused}`,
    ),
    permissions: sql`DELETE FROM rolepermission WHERE EXISTS (SELECT 1 FROM role r WHERE ${unused}) AND role_id = ${id}`,
    deletion: sql`DELETE FROM role AS r WHERE ${unused}`,
  })
  const role = requireCustom(found.rows[0], id)
  if (role.grants)
    throw new ApiError('conflict', `Role '${role.name}' is in use by ${role.grants} grants`)
}

const addPermissions = (roleId: string, permissions: readonly string[], condition: SQL) =>
  sql`INSERT INTO rolepermission (id, role_id, permission_id, created_at)
    SELECT lower(hex(randomblob(16))), ${roleId}, p.id, ${now} FROM permission p
    WHERE p.scope || ':' || p.name IN ${listed(permissions)} AND ${condition}`

function requireCustom(role: Row | undefined, id: string): Row {
  if (!role) return notFound(id)
  if (role.is_system_role)
    throw new ApiError('bad_request', `Cannot change system role '${role.name}'`)
  return role
}

function notFound(id: string): never {
  throw new ApiError('not_found', `Role '${dashed(id)}' not found`)
}

/** The unique index decides who was first. */
const nameTaken = (name: string | undefined): Taken => ({
  'role.name': (cause) => new ApiError('conflict', `Role '${name}' already exists`, { cause }),
})
