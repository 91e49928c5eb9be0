// Flow files of every version come in, are listed, read, taken away and come in again: what comes back is what was
// sent, but for what the contract changes (ids, owner, project, time, numbered names, blanked secrets).
import fc from 'fast-check'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sent, sendFiles, zip } from './support/files.ts'
import { type FlowFile, flowFile, type Pair } from './support/flow-files.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { type Api, createUser, expectStatus, signIn } from './support/world.ts'

/** More of them with FC_RUNS. */
const RUNS = Number(process.env.FC_RUNS ?? 10)

let gate: Flowgate
let ann: Api
beforeAll(async () => {
  gate = await startFlowgate()
  ann = await createUser(gate, await signIn(gate), 'ann')
})
afterAll(() => gate.stop())

type Flow = Record<string, unknown> & { id: string; name: string; folder_id: string }
/** Flows as they are shown, with the text that they came in. */
type Shown = { flows: Flow[]; text: string }

const BOM = '\ufeff'
/** The ways to put flows into files. */
const packings = {
  'one each': (flows) => flows.map(({ text }, n) => ({ name: `${n}.json`, content: text })),
  'one each, with BOM': (flows) =>
    flows.map(({ text }) => ({ name: 'f.json', content: BOM + text })),
  collection: (flows) => [
    { name: 'c.json', content: `{ "flows": [${flows.map(({ text }) => text).join(' ,\n')}] }` },
  ],
  zip: (flows) => [
    {
      name: 'z.zip',
      content: zip(flows.map(({ text }, n) => ({ name: `d/${n}.json`, content: BOM + text }))),
    },
  ],
  'zip of a collection': (flows) => {
    const content = `{"folder_name":"p","flows":[${flows.map(({ text }) => text)}]}`
    return [{ name: 'z.zip', content: zip([{ name: 'all.json', content, stored: true }]) }]
  },
} satisfies Record<string, (flows: readonly FlowFile[]) => Sent[]>

