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
