// Files that come in: what they may order, what holds no flow, archives of them, and what no archive gets past.
import { deflateRawSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MAX_UNPACKED } from '../src/flows/files/unzip.ts'
import { type Sent, sendFiles, toBytes, type ZipEntry, zip } from './support/files.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { cpuSeconds, isCounted } from './support/processes.ts'
import { startTightWorker } from './support/tight-worker.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

const MISSING = '00000000-0000-4000-8000-000000000000'
const [FLOWS, PROJECTS] = ['/api/v1/flows/upload/', '/api/v1/projects/upload/']
type Made = { id: string; name: string; folder_id: string; user_id: string }

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let home: string
let users = 0
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
})
afterAll(() => gate.stop())
beforeEach(async () => {
  ann = await createUser(gate, root, `ann-${++users}`)
  bob = await createUser(gate, root, `bob-${users}`)
  home = (await ann.get('/api/v1/projects/')).body[0].id
})

const json = (value: unknown) => JSON.stringify(value)
const file = (content: unknown, name = 'flows.json'): Sent => ({
  name,
  content: content instanceof Uint8Array ? toBytes(content) : json(content),
})
const send = (path: string, ...files: Sent[]) => sendFiles(gate, ann, path, files)
const namesOf = (flows: Made[]) => flows.map(({ name }) => name)
const flowsOf = async (api: Api): Promise<Made[]> => (await api.get('/api/v1/flows/')).body

describe('a file orders nothing', () => {
  test('its project is where the flow goes if its sender may put it there, else it goes home', async () => {
    const [own, foreign] = [await createProject(ann, 'own'), await createProject(bob, 'foreign')]
    const edited = await createProject(bob, 'edited')
    const viewed = await createProject(bob, 'viewed')
    await grant(root, ann, 'Editor', 'Project', edited)
    await grant(root, ann, 'Viewer', 'Project', viewed)
    const wishes = [own, foreign, MISSING, edited, viewed, own, foreign, edited, null, 'x', 7, {}]
    gate.proxy.reset()
    const flows = wishes.map((folder_id, n) => ({ name: `f${n}`, folder_id, data: null }))
    const { status, body } = await send(FLOWS, file({ flows }))
    expect([status, gate.proxy.count]).toEqual([201, 1])
    expect(body.map((flow: Made) => flow.folder_id)).toEqual([
      own,
      home,
      home,
      edited,
      home,
      own,
      home,
      edited,
      home,
      home,
      home,
      home,
    ])
    for (const flow of body) await expectStatus(204, ann.delete(`/api/v1/flows/${flow.id}`))
  })

  test('the project of the query is an order, whatever the file wishes', async () => {
    const foreign = await createProject(bob, 'foreign')
    const own = await createProject(ann, 'own')
    const flow = { name: 'x', folder_id: own, data: null }
    expect((await send(`${FLOWS}?folder_id=${foreign}`, file(flow))).status).toBe(403)
    expect((await send(`${FLOWS}?folder_id=x`, file(flow))).status).toBe(422)
    const { body } = await send(`${FLOWS}?folder_id=${home}`, file(flow))
    expect(body.map((made: Made) => made.folder_id)).toEqual([home])
  })

  test('its ids are of another world, even where they are of this one', async () => {
    const flow = await createFlow(bob, 'of bob')
    const sent = { id: flow, user_id: bob.userId, name: 'mine', data: null, fs_path: '/etc/x' }
    const { body } = await send(FLOWS, file({ flows: [sent, { ...sent, id: 'x', user_id: 7 }] }))
    expect(body.map((made: Made) => [made.id === flow, made.user_id])).toEqual([
      [false, ann.userId],
      [false, ann.userId],
    ])
    expect((await bob.get(`/api/v1/flows/${flow}`)).body.name).toBe('of bob')
  })

  test('a batch still does', async () => {
    const foreign = await createProject(bob, 'foreign')
    const batch = { flows: [{ name: 'x', folder_id: foreign }] }
    await expectStatus(403, ann.post('/api/v1/flows/batch/', batch))
  })
})

