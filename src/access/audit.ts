// Who changed what. `record` is one statement of the same batch as the change, under the change's own
// condition, so that a refused write, or one that changes nothing, leaves no row.
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'

/** Whom a change is laid to: the id of a user, in SQL, and of the request in which they made it. */
export type Author = { readonly id: SQL; readonly requestId: string }

type Subject =
  | 'user'
  | 'session'
  | 'binding'
  | 'apikey'
  | 'role'
  | 'grant'
  | 'team'
  | 'member'
  | 'project'
  | 'flow'
type Action =
  | `${Subject}.${'create' | 'update' | 'delete'}`
  | 'user.sign_in_failed'
  | 'user.refused'

/** One audit row per row of `rows`; `id`, `before` and `after` are SQL over it, the latter two JSON objects. */
type Change = { id: SQL; before?: SQL; after?: SQL }

/**
 * The audit rows of a change. `rows` is `FROM ... WHERE ...` and may use the predicate:
 * - create: after the INSERT, from the rows that are there now (`justInserted` where ids are not known);
 * - update, delete: before it, under the same condition. What follows at once may say `AND changes()`
 *   instead of repeating a condition on a single row.
 */
export function record(author: Author, action: Action, change: Change, rows: SQL): SQL {
  const subject = action.slice(0, action.indexOf('.'))
  return sql`INSERT INTO flowgate_audit
      (at, actor_id, request_id, action, target_type, target_id, before, after)
    SELECT ${now}, ${author.id}, ${author.requestId}, ${action}, ${subject}, ${change.id},
      ${change.before ?? null}, ${change.after ?? null} ${rows}`
}

/** By column: SQL over the row, or a value as it is. What is undefined stays as it is. */
type Values = Readonly<Record<string, SQL | string | number | boolean | null | undefined>>

/** What is to become of the row `t` of a table. */
type Amendment = {
  readonly table: SQL
  readonly id: SQL | string
  /** SQL boolean: it may be changed. */
  readonly when: SQL
  /** What the audit shows, before and after. */
  readonly set?: Values
  /** Secret or large: the audit says no more than that it changed. */
  readonly unshown?: Values
  /** Columns that say what it is that was changed. */
  readonly tells?: readonly string[]
  /** What goes along, and is not by itself a change. */
  readonly touched?: Values
}

/** Changes the row and records it. One that may not be changed, or has all these values, is neither changed nor recorded. */
export function amend(
  author: Author,
  action: Action,
  { table, id, when, set = {}, unshown = {}, tells = [], touched = {} }: Amendment,
): [record: SQL, change: SQL] {
  const [shown, hidden, along] = [set, unshown, touched].map(givenOf) as [Given, Given, Given] // one for each
  // `id = id` keeps both statements well-formed where nothing was given.
  const changes: Given = [['id', sql`t.id`], ...shown, ...hidden]
  const differs = changes.map(([name, value]) => sql`t.${sql.raw(name)} IS NOT ${value}`)
  const after = [
    ...shown.map(([name, value]) => sql`${name}, ${value}`),
    ...hidden.map(([name]) => sql`${name}, 'changed'`),
  ]
  const assignments = [...changes, ...along].map(
    ([name, value]) => sql`${sql.raw(name)} = ${value}`,
  )
  return [
    record(
      author,
      action,
      {
        id: sql`t.id`,
        before: columns(sql`t`, [...new Set([...tells, ...shown.map(([name]) => name)])]),
        after: sql`json_object(${sql.join(after, sql`, `)})`,
      },
      sql`FROM ${table} t WHERE t.id = ${id} AND ${when} AND (${sql.join(differs, sql` OR `)})`,
    ),
    sql`UPDATE ${table} AS t SET ${sql.join(assignments, sql`, `)} WHERE t.id = ${id} AND changes()`,
  ]
}

type Given = [name: string, value: SQL][]

const givenOf = (values: Values): Given =>
  Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, sql`${value}`]],
  )

/**
 * SQL: a value as the audit keeps it, whatever others stored: a BLOB, which JSON cannot hold, as SQL writes
 * it, and of what is larger than any name its size.
 */
export const recorded = (value: SQL) => sql`CASE WHEN octet_length(${value}) > 100000
  THEN octet_length(${value}) || ' bytes' WHEN typeof(${value}) = 'blob' THEN quote(${value}) ELSE ${value} END`

/** SQL: these columns of a row as a JSON object. */
export function columns(row: SQL, names: readonly string[]): SQL {
  const pairs = names.map((name) => sql`${name}, ${recorded(sql`${row}.${sql.raw(name)}`)}`)
  return sql`json_object(${sql.join(pairs, sql`, `)})`
}

/** SQL boolean: the INSERT right before this statement made the row. SQLite numbers its rows in sequence. */
export const justInserted = (row: SQL) =>
  sql`(${row}.rowid > last_insert_rowid() - changes() AND ${row}.rowid <= last_insert_rowid())`

/** SQL: what the audit keeps of a row of `userroleassignment`, and of a team's grant. */
export const grantColumns = (row: SQL) =>
  columns(row, ['user_id', 'role_id', 'scope_type', 'scope_id', 'is_immutable', 'expires_at'])
export const teamGrantColumns = (row: SQL) =>
  columns(row, ['team_id', 'role_id', 'scope_type', 'scope_id', 'expires_at'])
