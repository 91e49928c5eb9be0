// Rows of `role` and `userroleassignment` -> the bodies of the contract. Pure.
import type { Row } from '../db/client.ts'
import { dashed, toJson } from '../db/values.ts'
import { toTime } from '../times.ts'
import {
  arrayOf,
  count,
  flag,
  id,
  nested,
  nullable,
  object,
  oneOf,
  optional,
  pageOf,
  text,
  texts,
  time,
  view,
} from '../wire.ts'
import type { Explanation } from './explain.ts'
import type { AccessQuery, ExplainQuery } from './params.ts'

/** One role as LangBuilder's RoleRead. */
const role = {
  name: text,
  description: nullable(text),
  is_system_role: flag,
  id,
  created_at: time,
}
export const toRoleRead = view('RoleRead', role)

/** The same with what the role holds. */
export const toRoleDetail = view('RoleDetail', { ...role, permissions: texts })

/** One assignment with its role, whose columns carry the prefix `role_`; `expires_at` only where it ends, `team_id` where it is a team's. */
const assignment = {
  id,
  user_id: nullable(id),
  team_id: optional(id),
  team_name: optional(text),
  role_id: id,
  scope_type: text,
  scope_id: nullable(id),
  is_immutable: flag,
  created_at: time,
  created_by: nullable(id),
  expires_at: optional(time),
  role: nested('role_', toRoleRead),
}

/** For its own user, who need not be able to read what it stands on. */
const toGrantRead = view('GrantRead', assignment)

/** For admins, with the names of what it is about: null for who or what is gone, and for Global scope. */
export const toAssignmentRead = view('AssignmentRead', {
  ...assignment,
  username: nullable(text),
  role_name: text,
  scope_name: nullable(text),
})

const decider = oneOf(
  'inactive',
  'superuser',
  'global_admin',
  'flow_grant',
  'project_grant',
  'global_grant',
  'no_grant',
)

/** What `toExplanation` makes. */
export const ExplanationBody = object({
  allowed: flag,
  decided_by: decider,
  user_id: id,
  permission: text,
  scope_type: text,
  scope_id: nullable(id),
  grants: arrayOf(
    object(
      { status: oneOf('decides', 'shadowed', 'expired'), holds_permission: flag },
      toGrantRead,
    ),
  ),
})

/** What `toAccess` makes: a page, and how many admins there are, whom only admins see in it. */
export const AccessBody = object(
  { admins: count },
  pageOf(
    object({
      user_id: id,
      username: text,
      actions: texts,
      decided_by: decider,
      grants: arrayOf(
        object({
          id,
          role_name: text,
          scope_type: text,
          scope_id: nullable(id),
          expires_at: optional(time),
          team_id: optional(id),
          team_name: optional(text),
        }),
      ),
    }),
  ),
)

/** The predicate's answer, what it rests on, and every grant that had a say, most specific first. */
export function toExplanation(asked: ExplainQuery, { subject, grants }: Explanation) {
  const decisive = grants.find((grant) => grant.decides)
  return {
    allowed: Boolean(subject.allowed),
    decided_by: decidedBy(subject, decisive),
    user_id: dashed(subject.id),
    permission: asked.permission,
    scope_type: asked.scope_type,
    scope_id: dashed(asked.scope_id),
    grants: grants.map((grant) => ({
      ...toGrantRead(grant),
      status: !grant.is_live ? 'expired' : grant.decides ? 'decides' : 'shadowed',
      holds_permission: Boolean(grant.holds),
    })),
  }
}

function decidedBy(subject: Row, decisive: Row | undefined): string {
  if (!subject.is_active) return 'inactive'
  if (subject.is_superuser) return 'superuser'
  if (subject.is_admin) return 'global_admin'
  return decisive ? `${String(decisive.scope_type).toLowerCase()}_grant` : 'no_grant'
}

type GrantJson = { id: string; role_name: string; scope_type: string } & Record<string, unknown>

/** A page of users with what they may do and the grants it comes from. */
export function toAccess(
  asked: AccessQuery,
  { rows, total, admins }: { rows: Row[]; total: number; admins: number },
) {
  const { page, size } = asked
  const items = rows.map((row) => {
    const grants = row.is_superuser ? [] : (toJson(row.grants) as GrantJson[])
    return {
      user_id: dashed(row.id),
      username: row.username,
      actions: String(row.actions).split(',').slice(0, -1),
      decided_by: decidedBy({ ...row, is_active: 1 }, grants[0] as unknown as Row | undefined),
      grants: grants.map(({ id, role_name, scope_type, scope_id, expires_at, ...of }) => ({
        id: dashed(id),
        role_name,
        scope_type,
        scope_id: dashed(scope_id),
        ...(expires_at === null ? {} : { expires_at: toTime(expires_at) }),
        ...(of.team_id === null ? {} : { team_id: dashed(of.team_id), team_name: of.team_name }),
      })),
    }
  })
  return { items, total, page, size, pages: Math.ceil(total / size), admins }
}
