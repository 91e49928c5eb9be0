// Nothing that comes in is without a maximum: every field of every schema, walked from the routes and from what
// the files of parameters export.
import { existsSync, readdirSync } from 'node:fs'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { createApp } from '../src/app.ts'
import { listOf } from '../src/containers.ts'
import { text } from '../src/fields.ts'
import type { Validator } from '../src/params.ts'

/** What a schema of valibot is made of, as far as the walk goes. */
type Part = {
  kind: string
  type: string
  pipe?: readonly Part[]
  entries?: Record<string, Part>
  wrapped?: Part
  item?: Part
  options?: readonly Part[]
  metadata?: { maxCharacters?: number }
}

/** Paths of fields without a maximum; `is` names what stands at the path. */
function unbounded(part: Part, path = ''): string[] {
  const [first, next] = (part.pipe ?? []).flatMap(flatten).filter(({ kind }) => kind !== 'metadata')
  const measured = first && next?.type === 'max_length' ? [] : [`${path} (${part.type})`]
  switch (part.type) {
    case 'object':
      return Object.entries(part.entries ?? {}).flatMap(([key, one]) =>
        unbounded(one, `${path}.${key}`),
      )
    case 'optional':
    case 'nullable':
    case 'nullish':
      return part.wrapped ? unbounded(part.wrapped, path) : [path]
    case 'string':
      return measured
    case 'array':
      return [...measured, ...(part.item ? unbounded(part.item, `${path}[]`) : [path])]
    case 'record':
      return flatten(part).some(({ metadata }) => metadata?.maxCharacters)
        ? []
        : [`${path} (record)`]
    case 'picklist':
    case 'boolean':
    case 'number':
      return []
    default:
      return [`${path} (${part.type})`]
  }
}

/** A pipe may begin with a pipe. */
const flatten = (part: Part): Part[] =>
  part.pipe ? part.pipe.flatMap((one) => (one === part ? [one] : flatten(one))) : [part]

const asPart = (schema: unknown) => schema as Part // what valibot makes is what the walk reads

test('the walk sees a field without a maximum, however deep and behind whatever it stands', () => {
  const bad = v.object({
    plain: v.string(),
    late: v.pipe(v.string(), v.regex(/x+$/), v.maxLength(9)),
    maybe: v.nullish(v.string()),
    list: v.array(v.boolean()),
    items: listOf(9, v.object({ inner: v.string() })),
    free: v.record(v.string(), v.unknown()),
    any: v.unknown(),
    good: v.optional(listOf(9, text(9))),
  })
  expect(unbounded(asPart(bad))).toEqual([
    '.plain (string)',
    '.late (string)',
    '.maybe (string)',
    '.list (array)',
    '.items[].inner (string)',
    '.free (record)',
    '.any (unknown)',
  ])
})

const taken = createApp(revisions).routes.flatMap(({ method, path, handler }) =>
  'schema' in handler
    ? [{ name: `${method} ${path}`, ...(handler as unknown as Validator) }] // as params.ts made it
    : [],
)

test('every field of every route has a maximum that is looked at first', () => {
  expect(taken.length).toBeGreaterThan(40)
  expect(
    taken.flatMap(({ name, target, schema, merge = schema }) =>
      [schema, merge].flatMap((one) => unbounded(asPart(one), `${name} ${target} `)),
    ),
  ).toEqual([])
  expect(taken.filter(({ merge }) => merge).length).toBeGreaterThanOrEqual(3)
})

test('so has what the files of parameters export for uploads and all else', async () => {
  const rooms = readdirSync('src').filter((room) => existsSync(`src/${room}/params.ts`))
  expect(rooms.length).toBeGreaterThan(5)
  const modules = await Promise.all(rooms.map((room) => import(`../src/${room}/params.ts`)))
  const found = modules.flatMap((module, i) =>
    Object.entries(module as Record<string, unknown>)
      .filter(([, one]) => (one as Part | null)?.kind === 'schema')
      .flatMap(([name, schema]) => unbounded(asPart(schema), `${rooms[i]} ${name}`)),
  )
  expect(found).toEqual([])
})
