// What a failed call to libSQL means. Codes are coarse and the detail is only in the message text, so
// the reading of it is kept here. Errors are wrapped: the cause is looked at too.

import { DatabaseError } from './database-error.ts'

/** What went wrong, by what can be done about it. */
export type Kind =
  /** A constraint or a trigger said no. */
  | 'constraint'
  /** The statement does not fit the schema that it met. */
  | 'schema'
  /** Nothing was changed and the same call may succeed at once. */
  | 'busy'
  /** The server ended a transaction that took too long while others waited. Nothing was changed. */
  | 'thrown_out'
  /** The four that only a person can end: no room, no right to write, an account in trouble, a wrong token. */
  | 'full'
  | 'read_only'
  | 'blocked'
  | 'refused'
  /** Its files cannot be read or written. */
  | 'broken'
  /** A value, a row or an answer beyond what the server carries. */
  | 'too_large'
  /** Any other no in SQL: a fault of ours. */
  | 'sql'
  /** No answer, or none that libSQL would give: what was sent may or may not have happened. */
  | 'unanswered'

type Failure = {
  name: string
  message: string
  code: string
  status: number
  statementIndex?: number | undefined
}

/** From the first that fits. Texts are sqld's and SQLite's own; test/failures.test.ts provokes them. */
const signs: [Kind, (e: Failure) => boolean][] = [
  // First, for a trigger may say anything.
  ['constraint', (e) => e.code.startsWith('SQLITE_CONSTRAINT')],
  ['thrown_out', (e) => e.code === 'TRANSACTION_TIMEOUT'],
  ['blocked', (e) => e.code === 'BLOCKED' || (e.status === 403 && /\bblocked\b/i.test(e.message))],
  ['full', (e) => e.code === 'SQLITE_FULL'],
  [
    'read_only',
    (e) =>
      e.code.startsWith('SQLITE_READONLY') ||
      (e.status === 403 && /write permission|read.?only/i.test(e.message)),
  ],
  ['refused', (e) => e.status === 401 || e.status === 403],
  ['busy', (e) => /^(SQLITE_BUSY|SQLITE_LOCKED|STREAM_EXPIRED|TRANSACTION_BUSY)/.test(e.code)],
  ['busy', (e) => e.status === 429 || e.status === 503 || /database is locked/.test(e.message)],
  ['schema', (e) => /no such (table|column)|has no column named/.test(e.message)],
  ['broken', (e) => /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|NOMEM)/.test(e.code)],
  ['too_large', (e) => /^(SQLITE_TOOBIG|RESPONSE_TOO_LARGE)/.test(e.code)],
  ['sql', (e) => /^(SQL|ARGS)/.test(e.code)],
]

/** Those of the database. Others have a status and a code too. */
const names = ['DatabaseError', 'StatusError', 'SqlError']

/** What a failed call to the database means; undefined for any other error. */
export function kindOf(error: unknown): Kind | undefined {
  const links = chain(error)
  if (!links.some(({ name }) => names.includes(name))) return undefined
  const sign = signs.find(([, fits]) => links.some(fits))
  return sign ? sign[0] : 'unanswered'
}

/** A write was sent and nobody knows whether it was done. */
export function isUnknown(error: unknown): boolean {
  const links = chain(error)
  const isRejected = links.some((e) => e.status >= 400 && e.status < 500)
  const isWrite = error instanceof DatabaseError && error.doing === 'write'
  return isWrite && kindOf(error) === 'unanswered' && !isRejected
}

/** A constraint stopped the statement; `name` is the CHECK's name or `table.column, table.column`. */
export function isConstraint(error: unknown, name: string): boolean {
  return chain(error).some((e) => e.message.includes(name) && e.message.includes('constraint'))
}

/** The one error that proves absence. Anything else is not knowing. */
export function isNoSuchTable(error: unknown, table: string): boolean {
  return chain(error).some((e) => e.message.includes(`no such table: ${table}`))
}

/** The table is there and has another shape. */
export const isNoSuchColumn = (error: unknown) =>
  chain(error).some((e) => e.message.includes('no such column: '))

/** Nothing was changed and the same call may succeed later. */
export const isBusy = (error: unknown) => kindOf(error) === 'busy'

/** The server ended the transaction because it took too long: it was undone, and would be again. */
export const isThrownOut = (error: unknown) => kindOf(error) === 'thrown_out'

/** The database says no, and will until a person does something about it. */
export const isForbidden = (error: unknown) =>
  ['full', 'read_only', 'blocked', 'refused'].includes(kindOf(error) ?? '')

/** There is no room for more. */
export const isFull = (error: unknown) => kindOf(error) === 'full'

/** Something is larger than what the server carries in a value, a row or an answer. */
export const isTooLarge = (error: unknown) => kindOf(error) === 'too_large'

/** The answer would hold text that is not UTF-8, for which sqld has no words but a status of 500. */
export const isGarbled = (error: unknown) =>
  chain(error).some((e) => e.status === 500 && e.message.includes('invalid utf-8'))

/** No answer that says anything: what was sent may or may not have happened. */
export const isLost = (error: unknown) => kindOf(error) === 'unanswered'

/** No answer came within the time limit of the request. */
export const isTimedOut = (error: unknown) => chain(error).some((e) => e.name === 'TimeoutError')

/** The database answered and said no: whatever was sent is rolled back. Without this, nobody knows. */
export function isRefusedBySql(error: unknown): boolean {
  const kind = kindOf(error)
  return kind !== undefined && !['unanswered', 'busy', 'thrown_out'].includes(kind)
}

/** The constraint that stopped a statement: `CHECK constraint failed: positive`. Undefined for a trigger's own words. */
export function violationOf(error: unknown): { what: string; name: string } | undefined {
  for (const { message } of chain(error)) {
    const [, what, name = ''] = /(\w+(?: \w+)?) constraint failed(?:: (.*))?/.exec(message) ?? []
    // A CHECK without a name is named by its expression, which is SQL.
    if (what) return { what, name: /^[\w., ]+$/.test(name) ? name : '' }
  }
  return undefined
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
    const { code, status, statementIndex } = e as Partial<Failure>
    links.push({
      name,
      message,
      // A DOMException's code is a number.
      code: typeof code === 'string' ? code : '',
      status: typeof status === 'number' ? status : 0,
      statementIndex,
    })
  }
  return links
}
