// The errors in the API description, from the one table of codes.
import { type Code, problems } from '../errors.ts'
import type { Takes } from '../params.ts'
import type { Description, Schema } from '../wire.ts'

export type Answer = { description: string; content?: Content }
export type Content = Record<
  string,
  { schema: Schema; example?: unknown; examples?: Record<string, Schema> }
>

/** The errors of the route by status, each code with an example of its body. */
export function errorsOf(about: Description, takes: Takes[]): Record<string, Answer> {
  const codes = new Set<Code>(about.errors)
  if (takes.length > 0) codes.add('invalid')
  if (takes.some(({ target }) => target === 'json' || target === 'form')) codes.add('too_large')
  if (!about.open) for (const code of signedInErrors) codes.add(code)
  codes.add('internal')
  const answers: Record<string, Answer> = {}
  for (const code of codes) {
    const [status, title] = problems[code]
    const examples = answers[status]?.content?.['application/problem+json']?.examples
    const schema = {
      $ref: `#/components/schemas/${code === 'invalid' ? 'FieldProblem' : 'Problem'}`,
    }
    answers[status] = {
      description: [...Object.keys(examples ?? {}), code].join(', '),
      content: {
        'application/problem+json': {
          schema,
          examples: { ...examples, [code]: { value: problemExample(code, status, title) } },
        },
      },
    }
  }
  return answers
}

/** What every route behind the sign-in may answer. */
const signedInErrors: Code[] = [
  'invalid_credentials',
  'not_authenticated',
  'database_unavailable',
  'database_busy',
  'database_full',
  'database_read_only',
  'database_blocked',
  'database_refused',
  'write_unknown',
  'migration_running',
]

export const problem: Schema = {
  title: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: {},
    code: { type: 'string', enum: Object.keys(problems) },
    request_id: { type: 'string' },
  },
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
      },
    },
  },
}

function problemExample(code: Code, status: number, title: string) {
  const detail =
    code === 'invalid' ? [{ type: 'missing', loc: ['body', 'name'], msg: 'Field required' }] : title
  const request_id = '3f1c6a52-58f1-4a53-9c0e-0d5f6d3a8f10'
  return { type: `urn:flowgate:problem:${code}`, title, status, detail, code, request_id }
}
