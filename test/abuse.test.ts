// The dearest that anybody can send, to every route, as a stranger and as an ordinary user: what it costs is bounded,
// and others are answered meanwhile. What counts is CPU time, which a loaded machine does not change much.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../src/reference/document.ts'
import type { Schema } from '../src/wire.ts'
import { cases } from './support/cases.ts'
import { description } from './support/described.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { childrenNamed, cpuSeconds, isCounted } from './support/processes.ts'
import { missingId } from './support/random-worlds.ts'
import { startTightWorker } from './support/tight-worker.ts'
import { type Api, createFlow, createProject, createUser, signIn } from './support/world.ts'
import { badBody, badValues, MAX_BODY, worstAccepted } from './support/worst.ts'

const STRANGER_S = 0.15
const CALLER_S = 1
/** An isolate has 128 MB on the platform; workerd ends where V8 needs more than this. */
const HEAP_MB = 96
const MORE_MB = 128
const MAX_ANSWER = 10_000_000

let gate: Flowgate
let document: Document
let ann: Api
let own: Record<string, string>
let worker: Awaited<ReturnType<typeof startTightWorker>>
let sqld: string[]
let [memoryAtStart, mostMemory] = [0, 0]

beforeAll(async () => {
  const before = isCounted ? childrenNamed('sqld') : []
  gate = await startFlowgate({ direct: true, bindings: paperProvider })
  const root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  document = await description()
  const project_id = await createProject(ann, 'p')
  own = { project_id, user_id: ann.userId, flow_id: await createFlow(ann, 'f', project_id) }
  worker = await startTightWorker(gate.sqld.url, HEAP_MB)
  sqld = isCounted ? childrenNamed('sqld').filter((pid) => !before.includes(pid)) : []
  if (!isCounted) console.warn('Nobody counts CPU time here: only the answers are looked at')
  // Whatever is compiled once is compiled now.
  for (let n = 0; n < 5; n++)
    await send(attacksOn('POST /api/v1/flows/', 'an ordinary user')[0] as Attack)
  memoryAtStart = worker.memory()
})
afterAll(async () => {
  worker?.stop()
  await gate?.stop()
})

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
const cpu = () => (isCounted ? [cpuSeconds(worker.pid), sum(sqld.map(cpuSeconds))] : [0, 0])

type Attack = {
  what: string
  method: string
  path: string
  body?: string
  type: string
  as: Headers
}

/** How somebody says who they are. */
type Headers = Record<string, string>

/** Sends it, and asks for /health meanwhile. */
async function send({ method, path, body, type, as }: Attack) {
  const headers = { 'content-type': type, ...as }
  const init = { method, headers, redirect: 'manual' as const }
  const answering = fetch(worker.url + path, body === undefined ? init : { ...init, body })
  const health = fetch(`${worker.url}/health`)
  const answer = await answering.catch((error) => {
    // An answer that comes before a large body has been read may close the connection under it.
    if (!/ECONNRESET|EPIPE/.test(String(error.cause))) throw error
  })
  const size = answer ? (await answer.arrayBuffer()).byteLength : 0
  expect((await health).status).toBe(200)
  await (await health).arrayBuffer()
  return { status: answer?.status ?? 0, size }
}

/** The least of three: what else a process has to do once in a while (collecting garbage) is not of this request. */
async function cost(attack: Attack, most: number) {
  let least = Number.POSITIVE_INFINITY
  for (let n = 0; n < 3 && least > most; n++) {
    const before = cpu()
    const { status, size } = await send(attack)
    expect(status, attack.what).toBeLessThan(500)
    if (attack.what.endsWith(ACCEPTED)) expect([413, 422], attack.what).not.toContain(status)
    expect(size, attack.what).toBeLessThan(MAX_ANSWER)
    const spent = cpu().map((seconds, i) => seconds - (before[i] ?? 0))
    least = Math.min(least, Math.max(...spent))
  }
  return least
}

const senders = {
  'a stranger': () => ({}),
  'a stranger with a key of their own making': () => ({ 'x-api-key': `sk-${'A'.repeat(43)}` }),
  'an ordinary user': () => ({ authorization: `Bearer ${ann.token}` }),
} satisfies Record<string, () => Headers>

const ACCEPTED = 'all that it takes'
const FORM = 'application/x-www-form-urlencoded'
const MERGE = 'application/merge-patch+json'
const boundary = 'the-boundary'
const asFile = (text: string) =>
  `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.json"\r\n\r\n${text}\r\n--${boundary}--\r\n`

const contentOf = (path: string, method: string): Record<string, { schema: Schema }> =>
  document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.requestBody?.content ??
  {}

