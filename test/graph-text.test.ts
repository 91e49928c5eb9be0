// A graph comes back as the text that it was sent as, whichever way it came in and whichever way it goes out.
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { description } from './support/described.ts'
import { sendFiles, zip } from './support/files.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { listRoutes } from './support/routes.ts'
import { type Api, createUser, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
const EXAMPLES = 'e'.repeat(32)
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  await gate.db.batch([
    `INSERT INTO folder (id, name) VALUES ('${EXAMPLES}', 'Starter Projects')`,
    `UPDATE flowgate_examples SET folder_id = '${EXAMPLES}'`, // as adoption does
  ])
})
afterAll(() => gate?.stop())

/** What becomes something else when it is read as values and written again. */
const members = [
  ...[
    '"big":9007199254740993',
    '"far":1e400',
    '"whole":60000.0',
    '"none":-0',
    '"exp":1E+2',
    '"deep":[[[[[[ ]]]]]]',
  ],
  ...[
    '"b":1',
    '"a":2',
    '"2":1',
    '"1":2',
    '"twice":1',
    '"twice":{"x":1.0}',
    '"":0',
    '"data":{"nodes":[]}',
  ],
  ...[
    '"constructor":{"prototype":1}',
    '"__proto__":{"a":1}',
    '"toJSON":"x"',
    '"hasOwnProperty":null',
  ],
  ...[
    '"lone":"\\ud800"',
    '"low":"\\udc00x"',
    '"nul":"\\u0000"',
    '"esc":"\\u00e9\\/\\u003c"',
    '"raw":"é\u{1f642}\u2028\u007f"',
  ],
  ...[
    '"k\\u0065y":"\\"}]"',
    '"quotes":"\\\\\\"{"',
    '"sep":"\\u001e\u001e"'.replace('\u001e"', '"'),
  ],
]
const graphs: Record<string, string> = {
  'all that changes when it is read': `{ "nodes" :[{"id":"n",\n\t${members.join(' ,')}\r\n}],"edges":[ ], ${members.join(',')}}`,
  'an empty one': '{ \n }',
  'nodes that stand twice': '{"nodes":[],"edges":[],"nodes":[{"id":"x","id":"Webhook-1"}]}',
  'names as escapes': '{"n\\u006fdes":[],"\\u0065dges":[]}',
  'nodes that are none': '{"nodes":1e400,"edges":"x"}',
  'as deep as it may be': `{"nodes":${'['.repeat(490)}${']'.repeat(490)},"edges":[]}`,
}

/** The bodies of ways in, and how many flows each makes. */
const flowOf = (graph: string, more = '') => `{"name":"n" ,"data": ${graph}${more}}`
const ways: Record<string, (graph: string) => Promise<string>> = {
  'POST flows/': (graph) => sendText('POST', '/api/v1/flows/', flowOf(graph)),
  'POST flows/, where data stands twice': (graph) =>
    sendText('POST', '/api/v1/flows/', `{"data":{"nodes":[],"edges":[]},${flowOf(graph).slice(1)}`),
  'POST flows/, as an escape': (graph) =>
    sendText('POST', '/api/v1/flows/', flowOf(graph).replace('"data"', '"d\\u0061ta"')),
  'POST flows/batch/': (graph) =>
    sendText('POST', '/api/v1/flows/batch/', `{"flows":[{"name":"first"},${flowOf(graph)}]}`),
  'PATCH flows/:flow_id': async (graph) => {
    const made = await sendText('POST', '/api/v1/flows/', '{"name":"p"}')
    return sendText('PATCH', `/api/v1/flows/${JSON.parse(made).id}`, flowOf(graph))
  },
  'POST flows/upload/': (graph) => sendFile('flows', 'f.json', flowOf(graph)),
  'POST flows/upload/, several': (graph) =>
    sendFile('flows', 'f.json', `{"flows":[${flowOf(graph)}]}`),
  'POST flows/upload/, zipped': (graph) =>
    sendFile('flows', 'f.zip', zip([{ name: 'f.json', content: flowOf(graph) }])),
  'POST projects/upload/': (graph) =>
    sendFile('projects', 'p.json', `{"folder_name":"p","flows":[${flowOf(graph)}]}`),
}

