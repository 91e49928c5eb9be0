// The headers of answers in the API description. Each is said once and referred to.
import type { Description } from '../about.ts'
import type { Validator } from '../params.ts'
import type { Schema } from '../wire.ts'

export type Headers = Record<string, { $ref: string }>

const header = (description: string, schema: Schema, required = true) => ({
  description,
  required,
  schema,
})
const text: Schema = { type: 'string' }
const seconds: Schema = { type: 'integer', minimum: 1 }

/** By the name under which the description refers to them; `Maybe` are those that come only sometimes. */
export const headers = {
  'X-Request-Id': header('The id under which the log and the audit know this request', {
    type: 'string',
    format: 'uuid',
  }),
  'Any-Request-Id': header(
    'The `X-Request-Id` that the caller gave, whatever it is; else ours',
    text,
  ),
  'X-Client-Request-Id': header(
    'The `X-Request-Id` that the caller gave, if it was plain and short',
    { type: 'string', pattern: '^[\\w.:-]{1,64}$' },
    false,
  ),
  'Cache-Control': header('Who may keep the answer, and for how long', text),
  'Content-Disposition': header('The name of the file, of an archive', text, false),
  ETag: header(
    'What `If-None-Match` and, of one flow, `If-Match` may ask about',
    { type: 'string', pattern: '^(W/)?"' },
    false,
  ),
  'Flowgate-At': header(
    'With replicas: what the caller has seen so far. Who sends it along, within a minute at least, sees no less',
    { type: 'string', maxLength: 200 },
    false,
  ),
  'Flowgate-Consistency': header(
    'With replicas: how far behind answers may be, where this one is from, and how many milliseconds behind it is at most',
    { type: 'string', pattern: '^(strict|bounded:\\d+); from=(primary|replica; age=\\d+)$' },
    false,
  ),
  'Flowgate-Flows-Owned': header(
    'How many flows of the project whoever was taken off it still owns by grants of their own',
    { type: 'integer', minimum: 0 },
    false,
  ),
  'Idempotent-Replayed': header(
    'Nothing was made: this is what an earlier request with the same `Idempotency-Key` made',
    { type: 'string', const: 'true' },
    false,
  ),
  Link: header('RFC 8288: `first`, `prev`, `next` and `last` page, of pages alone', text, false),
  'Retry-After': header('Seconds after which it is worth another try', seconds),
  'Set-Cookie': header('The tokens as cookies, or their end', text),
  'Any-Cookie': header('With replicas: `Flowgate-At`, for browsers', text, false),
  'Visit-Cookie': header('The visit as a cookie, or its end, and the tokens', text, false),
  'WWW-Authenticate': header('How to sign in', text),
} as const

type Name = keyof typeof headers

/** Those that are said in more than one way. */
const called: Partial<Record<Name, string>> = {
  'Any-Request-Id': 'X-Request-Id',
  'Any-Cookie': 'Set-Cookie',
  'Visit-Cookie': 'Set-Cookie',
}

const refer = (names: readonly Name[]): Headers =>
  Object.fromEntries(
    names.map((name) => [called[name] ?? name, { $ref: `#/components/headers/${name}` }]),
  )

/** Those of success, and of other answers that are no errors. */
export function headersOf({ about, takes }: { about: Description; takes: Validator[] }): Headers {
  const isOnce = takes.some(({ schema }) => 'entries' in schema && isNamed(schema.entries))
  return refer([
    ...everywhere(about),
    ...(about.tagged ? (['ETag'] as const) : []),
    ...(isOnce ? (['Idempotent-Replayed'] as const) : []),
    ...(about.headers ?? []),
  ])
}

const isNamed = (entries: unknown) => 'Idempotency-Key' in (entries as object)

/** Those of an error with this status. */
export function errorHeaders(status: number, about: Description): Headers {
  const more: Record<number, Name[]> = {
    401: ['WWW-Authenticate'],
    412: ['ETag'],
    429: ['Retry-After'],
    503: ['Retry-After'],
  }
  return refer([...everywhere(about), ...(more[status] ?? [])])
}

const everywhere = ({ standard }: Description): Name[] => [
  standard ? 'Any-Request-Id' : 'X-Request-Id',
  'X-Client-Request-Id',
  'Cache-Control',
  'Flowgate-At',
  'Flowgate-Consistency',
  'Any-Cookie',
]
