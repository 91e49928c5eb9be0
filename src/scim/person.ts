// A user as the directory knows them: what is kept, made from a body or by a PATCH. Pure.
import * as v from 'valibot'
import { toJson } from '../db/values.ts'
import { parse } from '../params.ts'
import { type Raw, userAttributes } from './attributes.ts'
import { type Operation, User } from './params.ts'
import { apply, stepsOf } from './patch.ts'

/** What is kept beside the row of the user. */
export type Profile = Pick<User, 'displayName' | 'name' | 'emails'>
export type Person = {
  readonly userName: string
  readonly externalId: string | null
  readonly active: boolean
  readonly profile: Profile
}

/** A user of this body; `now` is who they are so far. What a PUT leaves out is gone, but for their id and whether they are active. */
export function toPerson(body: User, now?: Person): Person {
  const externalId = body.externalId === undefined ? now?.externalId : body.externalId
  return {
    userName: body.userName,
    externalId: externalId || null,
    active: body.active ?? now?.active ?? true,
    profile: {
      displayName: body.displayName || null,
      name: withoutNulls(body.name),
      emails: body.emails?.length ? body.emails.map((one) => withoutNulls(one) ?? one) : null,
    },
  }
}

function withoutNulls<T extends object>(value: T | null | undefined): T | null {
  const held = Object.entries(value ?? {}).filter(([, one]) => one !== null && one !== undefined)
  return held.length > 0 ? (Object.fromEntries(held) as T) : null
}

/** The user that these operations leave. Throws what a body of theirs would. */
export function patched(person: Person, operations: readonly Operation[]): Person {
  const { profile, ...own } = person
  const raw: Raw = { ...own, ...structuredClone(profile) }
  for (const operation of operations)
    for (const step of stepsOf(userAttributes, operation)) apply(raw, step)
  // An empty name is none, and nobody is switched off by the absence of a word.
  return toPerson(parse(User, { ...raw, externalId: raw.externalId ?? null }, 'body'), person)
}

/** As it is stored. */
export const toStored = ({ displayName, name, emails }: Profile): string =>
  JSON.stringify(withoutNulls({ displayName, name, emails }) ?? {})

/** What is stored, if it is what we store: others may have written there too. */
export function toProfile(stored: unknown): Profile {
  const read = v.safeParse(User, { ...Object(toJson(stored)), userName: 'x' })
  if (!read.success) return {}
  const { displayName, name, emails } = read.output
  return { displayName, name, emails }
}
