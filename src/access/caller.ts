// The caller: a user who is signed in, and how far their word goes. Every round trip of `ask` carries the
// row, and a judge of the route looks at it before anything else.
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import {
  type Claim,
  type Credential,
  requireUser,
  signedInRow,
  type User,
} from '../identity/authenticate.ts'
import { isAdmin } from './grants.ts'

export type Caller = User & { isAdmin: boolean }

/** Rows of `callerRow` -> the caller; throws unless they may use the route at all. */
export type Judge = (rows: Row[], who: Credential) => Caller

/** The row that a judge looks at. */
export const callerRow = (who: Claim) => signedInRow(who, sql`, ${isAdmin(sql`u`)} AS is_admin`)

/** The judge of most routes. Throws 401 or 403 as the contract says when there is no caller. */
export const requireCaller: Judge = (rows, who) => ({
  ...requireUser(rows, who),
  isAdmin: Boolean(rows[0]?.is_admin),
})

/** The judge of routes of superusers. */
export const requireSuperuser: Judge = (rows, who) => {
  const caller = requireCaller(rows, who)
  if (!caller.isSuperuser)
    throw new ApiError('forbidden', "The user doesn't have enough privileges")
  return caller
}

/** The judge of routes of superusers and Global Admins. */
export const requireAdmin: Judge = (rows, who) => {
  const caller = requireCaller(rows, who)
  if (!caller.isAdmin) throw new ApiError('forbidden', 'Admin access required')
  return caller
}
