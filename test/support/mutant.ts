// flowgate broken in one way on purpose: the source with a few edits, bundled as a deployment would.
import { readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import { build } from 'esbuild'
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

/**
 * The path of its bundle, which goes with the test that asked for it. Made by wrangler's own bundler, without the
 * three seconds that wrangler takes beside it. Throws where the text of an edit is gone.
 */
export async function buildMutant({ name, edits }: Mutant): Promise<string> {
  const directory = `dist/mutants/${name.replaceAll(/\W+/g, '-')}`
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const sources = edited(edits)
  const outfile = `${directory}/index.js`
  await build({
    entryPoints: ['src/index.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*'],
    plugins: [
      {
        name: 'mutate',
        setup({ onLoad }) {
          onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
            const contents = sources.get(relative('src', path))
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  return outfile
}
