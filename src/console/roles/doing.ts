// What is asked about roles and done with them. Each throws the Problem of what was refused.
import { done, once, read, v1 } from '../api.ts'
import type { Assignments, Role } from '../bodies.ts'
import { tell } from '../notices.tsx'
import { Problem } from '../problem.ts'
import { t } from '../texts.ts'

/** A role with what it allows, as `Flow:Read`, and how many grants are of it. */
export type Whole = Role & { permissions: string[]; grants: number }

/** As it is made or changed. */
export type Draft = Pick<Whole, 'name' | 'description' | 'permissions'>

export const askRoles = (signal: AbortSignal) =>
  read<Role[]>(v1.rbac.roles.$get({}, { init: { signal } }))

type Held = Omit<Whole, 'grants'>

const askRole = (role_id: string, signal?: AbortSignal) =>
  read<Held>(
    v1.rbac.roles[':role_id'].$get({ param: { role_id } }, { init: { signal: signal ?? null } }),
  )

export const askGrants = (role_name: string, page: number, size: number, signal: AbortSignal) =>
  read<Assignments>(
    v1.rbac.assignments.$get(
      { query: { role_name, page: String(page), size: String(size) } },
      { init: { signal } },
    ),
  )

/** Of a few: the list of all says neither what they allow nor how often they are given. */
export const askWhole = (roles: Role[], signal: AbortSignal): Promise<Whole[]> =>
  Promise.all(
    roles.map(async ({ id, name }) => {
      const [role, { total }] = await Promise.all([
        askRole(id, signal),
        askGrants(name, 1, 1, signal),
      ])
      return { ...role, grants: total }
    }),
  )

/** The API takes the permissions that there are; those of others' making are refused in its words. */
const bodyOf = ({ name, description, permissions }: Draft) => ({
  name,
  description,
  permissions: permissions as Permission[], // see above
})
type Permission = `${'Flow' | 'Project'}:${'Create' | 'Read' | 'Update' | 'Delete'}`

const post = (draft: Draft) => read<Held>(v1.rbac.roles.$post({ json: bodyOf(draft) }, once()))

const erase = (role_id: string) => done(v1.rbac.roles[':role_id'].$delete({ param: { role_id } }))

/** Only as it was seen: what another admin has changed meanwhile is neither overwritten nor deleted. */
async function mustBeAs(seen: Held): Promise<void> {
  const now = await askRole(seen.id)
  if (JSON.stringify(bodyOf(now)) !== JSON.stringify(bodyOf(seen)))
    throw new Problem(t.problems.precondition_failed ?? '', { status: 412, code: 'changed' })
}

async function replace(seen: Held, draft: Draft): Promise<Held> {
  await mustBeAs(seen)
  return read<Held>(
    v1.rbac.roles[':role_id'].$patch({ param: { role_id: seen.id }, json: bodyOf(draft) }),
  )
}

export async function create(draft: Draft, again: () => void): Promise<void> {
  const made = await post(draft)
  again()
  tell(t.roles.created(draft.name), async () => {
    await mustBeAs(made)
    await erase(made.id)
    again()
  })
}

export async function change(role: Whole, draft: Draft, again: () => void): Promise<void> {
  const made = await replace(role, draft)
  again()
  tell(t.roles.changed(draft.name), async () => {
    await replace(made, role)
    again()
  })
}

/** One that no grant is of; the way back makes the same again. */
export async function remove(role: Whole, again: () => void): Promise<void> {
  if (role.grants > 0)
    throw new Problem(t.roles.inUse(role.name, role.grants), { status: 409, code: 'in_use' })
  await erase(role.id)
  again()
  tell(t.roles.removed(role.name), () => post(role).then(again))
}