const headers = () => ({
  authorization: `Bearer ${ann.token}`,
  'content-type': 'application/json',
})
async function sendText(method: string, path: string, body: string): Promise<string> {
  const response = await gate.fetch(path, { method, headers: headers(), body })
  expect(response.status).toBeLessThan(300)
  return response.text()
}
async function sendFile(subject: string, name: string, content: string | Uint8Array<ArrayBuffer>) {
  const path = `/api/v1/${subject}/upload/`
  const { status, text } = await sendFiles(gate, ann, path, [{ name, content }])
  expect(status).toBe(201)
  return text
}

type Flow = { id: string; folder_id: string }
const hex = (id: string) => id.replaceAll('-', '')

/** The ways out, by the routes that show graphs. */
const reads: Record<string, (flow: Flow) => Promise<string>> = {
  'GET /api/v1/flows/': () => get('/api/v1/flows/'),
  'GET /api/v1/flows/, a page': ({ folder_id }) =>
    get(`/api/v1/flows/?get_all=false&folder_id=${folder_id}`),
  'GET /api/v1/flows/, by cursor': () => get('/api/v1/flows/?paged=all&order=name'),
  'GET /api/v1/flows/, headers of a component': async ({ id }) => {
    await gate.db.execute(`UPDATE flow SET is_component = 1 WHERE id = '${hex(id)}'`)
    return get('/api/v1/flows/?header_flows=true')
  },
  'GET /api/v1/flows/:flow_id': ({ id }) => get(`/api/v1/flows/${id}`),
  'PATCH /api/v1/flows/:flow_id': ({ id }) =>
    sendText('PATCH', `/api/v1/flows/${id}`, '{"description":"d"}'),
  'GET /api/v1/projects/:project_id': ({ folder_id }) => get(`/api/v1/projects/${folder_id}`),
  'GET /api/v1/projects/:project_id, a page': ({ folder_id }) =>
    get(`/api/v1/projects/${folder_id}?page=1`),
  'GET /api/v1/projects/download/:project_id': ({ folder_id }) =>
    get(`/api/v1/projects/download/${folder_id}`),
  'POST /api/v1/flows/download/': ({ id }) =>
    sendText('POST', '/api/v1/flows/download/', `["${id}"]`),
  'POST /api/v1/flows/download/, several': async ({ id }) => {
    const other = JSON.parse(await sendText('POST', '/api/v1/flows/', '{"name":"other"}')).id
    const body = JSON.stringify([id, other])
    const init = { method: 'POST', headers: headers(), body }
    return textOf(await gate.fetch('/api/v1/flows/download/', init))
  },
  'GET /api/v1/flows/public_flow/:flow_id': async ({ id }) => {
    await gate.db.execute(`UPDATE flow SET access_type = 'PUBLIC' WHERE id = '${hex(id)}'`)
    return get(`/api/v1/flows/public_flow/${id}`)
  },
  'GET /api/v1/flows/basic_examples/': async ({ id }) => {
    await gate.db.execute(`UPDATE flow SET folder_id = '${EXAMPLES}' WHERE id = '${hex(id)}'`)
    return get('/api/v1/flows/basic_examples/')
  },
}
const get = async (path: string) => textOf(await gate.fetch(path, { headers: headers() }))

/** What came, unpacked. */
async function textOf(response: Response): Promise<string> {
  expect(response.status).toBe(200)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (!response.headers.get('content-type')?.includes('zip')) return strFromU8(bytes)
  return Object.values(unzipSync(bytes))
    .map((file) => strFromU8(file))
    .join('\n')
}

