import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutMember, withMember } from './graph-text.ts'

test('a member of the object itself is cut out as it is written, and no other of that name', () => {
  const graph = '{"nodes": [12345678901234567890, 1.10, 1e400], "data": "}\\\\", "a\\"b": null}'
  const text = `{"name": "data", "x": {"data": 1}, "y": ["data", "\\"data\\":"], "data" : ${graph} , "z": 2}`
  expect(cutMember(text, 'data')).toBe(graph)
  expect(cutMember('{"data":null}', 'data')).toBe('null')
  expect(cutMember('{"name":"data","data":"a,b}"}', 'data')).toBe('"a,b}"')
  expect(cutMember('{"x":{"data":1}}', 'data')).toBe(undefined)
  expect(cutMember('{}', 'data')).toBe(undefined)
})

test('whatever is put in comes out again', () => {
  const json = fc.json()
  fc.assert(
    fc.property(json, fc.dictionary(fc.string(), fc.jsonValue()), (value, rest) => {
      delete rest.data
      const text = withMember({ first: 1, ...rest }, 'data', value)
      expect(cutMember(text, 'data')).toBe(value.trim())
      const last = `${JSON.stringify({ first: 1, ...rest }).slice(0, -1)},"data":${value}}`
      expect(cutMember(last, 'data')).toBe(value.trim())
    }),
  )
})
