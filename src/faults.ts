// What becomes of whatever a handler throws.
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { DatabaseError } from './db/database-error.ts'
import { kindOf } from './db/failures.ts'
import { faultOf } from './db/faults.ts'
import { ApiError, logError, problems } from './errors.ts'
import { doubtReady } from './migrate/ready.ts'
import { malformedBody } from './params.ts'

/** Every error leaves as an ApiError; a fault of ours or of the database is logged with its cause, which says nothing outside. */
export function toApiError(error: Error, c: Context): ApiError {
  const known = error instanceof ApiError ? error : asKnown(error)
  const cause = error.cause ?? (error === known ? undefined : error)
  const isOurs = problems[known.code][0] >= 500 || known.cause instanceof DatabaseError
  if (isOurs && cause !== undefined) logError(c.get('requestId'), known.code, cause)
  return known
}

function asKnown(error: Error): ApiError {
  if (kindOf(error) === 'schema') doubtReady()
  if (error instanceof HTTPException && error.status < 500) return malformedBody()
  return faultOf(error) ?? new ApiError('internal', 'Internal Server Error')
}