const headers = () => ({ authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' })
async function read(path: string): Promise<Shown> {
  const response = await gate.fetch(path, { headers: headers() })
  const text = await response.text()
  expect(response.status).toBe(200)
  const body = JSON.parse(text)
  return { flows: [body.flows ?? body].flat(), text }
}

async function importFiles(path: string, files: Sent[]): Promise<Shown> {
  const { status, body, text } = await sendFiles(gate, ann, path, files)
  expect([status, body.detail]).toEqual([201, undefined])
  return { flows: body, text }
}

/** The download, as the files that it is to be sent again as, and its text. */
async function takeAway(ids: string[]): Promise<{ file: Sent } & Shown> {
  const init = { method: 'POST', headers: headers(), body: JSON.stringify(ids) }
  const response = await gate.fetch('/api/v1/flows/download/', init)
  const content = new Uint8Array(await response.arrayBuffer())
  const isZip = response.headers.get('content-type')?.includes('zip')
  const texts = isZip
    ? Object.values(unzipSync(content)).map((one) => strFromU8(one))
    : [strFromU8(content)]
  return {
    file: { name: isZip ? 'again.zip' : 'again.json', content },
    flows: texts.map((text) => JSON.parse(text)),
    text: texts.join('\n'),
  }
}

/** What the contract makes of the fields of a file. */
function expected({ fields }: FlowFile) {
  const { icon, tags, access_type, ...rest } = fields as Record<string, unknown>
  const kept = ['description', 'icon_bg_color', 'gradient', 'is_component', 'webhook', 'locked']
  const more = ['mcp_enabled', 'action_name', 'action_description']
  const absent = { is_component: false, webhook: false, locked: false, mcp_enabled: false }
  return {
    ...Object.fromEntries(
      [...kept, ...more].map((name) => [name, rest[name] ?? (absent as never)[name] ?? null]),
    ),
    icon: icon === ':robot:' ? '🤖' : null,
    tags: tags ?? [],
    access_type: access_type ?? 'PRIVATE',
    user_id: ann.userId,
  }
}

/** The name, or the name with a number, where it was taken. */
const isNameOf = (name: unknown, wanted: unknown, number: RegExp) => {
  if (name === wanted) return true
  const [number_] = number.exec(String(name)) ?? []
  const base = String(name).slice(0, -(number_?.length ?? 0))
  return (
    number_ !== undefined &&
    (base === wanted || (base.length > 980 && String(wanted).startsWith(base)))
  )
}

function expectNames(made: Flow, name: unknown, endpoint: unknown) {
  expect([made.name, name, isNameOf(made.name, name, / \(\d+\)$/)]).toEqual([made.name, name, true])
  expect(made.name.length).toBeLessThanOrEqual(1000)
  if (endpoint) expect(isNameOf(made.endpoint_name, endpoint, /-\d+$/)).toBe(true)
  else expect(made.endpoint_name).toBeNull()
}

const textOf = (graph: Pair | null, side: keyof Pair) => `"data":${graph ? graph[side] : 'null'}`
const byId = ({ flows }: Shown, id: string) => flows.find((flow) => flow.id === id)
const withoutGraph = ({ data: _, ...flow }: Flow) => flow
const changed = ['id', 'name', 'endpoint_name', 'updated_at', 'folder_id', 'etag']
const withoutChanged = (flow: Flow) =>
  Object.fromEntries(Object.entries(flow).filter(([name]) => !changed.includes(name)))

async function goRound(files: readonly FlowFile[], packing: keyof typeof packings) {
  const sent = packings[packing](files)
  const made = await importFiles('/api/v1/flows/upload/', sent)
  expect(made.flows).toHaveLength(files.length)
  const ids = made.flows.map(({ id }) => id)
  const shown = [
    made,
    await read('/api/v1/flows/'),
    await read(`/api/v1/projects/${made.flows[0]?.folder_id}`),
  ]
  const away = await takeAway(ids)
  for (const [n, file] of files.entries()) {
    const flow = made.flows[n] as Flow
    expect(flow).toMatchObject(expected(file))
    expectNames(flow, file.fields.name, file.fields.endpoint_name)
    for (const one of [...shown, await read(`/api/v1/flows/${flow.id}`)]) {
      expect(withoutGraph(byId(one, flow.id) as Flow)).toEqual(withoutGraph(flow))
      expect(one.text.includes(textOf(file.graph, 'sent'))).toBe(true)
    }
    const { etag: _, ...left } = withoutGraph(flow)
    expect(withoutGraph(byId(away, flow.id) as Flow)).toEqual(left)
    expect(away.text.includes(textOf(file.graph, 'left'))).toBe(true)
  }
  expect(away.text).not.toContain('a-secret-that-goes')

  const again = await importFiles('/api/v1/flows/upload/', [away.file])
  expect(again.flows).toHaveLength(files.length)
  const last = await takeAway(again.flows.map(({ id }) => id))
  for (const [n, flow] of again.flows.entries()) {
    const before = away.flows[n] as Flow
    expect(withoutChanged(flow)).toEqual(withoutChanged(before))
    expect(flow.id).not.toBe(before.id)
    expect(flow.folder_id).toBe(before.folder_id)
    expectNames(flow, before.name, before.endpoint_name)
  }
  for (const { graph } of files)
    for (const { text } of [again, last]) expect(text.includes(textOf(graph, 'left'))).toBe(true)
  await expectStatus(
    200,
    ann.delete('/api/v1/flows/', [...ids, ...again.flows.map(({ id }) => id)]),
  )
}

test('generated flow files go round, in files of every kind', { timeout: 120_000 }, async () => {
  const packing = fc.constantFrom(...(Object.keys(packings) as (keyof typeof packings)[]))
  const files = fc.array(flowFile(), { minLength: 1, maxLength: 4 })
  await fc.assert(fc.asyncProperty(files, packing, goRound), { numRuns: RUNS, examples: [] })
})

test.each([100_000, 1_000_000, 4_100_000])('a graph of %i bytes goes round', async (bytes) => {
  const [file] = fc.sample(flowFile(bytes), 1)
  for (const packing of ['one each', 'zip'] as const) await goRound([file as FlowFile], packing)
})

test('a project goes round: its own archive makes a project of the same flows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(flowFile(), { minLength: 1, maxLength: 4 }), async (files) => {
      const content = `{"folder_name":"round","flows":[${files.map(({ text }) => text)}]}`
      const made = await importFiles('/api/v1/projects/upload/', [{ name: 'p.json', content }])
      const project = made.flows[0]?.folder_id
      const response = await gate.fetch(`/api/v1/projects/download/${project}`, {
        headers: headers(),
      })
      const archive = new Uint8Array(await response.arrayBuffer())
      const name = decodeURIComponent(
        String(response.headers.get('content-disposition')).split("''")[1] ?? '',
      )
      const again = await importFiles('/api/v1/projects/upload/', [{ name, content: archive }])
      const other = again.flows[0]?.folder_id
      expect(other).not.toBe(project)
      expect((await ann.get(`/api/v1/projects/${other}`)).body.name).toBe('round (1)')
      const inner = { ...made, flows: made.flows.map(withoutChanged) }
      const key = (flow: object) => JSON.stringify(flow)
      const blanked = (flows: object[]) =>
        flows.map((flow) => key(flow).replaceAll('"a-secret-that-goes"', 'null')).sort()
      expect(blanked(again.flows.map(withoutChanged))).toEqual(blanked(inner.flows))
      for (const { graph } of files) expect(again.text.includes(textOf(graph, 'left'))).toBe(true)
      for (const one of [project, other])
        await expectStatus(204, ann.delete(`/api/v1/projects/${one}`))
    }),
    { numRuns: Math.ceil(RUNS / 2) },
  )
})
