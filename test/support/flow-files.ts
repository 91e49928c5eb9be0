// Flow files as LangBuilder and its forerunners write them, from 0.6 to 1.7 in shape: each graph as the text that is
// sent, and as what is left of it once its secrets are blanked.
import fc from 'fast-check'

/** A JSON text with its secrets, and without. */
export type Pair = { readonly sent: string; readonly left: string }
const same = (text: string): Pair => ({ sent: text, left: text })
const member = (name: string, { sent, left }: Pair): Pair => {
  const key = JSON.stringify(name)
  return { sent: `${key}:${sent}`, left: `${key}:${left}` }
}
const join = (parts: readonly Pair[], open: string, between: string, close: string): Pair => ({
  sent: `${open}${parts.map(({ sent }) => sent).join(between)}${close}`,
  left: `${open}${parts.map(({ left }) => left).join(between)}${close}`,
})
const object = (members: Record<string, Pair>, between = ',') =>
  join(
    Object.entries(members).map(([name, one]) => member(name, one)),
    '{',
    between,
    '}',
  )
const list = (items: readonly Pair[], between = ',') => join(items, '[', between, ']')

/** As Python's json writes it, everything beyond ASCII escaped. */
const toAscii = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Words that no credential looks like. */
const word = fc.string({
  unit: fc.constantFrom(...'abc é\u{1f642}\u0301œ"\\/<>\n\u2028'),
  maxLength: 12,
})
const text = fc
  .tuple(word, fc.boolean())
  .map(([one, escaped]) => (escaped ? toAscii(JSON.stringify(one)) : JSON.stringify(one)))
const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1e400',
    '-1E-7',
    '60000.0',
    '9007199254740993',
    '18446744073709551616',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
  fc.bigInt().map(String),
)
const leaf = fc
  .oneof(
    text,
    number,
    fc.constantFrom('null', 'true', 'false', '[]', '{}', '"\\ud800"', '"\\u0000"'),
  )
  .map(same)

const field = fc
  .record({
    kind: fc.constantFrom('str', 'secret', 'int', 'bound', 'table'),
    value: leaf,
    word: text,
    gap: fc.constantFrom('', ' '),
  })
  .map(({ kind, value, word, gap }): Pair => {
    const about = {
      _input_type: same('"MessageTextInput"'),
      advanced: same('false'),
      show: same('true'),
    }
    if (kind === 'secret')
      return object(
        {
          ...about,
          password: same('true'),
          load_from_db: same('false'),
          value: { sent: '"a-secret-that-goes"', left: 'null' },
        },
        `,${gap}`,
      )
    if (kind === 'bound')
      return object({
        ...about,
        password: same('true'),
        load_from_db: same('true'),
        value: same('"MY_VARIABLE"'),
      })
    if (kind === 'table')
      return object({ ...about, value: list([object({ text: value, more: same(word) }), value]) })
    return object({ value, ...about, info: same(word), type: same(`"${kind}"`) }, `,${gap}`)
  })

const node = fc
  .record({
    n: fc.nat(99),
    fields: fc.dictionary(word, field, { maxKeys: 4, noNullPrototype: true }),
    at: number,
    isGroup: fc.boolean(),
  })
  .map(({ n, fields, at, isGroup }): Pair => {
    const template = object({ _type: same('"Component"'), ...fields }, ',\n  ')
    const inner = object({
      nodes: list([object({ id: same('"i"'), data: object({ node: object({ template }) }) })]),
      edges: same('[]'),
    })
    const own = object({
      template: isGroup ? same('{}') : template,
      display_name: same('"Text"'),
      base_classes: same('["Message"]'),
      ...(isGroup ? { flow: object({ data: inner }) } : {}),
    })
    return object({
      id: same(`"Text-${n}"`),
      type: same('"genericNode"'),
      position: object({ x: same(at), y: same('-0.0') }),
      data: object({ type: same('"Text"'), id: same(`"Text-${n}"`), node: own }),
    })
  })

const handle = '"{œdataTypeœ:œTextœ,œnameœ:œmessageœ}"'
/** A graph of at least so many bytes. */
export const graphOf = (bytes: number): fc.Arbitrary<Pair> =>
  fc
    .record({
      nodes: fc.array(node, { maxLength: 4 }),
      hasEdge: fc.boolean(),
      zoom: number,
      more: leaf,
    })
    .map(({ nodes, hasEdge, zoom, more }) =>
      object(
        {
          edges: same(hasEdge ? `[{"source":"a","sourceHandle":${handle},"target":"b"}]` : '[]'),
          nodes: list(nodes),
          viewport: object({ x: same('1.0'), y: same('2e0'), zoom: same(zoom) }),
          constructor: more,
          ...(bytes > 0 ? { padding: same(JSON.stringify('œ"\\ '.repeat(bytes / 7))) } : {}),
        },
        ', ',
      ),
    )

/** What a version writes beside name, description and graph. */
const shapes: Record<string, (n: number) => object> = {
  '0.6': (n) => ({ id: crypto.randomUUID(), style: null, is_component: n % 3 === 0 }),
  '1.0': (n) => ({
    id: crypto.randomUUID(),
    last_tested_version: '1.0.19',
    endpoint_name: n % 2 ? `point-${n}` : null,
    is_component: n % 3 === 0,
    tags: ['chatbots'],
    icon_bg_color: '#FF00aa',
    gradient: '2',
    folder: 'Old folder',
  }),
  '1.7': (n) => ({
    id: crypto.randomUUID(),
    user_id: crypto.randomUUID(),
    folder_id: crypto.randomUUID(),
    updated_at: '2025-01-31T12:00:00+00:00',
    endpoint_name: `point-${n}`,
    is_component: n % 3 === 0,
    tags: null,
    icon: ':robot:',
    webhook: n % 2 === 0,
    locked: true,
    mcp_enabled: true,
    action_name: 'act',
    action_description: 'é',
    access_type: n % 2 ? 'PUBLIC' : 'PRIVATE',
    fs_path: null,
    metadata: { anything: [1] },
  }),
}

/** What a flow file says, and how it is written. */
export type FlowFile = { fields: Record<string, unknown>; graph: Pair | null; text: string }

export const flowFile = (bytes = 0): fc.Arbitrary<FlowFile> =>
  fc
    .record({
      shape: fc.constantFrom(...Object.keys(shapes)),
      n: fc.nat(9),
      name: fc.oneof(word, fc.constantFrom('Basic Prompting', 'x'.repeat(1000), 'x (1)')),
      description: fc.option(word),
      graph: bytes > 0 ? graphOf(bytes) : fc.option(graphOf(0), { freq: 5 }),
      indent: fc.constantFrom(0, 2),
      dataFirst: fc.boolean(),
    })
    .map(({ shape, n, name, description, graph, indent, dataFirst }) => {
      const fields = { name, description, ...shapes[shape]?.(n) }
      const rest = JSON.stringify(fields, null, indent).slice(1)
      const data = `"data":${graph ? graph.sent : 'null'}`
      const text = dataFirst ? `{${data},${rest}` : `{${rest.slice(0, -1)},${data}}`
      return { fields, graph, text }
    })
