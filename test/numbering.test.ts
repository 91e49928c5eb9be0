// Names in a batch: the same as one by one, at a cost that grows with the batch and not with its square.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { rowsRead } from './support/rows-read.ts'
import { type Api, createUser, expectStatus, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
})
afterAll(() => gate.stop())

let users = 0
const someone = () => createUser(gate, root, `someone ${++users}`)
type Wanted = { name: string; endpoint_name: string | null }
type Named = { name: string; endpoint_name: string | null }
const namesOf = (flows: Named[]) => flows.map((flow) => [flow.name, flow.endpoint_name])

const [long, twin] = ['a', 'b'].map((end) => `${'\u{1f642}'.repeat(499)}${end}b`) as [
  string,
  string,
]
/** What of both stands before a number. */
const base = '\u{1f642}'.repeat(493)
const name = fc.constantFrom(
  ...[
    long,
    twin,
    base,
    `${base} (1)`,
    `${base} (3)`,
    long.slice(0, 988),
    'x',
    'x (1)',
    'x (2)',
    'x (7)',
    'x (007)',
    'x (1) (1)',
    'x (a)',
    'x (',
    'x ()',
    'y',
    '',
  ],
)
const endpoint = fc.constantFrom(
  null,
  'e'.repeat(1000),
  'e'.repeat(989),
  `${'e'.repeat(989)}-1`,
  'x',
  'x-1',
  'x-5',
  'x-1-1',
  'x-',
  'y',
)
const wanted: fc.Arbitrary<Wanted[]> = fc.array(
  fc.record({ name, endpoint_name: endpoint }, { noNullPrototype: true }),
  { minLength: 1, maxLength: 12 },
)

test('a batch gets the names that its flows would get one by one', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, wanted, async (before, batch) => {
      const [ann, bob] = [await someone(), await someone()]
      for (const api of [ann, bob])
        await expectStatus(201, api.post('/api/v1/flows/batch/', { flows: before }))
      const { body: together } = await expectStatus(
        201,
        ann.post('/api/v1/flows/batch/', { flows: batch }),
      )
      const singly = []
      for (const flow of batch)
        singly.push((await expectStatus(201, bob.post('/api/v1/flows/', flow))).body)
      expect(namesOf(together)).toEqual(namesOf(singly))
    }),
    { numRuns: 12 },
  )
})

test('a number that is named in the batch itself is counted on from, as a whole one', async () => {
  const ann = await someone()
  const wanted = ['x', 'x', 'x-5', 'x'].map((endpoint_name, n) => ({
    name: `f${n}`,
    endpoint_name,
  }))
  const { body } = await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows: wanted }))
  const endpoints = body.map((flow: Named) => flow.endpoint_name)
  expect(endpoints).toEqual(['x', 'x-1', 'x-5', 'x-6'])
})

test('a name with no room for a number is shortened before it gets one, and no character halved', async () => {
  const ann = await someone()
  const wanted = { name: long, endpoint_name: 'e'.repeat(1000) }
  const flows = [wanted, wanted, { ...wanted, name: twin }, { name: twin }]
  const { body } = await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows }))
  const ends = [`${base} (1)`, `${base} (2)`]
  expect(body.map((flow: Named) => flow.name)).toEqual([long, ends[0], twin, ends[1]])
  expect(body.map((flow: Named) => flow.endpoint_name?.length)).toEqual([1000, 991, 991, undefined])
  const { body: other } = await expectStatus(201, ann.post('/api/v1/flows/', { name: 'y' }))
  const bob = await someone()
  for (const name of [long, long]) await expectStatus(201, bob.post('/api/v1/projects/', { name }))
  const projects = (await bob.get('/api/v1/projects/')).body.map((one: Named) => one.name)
  expect(projects).toEqual(expect.arrayContaining([long, ends[0]]))
  const taken = await ann.patch(`/api/v1/flows/${other.id}`, { name: long })
  expect([taken.status, taken.body.detail]).toEqual([400, 'Name must be unique'])
})

test('a thousand flows of one name read ten times what a hundred do', async () => {
  const read = async (count: number, name: string) => {
    const ann = await someone()
    const flow = { name, endpoint_name: 'end' }
    gate.proxy.reset()
    const { body } = await expectStatus(
      201,
      ann.post('/api/v1/flows/batch/', { flows: Array(count).fill(flow) }),
    )
    expect(new Set(namesOf(body).flat()).size).toBe(2 * count)
    return rowsRead(gate.proxy.answers)
  }
  for (const name of ['same', long]) {
    const [few, many] = [await read(100, name), await read(1000, name)]
    expect(many).toBeLessThan(12 * few)
  }
})
