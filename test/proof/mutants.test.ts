// Is the differential test any good? Each mutant is flowgate with the decision rule broken in one way;
// the test must see the difference. A mutant that survives, or whose text is gone, fails.
import { expect, test } from 'vitest'
import { expectAgreement } from '../support/agreement.ts'
import { flowgateForTest } from '../support/flowgate.ts'
import { buildMutant } from '../support/mutant.ts'
import { mutants } from './mutants.ts'
import { drawn } from './size.ts'

test.each(drawn(mutants))(
  'the differential test notices when flowgate would $name',
  async (mutant) => {
    const gate = await flowgateForTest({ direct: true, bundle: await buildMutant(mutant) })
    const verdict = await expectAgreement(gate, 1_000, { shrink: false }).catch((error) => error)
    expect(verdict?.message ?? 'survived').toContain('Property failed')
    expect(String(verdict.cause), 'a mutant that falls over proves nothing').not.toMatch(/: 5\d\d /)
  },
  600_000,
)
