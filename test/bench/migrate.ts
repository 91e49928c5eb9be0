// `npm run bench -- --migrate`: old databases of real size brought to head by several cold isolates at once,
// beside an ordinary writer and impatient callers; against one isolate alone.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSqld } from '../../src/cli/sqld.ts'
import build from '../support/build.ts'
import { askUntilThrough, PATIENCE_MS, waysToKnock } from './callers.ts'
import { type Figures, toFigures } from './figures.ts'
import { startIsolate } from './isolates.ts'
import { type Budget, budgetsOf, type MigrateReport, toMarkdown } from './migrate-report.ts'
import { type Kind, kinds } from './old-worlds.ts'
import { ensureSeeded } from './seeded.ts'
import { countRows, verify } from './verify.ts'
import { startWriter, writeFor } from './writer.ts'

export type MigrateOptions = {
  flows: number
  isolates: number
  writer: boolean
  /** Where the seeded databases are kept. */
  data?: string | undefined
  only?: string | undefined
  /** Of each run. */
  limitS: number
  checkpointSeconds?: number | undefined
  out?: string | undefined
}

const CALLERS = 3
/** A caller waits as told, but no longer. */
const MOST_PAUSE_S = 1
const IDLE_MS = 20_000

export async function benchMigrate(options: MigrateOptions): Promise<void> {
  build()
  const chosen = (Object.keys(kinds) as Kind[]).filter((k) => !options.only || k === options.only)
  if (chosen.length === 0) throw new Error(`--kind: one of ${Object.keys(kinds).join(', ')}`)
  const results: MigrateReport['results'] = []
  for (const kind of chosen) {
    const seeded = await ensureSeeded(kind, options.flows, dataOf(options))
    const alone = await runOnce(options, seeded, {
      isolates: 1,
      callers: 1,
      writer: false,
      // Who gives up and asks again would be a second run of the engine.
      patienceMs: options.limitS * 1000,
    })
    say(`${kind}, one isolate alone: ${seconds(alone.all_through_ms)}`)
    const together = await runOnce(options, seeded, {
      isolates: options.isolates,
      callers: CALLERS,
      writer: options.writer,
      patienceMs: PATIENCE_MS,
    })
    say(`${kind}, ${options.isolates} isolates: ${seconds(together.all_through_ms)}`)
    results.push({ kind: kinds[kind], alone, together })
    publish(options, results)
  }
  console.log(toMarkdown(toReport(options, results)))
  const missed = results.flatMap(({ kind, alone, together }) =>
    budgetsOf(alone, together)
      .filter(({ met }) => !met)
      .map((budget: Budget) => `  ${kind}: ${budget.name}: ${budget.found}`),
  )
  console.log(missed.length === 0 ? 'Every budget is met.' : 'Misses its budget:')
  for (const line of missed) console.log(line)
}

type Setting = { isolates: number; callers: number; writer: boolean; patienceMs: number }

/** One server over a copy of the seeded data, and everything that happens to it. */
async function runOnce(
  options: MigrateOptions,
  seeded: string,
  { isolates: count, callers, writer: hasWriter, patienceMs }: Setting,
): Promise<Figures> {
  const { limitS, checkpointSeconds } = options
  const directory = join(dataOf(options), 'run')
  rmSync(directory, { recursive: true, force: true })
  cpSync(seeded, directory, { recursive: true })
  const sqld = await startSqld(
    directory,
    checkpointSeconds === undefined ? {} : { checkpointSeconds },
  )
  const isolates = await Promise.all(Array.from({ length: count }, () => startIsolate(sqld.url)))
  try {
    const before = await countRows(sqld.url)
    const idle = hasWriter ? await writeFor(sqld.url, IDLE_MS) : undefined
    const writer = hasWriter ? startWriter(sqld.url, 'during') : undefined
    const started = performance.now()
    const isOver = () => performance.now() - started > limitS * 1000
    const answers = await Promise.all(
      isolates.map(async ({ url }) => {
        const { login, list } = await waysToKnock(url, patienceMs)
        const got: Figures['timeline'] = []
        const one = (n: number) =>
          askUntilThrough(n === 1 ? login : list, MOST_PAUSE_S, isOver, (answer) =>
            got.push({ ...answer, at: performance.now() - started }),
          )
        await Promise.all(Array.from({ length: callers }, (_, n) => one(n)))
        return got
      }),
    )
    const ended = performance.now() - started
    const writes = await writer?.stop()
    const inserted = (idle?.inserted ?? 0) + (writes?.inserted ?? 0)
    return toFigures({
      started,
      ended,
      answers,
      requests: isolates.map(({ tap }) => tap.requests),
      logs: isolates.flatMap(({ logs }) => logs),
      idle,
      writes,
      ...(await verify(sqld.url, { ...before, flows: before.flows + inserted })),
    })
  } finally {
    await Promise.all(isolates.map((isolate) => isolate.stop()))
    await sqld.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

const dataOf = ({ data, flows }: MigrateOptions) =>
  data ?? join(tmpdir(), `flowgate-migrate-${flows}`)
const say = (line: string) => process.stderr.write(`${line}\n`)
const seconds = (ms: number | null) =>
  ms === null ? 'not finished' : `${(ms / 1000).toFixed(1)} s`

const toReport = (
  { flows, isolates, writer, checkpointSeconds }: MigrateOptions,
  results: MigrateReport['results'],
): MigrateReport => ({
  flows,
  command: [
    `npm run bench -- --migrate --flows ${flows} --isolates ${isolates}${writer ? ' --writer' : ''}`,
    ...(checkpointSeconds === undefined ? [] : [`--checkpoint-seconds ${checkpointSeconds}`]),
  ].join(' '),
  machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
  date: new Date().toISOString().slice(0, 10),
  results,
})

/** After every kind, so that a run that is broken off has told what it knows. */
function publish(options: MigrateOptions, results: MigrateReport['results']): void {
  if (!options.out) return
  const report = toReport(options, results)
  mkdirSync(options.out, { recursive: true })
  // The single answers are many, and summed up in the rest.
  const short = (key: string, value: unknown) => (key === 'timeline' ? undefined : value)
  writeFileSync(join(options.out, 'migrate.json'), `${JSON.stringify(report, short, 2)}\n`)
  writeFileSync(join(options.out, 'migrate.md'), toMarkdown(report))
}
