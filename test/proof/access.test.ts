// The differential test: thousands of random worlds, each asked from every side over HTTP.
import { test } from 'vitest'
import { expectAgreement } from '../support/agreement.ts'
import { flowgateForTest } from '../support/flowgate.ts'
import { WORLDS } from './size.ts'

test(`what anybody sees in ${WORLDS} random worlds is what the decision rule says`, async () => {
  const gate = await flowgateForTest({ direct: true })
  await expectAgreement(gate, WORLDS)
}, 1_800_000)
