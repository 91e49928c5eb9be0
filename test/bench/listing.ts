// `npm run bench`: listings and checks among many flows, on real sqld and real workerd.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { startSqld } from '../../src/cli/sqld.ts'
import build from '../support/build.ts'
import { startProxy } from '../support/proxy.ts'
import { listeningOn } from './cpu.ts'
import { measure } from './measuring.ts'
import { missesOf, type Report, toMarkdown, toSvg } from './report.ts'
import {
  bundle,
  ensureWorld,
  keptWorld,
  type RunOptions,
  startWorker,
  type Worker,
} from './setting.ts'

export async function benchListing(
  options: RunOptions & { json?: string | undefined },
): Promise<void> {
  const { flows, rounds } = options
  const directory = options.data ?? keptWorld(flows)
  // One writer, who has nothing to fear; readers of a log without checkpoints would be slow.
  const sqld = await startSqld(directory, { checkpointSeconds: 0 })
  const db = createClient({ url: sqld.url })
  const proxy = await startProxy(sqld.url)
  build()
  for (const name of ['plain', 'lean']) bundle(name)
  const workers: Worker[] = []
  const start = async (script: string, url: string) => {
    const worker = await startWorker(script, url)
    workers.push(worker)
    return worker
  }
  try {
    const callers = await ensureWorld(db, sqld.url, flows)
    const gate = await start('dist/index.js', sqld.url)
    const counted = await start('dist/index.js', proxy.url)
    const plain = await start('dist/plain/plain.js', sqld.url)
    const lean = await start('dist/lean/lean.js', sqld.url)
    const ofDatabase = listeningOn(new URL(sqld.url).host)
    const setup = {
      db,
      url: sqld.url,
      gate,
      counted,
      plain,
      lean,
      ofDatabase,
      proxy,
      callers,
      flows,
      rounds,
    }
    publish(await measure(setup), options)
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
    await proxy.stop()
    db.close()
    await sqld.stop()
  }
}

function publish(
  report: Report,
  { json, out }: { json?: string | undefined; out?: string | undefined },
) {
  const table = toMarkdown(report)
  const figures = `${JSON.stringify(report, null, 2)}\n`
  if (json) writeFileSync(json, figures)
  if (out) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'listing.json'), figures)
    writeFileSync(join(out, 'listing.md'), table)
    writeFileSync(join(out, 'listing.svg'), toSvg(report))
  }
  console.log(`\n${table}`)
  const missed = missesOf(report)
  console.log(missed.length === 0 ? 'Every budget is met.' : 'Misses its budget:')
  for (const line of missed) console.log(`  ${line}`)
}
