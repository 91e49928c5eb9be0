import * as v from 'valibot'
import { expect, test } from 'vitest'
import { json, listOf, MAX_ISSUES, objectOf } from './containers.ts'
import { Bool, Flag, text, Uuid, whole } from './fields.ts'

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

test.each(['', 'maybe', '2', 'truee', ' true', 'true '])('%j is no flag', (text) => {
  expect(v.safeParse(Flag, text).success).toBe(false)
  expect(v.safeParse(Bool, text).success).toBe(false)
})

test('in JSON a flag is a boolean, 1 or 0, or a word as in a query, and nothing else', () => {
  for (const yes of [true, 1, '1', 'true', 'T', 'Yes', 'y', 'ON'])
    expect(v.parse(Bool, yes)).toBe(true)
  for (const no of [false, 0, -0, '0', 'False', 'f', 'no', 'N', 'off'])
    expect(v.parse(Bool, no)).toBe(false)
  for (const neither of [2, -1, 0.5, Number.NaN, null, [], {}, [true], 'y'.repeat(200)])
    expect(v.safeParse(Bool, neither).issues?.[0].message).toMatch(/unable to interpret input/)
})

test('to a schema of an object a list is none, at any depth', () => {
  const schema = objectOf({
    inner: v.optional(objectOf({})),
    items: v.optional(listOf(9, objectOf({}))),
  })
  for (const bad of [[], { inner: [] }, { items: [[]] }, { items: [{}, [{}]] }])
    expect(v.safeParse(schema, bad).issues?.map(({ message }) => message)).toEqual([
      'Input should be a valid dictionary',
    ])
  expect(v.parse(schema, { inner: {}, items: [{}] })).toEqual({ inner: {}, items: [{}] })
})

test.each(['0', '101', '1.5', '1e1', 'NaN', ' 1', '-1', '9'.repeat(400)])(
  '%j is no number from 1 to 100',
  (text) => {
    expect(v.safeParse(whole(1, 100), text).success).toBe(false)
  },
)

test('text that SQLite would cut short is refused', () => {
  expect(v.safeParse(text(9), 'a\0b').success).toBe(false)
  expect(v.safeParse(text(9), '\ud800').success).toBe(false)
  expect(v.parse(text(9), 'naïve 🙂')).toBe('naïve 🙂')
})

test('of what is too long nothing but the length is looked at', () => {
  const looked: unknown[] = []
  const seen = v.custom<string>((one) => looked.push(one) > 0)
  const first = { abortPipeEarly: true }
  expect(v.safeParse(listOf(2, seen), [1, 2, 3], first).issues?.[0].message).toMatch(/at most 2/)
  expect(v.safeParse(v.pipe(text(2), seen), 'abc', first).issues?.[0].message).toMatch(/at most 2/)
  expect(looked).toEqual([])
  expect(v.parse(v.pipe(text(3), seen), 'abc')).toBe('abc')
  expect(v.parse(listOf(2, seen), [1, 2])).toEqual([1, 2])
  expect(looked).toEqual(['abc', 1, 2])
})

test('of many bad items as many are looked at as are shown, each by its place', () => {
  let looked = 0
  const bad = v.object({ a: v.custom<string>(() => looked++ < 0, 'bad') })
  const items = Array.from({ length: 1000 }, () => ({ a: 1 }))
  const { issues } = v.safeParse(v.object({ list: listOf(1000, bad) }), { list: items })
  expect([looked, issues?.length]).toEqual([MAX_ISSUES, MAX_ISSUES])
  expect(issues?.at(-1) && v.getDotPath(issues[issues.length - 1] ?? issues[0])).toBe(
    `list.${MAX_ISSUES - 1}.a`,
  )
})

test('a JSON object is measured as text, keeps every key, and is no list', () => {
  const odd = JSON.parse('{"__proto__": 1, "constructor": 2}')
  expect(JSON.stringify(v.parse(json(40), odd))).toBe('{"__proto__":1,"constructor":2}')
  expect(v.safeParse(json(29), odd).success).toBe(false)
  for (const value of [[], null, 'text', 7]) {
    const { issues } = v.safeParse(json(9), value)
    expect(issues?.map(({ message }) => message)).toEqual(['Input should be a valid dictionary'])
  }
})
