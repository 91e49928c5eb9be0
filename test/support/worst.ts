// The worst that can be sent: bodies that nobody has checked, and bodies in which everything is as long as it may be.
import type { Schema } from '../../src/wire.ts'

/** Just under what flowgate reads. */
export const MAX_BODY = 4_100_000

/** Marks that Unicode wants in another order than this one: the dearest text there is to normalise. */
const MARKS = '\u0315\u0300\u05ae\u0301'
const nested = (bytes: number) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2)

/** One value, as JSON text of about so many bytes. */
export const badValues: Record<string, (bytes: number) => string> = {
  marks: (bytes) => `"a${MARKS.repeat(bytes / 8)}"`,
  blanks: (bytes) => `"${' '.repeat(bytes)}x"`,
  'lone surrogates': (bytes) => `"${'\\ud800'.repeat(bytes / 6)}"`,
  NULs: (bytes) => `"${'\\u0000'.repeat(bytes / 6)}"`,
  backslashes: (bytes) => `"${'\\\\'.repeat(bytes / 2)}"`,
  depth: nested,
  numbers: (bytes) => `[${'1,'.repeat(bytes / 2)}1]`,
  objects: (bytes) => `[${'{},'.repeat(bytes / 3)}{}]`,
  keys: (bytes) =>
    `{${Array.from({ length: bytes / 12 }, (_, n) => `"${n}":[1]`).join(',')}}`.slice(
      0,
      bytes + 99,
    ),
}

/** A body whose every field, or which itself, is such a value. */
export function badBody(schema: Schema, value: (bytes: number) => string, bytes: number): string {
  const names = Object.keys((schema.properties ?? {}) as object)
  if (names.length === 0) return value(bytes)
  const one = value(Math.floor(bytes / names.length) - 40)
  return `{${names.map((name) => `${JSON.stringify(name)}:${one}`).join(',')}}`
}

const known: Record<string, unknown> = {
  icon: 'x',
  icon_bg_color: '#123456',
  endpoint_name: 'x'.repeat(1000),
  optins: { a: 'x'.repeat(9900) },
  auth_settings: { a: 'x'.repeat(99_900) },
  scope_type: 'Project',
}

/** A value that is accepted, in which texts and lists are as long as they may be within so many bytes. */
export function worstAccepted(schema: Schema, id: string, bytes: number, name = ''): unknown {
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (choices?.[0]) return worstAccepted(choices[0], id, bytes, name)
  const [first] = (schema.enum ?? []) as unknown[]
  if (first !== undefined) return first
  if (name in known) return known[name]
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'boolean') return true
  if (type === 'array') {
    const most = Math.min(Number(schema.maxItems ?? 1), Math.floor(bytes / 40))
    const item = (schema.items ?? {}) as Schema
    return Array(most).fill(worstAccepted(item, id, bytes / most - 1))
  }
  if (schema.properties) {
    const fields = Object.entries(schema.properties as Record<string, Schema>)
    return Object.fromEntries(
      fields.map(([key, one]) => [key, worstAccepted(one, id, bytes / fields.length - 40, key)]),
    )
  }
  if (type === 'object')
    return { nodes: [nestedValue(50)], edges: ['x'.repeat(Math.max(0, bytes - 1500))] }
  if (schema.format === 'uuid') return id
  if (schema.format === 'date-time') return '2026-01-31T12:00:00+00:00'
  const longest = Math.floor(Math.min(Number(schema.maxLength ?? 1), Math.max(1, bytes / 2.1)))
  return `a${MARKS.repeat(longest / 4 + 1)}`.slice(0, longest)
}

const nestedValue = (levels: number) => JSON.parse(nested(2 * levels)) as unknown
