// Rows of `user` -> the bodies of the contract. Pure. The password never leaves.
import { storeKeyMask } from '../session-cookies.ts'
import { flag, id, json, nullable, text, time, timeOrNull, view } from '../wire.ts'

const masked = { ...text, read: () => storeKeyMask }

/** Somebody to share with. */
export const toUserFound = view('UserFound', { id, username: text })

/** One user as LangBuilder's UserRead (`create_at` is spelled so). */
export const toUserRead = view('UserRead', {
  id,
  username: text,
  profile_image: nullable(text),
  store_api_key: nullable(masked),
  is_active: flag,
  is_superuser: flag,
  create_at: time,
  updated_at: time,
  last_login_at: timeOrNull,
  optins: json,
})
