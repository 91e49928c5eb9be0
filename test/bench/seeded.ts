// Seeded databases take minutes: each kind is made once, kept in a folder, and only ever copied.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { revisions } from '../../migrations/bundle.ts'
import { startSqld } from '../../src/cli/sqld.ts'
import { type Kind, makeOldWorld } from './old-worlds.ts'

/** The data folder of a stopped server with such a world. */
export async function ensureSeeded(kind: Kind, flows: number, data: string): Promise<string> {
  const directory = join(data, kind)
  const done = join(directory, 'seeded')
  // The ledger in it names the first revision as it was then.
  const mark = `${flows} ${kind === 'core' ? revisions[0]?.hash : kind}`
  if (existsSync(done) && readFileSync(done, 'utf8') === mark) return directory
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  // One writer, who has nothing to fear of sqld's own checkpoints.
  const sqld = await startSqld(directory, { checkpointSeconds: 0 })
  try {
    await makeOldWorld(sqld.url, kind, flows, (rows) =>
      process.stderr.write(`\rseeding ${kind}: ${rows} rows `),
    )
    process.stderr.write('\n')
  } finally {
    await sqld.stop()
  }
  writeFileSync(done, mark)
  return directory
}
