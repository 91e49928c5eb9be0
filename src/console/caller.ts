// Who is signed in, as the API sees them: asked once by the frame, for all pages.
import { useEffect } from 'hono/jsx/dom'
import { read, v1 } from './api.ts'
import type { Me } from './bodies.ts'
import { type Query, useQuery } from './query.ts'
import { storeOf, useStore } from './store.ts'

/** `isAdmin`: a superuser or Global Admin, for whom everything is allowed. */
export type Caller = Me & { isAdmin: boolean }

const caller = storeOf<Caller | undefined>(undefined)

async function ask(signal: AbortSignal): Promise<Caller> {
  const init = { init: { signal } }
  const [me, { has_permission }] = await Promise.all([
    read<Me>(v1.users.whoami.$get({}, init)),
    read<{ has_permission: boolean }>(
      v1.rbac['check-permission'].$get(
        { query: { permission: 'Update', scope_type: 'Global' } },
        init,
      ),
    ),
  ])
  return { ...me, isAdmin: has_permission }
}

/** For the frame alone, which says what goes wrong: asks, and forgets when nobody is signed in any longer. */
export function useCallerOfFrame(): Query<Caller> {
  const asked = useQuery('caller', ask)
  const { data } = asked
  useEffect(() => caller.set(data), [data])
  useEffect(() => () => caller.set(undefined), [])
  return asked
}

/** Undefined until the API has said who it is. */
export const useCaller = (): Caller | undefined => useStore(caller)
