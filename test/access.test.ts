// A quick sample of the differential test; `npm run test:proof` does the long run and the mutants.
import { test } from 'vitest'
import { expectAgreement } from './support/agreement.ts'
import { flowgateForTest } from './support/flowgate.ts'

test('what anybody sees in a random world is what the decision rule says', async () => {
  const gate = await flowgateForTest({ direct: true })
  await expectAgreement(gate, 40)
})
