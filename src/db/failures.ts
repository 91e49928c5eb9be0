// What a failed call to libSQL means. Codes are coarse and the detail is only in the message text, so
// the reading of it is kept here. drizzle and hrana wrap: the cause is looked at too.

export type Doing = 'read' | 'write'

/** A call to the database went wrong, one way or another: the cause says how. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly doing: Doing

  constructor(doing: Doing, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.doing = doing
  }
}

/** The database, or something before it, answered with another HTTP status than 2xx. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: number
  readonly code: string

  constructor(status: number, body: string) {
    const { message, code, error } = toObject(body)
    super(`HTTP status ${status}: ${String(message ?? error ?? body).slice(0, 500)}`)
    this.status = status
    this.code = typeof code === 'string' ? code : `HTTP_${status}`
  }
}

function toObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

type Failure = { name: string; message: string; code: string; statementIndex?: number | undefined }

/** A constraint stopped the statement; `name` is the CHECK's name or `table.column, table.column`. */
export function isConstraint(error: unknown, name: string): boolean {
  return chain(error).some((e) => e.message.includes(name) && e.message.includes('constraint'))
}

/** The one error that proves absence. Anything else is not knowing. */
export function isNoSuchTable(error: unknown, table: string): boolean {
  return chain(error).some((e) => e.message.includes(`no such table: ${table}`))
}

/** The statement does not fit the schema that it met. */
export function isSchemaMissing(error: unknown): boolean {
  return chain(error).some((e) => /no such (table|column)|has no column named/.test(e.message))
}

/** Nothing was changed and the same call may succeed later. */
export function isBusy(error: unknown): boolean {
  return chain(error).some(
    (e) =>
      e.code === 'SQLITE_BUSY' ||
      e.code === 'TRANSACTION_TIMEOUT' ||
      e.code === 'STREAM_EXPIRED' ||
      /HTTP status (429|502|503|504)|database is locked/.test(e.message),
  )
}

/** The server ended the transaction because it took too long: it was undone, and would be again. */
export const isThrownOut = (error: unknown) =>
  chain(error).some((e) => e.code === 'TRANSACTION_TIMEOUT')

/** The database says no, and will until a person does something about it. */
export const isForbidden = (error: unknown) =>
  chain(error).some((e) => /^(SQLITE_FULL|SQLITE_READONLY|BLOCKED|HTTP_40[13])$/.test(e.code))

/** The connection failed: what was sent may or may not have happened. */
export function isLost(error: unknown): boolean {
  return chain(error).some(
    (e) =>
      e.name === 'StatusError' ||
      e.code.startsWith('HRANA_') ||
      isTimeout(e) ||
      /network connection lost|fetch failed|internal error; reference/i.test(e.message),
  )
}

/** No answer came within the time limit of the request. */
export function isTimedOut(error: unknown): boolean {
  return chain(error).some(isTimeout)
}

const isTimeout = (error: Failure) => error.name === 'TimeoutError'

/** The database answered and said no: whatever was sent is rolled back. Without this, nobody knows. */
export function isRefusedBySql(error: unknown): boolean {
  return chain(error).some((e) => /^(SQLITE_|SQL_)/.test(e.code)) && !isBusy(error)
}

/** The database's error code, for people to look up: never its words, which may quote SQL. */
export function codeOf(error: unknown): string {
  if (isTimedOut(error)) return 'TIMEOUT'
  return chain(error).find((e) => e.code !== '')?.code ?? 'no code'
}

/** Which statement of a batch was refused, where the client knows. */
export function statementIndexOf(error: unknown): number | undefined {
  return chain(error).find((e) => e.statementIndex !== undefined)?.statementIndex
}

function chain(error: unknown): Failure[] {
  const links: Failure[] = []
  for (let e: unknown = error; e instanceof Error && links.length < 5; e = e.cause) {
    const { name, message } = e
    const { code, statementIndex } = e as { code?: unknown; statementIndex?: number }
    // A DOMException's code is a number.
    links.push({ name, message, code: typeof code === 'string' ? code : '', statementIndex })
  }
  return links
}
