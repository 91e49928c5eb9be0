// A quick sample of what insiders try; `npm run test:proof` does the long run and the mutants.
import { expect, test } from 'vitest'
import { flowgateForTest } from './support/flowgate.ts'
import { expectRightsKept } from './support/rights.ts'

test('whatever insiders try, nobody gains or loses a right but by who may give or take it', async () => {
  const gate = await flowgateForTest({ direct: true })
  const done = await expectRightsKept(gate, 60)
  // Where nothing succeeds, nothing is shown.
  const kinds = Object.keys(done)
  const writes = ['change flow', 'make project', 'change project', 'delete project']
  expect(kinds).toEqual(expect.arrayContaining(writes))
  // One kind of share or another: a few dozen worlds need not have each.
  expect(kinds.some((kind) => kind.includes('share'))).toBe(true)
})
