// What callers may send about users and sessions.
import * as v from 'valibot'
import { Bool, Flag, Json, nameOf, Text, Time, Uuid, whole } from '../params.ts'

export const UserPath = v.object({ user_id: Uuid })

export const UserPage = v.object({
  skip: v.optional(whole(0, 1_000_000), '0'),
  limit: v.optional(whole(0, 1000), '10'),
})
export type UserPage = v.InferOutput<typeof UserPage>

export const Login = v.object({ username: Text, password: Text })

/** A new one; those from before are as long as they are. Counted before anything is made of it. */
const Password = v.pipe(
  Text,
  v.maxLength(128, 'Password must have at most 128 characters'),
  v.check((text) => [...text].length >= 8, 'Password must have at least 8 characters'),
)
const Username = nameOf('Username')

export const UserCreate = v.object({
  username: Username,
  password: Password,
  optins: v.nullish(Json, {
    github_starred: false,
    dialog_dismissed: false,
    discord_clicked: false,
  }),
})
export type UserCreate = v.InferOutput<typeof UserCreate>

/** Nulls count as absent. */
export const UserUpdate = v.object({
  username: v.nullish(Username),
  profile_image: v.nullish(Text),
  password: v.nullish(Password),
  is_active: v.nullish(Bool),
  is_superuser: v.nullish(Bool),
  last_login_at: v.nullish(Time),
  optins: v.nullish(Json),
})
export type UserUpdate = v.InferOutput<typeof UserUpdate>

/** `keys` asks for the user's API keys to go with their sessions. */
export const Ending = v.object({ keys: v.optional(Flag, 'false') })

export const PasswordReset = v.object({
  password: Password,
  current_password: v.nullish(v.pipe(Text, v.maxLength(1000))),
})
