// A flow's name and endpoint name are unique among the flows of one user, a project's among their projects.
import type { Taken } from '../db/batch.ts'
import { ApiError } from '../errors.ts'

const taken = (detail: string) => (cause: unknown) => new ApiError('bad_request', detail, { cause })

/** Where a name is taken, also by a request that came in between. */
export const namesTaken: Taken = {
  'flow.name': taken('Name must be unique'),
  'flow.endpoint_name': taken('Endpoint name must be unique'),
  'folder.name': taken('Project name must be unique'),
}
