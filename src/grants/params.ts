// What callers may send about roles, assignments and checks.
import * as v from 'valibot'
import { permissions } from '../access/predicate.ts'
import { listOf, objectOf } from '../containers.ts'
import { Flag, nameOf, Time, text, Uuid, whole } from '../fields.ts'

/** A name to be looked up or compared, of a role, a permission or a kind of thing. */
const Word = text(255)

export const AssignmentPath = v.object({ assignment_id: Uuid })
export const RolePath = v.object({ role_id: Uuid })

/** With `page` or `size` the answer is a page; with `teams`, what `user_id` holds through them is in it. */
export const AssignmentFilter = v.object({
  user_id: v.optional(Uuid),
  username: v.optional(Word),
  team_id: v.optional(Uuid),
  role_name: v.optional(Word),
  scope_type: v.optional(Word),
  // Beyond the contract.
  teams: v.optional(Flag, 'false'),
  created_by: v.optional(Uuid),
  page: v.optional(whole(1, 1_000_000)),
  size: v.optional(whole(1, 100)),
})
export type AssignmentFilter = v.InferOutput<typeof AssignmentFilter>

const EXAMPLE = '0f8fad5b-d9cb-469f-a165-70867728950e'

/** For exactly one of a user and a team. */
export const AssignmentCreate = v.pipe(
  objectOf({
    user_id: v.optional(Uuid),
    team_id: v.optional(Uuid),
    role_name: Word,
    scope_type: Word,
    scope_id: v.nullish(Uuid, null),
    expires_at: v.nullish(Time, null),
  }),
  v.metadata({
    examples: [{ team_id: EXAMPLE, role_name: 'Editor', scope_type: 'Project', scope_id: EXAMPLE }],
  }),
  v.forward(
    v.check(
      ({ user_id, team_id }) => user_id !== undefined || team_id !== undefined,
      'Field required',
    ),
    ['user_id'],
  ),
  v.forward(
    v.check(
      ({ user_id, team_id }) => user_id === undefined || team_id === undefined,
      'Give either user_id or team_id',
    ),
    ['team_id'],
  ),
)
export type AssignmentCreate = v.InferOutput<typeof AssignmentCreate>

/** `flows`: take the grants along by which the user owns flows in the project. */
export const AssignmentQuery = v.object({ flows: v.optional(Flag, 'false') })
export type AssignmentQuery = v.InferOutput<typeof AssignmentQuery>

/** `expires_at: null` lets the grant live for ever again; left out, it stays. */
export const AssignmentUpdate = v.pipe(
  objectOf({ role_name: v.optional(Word), expires_at: v.nullish(Time) }),
  v.forward(
    v.check(
      ({ role_name, expires_at }) => role_name !== undefined || expires_at !== undefined,
      'Field required',
    ),
    ['role_name'],
  ),
)
export type AssignmentUpdate = v.InferOutput<typeof AssignmentUpdate>

/** The eight permissions that a role can hold, as `Flow:Read`. */
const rolePermissions = (['Flow', 'Project'] as const).flatMap((scope) =>
  permissions.map((name) => `${scope}:${name}` as const),
)
const RolePermissions = v.pipe(
  listOf(100, v.picklist(rolePermissions, `Input should be one of ${rolePermissions.join(', ')}`)),
  v.transform((list) => [...new Set(list)].sort()),
)
const RoleName = nameOf('Name', 100)

const Description = text(1000)

export const RoleCreate = objectOf({
  name: RoleName,
  description: v.nullish(Description, null),
  permissions: v.optional(RolePermissions, []),
})
export type RoleCreate = v.InferOutput<typeof RoleCreate>

/** What is left out stays; a null clears the description. */
export const RoleUpdate = objectOf({
  name: v.optional(RoleName),
  description: v.nullish(Description),
  permissions: v.optional(RolePermissions),
})
export type RoleUpdate = v.InferOutput<typeof RoleUpdate>

/** Any text may be asked about: what does not exist is not permitted. */
export const CheckQuery = v.object({
  permission: Word,
  scope_type: Word,
  scope_id: v.optional(Uuid),
})

export const CheckBatch = objectOf({
  checks: v.pipe(
    listOf(
      100,
      objectOf({ action: Word, resource_type: Word, resource_id: v.nullish(Uuid, null) }),
    ),
    v.minLength(1, 'List should have at least 1 item'),
  ),
})

const scopeType = v.picklist(['Flow', 'Project'], "Input should be 'Flow' or 'Project'")

/** Without `user_id`: oneself. */
export const ExplainQuery = v.object({
  user_id: v.optional(Uuid),
  permission: v.picklist(permissions, `Input should be one of ${permissions.join(', ')}`),
  scope_type: scopeType,
  scope_id: Uuid,
})
export type ExplainQuery = v.InferOutput<typeof ExplainQuery>

export const AccessQuery = v.object({
  scope_type: scopeType,
  scope_id: Uuid,
  page: v.optional(whole(1, 1_000_000), '1'),
  size: v.optional(whole(1, 100), '50'),
})
export type AccessQuery = v.InferOutput<typeof AccessQuery>
