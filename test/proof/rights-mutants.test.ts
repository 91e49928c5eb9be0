// Is the oracle of rights any good? Each mutant lets somebody do what they may not; it must be seen.
import { expect, test } from 'vitest'
import { flowgateForTest } from '../support/flowgate.ts'
import { buildMutant } from '../support/mutant.ts'
import { expectRightsKept } from '../support/rights.ts'
import { mutants } from './rights-mutants.ts'
import { drawn } from './size.ts'

test.each(drawn(mutants))(
  'the oracle of rights notices when flowgate would $name',
  async (mutant) => {
    const gate = await flowgateForTest({ direct: true, bundle: await buildMutant(mutant) })
    const verdict = await expectRightsKept(gate, 1_000, { shrink: false }).catch((error) => error)
    expect(verdict?.message ?? 'survived').toContain('Property failed')
    expect(String(verdict.cause), 'a mutant that falls over proves nothing').not.toMatch(
      /: 5\d\d\n/,
    )
  },
  600_000,
)
