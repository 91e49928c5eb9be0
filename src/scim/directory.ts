// What of the database is the directory's: users whom it provisioned, and teams that mirror its groups. Of all others it
// sees nothing, and touches none.

import type { Author } from '../access/audit.ts'
import { DIRECTORY } from '../access/bindings.ts'
import type { Database } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import type { Env, Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { isNamed } from '../etags.ts'
import type { Resource } from './view.ts'

/** Who asks, and how. The audit names the request and nobody: a directory is no user. */
export type Asked = {
  readonly db: Database
  readonly env: Env
  readonly author: Author
  /** Where the resources are. */
  readonly base: string
}

export const toAsked = ({ db, env, requestId }: Open['Variables'], base: string): Asked => ({
  db,
  env,
  author: { id: sql`NULL`, requestId },
  base,
})

/** SQL boolean: the user is one of the directory's. */
export const isProvisioned = (userId: SQL) =>
  sql`EXISTS (SELECT 1 FROM flowgate_binding d WHERE d.user_id = ${userId} AND d.issuer = ${DIRECTORY})`

const PREFIX = `${DIRECTORY}:`

/** SQL boolean: the team `t` mirrors a group of the directory: a range of the index. */
export const isMirrored = sql`t.external_name >= ${PREFIX} AND t.external_name < ${`${DIRECTORY};`}`

/** SQL: what the directory calls the group of the team `t`. */
export const externalIdOfTeam = sql`substr(t.external_name, ${PREFIX.length + 1})`
export const externalNameOf = (externalId: string) => PREFIX + externalId

export const notFound = (what: 'User' | 'Group') => new ApiError('not_found', `${what} not found`)

/** Throws 412 unless the resource is the one that the caller knows. */
export function requireKnown(sent: string | undefined, { meta }: Resource): void {
  if (sent === undefined || isNamed(sent, meta.version)) return
  throw new ApiError(
    'precondition_failed',
    'The resource is not the one that If-Match names: read it again, and change what is there now.',
    { etag: meta.version },
  )
}

/** How often a change is tried that somebody else came before. */
const TRIES = 3

/** Sends a change that depends on what was read, until nothing came between: `undefined` says that something did. */
export async function untilUndisturbed<T>(change: () => Promise<T | undefined>): Promise<T> {
  for (let tried = 0; tried < TRIES; tried++) {
    const done = await change()
    if (done !== undefined) return done
  }
  throw new ApiError('database_busy', 'The resource is being changed by others: send this again')
}
