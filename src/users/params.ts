// What callers may send about users and sessions.
import * as v from 'valibot'
import { Bool, Json, Text, Uuid } from '../params.ts'

export const UserPath = v.object({ user_id: Uuid })

export const Login = v.object({ username: Text, password: Text })

const Password = v.pipe(Text, v.minLength(1, 'Password must not be empty'))
const Username = v.pipe(Text, v.minLength(1, 'Username must not be empty'))

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
  optins: v.nullish(Json),
})
export type UserUpdate = v.InferOutput<typeof UserUpdate>
