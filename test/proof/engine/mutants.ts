// Breaks the engine one way at a time, in a copy, and runs the part of the proof that should notice. A
// mutant that survives is a missing test. `tsx test/proof/engine/mutants.ts [name]` runs half of them, or one;
// with PROOF=whole all.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { drawn } from '../size.ts'
import type { Mutant } from './mutants/mutant.ts'
import { reading } from './mutants/reading.ts'
import { running } from './mutants/running.ts'
import { writing } from './mutants/writing.ts'

const mutants = [...reading, ...running, ...writing]

async function main() {
  const only = process.argv[2]
  const chosen = only ? mutants.filter(({ name }) => name === only) : drawn(mutants)
  // All texts before the first test: those that are gone are told at once.
  for (const mutant of mutants) mutate(mutant)
  const survivors: string[] = []
  const queue = [...chosen]
  const work = async () => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const isKilled = await isNoticed(mutant)
      console.log(`${isKilled ? 'killed  ' : 'SURVIVED'} ${mutant.name}`)
      if (!isKilled) survivors.push(mutant.name)
    }
  }
  await Promise.all([work(), work()])
  console.log(JSON.stringify({ event: 'proof', part: 'mutants', cases: chosen.length, survivors }))
  process.exitCode = survivors.length > 0 || chosen.length === 0 ? 1 : 0
}

async function isNoticed(mutant: Mutant): Promise<boolean> {
  const copy = mkdtempSync(join(tmpdir(), 'flowgate-mutant-'))
  try {
    for (const name of ['src', 'migrations', 'test', 'package.json', 'tsconfig.json'])
      cpSync(resolve(name), join(copy, name), { recursive: true })
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))
    writeFileSync(join(copy, 'src/migrate', mutant.file), mutate(mutant))
    return (await runProof(copy, mutant)) !== 0
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The file's text with the mutant's changes. */
function mutate({ name, file, find, replace, also }: Mutant): string {
  const text = readFileSync(resolve('src/migrate', file), 'utf8')
  const mutated = change(text, find, replace, name)
  const whole = also ? change(mutated, ...also, name) : mutated
  return whole.includes('later.push') ? `${whole}\nconst later: InStatement[] = []\n` : whole
}

/** Throws where the text to change is not there: such a mutant would prove nothing. */
function change(text: string, find: string | RegExp, replace: string, name: string): string {
  const changed =
    typeof find === 'string' ? text.split(find).join(replace) : text.replace(find, replace)
  if (changed === text) throw new Error(`${name}: its text is no longer in the engine`)
  return changed
}

function fileOf(proof: string): string {
  if (proof.endsWith('.unit')) return `src/migrate/${proof.replace('.unit', '')}.test.ts`
  return proof.startsWith('../')
    ? `test/${proof.slice(3)}.test.ts`
    : `test/proof/engine/${proof}.test.ts`
}

function runProof(directory: string, { proof, test }: Mutant): Promise<number> {
  // Not `--bail`: what vitest breaks off cannot stop its servers.
  const child = spawn(
    'npx',
    [
      ...['vitest', 'run', '--config', 'test/vitest.config.ts', '--project', 'mutants'],
      ...[fileOf(proof), ...(test ? ['--testNamePattern', test] : [])],
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  // Red must mean "a test failed", not "nothing ran".
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((done, fail) => {
    child.once('exit', (code) => {
      const isRed = /AssertionError|Test timed out|Property failed/.test(output)
      if (code === 0 ? !/\d+ passed/.test(output) : !isRed)
        fail(new Error(`the proof did not run in ${directory}:\n${output.slice(-3000)}`))
      else done(code ?? 1)
    })
  })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
