// Everybody at once: cold isolates, each with several requests in the same moment, on a database that is
// behind. Whoever is told to come back does so exactly as told.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSqld } from '../../src/cli/sqld.ts'
import build from '../support/build.ts'
import { type Answer, type Ask, askUntilThrough, waysToKnock } from './callers.ts'
import { startIsolate } from './isolates.ts'
import { makeOldWorld } from './old-worlds.ts'
import { countRows, verify } from './verify.ts'

export type Stampede = {
  /** `503 migrating` -> how often. */
  answers: Record<string, number>
  longest_wait_ms: number
  /** Most answers that one caller needed. */
  most_rounds: number
  total_ms: number
  /** Callers who never got through, were told no time to come back, or waited too long; and what verify found. */
  faults: string[]
}

/** Sends `requests` requests to each of `isolates` workerd processes over a database at the first revision. */
export async function stampede(options: {
  flows: number
  isolates: number
  requests: number
  limitS: number
}): Promise<Stampede> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-stampede-'))
  const sqld = await startSqld(directory)
  try {
    await makeOldWorld(sqld.url, 'core', options.flows)
    const before = await countRows(sqld.url)
    const isolates = await Promise.all(
      Array.from({ length: options.isolates }, () => startIsolate(sqld.url)),
    )
    try {
      const asks = (await Promise.all(isolates.map(({ url }) => waysToKnock(url)))).flatMap(
        ({ login, list }) =>
          Array.from({ length: options.requests }, (_, n) => (n % 5 === 4 ? login : list)),
      )
      const result = await askAll(asks, options.limitS)
      const { problems } = await verify(sqld.url, before)
      return { ...result, faults: [...result.faults, ...problems] }
    } finally {
      await Promise.all(isolates.map((isolate) => isolate.stop()))
    }
  } finally {
    await sqld.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

async function askAll(asks: Ask[], limitS: number): Promise<Stampede> {
  const started = performance.now()
  const isOver = () => performance.now() - started > limitS * 1000
  const callers = await Promise.all(
    asks.map(async (ask) => {
      const got: Answer[] = []
      await askUntilThrough(ask, Number.POSITIVE_INFINITY, isOver, (answer) => got.push(answer))
      return got
    }),
  )
  const answers: Record<string, number> = {}
  for (const { status, code } of callers.flat()) {
    const key = `${status} ${code}`.trim()
    answers[key] = (answers[key] ?? 0) + 1
  }
  return {
    answers,
    longest_wait_ms: Math.max(...callers.flat().map(({ ms }) => ms)),
    most_rounds: Math.max(...callers.map(({ length }) => length)),
    total_ms: performance.now() - started,
    faults: callers.flatMap(toFaults),
  }
}

function toFaults(answers: Answer[]): string[] {
  const wrong = answers.filter((a) => !a.isThrough && !(a.status === 503 && a.retryAfter))
  return [
    ...wrong.map(({ status, code, ms }) =>
      status === 0 ? 'no answer in 15 s' : `${status} ${code} after ${Math.round(ms)} ms`,
    ),
    ...(answers.at(-1)?.isThrough ? [] : ['never let through']),
  ]
}

type Bench = { flows: number; isolates: number; limitS: number; out?: string | undefined }

export async function benchStampede({ out, ...setting }: Bench): Promise<void> {
  build()
  const report = { ...setting, requests: 10, ...(await stampede({ ...setting, requests: 10 })) }
  const { faults } = report
  if (out) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'stampede.json'), `${JSON.stringify(report, null, 2)}\n`)
  }
  console.log(JSON.stringify({ ...report, faults: faults.length }, null, 2))
  console.log(
    faults.length === 0 ? 'Every promise is kept.' : `Broken promises:\n${faults.join('\n')}`,
  )
}
