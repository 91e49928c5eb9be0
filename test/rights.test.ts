// A quick sample of what insiders try; `npm run test:proof` does the long run and the mutants.
import { expect, test } from 'vitest'
import { flowgateForTest } from './support/flowgate.ts'
import { expectRightsKept } from './support/rights.ts'

test('whatever insiders try, nobody gains or loses a right but by who may give or take it', async () => {
  const gate = await flowgateForTest({ direct: true })
  const done = await expectRightsKept(gate, 60)
  // Where nothing succeeds, nothing is shown.
  expect(Object.keys(done)).toEqual(
    expect.arrayContaining([
      'change flow',
      'make project',
      'change project',
      'delete project',
      'share',
      'end share',
    ]),
  )
})
