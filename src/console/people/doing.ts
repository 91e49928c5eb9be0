// What is done with the account of a person. Each throws the Problem of what was refused.
import { done, read, v1 } from '../api.ts'
import type { Named, User, Users } from '../bodies.ts'
import { tell } from '../notices.tsx'
import { Problem } from '../problem.ts'
import { t } from '../texts.ts'

type Change = { is_active?: boolean; is_superuser?: boolean; password?: string }

/** `keys`: the API keys go where the sessions do. */
export const change = (id: string, json: Change, keys = false) =>
  done(v1.users[':user_id'].$patch({ param: { user_id: id }, query: { keys: String(keys) }, json }))

export const remove = (id: string) => done(v1.users[':user_id'].$delete({ param: { user_id: id } }))

/** `back`: what is said when it is taken back. */
export async function activate(
  { id }: Named,
  said: string,
  again: () => void,
  back?: string,
): Promise<void> {
  await change(id, { is_active: true })
  again()
  tell(said, async () => {
    await change(id, { is_active: false })
    again()
    return back
  })
}

/** No way back to those who wait: whoever was approved once counts as decided on. */
export const approve = (person: Named, again: () => void) =>
  activate(
    person,
    t.people.approved(person.username),
    again,
    t.people.noLongerWaiting(person.username),
  )

/** Takes back that somebody was created, unless they have come since: their work would go too. */
export async function unmake({ id, username }: User): Promise<void> {
  const { users } = await read<Users>(v1.users.index.$get({ query: { user_id: id } }))
  if (users.some(({ last_login_at }) => last_login_at !== null))
    throw new Problem(t.people.usedSince(username), { status: 409, code: 'in_use' })
  await remove(id)
}

/**
 * Makes somebody who can sign in at once, whatever is set for sign-ups. `headers`: those of `once`, the same for each try,
 * so that one that broke off half-way goes on.
 */
export async function create(
  json: { username: string; password: string },
  headers: { headers: Record<string, string> },
): Promise<User> {
  const user = await read<User>(v1.users.index.$post({ json }, headers))
  if (!user.is_active) await change(user.id, { is_active: true })
  return user
}

/** To be handed over: 60 bits that nobody can guess, short enough to be typed. */
export const suggestPassword = () => crypto.randomUUID().slice(0, 18)