/** Schemas of what is uploaded as a file are those of the routes that take the same as JSON. */
function schemaOf(route: string): { schema: Schema; type: string } | undefined {
  const [method = '', pattern = ''] = route.split(' ')
  const [found] = Object.entries(contentOf(pattern, method))
  if (!found) return undefined
  const [type, { schema }] = found as [string, { schema: Schema }]
  if (!type.startsWith('multipart')) return { type, schema }
  const batch = contentOf('/api/v1/flows/batch/', 'POST')['application/json']?.schema ?? {}
  const properties = {
    ...(batch.properties as object),
    folder_name: { type: 'string', maxLength: 1000 },
  }
  return { type, schema: { ...batch, properties } }
}

function attacksOn(route: string, who: keyof typeof senders): Attack[] {
  const [method = '', pattern = ''] = route.split(' ')
  const isOpen = [cases[route] ?? []].flat()[0]?.needs === 'nothing'
  const path = pattern.replace(/:(\w+)/g, (_, name) =>
    method === 'DELETE' || pattern.includes('password') ? missingId : (own[name] ?? missingId),
  )
  const request = (what: string, more: Partial<Attack>): Attack => ({
    what: `${route}: ${what}`,
    method,
    path,
    type: 'application/json',
    as: senders[who](),
    ...more,
  })
  const parameters =
    document.paths[pattern.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.parameters ?? []
  const long = ['%CC%95%CC%80', '%20', 'a'].map((text) => text.repeat(6_000 / text.length))
  const urls = long.flatMap((text) => [
    ...(pattern.includes(':') ? [pattern.replace(/:\w+/g, text)] : []),
    ...(parameters.some((one) => one.in === 'query')
      ? [
          `${path}?${parameters.map(({ name }) => `${name}=${text.slice(0, 6_000 / parameters.length)}`).join('&')}`,
        ]
      : []),
  ])
  const found = schemaOf(route)
  const inUrl = urls.map((path) => request('long words in its URL', { path }))
  if (!found) return [request('as it is', {}), ...inUrl]
  const { schema, type } = found
  const sent = (what: string, text: string): Attack => {
    if (type === FORM)
      return request(what, {
        type,
        body: `username=${encodeURIComponent(text)}&password=${encodeURIComponent(text)}`,
      })
    if (type.startsWith('multipart'))
      return request(what, { type: `${type}; boundary=${boundary}`, body: asFile(text) })
    return request(what, { body: text })
  }
  const size = isOpen ? 60_000 : /flows|projects/.test(pattern) ? MAX_BODY : 500_000
  const bad = Object.entries(badValues).map(([name, value]) =>
    sent(name, type === FORM ? value(size / 20) : badBody(schema, value, size)),
  )
  const merge = contentOf(pattern, method)[MERGE]?.schema
  const merges = Object.entries(merge ? badValues : {}).map(([name, value]) =>
    request(`${name}, to be merged`, { type: MERGE, body: badBody(merge ?? {}, value, size) }),
  )
  const accepted = JSON.stringify(
    worstAccepted(schema, own.flow_id ?? '', isOpen ? 20_000 : size / 2),
  )
  const worst = [sent(ACCEPTED, type === FORM ? (badValues.marks?.(900) ?? '') : accepted)]
  // A stranger whom nobody listens to is sent away alike, whatever they send.
  return [
    ...inUrl,
    ...(who === 'an ordinary user' || isOpen ? [...bad, ...merges, ...worst] : bad.slice(0, 1)),
  ]
}

describe.each(Object.keys(cases))('%s', (route) => {
  test.each(Object.keys(senders) as (keyof typeof senders)[])(
    'costs little, whatever %s sends',
    async (who) => {
      const most = who === 'an ordinary user' ? CALLER_S : STRANGER_S
      for (const attack of attacksOn(route, who)) {
        const seconds = await cost(attack, most)
        expect(seconds, attack.what).toBeLessThanOrEqual(most)
      }
      mostMemory = Math.max(mostMemory, worker.memory())
    },
  )
})

test('a merge costs little, however many members the graph has and the patch may name', async () => {
  const numbered = (name: string, n: number) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`${name}${i}`, 1]))
  ann = await signIn(gate, 'ann', 'ann-password') // the routes that end sessions have ended hers
  const data = { nodes: [], edges: [], ...numbered('there ', 190_000) }
  const id = await createFlow(ann, 'many members', own.project_id, { data })
  const seconds = await cost(
    {
      what: `a merge into 190,000 members: ${ACCEPTED}`,
      method: 'PATCH',
      path: `/api/v1/flows/${id}`,
      type: MERGE,
      body: JSON.stringify({ data: numbered('new ', 100) }),
      as: senders['an ordinary user'](),
    },
    CALLER_S,
  )
  expect(seconds).toBeLessThanOrEqual(CALLER_S)
})

test('all of it passed through a small heap, and memory stayed bounded', () => {
  expect(mostMemory - memoryAtStart).toBeLessThan(MORE_MB)
})
