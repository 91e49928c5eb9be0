// hrana, the protocol of libSQL over HTTP, as far as flowgate speaks it: one request carries one statement or one
// batch, and is answered as a whole. https://github.com/tursodatabase/libsql/blob/main/docs/HTTP_V2_SPEC.md
import { Buffer } from 'node:buffer'
import { SqlError, StatusError } from './database-error.ts'

/**
 * What a column holds. An integer that no number can hold is a bigint. Every column is one for text or numbers: bytes
 * in it come as text, those that are not UTF-8 as U+FFFD.
 */
export type Value = null | string | number | bigint
/** By the names of its columns; of two with one name the first. */
export type Row = Record<string, Value>
/** What a statement led to: its rows, and how many it changed. */
export type Result = { rows: Row[]; rowsAffected: number }

/** What may stand for a `?`. A number is a REAL, as which SQLite compares and stores it like an INTEGER where a column is one. */
export type Argument = Value | boolean | ArrayBuffer

export type InStatement = string | { readonly sql: string; readonly args?: readonly Argument[] }

/** A step runs only where its condition holds of the steps before it, which go by their positions. */
type Condition =
  | { readonly type: 'ok'; readonly step: number }
  | { readonly type: 'not'; readonly cond: Condition }
export type Step = { readonly statement: InStatement; readonly condition?: Condition }

/** What is asked in one request. */
export type Question = { readonly execute: InStatement } | { readonly batch: readonly Step[] }
/** Of each step its result, its error, or that its condition did not hold. */
export type Outcome = Result | { readonly error: SqlError } | 'skipped'

/** Where the database is, and what it is shown. */
export type Server = { readonly url: string; readonly authToken?: string | undefined }

/** A stream that was left open, as the server knows it; null for none. */
type Baton = string | null

/** How requests leave: `fetch`, with a limit of time and whoever counts them. */
export type Send = (url: string, init: RequestInit) => Promise<Response>

/** `index`: how far the server's log of writes went, which a replica follows; undefined where it has none. */
export type Answer = { readonly outcomes: Outcome[]; readonly index: number | undefined }

/**
 * Asks on a new stream, or on the one of `baton`, which is spent by it; the stream is left open for a next request
 * where `keep` says so. A replica first waits until it has the log up to `index`, without end: `send` must have one.
 * Throws a StatusError for any status but 2xx, whatever `send` throws, and where the answer is none of hrana's.
 */
export async function ask(
  server: Server,
  question: Question,
  send: Send,
  {
    baton = null,
    keep = false,
    index,
  }: { baton?: Baton; keep?: boolean; index?: number | undefined } = {},
): Promise<Answer & { baton: Baton }> {
  const requests = [toRequest(question, index), ...(keep ? [] : [{ type: 'close' }])]
  const answer = await post(server, { baton, requests }, send)
  // Who is told to go on elsewhere does not go on.
  const goesOn = keep && typeof answer.baton === 'string' && !answer.base_url
  return {
    outcomes: toOutcomes(question, answer),
    index: toIndex(answer),
    baton: goesOn ? answer.baton : null,
  }
}

/** Ends a stream that was left open. */
export async function close(server: Server, baton: string, send: Send): Promise<void> {
  await post(server, { baton, requests: [{ type: 'close' }] }, send)
}

async function post({ url, authToken }: Server, body: object, send: Send): Promise<Wire> {
  const response = await send(`${toHttpUrl(url)}/v2/pipeline`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // sqld compresses as hard as it can where brotli is welcome: 25 ms for one row, measured on loopback.
      'accept-encoding': 'identity',
      ...(authToken ? { authorization: `Bearer ${authToken}` } : {}),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new StatusError(response.status, await response.text())
  return (await response.json()) as Wire // what it is not shows where it is read
}

const toHttpUrl = (url: string) => url.replace(/^libsql:/, 'https:').replace(/\/+$/, '')

// Beside the protocol: sqld's own field, of a statement or a batch.
const toRequest = (question: Question, index: number | undefined) =>
  'execute' in question
    ? { type: 'execute', stmt: { ...toStmt(question.execute), replication_index: index } }
    : {
        type: 'batch',
        batch: {
          replication_index: index,
          steps: question.batch.map(({ statement, condition }) => ({
            stmt: toStmt(statement),
            ...(condition ? { condition } : {}),
          })),
        },
      }

function toStmt(statement: InStatement) {
  const { sql, args = [] } = typeof statement === 'string' ? { sql: statement } : statement
  return { sql, args: args.map(toWire), want_rows: true }
}

function toWire(value: Argument) {
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'boolean') return { type: 'integer', value: String(Number(value)) }
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  if (value instanceof ArrayBuffer)
    return { type: 'blob', base64: Buffer.from(value).toString('base64') }
  if (Number.isFinite(value)) return { type: 'float', value }
  throw new TypeError(`Nothing that SQLite keeps: ${value}`)
}

type Wire = { baton: Baton; base_url?: string | null; results: Answered[] }
type Answered =
  | { type: 'ok'; response: { result: StmtResult & BatchResult & { replication_index?: unknown } } }
  | { type: 'error'; error: Refusal }
type Refusal = { message: string; code?: string }
type StmtResult = { cols: { name: string }[]; rows: Wired[][]; affected_row_count: number }
type BatchResult = { step_results: (StmtResult | null)[]; step_errors: (Refusal | null)[] }
type Wired =
  | { type: 'null' }
  | { type: 'integer' | 'text'; value: string }
  | { type: 'float'; value: number }
  | { type: 'blob'; base64: string }

function toIndex({ results: [answered] }: Wire): number | undefined {
  const index = answered?.type === 'ok' ? answered.response.result.replication_index : undefined
  return typeof index === 'string' && /^\d{1,15}$/.test(index) ? Number(index) : undefined
}

function toOutcomes(question: Question, { results }: Wire): Outcome[] {
  const [answered] = results
  if (!answered) throw new Error('libSQL answered with nothing')
  if (answered.type === 'error') {
    // Of the whole: no step has run, or none is known to have.
    if ('batch' in question) throw new SqlError(answered.error)
    return [{ error: new SqlError(answered.error) }]
  }
  const { result } = answered.response
  if ('execute' in question) return [toResult(result)]
  return question.batch.map((_, i): Outcome => {
    const [done, refused] = [result.step_results[i], result.step_errors[i]]
    if (refused) return { error: new SqlError(refused) }
    return done ? toResult(done) : 'skipped'
  })
}

function toResult({ cols, rows, affected_row_count }: StmtResult): Result {
  const names = cols.map(({ name }) => name)
  const firsts = names.map((name, i) => names.indexOf(name) === i)
  const toRow = (values: Wired[]) => {
    const row: Row = {}
    for (let i = 0; i < names.length; i++) if (firsts[i]) row[names[i] ?? ''] = toValue(values[i])
    return row
  }
  return { rows: rows.map(toRow), rowsAffected: affected_row_count }
}

function toValue(wired: Wired | undefined): Value {
  switch (wired?.type) {
    case 'null':
      return null
    case 'text':
      return wired.value
    case 'integer':
      return toInteger(wired.value)
    case 'float':
      return wired.value
    case 'blob':
      return utf8.decode(Buffer.from(wired.base64, 'base64'))
    default:
      throw new Error('libSQL answered with a value of no type')
  }
}

function toInteger(digits: string): number | bigint {
  const number = Number(digits)
  return Number.isSafeInteger(number) ? number : BigInt(digits)
}

const utf8 = new TextDecoder()
