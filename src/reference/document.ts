// The OpenAPI 3.1 description, made from the app's own routes: the schemas that validate what comes in,
// the views that make what goes out, and what each route says of itself.
import type { RouterRoute } from 'hono/types'
import type { Description } from '../about.ts'
import type { Validator } from '../params.ts'
import type { Schema } from '../wire.ts'
import { answersOf } from './answers.ts'
import {
  type Answer,
  type Content,
  errorsOf,
  fieldProblem,
  problem,
  problemExamples,
  type Route,
  scimError,
} from './errors.ts'
import { headers } from './headers.ts'
import { bodyOf, type Parameter, parametersOf } from './requests.ts'

export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, Answer>
}
export type Document = ReturnType<typeof describeApp>

/** Describes the routes of an app, in the order of its map. Throws if one has no description. */
export function describeApp(routes: readonly RouterRoute[]) {
  const components: Record<string, Schema> = {
    Problem: problem,
    FieldProblem: fieldProblem,
    ScimError: scimError,
  }
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of gather(routes)) {
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
        directory: { type: 'http', scheme: 'bearer' },
        keyInQuery: { type: 'apiKey', in: 'query', name: 'x-api-key' },
        access: { type: 'apiKey', in: 'header', name: 'Cf-Access-Jwt-Assertion' },
      },
    },
  }
}

const description =
  'Which flows may this caller see, and what may they do with them? Sign in with POST /api/v1/login and ' +
  'send the access token as bearer, or send an API key; behind Cloudflare Access, what it sends along does. Every error is a problem body with a stable code. ' +
  'Where a path with or without its last slash is meant, 307 says so; a method that a path does not have is 405 ' +
  'with `Allow`. Objects have the fields that are said here and no others; a later version may add some.'

/** hono keeps one entry per handler; those of a route share its method and path. */
function gather(routes: readonly RouterRoute[]): Route[] {
  const byName = new Map<string, RouterRoute[]>()
  for (const route of routes.filter(({ method }) => method !== 'ALL')) {
    const name = `${route.method} ${route.path}`
    byName.set(name, [...(byName.get(name) ?? []), route])
  }
  return [...byName].map(([name, entries]) => {
    const [method = '', path = ''] = name.split(' ')
    const own = entries.map(({ handler }) => handler)
    const marked = own.find((one) => 'about' in one) as { about?: Description } | undefined // as about.ts does
    if (!marked?.about) throw new Error(`A route without a description: ${name}`)
    const takes = own.filter((one) => 'schema' in one) as unknown as Validator[] // as params.ts marks them
    return { method, path, about: marked.about, takes }
  })
}

function operation(route: Route, components: Record<string, Schema>): Operation {
  const { method, path, about } = route
  const words = path.replace('/api/v1', '').match(/\w+/g) ?? []
  const parameters = parametersOf(route)
  const requestBody = bodyOf(route)
  return {
    operationId: [method.toLowerCase(), ...words].join('_'),
    summary: about.summary,
    tags: [tagOf(path, words)],
    ...(about.open ? {} : { security: about.directory ? [{ directory: [] }] : callers }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: { ...answersOf(route, components), ...errorsOf(route) },
  }
}

const callers = [{ bearer: [] }, { key: [] }, { keyInQuery: [] }, { access: [] }]

const session = ['login', 'auto_login', 'refresh', 'logout']

/** The subject that a path is about. */
function tagOf(path: string, [first = '']: string[]): string {
  if (path.startsWith('/access/')) return 'decisions'
  if (path.startsWith('/scim/')) return 'directory'
  if (!path.startsWith('/api/v1')) return 'service'
  return session.includes(first) ? 'session' : first
}