test('every route that shows a flow is asked here, and every one that takes one sent to', async () => {
  const document: { paths: Record<string, Record<string, unknown>> } = await description()
  const routes = listRoutes().filter((route) => /flows|projects/.test(route))
  const toOperation = (route: string) => {
    const [method = '', path = ''] = route.split(' ')
    return JSON.stringify(document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()])
  }
  const shown = routes.filter((route) =>
    /schemas\/Flow(Read|Header)|application\/x-zip/.test(toOperation(route)),
  )
  const asked = [
    ...Object.keys(reads),
    ...Object.keys(ways).map((way) => way.replace(' ', ' /api/v1/')),
  ].map((name) => name.replace(/,.*/, ''))
  expect(shown.filter((route) => !asked.includes(route))).toEqual([])
})

describe.each(Object.entries(graphs))('%s', (_, graph) => {
  test.each(Object.keys(ways))('sent by %s, comes back as it was by every way', async (way) => {
    const answer = await ways[way]?.(graph)
    expect(answer).toContain(`"data":${graph}`)
    const body = JSON.parse(String(answer))
    const made = [body].flat().at(-1) as Flow
    const stored = await gate.db.execute(`SELECT data FROM flow WHERE id = '${hex(made.id)}'`)
    expect(stored.rows[0]?.data).toBe(graph)
    for (const [read, ask] of Object.entries(reads))
      expect([read, (await ask(made)).includes(`"data":${graph}`)]).toEqual([read, true])
    await gate.db.execute('DELETE FROM flow')
  })
})

test('a webhook is found in it, and only in a graph that says so', async () => {
  for (const [graph, webhook] of [
    ['{"nodes":[{"id":"Webhook-1","big":1e400,"lone":"\\ud800"}],"edges":[]}', true],
    ['{"nodes":[{"id":"x\\ud800","text":"Webhook"},7,null],"edges":[{"id":"Webhook"}]}', false],
    ['{}', false],
    ['{"nodes":[],"edges":[],"nodes":[{"id":"x","id":"Webhook-1"}]}', true], // the last counts
    ['{"nodes":[{"id":"Webhook-1"}],"edges":[],"nodes":{"id":"Webhook"}}', false],
  ] as const) {
    const made = JSON.parse(await sendText('POST', '/api/v1/flows/', '{"name":"w"}'))
    const changed = await sendText('PATCH', `/api/v1/flows/${made.id}`, `{"data":${graph}}`)
    expect([graph, JSON.parse(changed).webhook]).toEqual([graph, webhook])
  }
})

test('what is no graph is refused as ever, by the field it stands in', async () => {
  const types: Record<string, string> = {
    '[]': 'dict_type',
    '5': 'dict_type',
    '"0"': 'dict_type',
    '{"nodes":[]}': 'value_error',
  }
  for (const [data, type] of Object.entries(types)) {
    for (const [path, body, loc] of [
      ['/api/v1/flows/', `{"name":"x","data":${data}}`, ['body', 'data']],
      [
        '/api/v1/flows/batch/',
        `{"flows":[{"name":"x"},{"name":"x","data":${data}}]}`,
        ['body', 'flows', 1, 'data'],
      ],
    ] as const) {
      const response = await gate.fetch(path, { method: 'POST', headers: headers(), body })
      expect([data, response.status]).toEqual([data, 422])
      expect(await response.json()).toMatchObject({ detail: [{ type, loc }] })
    }
  }
})

test.each([
  ['half of a character, as bytes', Buffer.from([0xed, 0xa0, 0x80])],
  ['a byte of Latin 1', Buffer.from([0xe9])],
  ['a character cut off', Buffer.from([0xf0, 0x9f])],
])('a body with %s is refused, not changed', async (_, bytes) => {
  const body = Buffer.concat([Buffer.from('{"name":"'), bytes, Buffer.from('"}')])
  const response = await gate.fetch('/api/v1/flows/', { method: 'POST', headers: headers(), body })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    detail: [{ type: 'json_invalid', loc: ['body'], msg: 'JSON decode error: it must be UTF-8' }],
  })
})
