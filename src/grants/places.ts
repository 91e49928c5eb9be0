// What can be shared: a flow or a project, and what the caller may do there.
import { may, type Place } from '../access/decision.ts'
import { permissions, permitsAll } from '../access/predicate.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'

/** SQL boolean: the caller may do everything there. */
export const isEntitled = (place: Place): SQL =>
  permitsAll(permissions, (permission) => may(permission, place))

export const isThere = ({ scope, id }: Place) =>
  scope === 'Flow'
    ? sql`EXISTS (SELECT 1 FROM flow WHERE id = ${id})`
    : sql`EXISTS (SELECT 1 FROM folder WHERE id = ${id})`

/** SQL boolean: the grant stands there. */
export const isAt = (row: SQL, { scope, id }: Place) =>
  sql`${row}.scope_type = ${scope} AND ${row}.scope_id = ${id}`

type Verdict = { allowed: number; readable: number; found: number }

/** The statement whose row `requireEntitled` looks at. */
export const verdictOf = (place: Place) =>
  sql<Verdict>`SELECT ${isEntitled(place)} AS allowed, ${may('Read', place)} AS readable, ${isThere(place)} AS found`

/** One that is hidden and one that is not there are the same 403. */
export function requireEntitled({ allowed, readable, found }: Verdict, { scope }: Place): void {
  if (!allowed || (!found && !readable))
    throw new ApiError(
      'forbidden',
      `You do not have permission to share this ${scope.toLowerCase()}`,
    )
  if (!found) throw new ApiError('not_found', `${scope} not found`)
}
