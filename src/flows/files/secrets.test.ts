import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plantGraph } from '../../../test/support/planted.ts'
import { isSecretName } from './secret-names.ts'
import { withoutSecrets as withoutSecretsIn } from './secrets.ts'

const withoutSecrets = (graph: unknown): unknown =>
  JSON.parse(withoutSecretsIn(JSON.stringify(graph)))

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

test('a secret below any number of groups goes', () => {
  const leaf = { template: { k: { password: true, value: 'deep-secret' } }, kept: 'kept' }
  for (const depth of [245, 100_000]) {
    const text = `${'{"data":{"node":'.repeat(depth)}${JSON.stringify(leaf)}${'}}'.repeat(depth)}`
    expect(withoutSecretsIn(text)).toBe(text.replace('"deep-secret"', 'null'))
  }
})

test('what is blanked is written anew, and not a character else', () => {
  const around = (secret: string, more = '') =>
    ` {"nodes" :[ {"id":"n\\u0041","big":9007199254740993,"inf":1e400,"f":60000.0, "s":"\\ud800",
      "template":{"k":{"password":true,\n"value":${secret},"name":"k"}}, "constructor":{"__proto__":1},
      "x":1,"x":1.0${more}}],"edges":[]}\t`
  expect(withoutSecretsIn(around('"geheim"'))).toBe(around('null'))
  const text = (secret: string) =>
    around('null', `,"t":"{\\"api_key\\": \\"${secret}\\", \\"n\\": 1.0}"`)
  // JSON within a text has its own characters, and null for what is gone.
  expect(withoutSecretsIn(text('geheim'))).toBe(text('geheim').replace('\\"geheim\\"', 'null'))
})

test('a member that stands twice is a secret if either is', () => {
  for (const text of [
    '{"api_key":"geheim","api_key":null}',
    '{"api_key":{"value":"geheim"},"api_key":{"value":null}}',
    '{"k":{"password":true,"value":"geheim","password":false}}',
    '{"k":{"password":false,"value":"geheim","password":true}}',
    '{"k":{"password":true,"load_from_db":true,"load_from_db":false,"value":"geheim"}}',
    '{"k":{"p\\u0061ssword":true,"value":"geheim","value":""}}',
    '{"k":{"name":"api_key","name":"x","value":"geheim"}}',
  ]) {
    const left = withoutSecretsIn(text)
    expect(left).not.toContain('geheim')
    expect(left.split(':')).toHaveLength(text.split(':').length)
  }
})
