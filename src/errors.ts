// The one error class and the one table from code to status. Codes are API: never renamed.
// What went wrong inside (`cause`) is for the log; `detail` is for the caller.
import type { Context } from 'hono'

/** code -> HTTP status and the short title of the problem body. */
export const problems = {
  bad_request: [400, 'Bad request'],
  cursor_invalid: [400, 'Cursor invalid'],
  sign_in_stale: [400, 'Sign-in is over'],
  invalid_credentials: [401, 'Not authenticated'],
  sign_in_invalid: [401, 'Sign-in not acceptable'],
  not_authenticated: [403, 'Not authenticated'],
  forbidden: [403, 'Forbidden'],
  sign_in_refused: [403, 'Sign-in refused'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  conflict: [409, 'Conflict'],
  precondition_failed: [412, 'Precondition failed'],
  too_large: [413, 'Content too large'],
  invalid: [422, 'Invalid input'],
  precondition_required: [428, 'Precondition required'],
  too_many_requests: [429, 'Too many requests'],
  internal: [500, 'Internal error'],
  misconfigured: [500, 'Misconfigured'],
  database_refused: [500, 'Database refuses the token'],
  database_full: [503, 'Database full'],
  database_read_only: [503, 'Database read-only'],
  database_blocked: [503, 'Database blocked'],
  provider_unavailable: [503, 'Identity provider unavailable'],
  write_unknown: [503, 'Outcome unknown'],
  database_unavailable: [503, 'Database unavailable'],
  database_busy: [503, 'Database busy'],
  migration_running: [503, 'Migration running'],
  migration_failed: [503, 'Migration failed'],
  schema_partial: [503, 'Schema not recognised'],
  schema_drifted: [503, 'Schema is not what the ledger says'],
  schema_diverged: [503, 'Ledger diverged'],
  schema_tampered: [503, 'Revision edited after it was applied'],
  schema_breaking: [503, 'Database is ahead of this build'],
} as const satisfies Record<string, readonly [number, string]>

export type Code = keyof typeof problems

/** One entry of a 422 answer, in the shape LangBuilder's clients know. */
export type FieldIssue = { type: string; loc: (string | number)[]; msg: string; input?: unknown }

type Detail = string | FieldIssue[] | Readonly<Record<string, unknown>>

export class ApiError extends Error {
  readonly code: Code
  /** LangBuilder's text (an object in one place), or the list of field issues for `invalid`. */
  readonly detail: Detail
  /** Seconds, for 429 and 503. */
  readonly retryAfter: number | undefined
  /** What the thing is tagged with by now, for 412. */
  readonly etag: string | undefined

  constructor(
    code: Code,
    detail: Detail,
    options: { cause?: unknown; retryAfter?: number; etag?: string | undefined } = {},
  ) {
    super(typeof detail === 'string' ? detail : problems[code][1], { cause: options.cause })
    this.code = code
    this.detail = detail
    this.retryAfter = options.retryAfter
    this.etag = options.etag
  }
}

/** The log line of a fault of ours. The cause is for the log alone. */
export function logError(requestId: string, code: string, cause: unknown): void {
  const line = { event: 'error', request_id: requestId, code, error: String(cause) }
  console.error(JSON.stringify(line))
}

/** The problem+json answer for an ApiError; LangBuilder's clients read `detail`. */
export function toResponse(c: Context, error: ApiError): Response {
  const [status, title] = problems[error.code]
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  if (status === 429 || status === 503) headers.set('retry-after', String(error.retryAfter ?? 1))
  if (error.etag !== undefined) headers.set('etag', error.etag)
  const body = {
    type: `urn:flowgate:problem:${error.code}`,
    title,
    status,
    detail: error.detail,
    code: error.code,
    request_id: c.get('requestId'),
  }
  return c.newResponse(JSON.stringify(body), { status, headers })
}
