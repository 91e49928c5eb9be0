// `npm run bench`: real sqld, real workerd, one run. Every caller and query takes its turn in every
// round, with the unfiltered page between them, so that all meet the same noise.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { sql } from 'drizzle-orm'
import { startSqld } from '../../src/cli/sqld.ts'
import { openDatabase } from '../../src/db/client.ts'
import { signToken } from '../../src/identity/tokens.ts'
import build from '../support/build.ts'
import { type CallerName, callerIdOf } from '../support/callers.ts'
import { type DatabaseProxy, startProxy } from '../support/proxy.ts'
import { rowsRead } from '../support/rows-read.ts'
import { sessionsOfAll } from '../support/tokens.ts'
import { type Report, type Row, toMarkdown, toSvg } from './report.ts'
import { ensureWorld, SECRET_KEY, SEED, startWorker } from './setting.ts'
import { type Target, toTargets } from './targets.ts'
import { measurePeer, percentile, throughput, timed } from './timing.ts'
import { unfiltered } from './unfiltered.ts'

/** caller -> most rows read by the first page with its total, and its time against (b). */
const firstPages: Record<CallerName, [number, number]> = {
  'no grant': [250, 1.2],
  '10 flows': [250, 1.2],
  '20 projects': [1200, 1.6],
  '20 old projects': [1200, 1.6],
  '500 projects': [4500, 3],
  '500 old projects': [4500, 3],
  '2000 projects': [12_500, 5],
  '2000 old projects': [12_500, 5],
  '20 projects, 30 hides': [1200, 1.6],
  'Global Viewer, 30 hides': [1200, 1.6],
  'Global Admin': [1200, 1.6],
  superuser: [1200, 1.6],
  '500 projects of 20 teams': [4500, 3],
  '20 projects of a team of 10000': [1200, 1.6],
  '20 teams without grants': [400, 1.2],
  'Global Viewer of 20 teams, 30 hides': [1200, 1.6],
  'Global Admin of a team': [1200, 1.6],
}

/** Most rows read by 100 checks. */
const CHECKS = 1200
/** Least throughput against (b). */
const THROUGHPUT = 0.7

type ListingOptions = {
  flows: number
  rounds: number
  data?: string | undefined
  json?: string | undefined
  out?: string | undefined
}

export async function benchListing(options: ListingOptions): Promise<void> {
  const { flows, rounds } = options
  const projects = Math.ceil(flows / 50)
  const directory = options.data ?? join(tmpdir(), `flowgate-bench-${flows}-${SEED}`)
  // One writer, who has nothing to fear; readers of a log without checkpoints would be slow.
  const sqld = await startSqld(directory, { checkpointSeconds: 0 })
  const db = createClient({ url: sqld.url })
  const proxy = await startProxy(sqld.url)
  build()
  execFileSync(
    'npx',
    ['wrangler', 'deploy', 'test/bench/plain.ts', '--dry-run', '--outdir', 'dist/bench'],
    { stdio: 'ignore' },
  )
  const workers = [
    startWorker('dist/index.js', sqld.url),
    startWorker('dist/index.js', proxy.url),
    startWorker('dist/bench/plain.js', sqld.url),
  ]
  try {
    const callers = await ensureWorld(db, sqld.url, flows, projects)
    const [gate = '', counted = '', plain = ''] = await Promise.all(
      workers.map(async (w) => String(await w.ready)),
    )
    const report = await measure({
      db,
      url: sqld.url,
      gate,
      counted,
      plain,
      proxy,
      callers,
      flows,
      projects,
      rounds,
    })
    publish(report, options)
  } finally {
    await Promise.all(workers.map((worker) => worker.dispose()))
    await proxy.stop()
    db.close()
    await sqld.stop()
  }
}

type Setup = {
  db: ReturnType<typeof createClient>
  url: string
  gate: string
  counted: string
  plain: string
  proxy: DatabaseProxy
  callers: CallerName[]
  flows: number
  projects: number
  rounds: number
}

