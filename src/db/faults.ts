// What a caller is told when the database fails: a code for each thing that can be done about it. Never the
// driver's words; those are for the log.
import { ApiError, type Code } from '../errors.ts'
import { isUnknown, kindOf, violationOf } from './failures.ts'

/** Until a person has done something, in seconds. */
const LONG = 60

/** The answer to a failed call; undefined where the fault is ours. */
export function faultOf(error: unknown): ApiError | undefined {
  const answer = (code: Code, detail: string, retryAfter?: number) =>
    new ApiError(code, detail, { cause: error, ...(retryAfter ? { retryAfter } : {}) })
  const kind = kindOf(error)
  switch (kind) {
    case 'constraint':
      return answer('conflict', toConflict(error))
    case 'schema':
      return answer(
        'migration_running',
        'The schema of the database has just changed. Try again in a moment.',
      )
    case 'busy':
    case 'thrown_out':
      return answer(
        'database_busy',
        'The database is busy. Nothing was changed; try again in a moment.',
      )
    case 'full':
      return answer(
        'database_full',
        'The database is full: it takes no writes until somebody makes room.',
        LONG,
      )
    case 'read_only':
      return answer(
        'database_read_only',
        'The database takes no writes from this service: its token or its server only allows reading.',
        LONG,
      )
    case 'blocked':
      return answer(
        'database_blocked',
        'The database has been blocked by whoever runs it; the account there says why.',
        LONG,
      )
    case 'refused':
      return answer(
        'database_refused',
        'The database refuses the token of this service (LIBSQL_AUTH_TOKEN): it is missing, wrong or expired.',
      )
    case 'unanswered':
    case 'broken':
      return isUnknown(error)
        ? answer(
            'write_unknown',
            'The database did not answer: this may or may not have been done. It may be repeated safely with the Idempotency-Key that it was sent with; otherwise look first.',
          )
        : answer(
            'database_unavailable',
            'The database cannot be reached, or does not answer as one. Try again in a moment.',
          )
    case 'too_large':
      return answer(
        'too_large',
        'The database carries no value or answer as large as this one would be: it keeps what is there, and can still delete it.',
      )
    case 'sql':
    case undefined:
      return undefined
    default:
      return kind satisfies never
  }
}

/** Our own rules are met before or answered by name; what is left was added to the database by its operator. */
function toConflict(error: unknown): string {
  const { what, name } = violationOf(error) ?? { what: '', name: '' }
  const rule = ['The database does not take this:', what, name].filter((part) => part !== '')
  return what === ''
    ? 'The database does not take this: a trigger or type of its own refuses it.'
    : `${rule.join(' ')} does not hold.`
}