test('every file of a form counts, all of them or none', async () => {
  const files = [file({ name: 'a', data: null }), file({ flows: [{ name: 'b' }, { name: 'a' }] })]
  const { body } = await send(FLOWS, ...files, file(zipSync({ 'c.json': toBytes('{"name":"c"}') })))
  expect(namesOf(body)).toEqual(['a', 'b', 'a (1)', 'c'])
  const refused = await send(FLOWS, ...files, file({ name: 'x', data: 5 }, 'bad.json'))
  expect([refused.status, refused.body.detail[0].loc]).toEqual([
    422,
    ['body', "'bad.json'", 'data'],
  ])
  expect(await flowsOf(ann)).toHaveLength(4)
  const projects = [1, 2].map((n) => file({ folder_name: `p${n}`, flows: [{ name: `in p${n}` }] }))
  const { body: made } = await send(PROJECTS, ...projects)
  expect(namesOf(made)).toEqual(['in p1', 'in p2'])
  for (const [n, flow] of made.entries())
    expect((await ann.get(`/api/v1/projects/${flow.folder_id}`)).body.name).toBe(`p${n + 1}`)
})

test('a file with a mark of byte order is read, one that is no UTF-8 is refused by name', async () => {
  const text = '\ufeff{"name":"é","data":null}'
  expect(namesOf((await send(FLOWS, { name: 'f', content: text })).body)).toEqual(['é'])
  for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text.slice(1), 'latin1')]) {
    const { status, body } = await send(FLOWS, file(bytes, 'odd.json'))
    expect([status, body.detail]).toEqual([400, "'odd.json' cannot be read: it must be UTF-8"])
  }
})

const graph = { nodes: [{ id: 'a', data: { inputAnchors: [] } }], edges: [] }
const foreign: Record<string, [object, RegExp]> = {
  'n8n.json': [
    {
      name: 'My workflow',
      nodes: [{ type: 'n8n-nodes-base.set' }],
      connections: {},
      active: false,
    },
    /a workflow of n8n/,
  ],
  'Agents Chatflow.json': [graph, /a chatflow of Flowise/],
  'ExportData.json': [{ AgentFlow: [], ChatFlow: [{ name: 'x', flowData: '{}' }] }, /Flowise/],
  'graph.json': [{ nodes: [], edges: [] }, /a graph without its flow/],
  'package.json': [{ name: 'x', version: '1.0.0', dependencies: {} }, /package\.json of an npm/],
  'openapi.json': [{ openapi: '3.1.0', info: {}, paths: {} }, /a description of an API/],
  'unknown.json': [{ name: 'x', whatever: 1 }, /holds no flow$/],
}

test.each(Object.entries(foreign))(
  '%s holds no flow, and is refused by name',
  async (name, [content, why]) => {
    const { status, body } = await send(
      FLOWS,
      file({ name: 'good', data: null }),
      file(content, name),
    )
    expect(status).toBe(400)
    expect(body.detail).toContain(`'${name}' holds no flow`)
    expect(body.detail).toMatch(why)
    const inList = { folder_name: 'p', flows: [{ name: 'good' }, content] }
    for (const path of [FLOWS, PROJECTS]) {
      const { status, body } = await send(path, file(inList, name))
      expect([status, body.detail]).toEqual([
        400,
        expect.stringContaining(`'${name}' holds no flow in place 1 of its list`),
      ])
    }
    const inZip = await send(FLOWS, file(zipSync({ [`inner/${name}`]: toBytes(json(content)) })))
    expect([inZip.status, inZip.body.detail]).toEqual([
      400,
      expect.stringContaining(`inner/${name}`),
    ])
    expect(await flowsOf(ann)).toEqual([])
  },
)

test('a file without flows is a 400, in an archive too, and so is an archive without files', async () => {
  for (const path of [FLOWS, PROJECTS])
    for (const content of [{ flows: [] }, { folder_name: 'p', flows: [] }]) {
      expect((await send(path, file(content))).status).toBe(400)
      const good = { 'good.json': toBytes('{"name":"x"}'), 'none.json': toBytes(json(content)) }
      const { status, body } = await send(path, file(zipSync(good)))
      expect([status, body.detail]).toEqual([400, "No flows found in the file 'none.json'"])
      expect(await send(path, file(zipSync({})))).toMatchObject({
        status: 400,
        body: { detail: 'No flows found in the file' },
      })
    }
})

/** What is exported under the paths, as the files that it comes in. */
async function exported(path: string, ids?: string[]): Promise<Sent> {
  const response = await gate.fetch(path, {
    method: ids ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' },
    ...(ids ? { body: json(ids) } : {}),
  })
  const disposition = decodeURIComponent(response.headers.get('content-disposition') ?? 'flow.json')
  const name = disposition.replace(/^.*filename\*?=(UTF-8'')?/, '')
  return { name, content: new Uint8Array(await response.arrayBuffer()) }
}

