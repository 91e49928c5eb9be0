import { expect, test } from 'vitest'
import { parseJson } from './params.ts'

const nested = (levels: number, inner = '') => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`

test('brackets are counted where they nest, and nowhere else', () => {
  expect(parseJson(nested(500, '1'))).toBeDefined()
  expect(parseJson(nested(501))).toBeUndefined()
  expect(parseJson(`[${'[],'.repeat(10_000)}[]]`)).toHaveLength(10_001)
  const text = nested(600).concat('"\\')
  expect(parseJson(JSON.stringify([text, text]))).toEqual([text, text])
  expect(parseJson(`{"a\\\\":${nested(501)}}`)).toBeUndefined()
})

test('a text that never ends is no JSON', () => {
  for (const text of ['"', '["', '"\\"', '', '[', '{"a":"b'.repeat(1000)])
    expect(parseJson(text)).toBeUndefined()
})

test('more values than an isolate can hold are not made', () => {
  const list = (n: number) => `[${Array(n).fill('{}').join(',')}]`
  expect(parseJson(list(199_000))).toHaveLength(199_000)
  expect(() => parseJson(list(201_000))).toThrow(/more than 400000 values/)
  expect(parseJson(JSON.stringify(list(300_000)))).toHaveLength(900_001)
})