async function measure(setup: Setup): Promise<Report> {
  const { gate, counted, plain, proxy, callers, flows, rounds, url } = setup
  await setup.db.execute(sessionsOfAll)
  const headers = new Map<CallerName, Record<string, string>>()
  for (const caller of callers) {
    const userId = callerIdOf(caller)
    const session = { userId, sessionId: userId, round: 0 }
    const token = await signToken(session, 'access', { SECRET_KEY })
    headers.set(caller, { authorization: `Bearer ${token}` })
  }
  const get = (base: string, target: Target) =>
    timed(new URL(target.path, base), {
      ...target.init,
      headers: { ...target.init?.headers, ...headers.get(target.caller) },
    })
  const wanted = (
    await Promise.all(callers.map((caller) => toTargets(setup, caller, headers.get(caller) ?? {})))
  ).flat()
  const targets: Target[] = []
  const rows: Row[] = []
  for (const target of wanted) {
    await get(gate, target)
    await get(counted, target)
    proxy.reset()
    const { bytes, status } = await get(counted, target)
    if (status === 404 && target.query.includes('check')) continue // a build without these routes
    if (status !== 200) throw new Error(`${target.path}: ${status}`)
    targets.push(target)
    rows.push({
      caller: target.caller,
      query: target.query,
      flows,
      p50_ms: 0,
      p95_ms: 0,
      ratio_a: 0,
      ratio_b: 0,
      rows_read: rowsRead(proxy.answers),
      round_trips: proxy.count,
      bytes,
      budget: '',
      met: true,
    })
  }
  const times = targets.map(() => [] as number[])
  const [asStatement, asWorker]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    for (const [i, target] of targets.entries()) {
      times[i]?.push((await get(gate, target)).ms)
      if (i % 6 !== 0) continue
      asWorker.push((await timed(new URL(plain), {})).ms)
      const started = performance.now()
      await openDatabase({ url }).read(sql.raw(unfiltered))
      asStatement.push(performance.now() - started)
    }
    process.stderr.write(`\rround ${round + 1} of ${rounds}`)
  }
  const [a, b] = [percentile(asStatement, 0.5), percentile(asWorker, 0.5)]
  for (const [i, row] of rows.entries()) {
    row.p50_ms = percentile(times[i] ?? [], 0.5)
    row.p95_ms = percentile(times[i] ?? [], 0.95)
    row.ratio_a = row.p50_ms / a
    row.ratio_b = row.p50_ms / b
    const [most, ratio] = budgetOf(row, rows)
    if (most) row.budget = `${most} rows${ratio ? `, x${ratio}` : ''}`
    row.met = row.rows_read <= (most ?? row.rows_read) && row.ratio_b <= (ratio ?? row.ratio_b)
  }
  const busy =
    targets.find((t) => t.caller === '20 projects' && t.query === 'first page') ?? targets[0]
  const [ours = 0, theirs = 0] = await throughput([
    () => (busy ? get(gate, busy) : Promise.resolve()),
    () => timed(new URL(plain), {}),
  ])
  return {
    flows,
    command: `npm run bench -- --flows ${flows}`,
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    baseline_a_ms: a,
    baseline_b_ms: b,
    throughput: { plain: theirs, flowgate: ours, ratio: ours / theirs },
    peer: await measurePeer(setup),
    rows,
  }
}

/** Most rows read, and the most time against (b), where there is a budget. */
function budgetOf({ caller, query }: Row, rows: Row[]): [rows?: number, ratio?: number] {
  if (query === 'first page') return firstPages[caller as CallerName]
  if (query === '100 checks') return [CHECKS]
  if (query !== 'page 100') return []
  const first = rows.find((row) => row.caller === caller && row.query === 'first page')
  return first ? [2 * first.rows_read] : []
}

function publish(
  report: Report,
  { json, out }: { json?: string | undefined; out?: string | undefined },
) {
  const table = toMarkdown(report)
  if (json) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  if (out) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'listing.json'), `${JSON.stringify(report, null, 2)}\n`)
    writeFileSync(join(out, 'listing.md'), table)
    writeFileSync(join(out, 'listing.svg'), toSvg(report))
  }
  console.log(`\n${table}`)
  const missed = report.rows
    .filter((row) => !row.met)
    .map(
      (row) =>
        `${row.caller}, ${row.query}: x${row.ratio_b.toFixed(2)}, ${row.rows_read} rows (${row.budget})`,
    )
  const { ratio } = report.throughput
  if (ratio < THROUGHPUT) missed.push(`throughput: x${ratio.toFixed(2)} (at least x${THROUGHPUT})`)
  console.log(missed.length === 0 ? 'Every budget is met.' : 'Misses its budget:')
  for (const line of missed) console.log(`  ${line}`)
}
