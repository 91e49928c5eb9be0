// Names in a batch: free, and as they are wanted where that can be, at a cost that grows with the batch and not with its square.
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

/** What each flow is called: `there` are the names that its owner's flows have. */
function oracle(wanted: (string | null)[], there: string[], open: string, close: string) {
  const taken = new Set(there)
  const reserved = wanted.flatMap((name) => name ?? [])
  return wanted.map((name) => {
    if (name === null || !taken.has(name)) return taken.add(name ?? '') && name
    const short = [...name].map((_, n) => [...name].slice(0, n + 1).join(''))
    const base = short.findLast((text) => text.length <= 990 - open.length - close.length) ?? ''
    const numbers = [...taken, ...reserved].flatMap((other) => {
      const digits = other.slice(base.length + open.length, other.length - close.length)
      const isNumber = other === base + open + digits + close && /^[0-9]{1,9}$/.test(digits)
      return isNumber ? Number(digits) : []
    })
    const free = `${base}${open}${Math.max(0, ...numbers) + 1}${close}`
    taken.add(free)
    return free
  })
}

test('a flow of a batch is called as it wants to be, or gets a number that no other has or wants', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, wanted, async (before, batch) => {
      const ann = await someone()
      const make = async (flows: Wanted[]): Promise<Named[]> =>
        (await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows }))).body
      const [there, made] = [await make(before), await make(batch)]
      const expected = (column: 'name' | 'endpoint_name', open: string, close: string) => {
        const named = there.flatMap((flow) => flow[column] ?? [])
        return oracle(
          batch.map((flow) => flow[column]),
          named,
          open,
          close,
        )
      }
      expect(made.map((flow) => flow.name)).toEqual(expected('name', ' (', ')'))
      expect(made.map((flow) => flow.endpoint_name)).toEqual(expected('endpoint_name', '-', ''))
    }),
    { numRuns: 25 },
  )
})

test('a number that the batch itself names is left to the flow that names it', async () => {
  const ann = await someone()
  const wanted = ['x', 'x', 'x-5', 'x'].map((endpoint_name, n) => ({
    name: `f${n}`,
    endpoint_name,
  }))
  const { body } = await expectStatus(201, ann.post('/api/v1/flows/batch/', { flows: wanted }))
  const endpoints = body.map((flow: Named) => flow.endpoint_name)
  expect(endpoints).toEqual(['x', 'x-6', 'x-5', 'x-7'])
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