test('our own exports are imported again, as flows and as a project of that name', async () => {
  const project = await createProject(ann, 'Überblick (2026)')
  const data = { nodes: [{ id: 'n' }], edges: [] }
  const ids = []
  for (const name of ['a', 'b/c', '__MACOSX', '.hidden', 'x'.repeat(1000), ''])
    ids.push(await createFlow(ann, name, project, { data, endpoint_name: 'e' }))
  const before = (await ann.get(`/api/v1/projects/${project}`)).body.flows
  const archives = [
    await exported(`/api/v1/projects/download/${project}`),
    await exported('/api/v1/flows/download/', ids),
  ]
  for (const archive of archives) {
    const { status, body } = await send(FLOWS, archive)
    expect([status, body.length]).toEqual([201, 6])
    expect(body.map((flow: Made) => flow.folder_id)).toEqual(Array(6).fill(project))
  }
  const [archive] = archives
  for (const name of ['Überblick (2026) (1)', 'Überblick (2026) (2)']) {
    const { body } = await send(PROJECTS, archive as Sent)
    expect(new Set(body.map((flow: Made) => flow.folder_id)).size).toBe(1)
    const { body: made } = await ann.get(`/api/v1/projects/${body[0].folder_id}`)
    expect(made.name).toBe(name)
    expect(made.flows.map((flow: { data: object }) => flow.data)).toEqual(
      before.map((flow: { data: object }) => flow.data),
    )
  }
  const one = await exported('/api/v1/flows/download/', [ids[0] ?? ''])
  expect(namesOf((await send(FLOWS, one)).body)).toEqual(['a (5)'])
})

test('a flow as large as it may be sent is imported again, larger as its export is', async () => {
  const frame = ['{"name":"large","data":{"nodes":[],"edges":[],"x":"', '"}}']
  const body = frame.join('x'.repeat(4 * 1024 * 1024 - frame.join('').length))
  const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' }
  const made = await gate.fetch('/api/v1/flows/', { method: 'POST', headers, body })
  expect(made.status).toBe(201)
  const { id } = (await made.json()) as Made
  const away = await exported('/api/v1/flows/download/', [id])
  expect(toBytes(away.content).length).toBeGreaterThan(body.length)
  expect(namesOf((await send(FLOWS, away)).body)).toEqual(['large (1)'])
  expect(
    (await gate.fetchByName('/api/v1/flows/', { method: 'POST', headers, body: `${body} ` }))
      .status,
  ).toBe(413)
})

test('what operating systems put beside files in an archive is passed over', async () => {
  const entries = ['a/', 'a/f.json', '__MACOSX/a/._f.json', 'a/.DS_Store', '._f.json', 'Thumbs.db']
  const content = (name: string) => (name === 'a/f.json' ? '{"name":"x"}' : '')
  const archive = zip(entries.map((name) => ({ name, content: content(name), stored: true })))
  expect(namesOf((await send(FLOWS, file(archive))).body)).toEqual(['x'])
})

test('texts that an adopted database held too long end early in a file, and names that were numbered', async () => {
  const name = `${'x'.repeat(998)}\u{1f642} (1)`
  const { body } = await send(FLOWS, file({ name, description: 'd'.repeat(200_000), data: null }))
  expect(body[0].name).toBe('x'.repeat(998).concat('\u{1f642}'))
  expect(body[0].description).toHaveLength(100_000)
})

