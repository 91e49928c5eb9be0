// What callers may send about users and sessions.
import * as v from 'valibot'
import { json, objectOf } from '../containers.ts'
import { Bool, Flag, messages, nameOf, Time, text, Uuid, whole } from '../fields.ts'
import { keyOfName, NAME_MAX } from '../names.ts'
import { clearable, mergeable, type PatchOf, patchOf, required } from '../patch.ts'

export const UserPath = v.object({ user_id: Uuid })

/** A part of a name, as its key has it. */
const NamePart = v.pipe(
  text(NAME_MAX),
  v.metadata({ minLength: 2 }),
  v.transform(keyOfName),
  v.check((key) => [...key].length >= 2, 'String should have at least 2 characters'),
)
export const UserSearch = v.object({ q: NamePart })

/** Beyond the contract: one of them, those whose name holds `q`, those who signed up and wait. */
export const UserPage = v.object({
  user_id: v.optional(Uuid),
  q: v.optional(NamePart),
  waiting: v.optional(Flag, 'false'),
  skip: v.optional(whole(0, 1_000_000), '0'),
  limit: v.optional(whole(0, 1000), '10'),
})
export type UserPage = v.InferOutput<typeof UserPage>

/** As long as a name or password of an adopted database may be. Longer ones are refused before they cost anything. */
const Given = text(1000)
/** OAuth's form; a field that is empty is one that is not there. */
export const Login = v.object({
  username: Given,
  password: Given,
  grant_type: v.optional(v.picklist(['password', ''], messages.string_pattern_mismatch)),
})

/** A new one; those from before are as long as they are. Counted before anything is made of it. */
const Password = v.pipe(
  text(128, 'Password must have at most 128 characters'),
  v.check((text) => [...text].length >= 8, 'Password must have at least 8 characters'),
)
const Username = nameOf('Username')

/** What the front end remembers of a user: a handful of flags. */
export const MAX_OPTINS = 10_000
const Optins = json(MAX_OPTINS)
/** The name or URL of a picture, not the picture. */
export const MAX_PICTURE = 2000
const Picture = text(MAX_PICTURE)

export const UserCreate = objectOf({
  username: Username,
  password: Password,
  optins: v.nullish(Optins, {
    github_starred: false,
    dialog_dismissed: false,
    discord_clicked: false,
  }),
})
export type UserCreate = v.InferOutput<typeof UserCreate>

export const UserUpdate = patchOf({
  username: required(Username),
  profile_image: clearable(Picture),
  password: required(Password),
  is_active: required(Bool),
  is_superuser: required(Bool),
  last_login_at: clearable(Time),
  optins: mergeable(Optins, MAX_OPTINS),
})
export type UserUpdate = PatchOf<typeof UserUpdate>

/** `keys` asks for the user's API keys to go with their sessions. */
export const Ending = v.object({ keys: v.optional(Flag, 'false') })

export const PasswordReset = objectOf({
  password: Password,
  current_password: v.nullish(Given),
})
