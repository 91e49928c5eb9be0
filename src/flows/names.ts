// A flow's name and endpoint name are unique among the flows of one user.
import type { SQL } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { isConstraint } from '../db/failures.ts'
import { ApiError } from '../errors.ts'

/** Writes; throws 400 where a name is taken, also by a request that came in between. */
export async function refuseTaken(db: Database, ...statements: SQL[]) {
  try {
    return await db.write(...statements)
  } catch (cause) {
    if (isConstraint(cause, 'flow.name'))
      throw new ApiError('bad_request', 'Name must be unique', { cause })
    if (isConstraint(cause, 'flow.endpoint_name'))
      throw new ApiError('bad_request', 'Endpoint name must be unique', { cause })
    if (isConstraint(cause, 'folder.name'))
      throw new ApiError('bad_request', 'Project name must be unique', { cause })
    throw cause
  }
}
