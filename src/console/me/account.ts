// What somebody changes about their own account. Each throws the Problem of what was refused.
import { done, once, read, v1 } from '../api.ts'
import type { Key, MadeKey, Session } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { tell } from '../notices.tsx'
import { signIn } from '../session.ts'
import { t } from '../texts.ts'

export const askSessions = (signal: AbortSignal) =>
  read<{ sessions: Session[] }>(v1.sessions.$get({ query: {} }, { init: { signal } }))

export async function endSession({ id }: Session): Promise<void> {
  await done(v1.sessions[':session_id'].$delete({ param: { session_id: id } }))
  tell(t.me.ended(1))
}

/** All but the one that asks. */
export async function endOthers(): Promise<void> {
  const { ended } = await read<{ ended: number }>(v1.sessions.$delete({ query: {} }))
  tell(t.me.ended(ended))
}

export const askKeys = (signal: AbortSignal) =>
  read<{ api_keys: Key[] }>(v1.api_key.index.$get({ query: {} }, { init: { signal } }))

export type Wanted = { name: string; until: string; may: 'all' | 'read' | 'decide' }

export const makeKey = ({ name, until, may }: Wanted) =>
  read<MadeKey>(
    v1.api_key.index.$post(
      {
        json: {
          name,
          // A day ends where it ends for whoever chose it.
          expires_at: until ? new Date(`${until}T23:59:59`).toISOString() : null,
          read_only: may === 'read',
          decisions: may === 'decide',
        },
      },
      once(),
    ),
  )

export async function revokeKey({ id, name }: Key): Promise<void> {
  await done(v1.api_key[':api_key_id'].$delete({ param: { api_key_id: id } }))
  tell(t.me.revoked(name ?? t.me.unnamed))
}

export type NewPassword = { current: string; next: string; withKeys: boolean }

/** All sessions end with the old password, this one too: another begins with what has just been typed. */
export async function changePassword(
  { id, username }: Caller,
  { current, next, withKeys }: NewPassword,
): Promise<void> {
  await done(
    v1.users[':user_id']['reset-password'].$patch({
      param: { user_id: id },
      query: withKeys ? { keys: 'true' } : {},
      json: { password: next, current_password: current },
    }),
  )
  // Where that fails, the next request asks for a name and a password.
  await signIn(username, next).catch(() => undefined)
  tell(withKeys ? t.me.changedWithKeys : t.me.changed)
}
