// What is done with the account of a person. Each throws the Problem of what was refused.
import { done, read, v1 } from '../api.ts'
import type { Named, User } from '../bodies.ts'
import { tell } from '../notices.tsx'
import { t } from '../texts.ts'

type Change = { is_active?: boolean; is_superuser?: boolean; password?: string }

/** `keys`: the API keys go where the sessions do. */
export const change = (id: string, json: Change, keys = false) =>
  done(v1.users[':user_id'].$patch({ param: { user_id: id }, query: { keys: String(keys) }, json }))

export const remove = (id: string) => done(v1.users[':user_id'].$delete({ param: { user_id: id } }))

export async function activate({ id }: Named, said: string, again: () => void): Promise<void> {
  await change(id, { is_active: true })
  again()
  tell(said, () => change(id, { is_active: false }).then(again))
}

export const approve = (person: Named, again: () => void) =>
  activate(person, t.people.approved(person.username), again)

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
