// What a route answers where nothing went wrong, in the API description, from the views that make it.
import type { Description } from '../about.ts'
import type { HasSchema, Schema } from '../wire.ts'
import { type Answer, type Content, type Route, SCIM } from './errors.ts'
import { exampleOf } from './example.ts'
import { errorHeaders, headersOf } from './headers.ts'

/** By status. Schemas with a title go to the components, by which they are referred to. */
export function answersOf(
  route: Route,
  components: Record<string, Schema>,
): Record<string, Answer> {
  const { refused, status, gives, archive } = route.about
  const success = String(status ?? (gives || archive ? 200 : 204))
  return {
    ...othersOf(route, components),
    ...(refused ? {} : { [success]: successOf(route, success, components) }),
  }
}

function successOf(route: Route, status: string, components: Record<string, Schema>): Answer {
  const { gives, archive } = route.about
  const content: Content = gives ? jsonOf(gives, components, route) : {}
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
        headers: { ...headersOf(route), ...errorHeaders(Number(status), route.about) },
        ...(gives ? { content: jsonOf(gives, components, route) } : {}),
      },
    ]),
  )
}

const jsonOf = (
  { schema }: HasSchema,
  components: Record<string, Schema>,
  { about }: Route,
): Content => ({
  [about.directory ? SCIM : 'application/json']: {
    schema: named(schema, components),
    example: exampleOf(schema),
  },
})

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

const statusText: Record<string, string> = {
  200: 'OK',
  201: 'Created',
  204: 'Done',
  302: 'On to `Location`',
}
