// What insiders try at length: every write, in every order, in thousands of random worlds.
import { test } from 'vitest'
import { flowgateForTest } from '../support/flowgate.ts'
import { expectRightsKept } from '../support/rights.ts'
import { WORLDS } from './size.ts'

test(`in ${WORLDS} random worlds nobody gains or loses a right but by who may give or take it`, async () => {
  const gate = await flowgateForTest({ direct: true })
  console.log(JSON.stringify(await expectRightsKept(gate, WORLDS)))
}, 1_800_000)
