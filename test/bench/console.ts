// `npm run bench -- --console`: the console among many flows, in Chromium, as Lighthouse would look at it: what a first
// visit costs, how long until the first row is there, and what a search and the next page take.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Client, createClient } from '@libsql/client'
import type { Browser } from 'playwright-core'
import { startSqld } from '../../src/cli/sqld.ts'
import { hashPassword } from '../../src/identity/passwords.ts'
import build from '../support/build.ts'
import { type CallerName, callerIdOf } from '../support/callers.ts'
import { launchChromium } from '../support/chromium.ts'
import { type Figures, toMarkdown } from './console-report.ts'
import { type Visit, visit, type Weather } from './console-visit.ts'
import { startIsolate } from './isolates.ts'
import { ensureWorld, keptWorld, type RunOptions } from './setting.ts'

const PASSWORD = 'only the benchmark knows'
const visitors: CallerName[] = ['superuser', '20 projects', '500 projects']
const weathers: Weather[] = [
  { name: 'loopback' },
  // What Lighthouse takes for a phone: 150 ms there and back, 1.6 Mbit/s, a processor a quarter as fast.
  { name: 'slow phone', latencyMs: 150, bytesPerSecond: 200_000, slowdown: 4 },
]

export async function benchConsole({ flows, rounds, data, out }: RunOptions): Promise<void> {
  build()
  const directory = data ?? keptWorld(flows)
  mkdirSync(directory, { recursive: true })
  const sqld = await startSqld(directory, { checkpointSeconds: 0 })
  const db = createClient({ url: sqld.url })
  const isolate = await startIsolate(sqld.url)
  const browser = await launchChromium()
  try {
    const known = await ensureWorld(db, sqld.url, flows)
    const callers = visitors.filter((caller) => known.includes(caller))
    await givePasswords(db, callers)
    const visits: Visit[] = []
    for (const weather of weathers)
      for (const caller of callers)
        visits.push(...(await visitOften(browser, isolate.url, caller, weather, rounds)))
    report({ flows, rounds, visits, out })
  } finally {
    await browser.close()
    await isolate.stop()
    db.close()
    await sqld.stop()
  }
}

/** The first visit finds a cold isolate now and then, and is not counted. */
async function visitOften(
  browser: Browser,
  url: string,
  caller: CallerName,
  weather: Weather,
  rounds: number,
): Promise<Visit[]> {
  const visits: Visit[] = []
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`\r${weather.name}, ${caller}: ${round} of ${rounds} `)
    visits.push(await visit(browser, { url, caller, password: PASSWORD, weather }))
  }
  return visits.slice(1)
}

async function givePasswords(db: Client, callers: CallerName[]): Promise<void> {
  const hash = await hashPassword(PASSWORD)
  for (const caller of callers)
    await db.execute({
      sql: 'UPDATE user SET password = ?, username = ?, username_key = ? WHERE id = ?',
      args: [hash, caller, caller, callerIdOf(caller)],
    })
}

const packed = (end: string) =>
  readdirSync('dist/files')
    .filter((name) => name.endsWith(end))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join('dist/files', name))).length, 0)

type Told = { flows: number; rounds: number; visits: Visit[]; out: string | undefined }

function report({ flows, rounds, visits, out }: Told): void {
  const figures: Figures = {
    command: `npm run bench -- --console --flows ${flows}`,
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    flows,
    rounds,
    scriptBytes: packed('.js'),
    styleBytes: packed('.css'),
    visits,
  }
  const table = toMarkdown(figures)
  if (out) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'console.md'), table)
  }
  console.log(`\n${table}`)
}
