// What a team opens: its grants as far as the caller may know them. Admins see them all, by the page; members what
// somebody shares with the team, for the API tells them of nothing else.

import { end } from '../access/sharing.ts'
import { done, once, read, v1 } from '../api.ts'
import type { Assignment, Assignments, MyShare, Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import type { Held } from '../grant-table.tsx'
import { tell } from '../notices.tsx'
import { t } from '../texts.ts'

const SIZE = 50

export type Sought = { scope: string; page: number }
export type Found = { items: Held[]; total: number; pages: number }

export function askOpens(
  team: Team,
  caller: Caller,
  sought: Sought,
  again: () => void,
  signal: AbortSignal,
): Promise<Found> {
  return caller.isAdmin
    ? askAll(team, caller, sought, again, signal)
    : askMine(team, sought, again, signal)
}

async function askAll(
  team: Team,
  { is_superuser }: Caller,
  { scope, page }: Sought,
  again: () => void,
  signal: AbortSignal,
): Promise<Found> {
  const scope_type = scope ? { scope_type: scope } : {}
  const found = await read<Assignments>(
    v1.rbac.assignments.$get(
      { query: { team_id: team.id, page: String(page), size: String(SIZE), ...scope_type } },
      { init: { signal } },
    ),
  )
  // What one's own team holds, and who is an admin, is for others to change.
  const fixed = (grant: Assignment) => {
    if (is_superuser) return undefined
    if (team.role !== null) return t.grants.ofYours
    return grant.scope_type === 'Global' && grant.role_name === 'Admin'
      ? t.grants.forSuperusers
      : undefined
  }
  const items = found.items.map((grant) => {
    const why = fixed(grant)
    return {
      ...grant,
      role: grant.role_name,
      name: grant.scope_name,
      fixed: why,
      end: why ? undefined : () => endGrant(team, grant, again),
    }
  })
  return { ...found, items }
}

async function endGrant(team: Team, grant: Assignment, again: () => void): Promise<void> {
  await done(
    v1.rbac.assignments[':assignment_id'].$delete({
      param: { assignment_id: grant.id },
      query: {},
    }),
  )
  again()
  const { role_name, scope_type, scope_id, expires_at = null } = grant
  const json = { team_id: team.id, role_name, scope_type, scope_id, expires_at }
  const isOver = expires_at !== null && Date.parse(expires_at) <= Date.now()
  const back = () => done(v1.rbac.assignments.$post({ json }, once())).then(again)
  tell(t.access.ended(t.access.team(team.name)), isOver ? undefined : back)
}

async function askMine(
  team: Team,
  { scope, page }: Sought,
  again: () => void,
  signal: AbortSignal,
): Promise<Found> {
  const init = { init: { signal } }
  const [shared, granted] = await Promise.all([
    read<MyShare[]>(v1.me.shared.$get({}, init)),
    read<MyShare[]>(v1.me.granted.$get({}, init)),
  ])
  const mine = new Set(granted.map(({ id }) => id))
  const all = new Map([...shared, ...granted].map((share) => [share.id, share]))
  const ofTeam = [...all.values()].filter(
    ({ team_id, scope_type }) => team_id === team.id && (!scope || scope_type === scope),
  )
  const items = ofTeam.slice((page - 1) * SIZE, page * SIZE).map((share) => ({
    ...share,
    // Whoever gave it ends it; others may where they may share the thing, and do that there.
    end: mine.has(share.id)
      ? () => end({ scope: share.scope_type, id: share.scope_id }, share, again)
      : undefined,
  }))
  return { items, total: ofTeam.length, pages: Math.ceil(ofTeam.length / SIZE) }
}
