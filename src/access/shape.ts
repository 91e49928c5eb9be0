// The shape of a caller: what a shorter statement takes for granted about who asks. SQLite prepares every
// statement anew, so what cannot matter for somebody is better left out of theirs. A shape is a hint, never a
// decision: the statement proves in SQL that it holds, and answers nothing where it does not.
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { isAdmin, isInTeams } from './grants.ts'
import { type Asking, atGlobal, decidedAt, holds, isGranted } from './predicate.ts'

export type Shape = {
  /**
   * superuser; admin: may be one by a Global grant; reader: reads all flows by Global grants, unless others say
   * otherwise; member: holds no Global grant.
   */
  readonly standing: 'superuser' | 'admin' | 'reader' | 'member'
  /** Teams are looked at. False where there are none. */
  readonly inTeams: boolean
  /** Grants on single flows are looked at. False where there are none. */
  readonly hasFlowGrants: boolean
}

/** What is true of an admin is not asked of their grants. */
export const isAdminShape = ({ standing }: Shape) =>
  standing === 'superuser' || standing === 'admin'

/** SQL boolean: the shape is that of `u`, a row of `user`, who is active. */
export function isOfShape({ standing, inTeams, hasFlowGrants }: Shape): SQL {
  const theirs = asUserRow(inTeams)
  const ofFlows = sql.raw(hasFlowGrants ? '' : `, 'Flow'`)
  const nothingElse = sql`${inTeams ? sql`1` : sql`NOT ${isInTeams(sql`u.id`)}`}`
  const proofs = {
    superuser: sql`u.is_superuser`,
    admin: isAdmin(sql`u`),
    reader: sql`NOT ${isAdmin(sql`u`, inTeams)} AND ${readsAll(theirs)} AND ${nothingElse}
      AND NOT ${hasFlowGrants ? sql`0` : isGranted(sql`a.scope_type = 'Flow'`, theirs)}`,
    member: sql`NOT u.is_superuser AND ${nothingElse}
      AND NOT ${isGranted(sql`a.scope_type IN ('Global'${ofFlows})`, theirs)}`,
  }
  return sql`(u.is_active AND ${proofs[standing]})`
}

/** SQL: 1 where Global grants of `u` let them read flows, 0 where they do not, NULL where there is none. */
export const readsAll = (who: Asking) => decidedAt('Read', 'Flow', atGlobal, who)

/** A row `u` of `user`, in the terms of the predicate. */
export const asUserRow = (inTeams: boolean): Asking => ({
  id: sql`u.id`,
  isAdmin: false,
  now,
  inTeams,
  holds,
})

/** Of a row that was made without a shape. Undefined for the few who fit none: for them nothing is left out. */
export function shapeOf(row: Row): Shape | undefined {
  if (row.is_superuser) return { standing: 'superuser', inTeams: false, hasFlowGrants: false }
  const [inTeams, hasFlowGrants] = [Boolean(row.in_teams), Boolean(row.has_flow_grants)]
  if (row.is_admin) return { standing: 'admin', inTeams, hasFlowGrants: false }
  if (row.globally === 0) return undefined
  return { standing: row.globally === null ? 'member' : 'reader', inTeams, hasFlowGrants }
}

/** Of whom a shape is remembered; who comes after that takes the place of the one remembered longest. */
const MAX_REMEMBERED = 10_000
const remembered = new Map<string, Shape>()

/** The shape that the caller of this name had when this isolate last looked. */
export const recallShape = (name: string): Shape | undefined => remembered.get(name)

export function rememberShape(name: string, shape: Shape | undefined): void {
  remembered.delete(name)
  if (!shape) return
  const [oldest] = remembered.keys()
  if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
  remembered.set(name, shape)
}
