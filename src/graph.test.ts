import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Graph, parseWithGraphs, stringify } from './graph.ts'
import { measure, Outline } from './outline.ts'

const places = [['data'], ['flows', '*', 'data']]
const read = (text: string) => parseWithGraphs(text, places, measure(text).values)

/** What JSON.parse loses, each as it is written. */
const words = fc.constantFrom(
  ...[
    '9007199254740993',
    '1e400',
    '-0',
    '60000.0',
    '1E+2',
    'null',
    'true',
    '"\\ud800"',
    '"\\u0000"',
  ],
  ...[
    '"[{"',
    '"\\\\"',
    '"\\""',
    '"}\\\\\\"]"',
    '"é\u{1f642}"',
    '""',
    '"0"',
    '"1"',
    '[]',
    '{}',
    '[ ]',
  ],
)
const names = fc.constantFrom(
  ...['data', 'flows', 'd\\u0061ta', 'nodes', 'constructor', '__proto__', 'toJSON', '\\"', ''],
)
const blank = fc.constantFrom('', '', ' ', '\n\t', '\r')
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    words,
    fc
      .tuple(blank, fc.array(fc.tuple(names, blank, tie('json')), { maxLength: 4 }))
      .map(
        ([gap, all]) =>
          `{${all.map(([k, b, v]) => `${gap}"${k}"${b}:${v}`).join(`${gap},`)}${gap}}`,
      ),
    fc
      .tuple(blank, fc.array(tie('json'), { maxLength: 4 }))
      .map(([gap, all]) => `[${all.join(`${gap},${gap}`)}${gap}]`),
  ),
}))
/** JSON in the shape of a body, which the places are in. */
const body = fc.oneof(
  json,
  json.map((one) => `{"name":"x","data":${one}}`),
  fc.array(json, { maxLength: 3 }).map((all) => `{"flows":[${all.map((d) => `{"data":${d}}`)}]}`),
)
const broken = fc
  .tuple(
    body,
    fc.nat(),
    fc.constantFrom('', '"', '{', '}', ']', ',', ':', '.5', '0', '\\', '\u0001'),
  )
  .map(([text, at, char]) => {
    const n = at % (text.length + 1)
    return text.slice(0, n) + char + text.slice(n + (char === '' ? 1 : 0))
  })

const attempt = <T>(run: () => T): T | 'no JSON' => {
  try {
    return run()
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError)
    return 'no JSON'
  }
}

/** With the graphs as JSON.parse makes them. */
const rebuilt = (value: unknown): unknown => {
  if (value instanceof Graph) return JSON.parse(value.text)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(rebuilt)
  const entries = Object.entries(value).map(([key, one]) => [key, rebuilt(one)] as const)
  return entries.reduce(
    (made, [key, one]) => Object.defineProperty(made, key, { value: one, ...own }),
    {},
  )
}
const own = { enumerable: true, writable: true, configurable: true }

test('a body is JSON where JSON.parse says so, and says the same', () => {
  fc.assert(
    fc.property(fc.oneof(body, broken), (text) => {
      expect(attempt(() => rebuilt(read(text)))).toEqual(attempt(() => JSON.parse(text)))
    }),
    { numRuns: 3000 },
  )
})

test('an object in its place stays as it was written, and is written so again', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      const isObject = one.startsWith('{')
      const value = read(`{"data": ${other} ,"name":"n","d\\u0061ta" :${one}\n}`) as {
        data: unknown
      }
      expect(value.data instanceof Graph).toBe(isObject)
      if (!isObject) return
      expect((value.data as Graph).text).toBe(one)
      expect(stringify(value)).toBe(`{"data":${one},"name":"n"}`)
      expect(stringify([{ items: [value] }])).toBe(`[{"items":[{"data":${one},"name":"n"}]}]`)
      expect(() => JSON.stringify(value)).toThrow(/as it was written/)
    }),
  )
})

test('of members that stand twice the last counts, and none of a name that only looks the same', () => {
  const { flows } = read('{"flows":1,"flows":[{"data":{"a":1}},{"data":"0"},{"Data":{}},7]}') as {
    flows: unknown[]
  }
  expect(flows).toEqual([{ data: expect.any(Graph) }, { data: '0' }, { Data: {} }, 7])
})

test('an outline names every value, with all that it holds between it and the next', () => {
  fc.assert(
    fc.property(json, (text) => {
      const outline = new Outline(text)
      const walk = (n: number): unknown => {
        if (outline.isList(n)) return [...outline.items(n)].map(walk)
        if (!outline.isObject(n)) return JSON.parse(outline.slice(n))
        const made = {}
        for (const [name, value] of outline.members(n))
          Object.defineProperty(made, outline.string(name), { value: walk(value), ...own })
        return made
      }
      expect(walk(0)).toEqual(JSON.parse(text))
      expect(outline.after(0)).toBe(outline.count)
      expect(outline.slice(0)).toBe(text)
    }),
  )
})

test('of texts that are no JSON an outline ends too', () => {
  for (const text of [
    '1 1 1 1 1 1 1 1 1',
    '[1 1 1 1 1 1',
    '[1 1 1 1 1 1 1]',
    '{"a" "b" "c" "d"',
    '}]',
    '[[}',
    '"',
    '',
  ])
    expect(attempt(() => read(`{"flows":[${text}]}`))).toBeDefined()
})
