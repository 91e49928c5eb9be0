// The OpenAPI 3.1 description, made from the app's own routes: the schemas that validate what comes in,
// the views that make what goes out, and the one line beside each route.
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type { RouterRoute } from 'hono/types'
import { type Code, problems } from '../errors.ts'
import type { Takes } from '../params.ts'
import type { About, Description, Schema } from '../wire.ts'
import { exampleOf } from './example.ts'

export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, Answer>
}
type Answer = { description: string; headers?: Record<string, Schema>; content?: Content }
type Content = Record<
  string,
  { schema: Schema; example?: unknown; examples?: Record<string, Schema> }
>
export type Document = ReturnType<typeof describe>

/** One route, with everything that is known about it. */
type Described = { method: string; path: string; about: Description; takes: Takes[] }

/** Describes the routes of an app. Throws if a route has no description or a description no route. */
export function describe(routes: readonly RouterRoute[], about: About) {
  const components: Record<string, Schema> = { Problem: problem, FieldProblem: fieldProblem }
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of gather(routes, about)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, components) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'flowgate', version: '1', description },
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        keyInQuery: { type: 'apiKey', in: 'query', name: 'x-api-key' },
      },
    },
  }
}

const description =
  'Which flows may this caller see, and what may they do with them? Sign in with POST /api/v1/login and ' +
  'send the access token as bearer, or send an API key. Every error is a problem body with a stable code.'

/** hono keeps one entry per handler; those of a route share its method and path. */
function gather(routes: readonly RouterRoute[], about: About): Described[] {
  const takes = new Map<string, Takes[]>()
  for (const { method, path, handler } of routes) {
    if (method === 'ALL') continue
    const name = `${method} ${path}`
    const validators = 'schema' in handler ? [handler as unknown as Takes] : []
    takes.set(name, [...(takes.get(name) ?? []), ...validators])
  }
  const missing = [...takes.keys()].filter((name) => !about[name])
  const unknown = Object.keys(about).filter((name) => !takes.has(name))
  if (missing.length + unknown.length > 0)
    throw new Error(`routes without about: ${missing}; about without route: ${unknown}`)
  return Object.entries(about).map(([name, description]) => {
    const [method = '', path = ''] = name.split(' ')
    return { method, path, about: description, takes: takes.get(name) ?? [] }
  })
}

function operation(route: Described, components: Record<string, Schema>): Operation {
  const { method, path, about, takes } = route
  const words = path.replace('/api/v1', '').match(/\w+/g) ?? []
  const input = (target: string) => takes.find((one) => one.target === target)
  const json = input('json') ?? input('form')
  const parameters = [
    ...parametersOf(input('param'), 'path'),
    ...parametersOf(input('query'), 'query'),
  ]
  const status = String(about.status ?? (about.gives ? 200 : 204))
  const success: Answer = { description: statusText[status] ?? 'OK' }
  if (about.gives) {
    const schema = named(about.gives.schema, components)
    success.content = {
      [about.type ?? 'application/json']: { schema, example: exampleOf(about.gives.schema) },
    }
  }
  return {
    operationId: [method.toLowerCase(), ...words].join('_'),
    summary: about.summary,
    tags: [tagOf(path, words)],
    ...(about.open ? {} : { security: [{ bearer: [] }, { key: [] }, { keyInQuery: [] }] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(json ? { requestBody: { required: true, content: contentOf(json) } } : {}),
    responses: { [status]: success, ...errorsOf(about, takes) },
  }
}

/** The subject that a path is about. */
function tagOf(path: string, words: string[]): string {
  if (!path.startsWith('/api/v1')) return 'service'
  return (path.endsWith('/') || words.length > 1 ? words[0] : undefined) ?? 'session'
}

function contentOf({ target, schema }: Takes): Content {
  const type = target === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  const accepted = toInputSchema(schema)
  return { [type]: { schema: accepted, example: exampleOf(accepted) } }
}

function parametersOf(takes: Takes | undefined, where: 'path' | 'query') {
  if (!takes) return []
  const { properties = {}, required = [] } = toInputSchema(takes.schema)
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: unquoted(schema as Schema),
  }))
}

/** A flag or number comes as text; it is described as what the text stands for. */
function unquoted({ pattern, ...schema }: Schema): Schema {
  if (schema.type === 'string') return pattern === undefined ? schema : { pattern, ...schema }
  return typeof schema.default === 'string'
    ? { ...schema, default: JSON.parse(schema.default) }
    : schema
}

/** What a caller may send: the schema before its transforms. */
function toInputSchema(schema: Takes['schema']): JsonSchema & Schema {
  const { $schema, ...accepted } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' })
  return accepted as JsonSchema & Schema
}

/** The errors of the route by status, each code with an example of its body. */
function errorsOf(about: Description, takes: Takes[]): Record<string, Answer> {
  const codes = new Set<Code>(about.errors)
  if (takes.length > 0) codes.add('invalid')
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
  'migration_running',
]

/** A titled schema is described once and referred to. */
function named(schema: Schema, components: Record<string, Schema>): Schema {
  if (schema.type === 'array') {
    return { ...schema, items: named(schema.items as Schema, components) }
  }
  if (schema.oneOf) return { oneOf: (schema.oneOf as Schema[]).map((s) => named(s, components)) }
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  const inner = {
    ...schema,
    ...(properties.length > 0
      ? { properties: Object.fromEntries(properties.map(([k, s]) => [k, named(s, components)])) }
      : {}),
  }
  if (typeof schema.title !== 'string') return inner
  components[schema.title] = inner
  return { $ref: `#/components/schemas/${schema.title}` }
}

const problem: Schema = {
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

const fieldProblem: Schema = {
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

const statusText: Record<string, string> = { 200: 'OK', 201: 'Created', 204: 'Done' }
