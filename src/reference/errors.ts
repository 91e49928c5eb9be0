// The errors in the API description, from the one table of codes.
import type { Description } from '../about.ts'
import { type Code, problems } from '../errors.ts'
import type { Validator } from '../params.ts'
import type { Schema } from '../wire.ts'
import { errorHeaders, type Headers } from './headers.ts'

export type Answer = { description: string; headers?: Headers; content?: Content }
export type Content = Record<
  string,
  { schema: Schema; example?: unknown; examples?: Record<string, { $ref: string }> }
>

/** One route, with everything that is known about it. */
export type Route = { method: string; path: string; about: Description; takes: Validator[] }

/** The errors of the route by status, each code with an example of its body. */
export function errorsOf(route: Route): Record<string, Answer> {
  const byStatus = new Map<number, Code[]>()
  for (const code of codesOf(route)) {
    const [status] = problems[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, answer(status, codes, route.about)]),
  )
}

/** What the route names itself, and what the walls before it and the database behind it may say. */
function codesOf({ method, about, takes }: Route): Code[] {
  const { errors = [], open, reads, file, standard, directory } = about
  const isRead = method === 'GET'
  const codes: (readonly Code[] | false)[] = [
    errors,
    ['internal'],
    reads !== 'nothing' && ['misconfigured'],
    !isRead && ['too_large'],
    (takes.length > 0 || file !== undefined) && ['invalid'],
    // Keys may be good for some routes alone.
    !open &&
      !directory && ['invalid_credentials', 'not_authenticated', 'forbidden', 'too_many_requests'],
    !open && !directory && accessErrors,
    directory === true && ['bad_request', 'invalid_credentials', 'too_many_requests'],
    reads === undefined && databaseErrors,
    reads === undefined && !isRead && ['conflict', 'write_unknown'],
  ]
  const words = codes.flatMap((some) => some || [])
  return [...new Set(standard || directory ? words.map((code) => inStandard[code] ?? code) : words)]
}

const inStandard: Partial<Record<Code, Code>> = {
  invalid: 'bad_request',
  not_authenticated: 'invalid_credentials',
}

/** The answer of a status that several codes share: exactly these. */
function answer(status: number, codes: Code[], about: Description): Answer {
  const { description, headers, content } = asProblem(status, codes, about)
  if (!about.directory) return { description, headers, content }
  // Where there is no directory its addresses are not there, and what is wrong with the settings is not the directory's.
  const scim = {
    [SCIM]: { schema: { $ref: '#/components/schemas/ScimError' }, example: scimExample(status) },
  }
  return {
    description,
    headers,
    content: { ...scim, ...(status === 404 || status === 500 ? content : {}) },
  }
}

function asProblem(status: number, codes: Code[], about: Description) {
  const namesFields = codes.includes('invalid') || (about.standard && status === 400)
  const shape = namesFields ? 'FieldProblem' : 'Problem'
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])
  return {
    description: codes.join(', '),
    headers: errorHeaders(status, about),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: `#/components/schemas/${shape}` }],
          properties: { status: { const: status }, code: { enum: codes } },
        },
        examples: Object.fromEntries(examples),
      },
    },
  }
}

/** What every route may answer whoever comes by Cloudflare Access. */
const accessErrors: readonly Code[] = ['sign_in_invalid', 'sign_in_refused', 'provider_unavailable']

/** What every route may answer that asks the database: a cold isolate also has to bring it to head. */
const databaseErrors: readonly Code[] = [
  'too_large',
  'database_unavailable',
  'database_busy',
  'database_full',
  'database_read_only',
  'database_blocked',
  'database_refused',
  'migration_running',
  'migration_failed',
  'schema_partial',
  'schema_drifted',
  'schema_diverged',
  'schema_tampered',
  'schema_breaking',
]

export const problem: Schema = {
  title: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string', pattern: '^urn:flowgate:problem:' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: ['string', 'object'] },
    code: { type: 'string', enum: Object.keys(problems) },
    request_id: { type: 'string', format: 'uuid' },
  },
  additionalProperties: false,
}

export const fieldProblem: Schema = {
  ...problem,
  title: 'FieldProblem',
  properties: {
    ...(problem.properties as Schema),
    detail: {
      type: ['array', 'string'],
      items: {
        type: 'object',
        required: ['type', 'loc', 'msg'],
        properties: {
          type: { type: 'string' },
          loc: { type: 'array', items: { type: ['string', 'integer'] } },
          msg: { type: 'string' },
          input: {},
        },
        additionalProperties: false,
      },
    },
  },
}

/** What the directory is answered: an error in SCIM's form. */
export const SCIM = 'application/scim+json'
const SCIM_ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const scimError: Schema = {
  title: 'ScimError',
  type: 'object',
  required: ['schemas', 'status', 'detail'],
  properties: {
    schemas: { const: [SCIM_ERROR] },
    status: { type: 'string', pattern: '^[45][0-9]{2}$' },
    scimType: { type: 'string' },
    detail: { type: 'string' },
  },
  additionalProperties: false,
}

const scimExample = (status: number) => ({
  schemas: [SCIM_ERROR],
  status: String(status),
  detail: 'What is wrong',
})

/** An example for each code, to refer to. */
export const problemExamples = Object.fromEntries(
  (Object.keys(problems) as Code[]).map((code) => [code, { value: problemExample(code) }]),
)

function problemExample(code: Code) {
  const [status, title] = problems[code]
  const detail =
    code === 'invalid' ? [{ type: 'missing', loc: ['body', 'name'], msg: 'Field required' }] : title
  const request_id = '3f1c6a52-58f1-4a53-9c0e-0d5f6d3a8f10'
  return { type: `urn:flowgate:problem:${code}`, title, status, detail, code, request_id }
}
