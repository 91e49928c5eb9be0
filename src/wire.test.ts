import { expect, test } from 'vitest'
import type { Row } from './db/client.ts'
import {
  count,
  flag,
  id,
  json,
  nested,
  nullable,
  object,
  oneOf,
  optional,
  secondOrNull,
  text,
  texts,
  time,
  timeOrNull,
  view,
} from './wire.ts'

const hex = '0123456789abcdef0123456789abcdef'
const uuid = '01234567-89ab-cdef-0123-456789abcdef'

test.each([
  ['an id', id, hex, uuid],
  ['an id with dashes and capitals', id, uuid.toUpperCase(), uuid],
  ['a text', text, 'x', 'x'],
  ['a number for a text', text, 7, '7'],
  ['nothing for a text', text, null, ''],
  ['a flag', flag, 1, true],
  ['nothing for a flag', flag, null, false],
  ['a count as text', count, '7', 7],
  ['a time', time, '2026-01-31 12:00:00.123456', '2026-01-31T12:00:00.123456+00:00'],
  ['no time where one must be', time, 'never', '1970-01-01T00:00:00.000000+00:00'],
  ['no time where none need be', timeOrNull, 'never', null],
  ['a time to the second', secondOrNull, '2026-01-31 12:00:00.9', '2026-01-31T12:00:00+00:00'],
  ['an object', json, '{"a":1}', { a: 1 }],
  ['a list for an object', json, '[1]', null],
  ['broken JSON for an object', json, '{', null],
  ['a list of texts among others', texts, '["a",1,null,"b"]', ['a', 'b']],
  ['an object for a list of texts', texts, '{"a":1}', []],
  ['null where it may be', nullable(text), null, null],
  ['nothing where it may be', nullable(id), undefined, null],
])('%s is shown as the type that its field has', (_, field, stored, shown) => {
  expect(field.read(stored, {} as Row)).toStrictEqual(shown)
})

test('a view shows its fields and no others, and leaves out what is optional and not there', () => {
  const inner = view('Inner', { name: text })
  const toBody = view('Body', {
    id,
    end: optional(time),
    kind: nullable(oneOf('a', 'b')),
    role: nested('role_', inner),
  })
  const row = { id: hex, end: null, kind: 'a', role_name: 'r', secret: 's' }
  expect(toBody(row)).toStrictEqual({ id: uuid, kind: 'a', role: { name: 'r' } })
  expect(toBody.schema).toStrictEqual({
    title: 'Body',
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid' },
      end: time.schema,
      kind: { type: ['string', 'null'], enum: ['a', 'b', null] },
      role: inner.schema,
    },
    required: ['id', 'kind', 'role'],
    additionalProperties: false,
  })
})

test('an answer made by hand has the fields of its base and its own', () => {
  const { schema } = object({ more: optional(flag) }, view('Base', { id }))
  expect([Object.keys(schema.properties as object), schema.required]).toStrictEqual([
    ['id', 'more'],
    ['id'],
  ])
})
