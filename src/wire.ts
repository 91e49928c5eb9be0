// What leaves: the kinds of field that the contract has, each with how it is read from what is stored,
// its type and its JSON schema. A view made of them is all three at once, so none can drift. Pure.
import type { Context, TypedResponse } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { JSONParsed } from 'hono/utils/types'
import type { Row } from './db/client.ts'
import { dashed, toJson } from './db/values.ts'
import { Graph, stringify } from './graph.ts'
import { toSecond, toTime } from './times.ts'

export type Schema = { readonly [key: string]: unknown }

/** One field of a body. `row` is there for the few that depend on another column. */
export type Field<T> = { schema: Schema; read(stored: unknown, row: Row): T }

/** The body that these fields make. */
type Body<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** A function from row to body that knows its schema; `title` names it in the API description. */
export function view<F extends Record<string, Field<unknown>>>(title: string, fields: F) {
  const named = Object.entries(fields).map(([key, { read }]) => ({ key, read }))
  const toBody = (row: Row): Body<F> => {
    const body: Record<string, unknown> = {}
    for (const { key, read } of named) {
      const value = read(row[key], row)
      if (value !== undefined) body[key] = value
    }
    return body as Body<F> // the loop above is what the type says
  }
  const { schema } = object(fields)
  return Object.assign(toBody, { schema: { title, ...schema } as Schema })
}

const field = <T>(schema: Schema, read: Field<T>['read']): Field<T> => ({ schema, read })

export const id = field({ type: 'string', format: 'uuid' }, (stored) => String(dashed(stored)))
export const text = field({ type: 'string' }, (stored) => String(stored ?? ''))
export const flag = field({ type: 'boolean' }, Boolean)
export const count = field({ type: 'integer' }, Number)

/** UTC, and says so: to a browser a time without an offset is one of its own place. */
const timeSchema = { format: 'date-time', examples: ['2026-01-31T12:00:00.000000+00:00'] }
/** With microseconds. What names no moment is the beginning of 1970: where there must be a time, clients read one. */
export const time = field(
  { type: 'string', ...timeSchema },
  (stored) => toTime(stored) ?? '1970-01-01T00:00:00.000000+00:00',
)
/** The same, where there may be none; what names no moment is null. */
export const timeOrNull = field({ type: ['string', 'null'], ...timeSchema }, toTime)
/** The same, cut to the second. */
export const secondOrNull = field({ type: ['string', 'null'], format: 'date-time' }, toSecond)
/** An object. What others stored instead of one counts as null. */
export const json = field({ type: ['object', 'null'] }, (stored) => {
  const value = toJson(stored)
  return typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown> | null)
    : null
})
/** A graph, as it is stored. What others stored instead of an object counts as null. */
export const graph = field({ type: ['object', 'null'] }, (stored): Graph | null => {
  const value = stored instanceof Graph ? stored : toGraph(stored)
  return value instanceof Graph ? value : null
})

function toGraph(stored: unknown): unknown {
  try {
    return typeof stored === 'string' ? Graph.read(stored) : null
  } catch {
    return null
  }
}

/** A list of texts: what others stored beside them, or instead of a list, is left out. */
export const texts = field({ type: 'array', items: { type: 'string' } }, (stored) => {
  const value = toJson(stored)
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
})

export const oneOf = <const T extends string>(...values: T[]) =>
  field({ type: 'string', enum: values }, (stored) => stored as T) // the database holds no other

export const nullable = <T>({ schema, read }: Field<T>) =>
  field(orNull(schema), (stored, row) =>
    stored === null || stored === undefined ? null : read(stored, row),
  )

const orNull = ({ type, enum: values, ...schema }: Schema): Schema => ({
  ...schema,
  type: [type, 'null'],
  ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
})

/** Left out of the body where nothing is stored. */
export const optional = <T>({ schema, read }: Field<T>) => ({
  ...field(schema, (stored, row) =>
    stored === null || stored === undefined ? undefined : read(stored, row),
  ),
  optional: true,
})

/** A view within a view, from the columns that carry the prefix. */
export const nested = <T>(prefix: string, inner: ((row: Row) => T) & { schema: Schema }) =>
  field(inner.schema, (_, row) => {
    const own = Object.entries(row).filter(([key]) => key.startsWith(prefix))
    return inner(
      Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])) as Row,
    )
  })

/** The same schema under a name of its own, by which the API description refers to it. */
export const titled = (title: string, { schema }: HasSchema): HasSchema => ({
  schema: { title, ...schema },
})

/** An answer of several forms, each of which tells itself from all others. */
export const eitherOf = (...forms: HasSchema[]): HasSchema => ({
  schema: {
    oneOf: forms.flatMap(({ schema }) => (schema.oneOf as Schema[] | undefined) ?? [schema]),
  },
})

/** A list of bodies that are all of one of these kinds. Empty it is of none, hence a form of its own. */
export const arrayOfEither = (...kinds: HasSchema[]): HasSchema => ({
  schema: {
    oneOf: [
      ...kinds.map(({ schema }) => ({ type: 'array', items: schema, minItems: 1 })),
      { type: 'array', maxItems: 0 },
    ],
  },
})

/** Answers with a body that may hold graphs, which `c.json` would refuse. */
export function answer<T, S extends ContentfulStatusCode = 200>(c: Context, body: T, status?: S) {
  const response = c.body(stringify(body), status ?? 200, { 'content-type': 'application/json' })
  return response as Response as Response & TypedResponse<JSONParsed<T>, S, 'json'> // of that it is made
}

/** The schema of a list of bodies. */
export const arrayOf = ({ schema }: HasSchema) => ({
  schema: { type: 'array', items: schema },
})

/** The names of the fields that a view shows. */
export const namesOf = ({ schema }: HasSchema) => Object.keys(schema.properties as object)

/** What knows its schema: fields, views, and the answers that are made of them by hand. */
export type HasSchema = { schema: Schema; optional?: boolean }

/**
 * The schema of an answer that is made by hand, from fields and views by name; `base` are those of a view. It has
 * these fields and no others.
 */
export function object(fields: Record<string, HasSchema>, base?: HasSchema): { schema: Schema } {
  const own = Object.entries(fields)
  const schemas = Object.fromEntries(own.map(([key, { schema }]) => [key, schema]))
  const required = own.filter(([, { optional }]) => !optional).map(([key]) => key)
  return {
    schema: {
      type: 'object',
      properties: { ...(base?.schema.properties ?? {}), ...schemas },
      required: [...((base?.schema.required ?? []) as string[]), ...required],
      additionalProperties: false,
    },
  }
}

/** The schema of a page as LangBuilder's clients know it. */
export const pageOf = (item: HasSchema) =>
  object({ items: arrayOf(item), total: count, page: count, size: count, pages: count })
