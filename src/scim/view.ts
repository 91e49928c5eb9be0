// Rows -> resources of SCIM, and which of their attributes are shown.
import type { Row } from '../db/client.ts'
import { dashed, toJson } from '../db/values.ts'
import { toTime } from '../times.ts'
import { isObject, type Raw } from './attributes.ts'
import type { Shown } from './params.ts'
import { type Person, toProfile } from './person.ts'
import { urns } from './protocol.ts'

export type Resource = Raw & {
  readonly id: string
  readonly meta: { readonly location: string; readonly version: string } & Raw
}

/** Where the resources are: under the address that was asked. */
export const baseOf = (url: string) => `${new URL(url).origin}/scim/v2`

/** What a row of a user says of the person. */
export const toKnownPerson = (row: Row): Person => ({
  userName: String(row.username),
  externalId: row.subject === row.id ? null : String(row.subject),
  active: Boolean(row.is_active),
  profile: toProfile(row.profile),
})

export async function toUser(row: Row, base: string): Promise<Resource> {
  const { userName, externalId, active, profile } = toKnownPerson(row)
  const groups = toJson(row.groups) as { id: string; name: string }[] // as users.ts selects them
  const shown = {
    ...(externalId === null ? {} : { externalId }),
    userName,
    ...(profile.name ? { name: profile.name } : {}),
    ...(profile.displayName ? { displayName: profile.displayName } : {}),
    ...(profile.emails ? { emails: profile.emails } : {}),
    active,
    groups: groups.map(({ id, name }) => ({
      value: dashed(id),
      $ref: `${base}/Groups/${dashed(id)}`,
      display: name,
      type: 'direct',
    })),
  }
  const times = { created: toTime(row.create_at), lastModified: toTime(row.updated_at) }
  return toResource('User', String(row.id), shown, JSON.stringify(shown), times, base)
}

export type Member = { readonly user_id: string }

/** `sign` stands for who is in it, whoever of them is shown. */
export async function toGroup(row: Row, members: readonly Member[], base: string) {
  const { id, name, external_id: externalId, sign } = row
  const times = { created: toTime(row.created_at), lastModified: toTime(row.changed_at) }
  const shown = {
    ...(externalId === id ? {} : { externalId }),
    displayName: name,
    members: members.map(({ user_id }) => ({
      value: dashed(user_id),
      $ref: `${base}/Users/${dashed(user_id)}`,
    })),
  }
  const version = JSON.stringify([externalId, name, sign])
  return toResource('Group', String(id), shown, version, times, base)
}

async function toResource(
  resourceType: 'User' | 'Group',
  stored: string,
  shown: Raw,
  version: string,
  times: { created: string | null; lastModified: string | null },
  base: string,
): Promise<Resource> {
  const id = String(dashed(stored))
  const location = `${base}/${resourceType}s/${id}`
  const schemas = [resourceType === 'User' ? urns.user : urns.group]
  const meta = { resourceType, ...times, location, version: await toVersion(`${id} ${version}`) }
  return { schemas, id, ...shown, meta }
}

/** Weak: it says that a resource means the same, not that its bytes are. */
async function toVersion(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `W/"${Buffer.from(digest).toString('base64url').slice(0, 22)}"`
}

/** The resource as far as it was asked for. What it is called by is always there. */
export function shownOf(resource: Resource, { attributes, excludedAttributes }: Shown): object {
  if (attributes !== undefined) {
    const wanted = namesIn(attributes)
    return pick(resource, (name) => isAlways(name) || wanted.has(name), wanted)
  }
  const hidden = namesIn(excludedAttributes ?? '')
  return pick(resource, (name) => isAlways(name) || !hidden.has(name), new Set(), hidden)
}

const isAlways = (name: string) => name === 'schemas' || name === 'id'

/** In lower case, without the schema before them. */
const namesIn = (list: string) =>
  new Set(
    list.split(',').map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/^urn:ietf:params:scim:schemas:core:2\.0:(user|group):/, ''),
    ),
  )

/** Sub-attributes are named with a dot: of those that are wanted alone, and of those that are hidden. */
function pick(
  resource: Raw,
  isShown: (name: string) => boolean,
  wanted: ReadonlySet<string>,
  hidden: ReadonlySet<string> = new Set(),
): Raw {
  const parts = (name: string, value: unknown, isKept: (path: string) => boolean): unknown => {
    if (Array.isArray(value)) return value.map((one) => parts(name, one, isKept))
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).filter(([sub]) => isKept(`${name}.${sub.toLowerCase()}`)),
    )
  }
  const entries = Object.entries(resource).flatMap(([key, value]): [string, unknown][] => {
    const name = key.toLowerCase()
    if (isShown(name)) return [[key, parts(name, value, (path) => !hidden.has(path))]]
    const isPart = [...wanted].some((path) => path.startsWith(`${name}.`))
    return isPart ? [[key, parts(name, value, (path) => wanted.has(path))]] : []
  })
  return Object.fromEntries(entries)
}

/** Whether an answer shows the attribute at all: what it costs to read is saved where it does not. */
export function shows({ attributes, excludedAttributes }: Shown, attribute: string): boolean {
  if (attributes === undefined) return !namesIn(excludedAttributes ?? '').has(attribute)
  return [...namesIn(attributes)].some((name) => name.split('.')[0] === attribute)
}
