// Where in what the API takes a value of some kind stands: every route and every field, read from its own description.
import type { Document } from '../../src/reference/document.ts'
import type { Schema } from '../../src/wire.ts'
import { missingId } from './random-worlds.ts'

type Step = string | number
export type Place = {
  /** `PATCH /api/v1/flows/{flow_id} body.flows.0.locked` */
  name: string
  method: string
  loc: Step[]
  /** The request with this value there; everything else is as the example has it. */
  request(value: unknown): { path: string; type?: string; body?: unknown }
}

export type JsonRoute = { name: string; method: string; path: string; type: string; body: unknown }

/** Every route that takes JSON, in each type that it takes, with the example of its body. */
export const jsonRoutes = (document: Document): JsonRoute[] =>
  operations(document).flatMap(({ method, pattern, operation }) =>
    Object.entries(operation.requestBody?.content ?? {})
      .filter(([type]) => type.endsWith('json'))
      .map(([type, { example }]) => ({
        name: `${method} ${pattern} ${type}`,
        method,
        path: withIds(pattern),
        type,
        body: example,
      })),
  )

/** Every place of which the schema is of this kind, in bodies, queries and paths. */
export function placesOf(document: Document, isOfKind: (schema: Schema) => boolean): Place[] {
  return operations(document).flatMap(({ method, pattern, operation }) => {
    const name = `${method} ${pattern}`
    const bodies = jsonRoutes(document)
      .filter((route) => route.name.startsWith(`${name} `))
      .flatMap(({ path, type, body }) =>
        within(operation.requestBody?.content[type]?.schema ?? {}, isOfKind).map((steps) => ({
          name: `${name} ${type} ${steps.join('.')}`,
          method,
          loc: ['body', ...steps],
          request: (value: unknown) => ({ path, type, body: replaced(body, steps, value) }),
        })),
      )
    const parameters = (operation.parameters ?? []).filter(
      (one) => one.in !== 'header' && isOfKind(plain(one.schema)),
    )
    const inUrl = parameters.map((parameter) => ({
      name: `${name} ${parameter.in} ${parameter.name}`,
      method,
      loc: [parameter.in, parameter.name],
      request: (value: unknown) => urlWith(pattern, operation, parameter, String(value)),
    }))
    return [...bodies, ...inUrl]
  })
}

type Operation = Document['paths'][string][string]
type Parameter = NonNullable<Operation['parameters']>[number]

/** Without those of a company's directory, which has words and a token of its own: test/scim-walls.test.ts. */
const operations = (document: Document) =>
  Object.entries(document.paths)
    .filter(([pattern]) => !pattern.startsWith('/scim/'))
    .flatMap(([pattern, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        pattern,
        operation,
      })),
    )

const withIds = (pattern: string) => pattern.replace(/\{\w+\}/g, missingId)

/** The schema itself, where it may also be null. */
function plain(schema: Schema): Schema {
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  return choices?.find(({ type }) => type !== 'null') ?? schema
}

function within(nullable: Schema, isOfKind: (schema: Schema) => boolean): Step[][] {
  const schema = plain(nullable)
  const own: Step[][] = isOfKind(schema) ? [[]] : []
  const inner = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  const deeper = inner.flatMap(([key, one]) =>
    within(one, isOfKind).map((rest): Step[] => [key, ...rest]),
  )
  const items = schema.items ? within(schema.items as Schema, isOfKind) : []
  return [...own, ...deeper, ...items.map((rest): Step[] => [0, ...rest])]
}

function replaced(body: unknown, [step, ...rest]: Step[], value: unknown): unknown {
  if (step === undefined) return value
  if (typeof step === 'number') return [replaced((body as unknown[] | null)?.[0], rest, value)]
  const object = body as Record<string, unknown>
  return { ...object, [step]: replaced(object[step], rest, value) }
}

/** What else must be in the query is in it. */
function urlWith(pattern: string, { parameters = [] }: Operation, here: Parameter, value: string) {
  const path =
    here.in === 'path' ? pattern.replace(`{${here.name}}`, encodeURIComponent(value)) : pattern
  const query = new URLSearchParams()
  for (const { in: where, name, required, schema } of parameters)
    if (where === 'query' && required && name !== here.name)
      query.set(
        name,
        schema.format === 'uuid' ? missingId : String((schema.enum as string[])?.[0] ?? 'Read'),
      )
  if (here.in === 'query') query.set(here.name, value)
  return { path: `${withIds(path)}?${query}` }
}
