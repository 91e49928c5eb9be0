// Rows of `user` -> the bodies of the contract. Pure. The password never leaves.
import type { Row } from '../db/client.ts'
import { dashed, toJson, toTime } from '../db/values.ts'

/** One user as LangBuilder's UserRead (`create_at` is spelled so). */
export function toUserRead(row: Row) {
  return {
    id: dashed(row.id),
    username: row.username,
    profile_image: row.profile_image,
    store_api_key: row.store_api_key,
    is_active: Boolean(row.is_active),
    is_superuser: Boolean(row.is_superuser),
    create_at: toTime(row.create_at),
    updated_at: toTime(row.updated_at),
    last_login_at: toTime(row.last_login_at),
    optins: toJson(row.optins),
  }
}
