// Breaks the engine one way at a time, in a copy, and runs the part of the proof that should notice. A
// mutant that survives is a missing test. `tsx test/proof/engine/mutants.ts [name]` runs all of them, or one.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

type Mutant = {
  name: string
  file: string
  find: string | RegExp
  replace: string
  /** Files under test/proof. */
  proof: string[]
}

const FALSE = '(SELECT 0)'
const mutants: Mutant[] = [
  {
    name: 'no ledger guard',
    file: 'bookkeeping.ts',
    find: '(ledger_moved) SELECT 0 WHERE',
    replace: `(ledger_moved) SELECT 0 WHERE ${FALSE} AND`,
    proof: ['clocks', 'interleavings'],
  },
  {
    name: '<> instead of IS NOT in the ledger guard, without coalesce',
    file: 'bookkeeping.ts',
    find: /coalesce\(group_concat\(hash, ' '\), ''\)([\s\S]*?)\) IS NOT \?1/,
    replace: "group_concat(hash, ' ')$1) <> ?1",
    proof: ['guards'],
  },
  {
    name: 'no lease guard',
    file: 'bookkeeping.ts',
    find: '(lease_lost) SELECT 0 WHERE',
    replace: `(lease_lost) SELECT 0 WHERE ${FALSE} AND`,
    proof: ['guards'],
  },
  {
    name: 'no schema guard',
    file: 'bookkeeping.ts',
    find: '(schema_moved) SELECT 0 WHERE',
    replace: `(schema_moved) SELECT 0 WHERE ${FALSE} AND`,
    proof: ['guards'],
  },
  {
    name: 'a live lease can be taken',
    file: 'bookkeeping.ts',
    find: "WHERE holder IS excluded.holder OR expires_at <= unixepoch('subsec')`,\n      args: [holder],",
    replace: '`,\n      args: [holder],',
    proof: ['guards'],
  },
  {
    name: 'the lease is released without asking whose it is',
    file: 'bookkeeping.ts',
    find: 'measured = NULL\n      WHERE id = 1 AND holder = ?1',
    replace: 'measured = NULL\n      WHERE id = 1 AND ?1 IS NOT NULL',
    proof: ['guards'],
  },
  {
    name: "the lease is judged by the Worker's clock",
    file: 'observe.ts',
    find: 'await db.snapshot(queries)',
    replace: `await db.snapshot(queries.map((q) => q.replaceAll("unixepoch('subsec')", String(Date.now() / 1000))))`,
    proof: ['clocks'],
  },
  {
    name: 'another holder is not waited for',
    file: 'plan.ts',
    find: 'lease.holder !== holder && lease.remainingMs > 0',
    replace: 'lease.holder !== holder && lease.remainingMs > 1e9',
    proof: ['clocks'],
  },
  {
    name: 'the decision is not taken again after somebody moved',
    file: 'run.ts',
    find: 'const seen = await observe(db)',
    replace: 'const seen = (kept ??= await observe(db))',
    proof: ['interleavings', 'lattice'],
  },
  {
    name: 'any error while reading means absent',
    file: 'observe.ts',
    find: 'if (table && isNoSuchTable(result.error, table)) return undefined',
    replace: 'if (table) return undefined',
    proof: ['safety'],
  },
  {
    name: 'the ledger row is written outside of the transaction',
    file: 'apply.ts',
    find: 'statements.push(recordRevision(revision, how, runId))',
    replace: 'later.push(recordRevision(revision, how, runId))',
    proof: ['lattice'],
  },
  {
    name: 'a rebuild is sent with batch',
    file: '../db/client.ts',
    find: 'return client.migrate(statements)',
    replace: "return client.batch(statements, 'write')",
    proof: ['safety'],
  },
  {
    name: 'rows are not counted after a rebuild',
    file: 'rebuild.ts',
    find: '(rows_changed) SELECT 0 WHERE',
    replace: `(rows_changed) SELECT 0 WHERE ${FALSE} AND`,
    proof: ['safety'],
  },
  {
    name: 'references are not checked after a rebuild',
    file: 'rebuild.ts',
    find: 'WHERE n > coalesce(',
    replace: `WHERE ${FALSE} AND n > coalesce(`,
    proof: ['safety'],
  },
  {
    name: 'orphans from before fail a rebuild',
    file: 'rebuild.ts',
    find: 'WHERE n > coalesce(',
    replace: 'WHERE n > 0 * coalesce(',
    proof: ['safety'],
  },
  {
    name: 'a failure is not recorded',
    file: 'apply.ts',
    find: 'await db.migrate([...tables, failure]).catch(() => {})',
    replace: 'void [tables, failure]',
    proof: ['safety'],
  },
  {
    name: 'the pause after a failure does not grow',
    file: 'bookkeeping.ts',
    find: 'THEN failures + 1 ELSE 1 END',
    replace: 'THEN failures ELSE 1 END',
    proof: ['safety'],
  },
  {
    name: 'a lost reply is taken for a success',
    file: 'apply.ts',
    find: "if (!isRefusedBySql(error)) return { kind: 'lost', error }",
    replace: 'if (!isRefusedBySql(error)) continue',
    proof: ['lattice'],
  },
  {
    name: 'an edited revision is not noticed',
    file: 'history.ts',
    find: 'return row.contentHash !== revision.contentHash',
    replace: 'return row.contentHash === "never"',
    proof: ['lattice'],
  },
  {
    name: 'a gap in the ledger is not noticed',
    file: 'history.ts',
    find: '.filter((revision) => !known.includes(revision))',
    replace: '.filter(() => false)',
    proof: ['lattice'],
  },
  {
    name: 'the schema is not compared with what the ledger says',
    file: 'plan.ts',
    find: "if (wrong.length > 0) return { kind: 'drifted'",
    replace: "if (wrong.length > 1e9) return { kind: 'drifted'",
    proof: ['lattice'],
  },
  {
    name: 'the only copy in a leftover is not seen',
    file: 'leftovers.ts',
    find: '.filter((name) => found[name])',
    replace: '.filter((name) => found[name] === null)',
    proof: ['lattice'],
  },
  {
    name: 'any of our tables proves head',
    file: 'plan.ts',
    find: 'const highest = revisions.findLastIndex((r) => compareSchema(r.schema, schema).length === 0)',
    replace: 'const highest = revisions.length - 1',
    proof: ['lattice'],
  },
  {
    name: 'rows without a name stay without one',
    file: 'apply.ts',
    find: '...(i === 0 ? unnamed.map(nameRevision) : []),',
    replace: '',
    proof: ['lattice'],
  },
]

