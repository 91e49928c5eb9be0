// What callers may send about teams.
import * as v from 'valibot'
import { objectOf } from '../containers.ts'
import { nameOf, text, Uuid } from '../fields.ts'

export const TeamPath = v.object({ team_id: Uuid })
export const MemberPath = v.object({ team_id: Uuid, user_id: Uuid })

const Description = text(1000)
const TeamName = nameOf('Name', 100)

/** A group of a company's directory: who says so, and what the group is called there. */
const ExternalName = v.pipe(
  text(300),
  v.regex(/^[a-z0-9-]{1,32}:./s, "Input should be a group such as 'okta:Engineers'"),
  v.metadata({ examples: ['okta:Engineers'] }),
)

export const TeamCreate = objectOf({
  name: TeamName,
  description: v.nullish(Description, null),
  external_name: v.nullish(ExternalName, null),
})
export type TeamCreate = v.InferOutput<typeof TeamCreate>

/** What is left out stays; a null clears the description, and the external name. */
export const TeamUpdate = objectOf({
  name: v.optional(TeamName),
  description: v.nullish(Description),
  external_name: v.nullish(ExternalName),
})
export type TeamUpdate = v.InferOutput<typeof TeamUpdate>

const Role = v.picklist(['member', 'admin'], "Input should be 'member' or 'admin'")

/** One of `user_id` and `username`. */
export const MemberCreate = v.pipe(
  objectOf({
    user_id: v.optional(Uuid),
    username: v.optional(text(255)),
    role: v.optional(Role, 'member'),
  }),
  v.metadata({ examples: [{ username: 'ada', role: 'member' }] }),
  v.forward(
    v.check(
      ({ user_id, username }) => (user_id === undefined) !== (username === undefined),
      'Give either user_id or username',
    ),
    ['user_id'],
  ),
)
export type MemberCreate = v.InferOutput<typeof MemberCreate>

export const MemberUpdate = objectOf({ role: Role })