const flow = '{"name":"x","data":null}'
const MB = 1_000_000
/** As in abuse.test.ts: an isolate has 128 MB on the platform. */
const [HEAP_MB, MORE_MB, MOST_S] = [96, 128, 0.5]
const swelling = (bytes: number) => `{"name":"${' '.repeat(bytes)}"}`
const unsummed = { crc: 0 } // nobody comes as far as looking at it
const small: ZipEntry = { name: 'f.json', content: flow }
const attacks: Record<string, [() => Uint8Array, number, RegExp]> = {
  'a file that swells': [
    () => zip([{ name: 'f.json', content: swelling(40 * MB), claims: unsummed }]),
    413,
    /import it in parts/,
  ],
  'a file that swells and says it does not': [
    () => zip([{ name: 'f.json', content: swelling(40 * MB), claims: { size: 100, ...unsummed } }]),
    400,
    /more than it says/,
  ],
  'many files that swell together': [
    () => zip(Array(14).fill({ name: 'f.json', content: swelling(MB), claims: unsummed })),
    413,
    /import it in parts/,
  ],
  'many names for one file that is dear to unpack': [
    () => {
      // Empty blocks say nothing, and all of them have to be read.
      const empty = Buffer.alloc(1_000_000, Buffer.from([0, 0, 0, 255, 255]))
      const deflated = Buffer.concat([empty, deflateRawSync(flow)])
      const again = { ...small, deflated: Buffer.alloc(0) }
      const claims = { packed: deflated.length, size: flow.length, at: 0 }
      return zip([{ ...small, deflated }, ...Array(999).fill({ ...again, claims })])
    },
    400,
    /damaged/,
  ],
  'more files than flows': [
    () => zip(Array(2_001).fill({ ...small, stored: true })),
    413,
    /2001 entries/,
  ],
  'fewer files than it says': [() => zip([small], 1_000), 400, /damaged/],
  'an archive in an archive': [
    () => zip([{ name: 'f.json', content: zip([small]) }]),
    400,
    /archive within an archive/,
  ],
  'an encrypted file': [() => zip([{ ...small, claims: { flags: 1 } }]), 400, /encrypted/],
  'another method': [() => zip([{ ...small, claims: { method: 12 } }]), 400, /another method/],
  'a wrong sum': [() => zip([{ ...small, claims: { crc: 1 } }]), 400, /damaged/],
  'a file past its end': [() => zip([{ ...small, claims: { at: 9_999_999 } }]), 400, /damaged/],
  'sizes that only zip64 says': [
    () => zip([{ ...small, claims: { size: 0xffffffff, packed: 0xffffffff } }]),
    413,
    /import it in parts/,
  ],
  'half of it': [() => zip([small, small]).subarray(0, 60), 400, /ends too early/],
  'nothing but its beginning': [() => toBytes('PK\u0003\u0004'), 400, /cannot be unpacked/],
  'bytes that are no deflate': [
    () => zip([{ ...small, stored: true, claims: { method: 8 } }]),
    400,
    /damaged|more than it says/,
  ],
}

/** While an archive is made nobody hears that the server has closed an idle connection. */
const onFreshSocket = (url: string, init?: RequestInit) =>
  fetch(url, init).catch((error) => {
    if (error.cause?.code !== 'UND_ERR_SOCKET') throw error
    return fetch(url, init)
  })

describe('no archive gets past the limits', () => {
  let worker: Awaited<ReturnType<typeof startTightWorker>>
  beforeAll(async () => {
    worker = await startTightWorker(gate.sqld.url, HEAP_MB)
  })
  afterAll(() => worker?.stop())
  const tight = (files: Sent[], path = FLOWS) =>
    sendFiles({ fetch: (path, init) => onFreshSocket(worker.url + path, init) }, ann, path, files)

  test.each(Object.entries(attacks))('%s', async (_, [make, status, why]) => {
    const archive = file(make(), 'a.zip')
    let least = Number.POSITIVE_INFINITY
    for (let n = 0; n < 3 && least > MOST_S; n++) {
      const before = isCounted ? cpuSeconds(worker.pid) : 0
      const answer = await tight([archive])
      expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(why)])
      least = Math.min(least, isCounted ? cpuSeconds(worker.pid) - before : 0)
    }
    expect(least).toBeLessThanOrEqual(MOST_S)
    expect(await flowsOf(ann)).toEqual([])
  })

  test('as much as is unpacked at once fits into a small heap', async () => {
    const text = `œ${'a"\\'.repeat(200)}`
    const nodes = (n: number) => Array.from({ length: n }, (_, id) => ({ id: `${id}`, text }))
    const before = worker.memory()
    const one = json({ name: 'x', data: { nodes: nodes(1_150), edges: [] } })
    const count = Math.floor(MAX_UNPACKED / Buffer.byteLength(one))
    const archive = zip(Array(count).fill({ name: 'f.json', content: one }))
    const { status, body } = await tight([file(archive, 'large.zip')])
    expect([status, body.length]).toEqual([201, count])
    expect(json(body.at(-1).data)).toBe(json(JSON.parse(one).data))
    expect(worker.memory() - before).toBeLessThan(MORE_MB)
  })
})