/** Declarations that two of the changes need. */
const preludes: Record<string, [string, string]> = {
  'the decision is not taken again after somebody moved': [
    '  let waited = 0\n',
    '  let waited = 0\n  let kept: Observed | undefined\n',
  ],
  'the ledger row is written outside of the transaction': [
    '      await db.migrate(request.statements)\n',
    '      await db.migrate(request.statements)\n      await db.migrate(later.splice(0))\n',
  ],
}

async function main() {
  const only = process.argv[2]
  const chosen = mutants.filter((mutant) => !only || mutant.name === only)
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
    const path = join(copy, 'src/migrate', mutant.file)
    const mutated = change(readFileSync(path, 'utf8'), mutant.find, mutant.replace, mutant.name)
    const prelude = preludes[mutant.name]
    writeFileSync(path, declare(prelude ? change(mutated, ...prelude, mutant.name) : mutated))
    return (await runProof(copy, mutant.proof)) !== 0
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const declare = (text: string) =>
  text.includes('later.push')
    ? text.replace(
        '/** One HTTP request:',
        'const later: InStatement[] = []\n\n/** One HTTP request:',
      )
    : text

/** Throws where the text to change is not there: such a mutant would prove nothing. */
function change(text: string, find: string | RegExp, replace: string, name: string): string {
  const changed =
    typeof find === 'string' ? text.split(find).join(replace) : text.replace(find, replace)
  if (changed === text) throw new Error(`${name}: its text is no longer in the engine`)
  return changed
}

function runProof(directory: string, parts: string[]): Promise<number> {
  const files = parts.map((part) => `test/proof/engine/${part}.test.ts`)
  // Not `--bail`: what vitest breaks off cannot stop its servers.
  const child = spawn(
    'npx',
    ['vitest', 'run', '--config', 'test/vitest.config.ts', '--project', 'engine', ...files],
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
      if (code !== 0 && !/AssertionError|Test timed out|Property failed/.test(output))
        fail(new Error(`the proof did not run in ${directory}:\n${output.slice(-3000)}`))
      else done(code ?? 1)
    })
  })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
