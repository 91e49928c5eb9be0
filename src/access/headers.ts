// A flow without its graph. Its row may hold every other column behind that, by how LangBuilder's tables came about,
// and SQLite walks through a graph page by page to what lies behind it. So two indexes hold what else is asked of a
// flow: ix_flow_place by id, ix_flow_updated by time and id. They are asked by a range of one id: by the id as a key
// SQLite would go to the row.
import { type SQL, sql } from '../db/sql.ts'

const isOne = (flow: SQL, id: SQL) => sql`${flow}.id BETWEEN ${id} AND ${id}`

/** SQL, behind FROM or JOIN: the flow of this id as `f`, of which `folder_id`, `access_type` and `updated_at` are at hand. */
export const placedFlow = (id: SQL): SQL => sql`flow f ON ${isOne(sql`f`, id)}`

/** SQL, behind a JOIN: the flow of this id and time as `f`, of which all that a header shows is at hand. */
export const headerAt = (time: SQL, id: SQL): SQL =>
  sql`flow f ON f.updated_at IS ${time} AND ${isOne(sql`f`, id)}`

/** SQL: a column of the header `f` of the flow of this id, NULL where there is none. */
export const ofHeader = (column: SQL, id: SQL): SQL =>
  sql`(SELECT ${column} FROM flow placed CROSS JOIN ${headerAt(sql`placed.updated_at`, id)} WHERE ${isOne(sql`placed`, id)})`

/** SQL, behind a JOIN: the same by its id alone. */
export const headerOf = (id: SQL): SQL =>
  sql`flow placed ON ${isOne(sql`placed`, id)} CROSS JOIN ${headerAt(sql`placed.updated_at`, id)}`
