// What a request to a route carries, in the API description: parameters and body, from the schemas that validate them.
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import type { Validator } from '../params.ts'
import { MERGE_PATCH } from '../patch.ts'
import type { Schema } from '../wire.ts'
import type { Content, Route } from './errors.ts'
import { exampleOf } from './example.ts'

export type Parameter = { name: string; in: string; required: boolean; schema: Schema }

/** Of path, query, headers and cookies. */
export const parametersOf = ({ about, takes }: Route): Parameter[] => [
  ...declared(inputOf(takes, 'param'), 'path'),
  ...declared(inputOf(takes, 'query'), 'query'),
  ...declared(inputOf(takes, 'header'), 'header'),
  ...(about.tagged ? [ifNoneMatch] : []),
  ...(about.cookies ?? []).map((name) => ({ name, in: 'cookie', required: false, schema: cookie })),
]

/** Undefined where there is none. */
export function bodyOf({
  about,
  takes,
}: Route): { required: boolean; content: Content } | undefined {
  const validated = inputOf(takes, 'json') ?? inputOf(takes, 'form')
  if (about.file) return { required: true, content: uploadOf(about.file) }
  return validated && { required: true, content: contentOf(validated) }
}

const inputOf = (takes: readonly Validator[], target: string) =>
  takes.find((one) => one.target === target)

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

function contentOf({ target, schema, merge }: Validator): Content {
  const type = target === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  return { [type]: accepted(schema), ...(merge ? { [MERGE_PATCH]: accepted(merge) } : {}) }
}

function accepted(schema: v.GenericSchema) {
  const accepted = toInputSchema(schema)
  return { schema: accepted, example: exampleOf(accepted) }
}

function declared(takes: Validator | undefined, where: 'path' | 'query' | 'header'): Parameter[] {
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
