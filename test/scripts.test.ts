// Scripts written for LangBuilder: JSON without a Content-Type is JSON, as `requests.post(url, data=...)` and
// http.client send it, and another type does nothing. Over a socket of Node's always, from Python where it is at hand.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { recorded } from './support/recorder.ts'
import { type Api, createFlow, signIn } from './support/world.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('No python3 here: what scripts in Python send is not tested.')

type Sent = { method: string; path: string; body?: unknown; type?: string }
// biome-ignore lint/suspicious/noExplicitAny: bodies are asserted on field by field
type Got = { status: number; body: any }
type Send = (sent: Sent) => Promise<Got>

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate({ direct: true })
  root = await signIn(gate)
})
afterAll(() => gate.stop())

const authorization = () => ({ authorization: `Bearer ${root.token}` })

/** Byte by byte, with no header but these. */
const bySocket: Send = async ({ method, path, body, type }) => {
  const { port, hostname, host } = new URL(gate.url)
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: ${authorization().authorization}`,
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ...(body === undefined ? [] : [`Content-Length: ${bytes.length}`]),
  ]
  const socket = connect(Number(port), hostname)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(bytes)
  const [head = '', content] = await readAnswer(socket)
  const [first = '', ...headers] = head.split('\r\n')
  const response = new Response(content || null, {
    status: Number(first.split(' ')[1]),
    headers: headers.map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ')
      return [name, value.join(': ')]
    }),
  })
  const watched = await recorded(`${gate.url}${path}`, method, response)
  const answer = await watched.text()
  return { status: watched.status, body: answer === '' ? null : JSON.parse(answer) }
}

/** Head and body, whose length the head says; the connection would stay. */
async function readAnswer(socket: Socket): Promise<string[]> {
  let answer = Buffer.alloc(0)
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, chunk])
    const [head = '', content] = answer.toString().split(/\r\n\r\n(.*)/s)
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    if (content !== undefined && Buffer.byteLength(content) >= length) return [head, content]
  }
  throw new Error(`the connection ended: ${answer}`)
}

/** A script that lives as long as this file: Python takes its time to start. */
let lines: AsyncIterator<string>
let python: ChildProcessWithoutNullStreams
beforeAll(() => {
  if (!hasPython) return
  python = spawn('python3', ['test/support/script.py'])
  lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
})
afterAll(() => void python?.kill())

const byPython =
  (by: string): Send =>
  async ({ method, path, body, type }) => {
    const headers = { ...authorization(), ...(type === undefined ? {} : { 'Content-Type': type }) }
    python.stdin.write(`${JSON.stringify({ by, url: gate.url + path, method, headers, body })}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`the script ended: ${await text(python.stderr)}`)
    return JSON.parse(value)
  }

const ways: [string, Send][] = [
  ['a raw socket', bySocket],
  ...(hasPython
    ? ['http.client', 'bare urllib'].map((by): [string, Send] => [`Python's ${by}`, byPython(by)])
    : []),
]

describe.each(ways)('%s', (way, send) => {
  test('sends JSON without a Content-Type, and it is JSON', async () => {
    const name = `made by ${way}`
    const project = await send({ method: 'POST', path: '/api/v1/projects/', body: { name } })
    expect([project.status, project.body.name]).toEqual([201, name])
    const flow = { name, folder_id: project.body.id }
    const made = await send({ method: 'POST', path: '/api/v1/flows/', body: flow })
    expect([made.status, made.body.folder_id]).toEqual([201, project.body.id])
    const path = `/api/v1/flows/${made.body.id}`
    const changed = await send({ method: 'PATCH', path, body: { description: 'changed' } })
    expect([changed.status, changed.body.description]).toEqual([200, 'changed'])
    const key = await send({ method: 'POST', path: '/api/v1/api_key/', body: { name } })
    expect([key.status, key.body.name]).toEqual([200, name])
    const read = await send({ method: 'GET', path })
    expect(read).toMatchObject({ status: 200, body: { name, description: 'changed' } })
    const ids = [made.body.id]
    const deleted = await send({ method: 'DELETE', path: '/api/v1/flows/', body: ids })
    expect(deleted).toEqual({ status: 200, body: { deleted: 1 } })
  })

  test('still sends JSON as JSON, and a body of another type does nothing', async () => {
    const id = await createFlow(root, `typed by ${way}`)
    await expectJson(send, id)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
      await expectNothing(send, id, type)
  })
})

test.runIf(hasPython)("Python's urllib calls everything a form, which does nothing", async () => {
  const id = await createFlow(root, 'typed by urllib')
  await expectJson(byPython('urllib'), id)
  await expectNothing(byPython('urllib'), id, undefined)
})

async function expectJson(send: Send, id: string) {
  const body = { description: 'as JSON' }
  const type = 'application/json'
  const done = await send({ method: 'PATCH', path: `/api/v1/flows/${id}`, body, type })
  expect([done.status, done.body.description]).toEqual([200, 'as JSON'])
}

async function expectNothing(send: Send, id: string, type: string | undefined) {
  const path = `/api/v1/flows/${id}`
  const sent = { method: 'PATCH', path, body: { description: 'lost' } }
  const { status, body } = await send(type === undefined ? sent : { ...sent, type })
  expect([status, body.detail?.[0]?.loc]).toEqual([422, ['body']])
  expect((await send({ method: 'GET', path })).body.description).toBe('as JSON')
}
