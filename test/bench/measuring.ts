// One run: every caller and query takes its turn in every round, with the unfiltered page between them, so that all
// meet the same noise.
import { cpus } from 'node:os'
import type { createClient } from '@libsql/client'
import { openDatabase } from '../../src/db/client.ts'
import { sql } from '../../src/db/sql.ts'
import type { CallerName } from '../support/callers.ts'
import type { DatabaseProxy } from '../support/proxy.ts'
import { rowsRead } from '../support/rows-read.ts'
import { judge } from './budgets.ts'
import { cpuOf } from './cpu.ts'
import type { Cpu, Report, Row } from './report.ts'
import { type Headers, signIn, type Worker } from './setting.ts'
import { type Target, toTargets } from './targets.ts'
import { measurePeer, percentile, throughput, timed } from './timing.ts'
import { unfiltered } from './unfiltered.ts'

export type Setup = {
  db: ReturnType<typeof createClient>
  url: string
  gate: Worker
  counted: Worker
  plain: Worker
  lean: Worker
  ofDatabase: number[]
  proxy: DatabaseProxy
  callers: CallerName[]
  flows: number
  rounds: number
}

export async function measure(setup: Setup): Promise<Report> {
  const { gate, plain, lean, flows, rounds, url } = setup
  const headers = await signIn(setup.db, setup.callers)
  const get = (base: string, target: Target) =>
    timed(new URL(target.path, base), {
      ...target.init,
      headers: { ...target.init?.headers, ...headers.get(target.caller) },
    })
  const targets = await findTargets(setup, headers)
  const rows: Row[] = []
  for (const target of targets) rows.push(await count(setup, target, get))
  const times = targets.map(() => [] as number[])
  const [asStatement, asPlain, asLean]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    for (const [i, target] of targets.entries()) {
      times[i]?.push((await get(gate.url, target)).ms)
      if (i % 6 !== 0) continue
      asPlain.push((await timed(new URL(plain.url), {})).ms)
      asLean.push((await timed(new URL(lean.url), {})).ms)
      const started = performance.now()
      await openDatabase({ url }).read(sql.raw(unfiltered))
      asStatement.push(performance.now() - started)
    }
    process.stderr.write(`\rround ${round + 1} of ${rounds}`)
  }
  const [a, b, l] = [asStatement, asPlain, asLean].map((all) => percentile(all, 0.5)) as [
    number,
    number,
    number,
  ]
  for (const [i, row] of rows.entries()) {
    row.p50_ms = percentile(times[i] ?? [], 0.5)
    row.p95_ms = percentile(times[i] ?? [], 0.95)
    Object.assign(row, {
      ratio_a: row.p50_ms / a,
      ratio_b: row.p50_ms / b,
      ratio_lean: row.p50_ms / l,
    })
    judge(row, rows)
  }
  const busy = targets.find((t) => t.caller === '20 projects' && t.query === 'headers')
  const kinds = {
    flowgate: () => (busy ? get(gate.url, busy) : Promise.resolve()),
    plain: () => timed(new URL(plain.url), {}),
    lean: () => timed(new URL(lean.url), {}),
  }
  return {
    flows,
    command: `npm run bench -- --flows ${flows}`,
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    baseline_a_ms: a,
    baseline_b_ms: b,
    baseline_lean_ms: l,
    throughput: [await throughput(8, kinds), await throughput(32, kinds)],
    cpu: await measureCpu(
      setup,
      targets.filter((t) => t.query === 'headers'),
      get,
    ),
    peer: await measurePeer(setup),
    rows,
  }
}

type Get = (base: string, target: Target) => ReturnType<typeof timed>

async function findTargets({ db, gate, callers }: Setup, headers: Headers): Promise<Target[]> {
  const all = callers.map((caller) =>
    toTargets({ db, gate: gate.url }, caller, headers.get(caller) ?? {}),
  )
  return (await Promise.all(all)).flat()
}

/** What one request reads, once its caller is known. */
async function count(
  { gate, counted, proxy, flows }: Setup,
  target: Target,
  get: Get,
): Promise<Row> {
  await get(gate.url, target)
  await get(counted.url, target)
  proxy.reset()
  const { bytes, status } = await get(counted.url, target)
  if (status !== 200) throw new Error(`${target.path}: ${status}`)
  const { caller, query } = target
  const read = { rows_read: rowsRead(proxy.answers), round_trips: proxy.count, bytes }
  const notYet = {
    p50_ms: 0,
    p95_ms: 0,
    ratio_a: 0,
    ratio_b: 0,
    ratio_lean: 0,
    budget: '',
    met: true,
  }
  return { caller, query, flows, ...read, ...notYet }
}

/** Milliseconds that Worker and database compute for one page of headers, of each caller and of the two to compare with. */
async function measureCpu(setup: Setup, targets: Target[], get: Get): Promise<Cpu[]> {
  const { gate, plain, lean, ofDatabase } = setup
  const kinds = [
    { name: 'plain Worker', worker: plain, ask: () => timed(new URL(plain.url), {}) },
    { name: 'lean Worker', worker: lean, ask: () => timed(new URL(lean.url), {}) },
    ...targets.map((target) => ({
      name: target.caller,
      worker: gate,
      ask: () => get(gate.url, target),
    })),
  ]
  const spent = kinds.map(({ name }) => ({ name, worker_ms: 0, database_ms: 0 }))
  const [turns, requests] = [5, 20]
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, { worker, ask }] of kinds.entries()) {
      const before = [cpuOf(worker.pids), cpuOf(ofDatabase)] as const
      for (let n = 0; n < requests; n++) await ask()
      const one = spent[i]
      if (!one) continue
      one.worker_ms += (cpuOf(worker.pids) - before[0]) / (turns * requests)
      one.database_ms += (cpuOf(ofDatabase) - before[1]) / (turns * requests)
    }
  }
  return spent
}
