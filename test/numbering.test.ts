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

const name = fc.constantFrom(
  ...['x', 'x (1)', 'x (2)', 'x (7)', 'x (007)', 'x (1) (1)', 'x (a)', 'x (', 'x ()', 'y', ''],
)
const endpoint = fc.constantFrom(null, 'x', 'x-1', 'x-5', 'x-1-1', 'x-', 'y')
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

test('a thousand flows of one name read ten times what a hundred do', async () => {
  const read = async (count: number) => {
    const ann = await someone()
    const flow = { name: 'same', endpoint_name: 'same' }
    gate.proxy.reset()
    const { body } = await expectStatus(
      201,
      ann.post('/api/v1/flows/batch/', { flows: Array(count).fill(flow) }),
    )
    expect(new Set(namesOf(body).flat()).size).toBe(2 * count - 1)
    return rowsRead(gate.proxy.answers)
  }
  const [few, many] = [await read(100), await read(1000)]
  expect(many).toBeLessThan(12 * few)
})
