// Giving and taking rights on a flow or a project: the same calls for both.
import { done, once, read, v1 } from '../api.ts'
import type { MadeShare, Share } from '../bodies.ts'
import { tell } from '../notices.tsx'
import type { Receiver } from '../picker.tsx'
import { t } from '../texts.ts'

export type Scope = 'Flow' | 'Project'
export type Thing = { scope: Scope; id: string }
type Given = { role: string; expires_at?: string | null } & (
  | { user_id: string }
  | { team_id: string }
)

export const askShares = ({ scope, id }: Thing, signal: AbortSignal): Promise<Response> => {
  const init = { init: { signal } }
  return scope === 'Flow'
    ? v1.flows[':flow_id'].shares.$get({ param: { flow_id: id } }, init)
    : v1.projects[':project_id'].shares.$get({ param: { project_id: id } }, init)
}

const make = ({ scope, id }: Thing, json: Given) =>
  read<MadeShare>(
    scope === 'Flow'
      ? v1.flows[':flow_id'].shares.$post({ param: { flow_id: id }, json }, once())
      : v1.projects[':project_id'].shares.$post({ param: { project_id: id }, json }, once()),
  )

const take = ({ scope, id }: Thing, share_id: string) =>
  done(
    scope === 'Flow'
      ? v1.flows[':flow_id'].shares[':share_id'].$delete({ param: { flow_id: id, share_id } })
      : v1.projects[':project_id'].shares[':share_id'].$delete({
          param: { project_id: id, share_id },
        }),
  )

/** Throws the Problem of what was refused; what it replaces is said with the way back. */
export async function give(
  thing: Thing,
  to: Receiver,
  { role, until }: { role: string; until: string },
  again: () => void,
): Promise<void> {
  const whom = to.kind === 'user' ? { user_id: to.id } : { team_id: to.id }
  // A day ends where it ends for whoever chose it.
  const end = until ? { expires_at: new Date(`${until}T23:59:59`).toISOString() } : {}
  const made = await make(thing, { ...whom, role, ...end })
  again()
  tell([t.access.given(to.name, role), ...made.warnings].join(' '), () =>
    take(thing, made.id).then(again),
  )
}

export const nameOf = ({ username, team }: Share) =>
  team !== null ? t.access.team(team) : (username ?? t.flows.nobody)

/** Ends it at once; the way back gives the same again. */
export async function end(thing: Thing, share: Share, again: () => void): Promise<void> {
  await take(thing, share.id)
  again()
  const whom =
    share.team_id !== null ? { team_id: share.team_id } : { user_id: share.user_id ?? '' }
  tell(t.access.ended(nameOf(share)), () =>
    make(thing, { ...whom, role: share.role, expires_at: share.expires_at ?? null }).then(again),
  )
}
