// The OpenAPI 3.1 description, made from the app's own routes: the schemas that validate what comes in,
// the views that make what goes out, and the one line beside each route.
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type { RouterRoute } from 'hono/types'
import type * as v from 'valibot'
import type { About, Description } from '../about.ts'
import type { Validator } from '../params.ts'
import { MERGE_PATCH } from '../patch.ts'
import type { Described, Schema } from '../wire.ts'
import {
  type Answer,
  type Content,
  errorsOf,
  fieldProblem,
  problem,
  problemExamples,
  type Route,
} from './errors.ts'
import { exampleOf } from './example.ts'
import { errorHeaders, headers, headersOf } from './headers.ts'

export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, Answer>
}
export type Document = ReturnType<typeof describeApp>

/** Describes the routes of an app, in the order of its map. Throws if one has no description. */
export function describeApp(routes: readonly RouterRoute[], about: About) {
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
      headers,
      examples: problemExamples,
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
  'send the access token as bearer, or send an API key. Every error is a problem body with a stable code. ' +
  'Where a path with or without its last slash is meant, 307 says so; a method that a path does not have is 405 ' +
  'with `Allow`. Objects have the fields that are said here and no others; a later version may add some.'

/** hono keeps one entry per handler; those of a route share its method and path. */
function gather(routes: readonly RouterRoute[], others: About): Route[] {
  const byName = new Map<string, RouterRoute[]>()
  for (const route of routes.filter(({ method }) => method !== 'ALL')) {
    const name = `${route.method} ${route.path}`
    byName.set(name, [...(byName.get(name) ?? []), route])
  }
  return [...byName].map(([name, entries]) => {
    const [method = '', path = ''] = name.split(' ')
    const own = entries.map(({ handler }) => handler)
    const marked = own.find((one) => 'about' in one) as { about?: Description } | undefined // as about.ts does
    const about = marked?.about ?? others[name]
    if (!about) throw new Error(`A route without a description: ${name}`)
    const takes = own.filter((one) => 'schema' in one) as unknown as Validator[] // as params.ts marks them
    const changes = method !== 'GET' && !own.some((one) => 'onlyReads' in one)
    return { method, path, about, takes, changes }
  })
}

function operation(route: Route, components: Record<string, Schema>): Operation {
  const { method, path, about, takes } = route
  const words = path.replace('/api/v1', '').match(/\w+/g) ?? []
  const input = (target: string) => takes.find((one) => one.target === target)
  const json = input('json') ?? input('form')
  const parameters = [
    ...parametersOf(input('param'), 'path'),
    ...parametersOf(input('query'), 'query'),
    ...parametersOf(input('header'), 'header'),
    ...(about.tagged ? [ifNoneMatch] : []),
    ...(about.cookies ?? []).map((name) => ({
      name,
      in: 'cookie',
      required: false,
      schema: cookie,
    })),
  ]
  const status = String(about.status ?? (about.gives || about.archive ? 200 : 204))
  return {
    operationId: [method.toLowerCase(), ...words].join('_'),
    summary: about.summary,
    tags: [tagOf(path, words)],
    ...(about.open ? {} : { security: [{ bearer: [] }, { key: [] }, { keyInQuery: [] }] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(json ? { requestBody: { required: true, content: contentOf(json) } } : {}),
    ...(about.file ? { requestBody: { required: true, content: uploadOf(about.file) } } : {}),
    responses: {
      ...othersOf(route, components),
      ...(about.refused ? {} : { [status]: successOf(route, status, components) }),
      ...errorsOf(route),
    },
  }
}

function successOf(route: Route, status: string, components: Record<string, Schema>): Answer {
  const { gives, archive } = route.about
  const content: Content = gives ? jsonOf(gives, components) : {}
  if (archive) content[archive] = { schema: { type: 'string', format: 'binary' }, example: '...' }
  const description = statusText[status] ?? 'OK'
  const headers = headersOf(route)
  return gives || archive ? { description, headers, content } : { description, headers }
}

/** What is neither the success of the route nor an error. */
function othersOf(route: Route, components: Record<string, Schema>): Record<string, Answer> {
  const { blind, tagged, also = {} } = route.about
  const others: NonNullable<Description['also']> = {
    ...(blind ? { 204: { means: 'Changed, for those who may not read it' } } : {}),
    ...(tagged ? { 304: { means: 'What `If-None-Match` names is still so' } } : {}),
    ...also,
  }
  return Object.fromEntries(
    Object.entries(others).map(([status, { means, gives }]) => [
      status,
      {
        description: means,
        headers: { ...headersOf(route), ...errorHeaders(Number(status)) },
        ...(gives ? { content: jsonOf(gives, components) } : {}),
      },
    ]),
  )
}

const jsonOf = ({ schema }: Described, components: Record<string, Schema>): Content => ({
  'application/json': { schema: named(schema, components), example: exampleOf(schema) },
})

const cookie = { type: 'string', description: 'As POST /api/v1/login sets it' }

const ifNoneMatch = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  schema: { type: 'string', description: 'The ETag of an answer that is still there' },
}

const uploadOf = (field: string): Content => ({
  'multipart/form-data': {
    schema: {
      type: 'object',
      required: [field],
      properties: { [field]: { type: 'string', format: 'binary' } },
    },
    example: { [field]: '@flows.json' },
  },
})

const session = ['login', 'auto_login', 'refresh', 'logout']

/** The subject that a path is about. */
function tagOf(path: string, [first = '']: string[]): string {
  if (!path.startsWith('/api/v1')) return 'service'
  return session.includes(first) ? 'session' : first
}

function contentOf({ target, schema, merge }: Validator): Content {
  const type = target === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  return { [type]: accepted(schema), ...(merge ? { [MERGE_PATCH]: accepted(merge) } : {}) }
}

function accepted(schema: v.GenericSchema) {
  const accepted = toInputSchema(schema)
  return { schema: accepted, example: exampleOf(accepted) }
}

function parametersOf(takes: Validator | undefined, where: 'path' | 'query' | 'header') {
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
function unquoted({ pattern, maxLength, ...schema }: Schema): Schema {
  if (schema.type === 'string') return { ...(pattern ? { pattern } : {}), ...schema, maxLength }
  return typeof schema.default === 'string'
    ? { ...schema, default: JSON.parse(schema.default) }
    : schema
}

/** What a caller may send: the schema before its transforms. */
function toInputSchema(schema: Validator['schema']): JsonSchema & Schema {
  const { $schema, ...accepted } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' })
  return accepted as JsonSchema & Schema
}

/** A titled schema is described once and referred to. */
function named(schema: Schema, components: Record<string, Schema>): Schema {
  if (schema.items) return { ...schema, items: named(schema.items as Schema, components) }
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

const statusText: Record<string, string> = { 200: 'OK', 201: 'Created', 204: 'Done' }
