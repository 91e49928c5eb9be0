// What a call to the database throws: one kind of error, whose cause says what went wrong.

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

/** The database's no to a statement, by its place among those that were given. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  readonly code: string
  readonly statementIndex: number | undefined

  constructor({ message, code }: { message: string; code?: string }, statementIndex?: number) {
    super(message)
    this.code = code ?? 'HRANA_PROTO_ERROR'
    this.statementIndex = statementIndex
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
