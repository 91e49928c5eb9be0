import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plantGraph } from '../../test/support/planted.ts'
import { isSecretName } from './credentials.ts'
import { withoutSecrets } from './secrets.ts'

test('a secret of every kind goes, in groups and nested flows too, and all else stays', () => {
  const { graph, gone, kept } = plantGraph()
  const before = JSON.stringify(graph)
  for (const marker of [...gone, ...kept]) expect(before).toContain(marker)
  const after = JSON.stringify(withoutSecrets(graph))
  expect(gone.filter((marker) => after.includes(marker))).toEqual([])
  expect(kept.filter((marker) => !after.includes(marker))).toEqual([])
  expect(JSON.stringify(graph)).toBe(before)
  expect(JSON.stringify(withoutSecrets(JSON.parse(after)))).toBe(after)
})

test('names that only speak of a secret, or of something else, are none', () => {
  const plain = [
    ...['max_tokens', 'maxTokens', 'token_count', 'tokens', 'stop_token', 'key', 'primary_key'],
    ...['cache_key', 'api_key_hint', 'token_url', 'author', 'secretary', 'input_key', 'public_key'],
    ...['tokenizer', 'keywords', 'monkey', 'pass_through', 'compass', 'session_id', 'value', ''],
  ]
  expect(plain.filter(isSecretName)).toEqual([])
})

test('a graph without secrets leaves as it came', () => {
  const graph = {
    nodes: [{ id: 'n', data: { node: { template: { text: { value: ' {"a": 1.0} ' } } } } }],
    edges: [{ source: 'a', sourceHandle: '{œdataTypeœ:œChatInputœ,œnameœ:œtokenœ}' }],
    viewport: { x: 1.5, y: 0, zoom: 1 },
  }
  expect(withoutSecrets(graph)).toEqual(graph)
})

test('any JSON is taken: it never throws, changes nothing given, and what is clean stays clean', () => {
  const names = fc.constantFrom(
    'api_key',
    'headers',
    'env',
    'args',
    'value',
    'type',
    '__proto__',
    'k',
  )
  const leaf = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom('https://a:b@c/?key=1', 'Authorization: x', '{"a":"{\\"env\\":{}}"}', '{"'),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.dictionary(names, tie('tree'), { maxKeys: 4 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (given) => {
      const before = JSON.stringify(given)
      const clean = withoutSecrets(given)
      expect(JSON.stringify(given)).toBe(before)
      const again = JSON.stringify(withoutSecrets(JSON.parse(JSON.stringify(clean) ?? 'null')))
      expect(again).toBe(JSON.stringify(clean) ?? 'null')
    }),
    { numRuns: 100 },
  )
})

test('a secret below any number of groups goes, and what is too deep for SQLite goes whole', () => {
  const nest = (depth: number) => {
    let node: unknown = { template: { k: { password: true, value: 'deep-secret' } }, kept: 'kept' }
    for (let i = 0; i < depth; i++) node = { data: { node } }
    return withoutSecrets({ nodes: [node], edges: [] })
  }
  const text = JSON.stringify(nest(245))
  expect([text.includes('kept'), text.includes('deep-secret')]).toEqual([true, false])
  expect(JSON.stringify(nest(100_000))).not.toContain('secret')
})
