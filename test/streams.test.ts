// Streams that an isolate keeps open between requests: reads go on where another request ended, and nobody notices
// when that goes wrong. What is sent is read off the proxy between Worker and database.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startSqld } from '../src/cli/sqld.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import type { Fate } from './support/proxy.ts'
import { type Api, createFlow, expectStatus, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  await createFlow(root, 'one')
})
afterAll(() => gate.stop())

type Sent = { baton: string | null; requests: { type: string }[] }
const sent = () => gate.proxy.bodies.map((body): Sent => JSON.parse(body))
const batons = () => sent().map(({ baton }) => baton)
const list = () => expectStatus(200, root.get('/api/v1/flows/?header_flows=true'))
const forward = () => gate.proxy.decide(() => 'forward')

test('a read goes on with the stream of the one before, which is left open', async () => {
  await list()
  gate.proxy.reset()
  await list()
  await list()
  expect(batons()).toEqual([expect.any(String), expect.any(String)])
  expect(new Set(batons()).size).toBe(2) // each is good for one request
  expect(sent().flatMap(({ requests }) => requests.map(({ type }) => type))).not.toContain('close')
})

test('a write has a stream of its own', async () => {
  gate.proxy.reset()
  await createFlow(root, 'two')
  expect(sent().at(-1)).toMatchObject({ baton: null, requests: [{}, { type: 'close' }] })
})

test('requests at the same time share none, and no more are kept than a few', async () => {
  gate.proxy.reset()
  let waiting = 0
  gate.proxy.decide(async (): Promise<Fate> => {
    waiting++
    while (waiting < 8) await sleep(5)
    return 'forward'
  })
  await Promise.all(Array.from({ length: 8 }, list))
  forward()
  const old = batons().filter((baton) => baton !== null)
  expect(new Set(old).size).toBe(old.length)
  const open = sent().filter(({ requests }) => requests.length === 1)
  expect(open.length).toBeLessThanOrEqual(3)
  gate.proxy.reset()
  await Promise.all(Array.from({ length: 8 }, list))
  expect(batons().filter((baton) => baton !== null).length).toBeLessThanOrEqual(3)
})

test.each([
  ['lost', 'lost'],
  ['refused as unknown', { status: 400, body: '{"message":"The baton is invalid"}' }],
  ['answered by something else', { status: 200, type: 'text/html', body: '<html>' }],
  ['refused for want of connections', { status: 429, body: '{"message":"Too many"}' }],
] as const)('what is %s on a kept stream is asked once more on a new one', async (_, fate) => {
  await gate.restart()
  await list()
  await list()
  gate.proxy.reset()
  gate.proxy.decide((_, body) => ((JSON.parse(body) as Sent).baton === null ? 'forward' : fate))
  await list()
  forward()
  const asked = sent().filter(({ requests }) => requests[0]?.type !== 'close')
  expect(asked.map(({ baton }) => baton === null)).toEqual([false, true])
})

test('after a refusal for want of connections nothing is kept, and what was is closed', async () => {
  await gate.restart()
  await list()
  await list()
  gate.proxy.reset()
  gate.proxy.decide((k) => (k === 1 ? { status: 429, body: '{}' } : 'forward'))
  await list()
  await list()
  forward()
  expect(batons().slice(1)).toEqual(
    batons()
      .slice(1)
      .map(() => null),
  )
  for (const { requests } of sent().slice(1)) expect(requests.at(-1)?.type).toBe('close')
})

test('a server that was started anew under warm isolates answers at once', async () => {
  let directory = ''
  const other = await flowgateForTest({
    furnish: async (its) => {
      directory = its
    },
  })
  const admin = await signIn(other)
  for (let n = 0; n < 2; n++) await expectStatus(200, admin.get('/api/v1/flows/'))
  await other.sqld.stop('SIGKILL')
  const again = await startSqld(directory)
  onTestFinished(() => again.stop('SIGKILL'))
  other.proxy.target = again.url
  await expectStatus(200, admin.get('/api/v1/flows/'))
})
