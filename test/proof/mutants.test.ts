// Is the differential test any good? Each mutant is flowgate with the decision rule broken in one way;
// the test must see the difference. A mutant that survives, or whose text is gone, fails.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { expectAgreement } from '../support/agreement.ts'
import { flowgateForTest } from '../support/flowgate.ts'
import { mutants } from './mutants.ts'

test.each(mutants)(
  'the differential test notices when flowgate would $name',
  async (mutant) => {
    const gate = await flowgateForTest({ direct: true, bundle: build(mutant) })
    const verdict = await expectAgreement(gate, 1_000, { shrink: false }).catch((error) => error)
    expect(verdict?.message ?? 'survived').toContain('Property failed')
    expect(String(verdict.cause), 'a mutant that falls over proves nothing').not.toMatch(/: 5\d\d /)
  },
  600_000,
)

/** Bundles a copy of `src` with the edits of the mutant, as a deployment would. */
function build({ name, edits }: (typeof mutants)[number]): string {
  const directory = `dist/mutants/${name.replaceAll(/\W+/g, '-')}`
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  cpSync('src', `${directory}/src`, { recursive: true })
  cpSync('migrations/bundle.ts', `${directory}/migrations/bundle.ts`)
  for (const [file, text, replacement] of edits) {
    const path = `${directory}/src/${file}`
    const source = readFileSync(path, 'utf8')
    const occurrences = source.split(text).length - 1
    if (occurrences !== 1)
      throw new Error(`src/${file} has ${occurrences} times, not once: ${text}`)
    writeFileSync(
      path,
      source.replace(text, () => replacement),
    )
  }
  const entry = `${directory}/src/index.ts`
  execFileSync('npx', ['wrangler', 'deploy', entry, '--dry-run', '--outdir', `${directory}/out`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
  })
  return `${directory}/out/index.js`
}
