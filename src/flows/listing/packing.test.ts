import { expect, test } from 'vitest'
import { isInOrder } from './packing.ts'

const rows = (...keys: unknown[]) =>
  keys.map((key, n) => {
    const [k, id] = Array.isArray(key) ? key : [key, `id${n}`]
    return { k, id }
  })

test('texts are in order by their bytes, as SQLite has them, and equal ones by their id', () => {
  expect(isInOrder(rows('a', 'b', 'b\u0000', 'é', '\uffff', '😀'), 'ASC')).toBe(true)
  expect(isInOrder(rows('😀', '\uffff', 'é', 'b', 'a'), 'DESC')).toBe(true)
  expect(isInOrder(rows('😀', '\uffff'), 'ASC')).toBe(false)
  expect(isInOrder(rows(['a', 'x'], ['a', 'y']), 'ASC')).toBe(true)
  expect(isInOrder(rows(['a', 'y'], ['a', 'x']), 'ASC')).toBe(false)
  expect(isInOrder(rows('a', 'b'), 'DESC')).toBe(false)
})

test('what has no time comes before all texts; of numbers and bytes no order is known', () => {
  expect(isInOrder(rows(null, null, 'a'), 'ASC')).toBe(true)
  expect(isInOrder(rows('a', null), 'ASC')).toBe(false)
  expect(isInOrder([{ k: 3, id: 'a' }], 'ASC')).toBe(false)
  expect(
    isInOrder(
      [
        { k: 'a', id: 'a' },
        { k: 3, id: 'b' },
      ],
      'ASC',
    ),
  ).toBe(false)
})
