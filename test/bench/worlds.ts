// `npm run bench -- --worlds`: the same callers' pages of headers in two worlds at a time, which differ in one thing:
// how many flows there are, or how large their graphs. Both are asked by turns, so that they meet the same noise.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { startSqld } from '../../src/cli/sqld.ts'
import build from '../support/build.ts'
import type { CallerName } from '../support/callers.ts'
import {
  ensureWorld,
  FEW_BYTES,
  HEADERS_PAGE,
  type Headers,
  keptWorld,
  type RunOptions,
  signIn,
  startWorker,
} from './setting.ts'
import { percentile, timed } from './timing.ts'
import { type Compared, missesOf, type Pair, toMarkdown } from './worlds-report.ts'

/** 800 MB of graphs on the heavier side: what is more takes longer to seed than to measure. */
const graphs: Pair[] = [
  { what: 'graphs of 40 KB', flows: [20_000, 20_000], bytes: [FEW_BYTES, 40_000] },
  { what: 'graphs of 400 KB', flows: [2000, 2000], bytes: [FEW_BYTES, 400_000] },
]

/** Callers of more projects than 10,000 flows lie in are held against a larger world. */
const growthTo = (flows: number): Pair[] =>
  [10_000, 200_000]
    .filter((few) => few < flows)
    .map((few) => ({ what: 'growth', flows: [few, flows], bytes: [FEW_BYTES, FEW_BYTES] }))

export async function benchWorlds(options: RunOptions): Promise<void> {
  const { flows, rounds, out } = options
  build()
  const compared: Compared[] = []
  for (const pair of [...growthTo(flows), ...graphs]) {
    const known = compared.filter(({ what }) => what === pair.what).map(({ caller }) => caller)
    compared.push(...(await compare(pair, options, known)))
  }
  const report = {
    command: `npm run bench -- --worlds --flows ${flows}`,
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    compared,
  }
  const table = toMarkdown(report)
  if (out) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'worlds.json'), `${JSON.stringify(report, null, 2)}\n`)
    writeFileSync(join(out, 'worlds.md'), table)
  }
  console.log(`\n${table}`)
  const missed = missesOf(compared)
  console.log(missed.length === 0 ? 'Every budget is met.' : 'Misses its budget:')
  for (const line of missed) console.log(`  ${line}`)
}

/** Of all callers whom both worlds are large enough for, but those who are known already. */
async function compare(pair: Pair, options: RunOptions, known: string[]): Promise<Compared[]> {
  const before = await openWorld(pair.flows[0], pair.bytes[0], options)
  try {
    const after = await openWorld(pair.flows[1], pair.bytes[1], options)
    try {
      process.stderr.write(`\n${pair.what}: ${pair.flows.join(' and ')} flows\n`)
      const callers = [...before.headers.keys()].filter(
        (caller) => after.headers.has(caller) && !known.includes(caller),
      )
      const times = callers.map(() => ({ before: [] as number[], after: [] as number[] }))
      // The first round is not timed: it opens what is kept.
      for (let round = 0; round <= options.rounds; round++) {
        for (const [i, caller] of callers.entries()) {
          const [one, other] = [await before.ask(caller), await after.ask(caller)]
          if (round === 0) continue
          times[i]?.before.push(one)
          times[i]?.after.push(other)
        }
      }
      return callers.map((caller, i) => {
        const ms = [times[i]?.before ?? [], times[i]?.after ?? []].map((all) =>
          percentile(all, 0.5),
        ) as [number, number] // as many as went in
        return { ...pair, caller, ms }
      })
    } finally {
      await after.stop()
    }
  } finally {
    await before.stop()
  }
}

type World = {
  readonly headers: Headers
  /** Milliseconds of one page. */
  ask(caller: CallerName): Promise<number>
  stop(): Promise<void>
}

async function openWorld(flows: number, bytes: number, options: RunOptions): Promise<World> {
  const isGiven = flows === options.flows && bytes === FEW_BYTES
  const directory = (isGiven && options.data) || keptWorld(flows, bytes)
  const sqld = await startSqld(directory, { checkpointSeconds: 0 })
  const db = createClient({ url: sqld.url })
  try {
    process.stderr.write(`\n${flows} flows of ${bytes} bytes: `)
    const headers = await signIn(db, await ensureWorld(db, sqld.url, flows, bytes))
    // A header shows the graph of a component, as LangBuilder's does: sending that is not what is measured.
    if (bytes !== FEW_BYTES)
      await db.execute(`UPDATE flow SET data = '{"nodes":[],"edges":[]}'
        WHERE is_component AND octet_length(data) > ${FEW_BYTES}`)
    const worker = await startWorker('dist/index.js', sqld.url)
    return {
      headers,
      async ask(caller) {
        const { ms, status } = await timed(new URL(HEADERS_PAGE, worker.url), {
          headers: headers.get(caller) ?? {},
        })
        if (status !== 200) throw new Error(`${caller}: ${status}`)
        return ms
      },
      async stop() {
        await worker.stop()
        await sqld.stop()
      },
    }
  } catch (error) {
    await sqld.stop()
    throw error
  } finally {
    db.close()
  }
}
