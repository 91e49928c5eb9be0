// One run in figures, from what callers, taps, logs, writer and ledger saw. Pure.
import type { Answer } from './callers.ts'
import type { Tapped } from './tap.ts'
import type { Writes } from './writer.ts'

export type Figures = {
  /** The first caller was let through; the last one, of the last isolate. null: not within the limit. */
  to_head_ms: number | null
  all_through_ms: number | null
  /** Runs of the engine that wrote, or tried to. */
  attempts: number
  /** Transactions that sqld ended. */
  thrown_out: number
  /** Requests to the database: all until let through, most of one invocation, the longest that wrote. */
  requests: number
  most_requests: number
  longest_work_ms: number
  /** Where the ledger or the taps tell it. */
  longest_statement_ms: number
  durations: Record<string, number>
  /** Error codes in the database's answers, requests that stayed without one. */
  codes: Record<string, number>
  without_answer: number
  /** Looks of one isolate before it was let through: in a second on average, and the most in one. */
  looks_per_s: number
  most_looks: number
  /** `503 migrating` -> how often. */
  answers: Record<string, number>
  unanswered: number
  longest_wait_ms: number
  /** Failures that the isolates logged. */
  logged: Record<string, number>
  writer?: WriterFigures
  idle_writer?: WriterFigures
  problems: string[]
  timeline: TimedAnswer[]
}
type TimedAnswer = Answer & { at: number }
export type WriterFigures = {
  writes: number
  failed: number
  failures: Record<string, number>
  median_ms: number
  max_ms: number
}

type Seen = {
  started: number
  /** When the last caller left, from then on. */
  ended: number
  /** Per isolate. */
  answers: TimedAnswer[][]
  requests: Tapped[][]
  logs: Record<string, unknown>[]
  idle: Writes | undefined
  writes: Writes | undefined
  problems: string[]
  durations: Record<string, number>
}

export function toFigures(seen: Seen): Figures {
  const { started, ended, answers, requests, logs, idle, writes, problems, durations } = seen
  const all = answers.flat()
  const through = answers.map((own) => own.filter((a) => a.isThrough).map(({ at }) => at))
  const everybody = through.every((times) => times.length > 0)
  const since = (n: number) => Math.min(...(through[n] ?? []), ended)
  const until = requests.map((own, n) => own.filter(({ at }) => at - started < since(n)))
  const asked = until.flat()
  const work = requests.flat().filter(({ isWork }) => isWork)
  const looks = until.map((own) => own.filter(({ isWork }) => !isWork).map(({ at }) => at))
  const succeeded = work.filter(({ codes, status }) => codes.length === 0 && status === 200)
  const longestWork = max(succeeded.map(({ ms }) => ms))
  const recorded = max(Object.values(durations))
  return {
    to_head_ms: everybody ? Math.min(...through.flat()) : null,
    all_through_ms: everybody ? max(through.flat()) : null,
    attempts: new Set(work.map(({ runId }) => runId)).size,
    thrown_out: work.filter(({ codes }) => codes.includes('TRANSACTION_TIMEOUT')).length,
    requests: asked.length,
    most_requests: max(logs.map(({ round_trips }) => Number(round_trips ?? 0))),
    longest_work_ms: longestWork,
    longest_statement_ms: recorded > 0 ? Math.min(recorded, longestWork) : longestWork,
    durations,
    codes: tally(asked.flatMap(({ codes }) => codes)),
    without_answer: asked.filter(({ status }) => status === 0).length,
    looks_per_s: max(looks.map((own, n) => (own.length * 1000) / Math.max(1000, since(n)))),
    most_looks: max(looks.map(mostInASecond)),
    answers: tally(all.map(({ status, code }) => `${status} ${code}`.trim())),
    unanswered: all.filter(({ status }) => status === 0).length,
    longest_wait_ms: max(all.map(({ ms }) => ms)),
    logged: tally(logs.filter(({ event }) => event !== 'migrate').map(toCause)),
    ...(writes ? { writer: toWriterFigures(writes) } : {}),
    ...(idle ? { idle_writer: toWriterFigures(idle) } : {}),
    problems: everybody ? problems : [`not at head within the limit`, ...problems],
    timeline: all,
  }
}

function toWriterFigures({ latencies, failures }: Writes): WriterFigures {
  const sorted = latencies.toSorted((a, b) => a - b)
  return {
    writes: latencies.length + failures.length,
    failed: failures.length,
    failures: tally(failures),
    median_ms: sorted[Math.floor(sorted.length / 2)] ?? 0,
    max_ms: sorted.at(-1) ?? 0,
  }
}

/** What a line says went wrong, without what differs each time. */
const toCause = (line: Record<string, unknown>) =>
  `${line.event} ${line.revision ?? line.code ?? ''} ${String(line.error ?? line.text ?? '').slice(0, 80)}`.trim()

const max = (values: number[]) => values.reduce((most, value) => Math.max(most, value), 0)

function mostInASecond(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  let first = 0
  let most = 0
  for (const [n, time] of sorted.entries()) {
    while (time - (sorted[first] ?? time) >= 1000) first++
    most = Math.max(most, n - first + 1)
  }
  return most
}

function tally(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
