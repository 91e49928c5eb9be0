// flowgate broken in one way on purpose: the source with a few edits, bundled as a deployment would.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'

/** File below `src`, the text that must stand there exactly once, and what replaces it. */
export type Edit = readonly [file: string, text: string, replacement: string]
export type Mutant = { name: string; edits: Edit[] }

/** The files as the edits leave them. Throws where the text of an edit is gone. */
export function edited(edits: readonly Edit[]): Map<string, string> {
  const sources = new Map<string, string>()
  for (const [file, text, replacement] of edits) {
    const source = sources.get(file) ?? readFileSync(`src/${file}`, 'utf8')
    const occurrences = source.split(text).length - 1
    if (occurrences !== 1)
      throw new Error(`src/${file} has ${occurrences} times, not once: ${text}`)
    sources.set(
      file,
      source.replace(text, () => replacement),
    )
  }
  return sources
}

/** The path of its bundle, which goes with the test that asked for it. Throws where the text of an edit is gone. */
export function buildMutant({ name, edits }: Mutant): string {
  const directory = `dist/mutants/${name.replaceAll(/\W+/g, '-')}`
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  cpSync('src', `${directory}/src`, { recursive: true })
  cpSync('migrations/bundle.ts', `${directory}/migrations/bundle.ts`)
  for (const [file, source] of edited(edits)) writeFileSync(`${directory}/src/${file}`, source)
  const entry = `${directory}/src/index.ts`
  execFileSync('npx', ['wrangler', 'deploy', entry, '--dry-run', '--outdir', `${directory}/out`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
  })
  return `${directory}/out/index.js`
}
