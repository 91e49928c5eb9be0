import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Flag, Text, Uuid, whole } from './params.ts'

const hex = '0123456789abcdef0123456789abcdef'

test.each([
  hex,
  hex.toUpperCase(),
  '01234567-89ab-cdef-0123-456789abcdef',
  '{01234567-89AB-cdef-0123-456789abcdef}',
  `urn:uuid:${hex}`,
])('the UUID %s is read as its 32 digits', (text) => expect(v.parse(Uuid, text)).toBe(hex))

test.each(['', 'xyz', hex.slice(1), `${hex}0`, `${hex}'`, 7, null])('%j is no UUID', (input) => {
  expect(v.safeParse(Uuid, input).success).toBe(false)
})

test.each([
  ['true', true],
  ['YES', true],
  ['on', true],
  ['t', true],
  ['1', true],
  ['FALSE', false],
  ['No', false],
  ['off', false],
  ['n', false],
  ['0', false],
])('the flag %s is %s', (text, expected) => expect(v.parse(Flag, text)).toBe(expected))

test.each(['', 'maybe', '2', 'truee'])('%j is no flag', (text) => {
  expect(v.safeParse(Flag, text).success).toBe(false)
})

test.each(['0', '101', '1.5', '1e1', 'NaN', ' 1', '-1', '9'.repeat(400)])(
  '%j is no number from 1 to 100',
  (text) => {
    expect(v.safeParse(whole(1, 100), text).success).toBe(false)
  },
)

test('text that SQLite would cut short is refused', () => {
  expect(v.safeParse(Text, 'a\0b').success).toBe(false)
  expect(v.safeParse(Text, '\ud800').success).toBe(false)
  expect(v.parse(Text, 'naïve 🙂')).toBe('naïve 🙂')
})
