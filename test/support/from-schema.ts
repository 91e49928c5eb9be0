// Values made of a schema of /openapi.json: most of them as it says, some odd, and ids of things that are there as
// well as of things that are not.
import fc from 'fast-check'
import { exampleOf } from '../../src/reference/example.ts'
import type { Schema } from '../../src/wire.ts'

/** Ids of what is there, by the name of the parameter that takes one of its kind (`flow_id`). */
export type Ids = Record<string, string>

export const missing = '00000000-0000-4000-8000-000000000000'

/** What no schema here allows, or what is awkward where it is allowed. */
export const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    '',
    ' ',
    '0',
    'null',
    '../..',
    '%',
    '\u0000',
  ),
  fc.constantFrom<unknown>(
    '\ud800',
    '🙂',
    'x'.repeat(3000),
    "' OR 1=1 --",
    '2026-02-30',
    missing,
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    [null],
    [[[]]],
    { nodes: 1 },
    { nodes: [], edges: [] },
    JSON.parse('{"__proto__":1}'),
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

export const rarely = <T>(
  usual: fc.Arbitrary<T>,
  broken: fc.Arbitrary<T> = odd as fc.Arbitrary<T>,
) => fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: broken })

/** A value of the schema, now and then with something odd in its place or inside. */
export function valuesOf(schema: Schema, ids: Ids, name = ''): fc.Arbitrary<unknown> {
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (choices) return fc.oneof(...choices.map((one) => valuesOf(one, ids, name)))
  if (schema.enum) return rarely(fc.constantFrom(...(schema.enum as unknown[])))
  switch ([schema.type].flat()[0]) {
    case 'string':
      return rarely(textOf(schema, ids, name))
    case 'boolean':
      return rarely(fc.boolean())
    case 'integer':
      return rarely(
        fc.integer({ min: Number(schema.minimum ?? -5), max: Number(schema.maximum ?? 50) }),
      )
    case 'array':
      return rarely(fc.array(valuesOf((schema.items ?? {}) as Schema, ids, name), { maxLength: 3 }))
    case 'object':
      return rarely(schema.properties ? objectOf(schema, ids) : free)
    case 'null':
      return fc.constant(null)
    default:
      return odd
  }
}

/** A graph or some settings. */
const free = fc.oneof(
  fc.constant({}),
  fc.constant({ nodes: [], edges: [], viewport: { x: 0, y: 0, zoom: 1 } }),
  fc.dictionary(fc.string({ maxLength: 9 }), fc.jsonValue({ maxDepth: 1 }), {
    noNullPrototype: true,
  }),
)

/** Its required fields and some of the others, each now and then as the description's own example has it. */
export function objectOf(schema: Schema, ids: Ids): fc.Arbitrary<Record<string, unknown>> {
  const required = (schema.required ?? []) as string[]
  const fields = Object.entries(schema.properties as Record<string, Schema>)
  return someOf(
    fields.map(([name, inner]) => {
      const example = exampleOf(inner, name)
      const isId = /id$/.test(name)
      const values = valuesOf(inner, ids, name)
      const value = isId ? values : fc.oneof(fc.constant(example), values)
      return { name, value, required: required.includes(name) }
    }),
  )
}

type Part = { name: string; value: fc.Arbitrary<unknown>; required: boolean }

/** All that are required, and few of the rest: one odd part among many would hide all others. */
export const someOf = (parts: Part[]): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .tuple(
      ...parts.map(({ name, value, required }) =>
        fc
          .tuple(fc.integer({ min: 0, max: required ? 40 : 4 }), value)
          .map(([n, one]) => (required === n > 0 ? [[name, one]] : [])),
      ),
    )
    .map((some) => Object.fromEntries(some.flat()))

/** Words that mean something as a text of this name. */
const words: Record<string, string[]> = {
  action: ['Read', 'Delete'],
  permission: ['Read', 'Update'],
  resource_type: ['Flow', 'Project'],
  role_name: ['Viewer', 'Editor', 'Owner', 'Admin'],
  scope_type: ['Global', 'Project', 'Flow'],
}

function textOf(schema: Schema, ids: Ids, name: string): fc.Arbitrary<string> {
  if (schema.format === 'uuid') return idOf(ids, name)
  if (schema.format === 'date-time')
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  const max = Math.min(Number(schema.maxLength ?? 40), 40)
  const known = words[name]
  return fc.oneof(
    ...(known ? [{ weight: 4, arbitrary: fc.constantFrom(...known) }] : []),
    { weight: 2, arbitrary: fc.stringMatching(/^[a-z0-9_-]{8,20}$/) },
    { weight: 1, arbitrary: fc.string({ maxLength: max, unit: 'grapheme' }) },
  )
}

/** Parameters that take what has another name where it is made. */
const aliases: Record<string, string[]> = {
  folder_id: ['project_id'],
  parent_id: ['project_id'],
  scope_id: ['flow_id', 'project_id'],
  resource_id: ['flow_id', 'project_id'],
  flows: ['flow_id'],
  flows_list: ['flow_id'],
}

/** Mostly of the kind that the name asks for. */
function idOf(ids: Ids, name: string): fc.Arbitrary<string> {
  const kinds = aliases[name] ?? [name]
  const of = kinds.flatMap((kind) => ids[kind] ?? [])
  return fc.oneof(
    {
      weight: of.length > 0 ? 12 : 0,
      arbitrary: fc.constantFrom(...of, ...(of.length > 0 ? [] : [missing])),
    },
    { weight: 3, arbitrary: fc.constantFrom(...Object.values(ids)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(missing, missing.toUpperCase(), missing.replaceAll('-', '')),
    },
  )
}
