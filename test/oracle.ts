// The decision rule a second time, as plainly as it can be said, to be compared with what flowgate
// answers. It shares no code with `src` and must stay short enough to be believed.

export type Permission = 'Create' | 'Read' | 'Update' | 'Delete'
export type Scope = 'Flow' | 'Project' | 'Global'

export type World = {
  users: { id: string; superuser: boolean; active: boolean }[]
  projects: { id: string; name: string; owner: string | null; examples?: boolean }[]
  flows: { id: string; project: string | null; owner: string | null; updated: string }[]
  /** What each role holds, as `Read Flow`. */
  roles: Record<string, string[]>
  grants: Grant[]
  teams: Team[]
}
export type Team = { id: string; members: string[]; grants: Held[] }
export type Grant = Held & { user: string }
/** What a user or a team holds. */
export type Held = {
  role: string
  scope: Scope
  target: string | null
  ends: 'never' | 'in the future' | 'in the past'
}

/** May the user do this to the flow or project (which need not exist)? */
export function may(
  world: World,
  userId: string,
  permission: Permission,
  scope: 'Flow' | 'Project',
  id: string,
): boolean {
  const { users, flows, roles } = world
  const live = heldBy(world, userId)
  const at = (where: Scope, target: string | null) =>
    live.filter((grant) => grant.scope === where && grant.target === target)
  const user = users.find((one) => one.id === userId)
  if (!user?.active) return false
  if (isAdmin(world, userId)) return true

  const project = scope === 'Project' ? id : flows.find((flow) => flow.id === id)?.project
  const deciding = [
    scope === 'Flow' ? at('Flow', id) : [],
    project ? at('Project', project) : [],
    at('Global', null),
  ].find((level) => level.length > 0)
  return (deciding ?? []).some((grant) => roles[grant.role]?.includes(`${permission} ${scope}`))
}

/** A superuser, or Admin with Global scope. */
export const isAdmin = (world: World, userId: string): boolean =>
  world.users.some(({ id, superuser }) => id === userId && superuser) ||
  heldBy(world, userId).some(({ role, scope }) => role === 'Admin' && scope === 'Global')

/** What they hold and is not over, by themselves or through a team. */
function heldBy({ grants, teams }: World, userId: string): Held[] {
  const own = grants.filter(({ user }) => user === userId)
  const ofTeams = teams.filter(({ members }) => members.includes(userId)).flatMap((t) => t.grants)
  return [...own, ...ofTeams].filter(({ ends }) => ends !== 'in the past')
}
