// The log line of one run: what it found, what it did, where that led.
import type { Observed } from './observe.ts'
import { isWork, type Plan, type Verdict, type Work } from './plan.ts'
import { detailOf } from './verdicts.ts'

export type Report = {
  event: 'migrate'
  run_id: string
  /** What the first look found, and what the last one says. */
  found: Verdict
  verdict: Verdict
  before: string | null
  after: string | null
  stamped: string[]
  applied: string[]
  round_trips: number
  ms: number
  [detail: string]: unknown
}

type Told = {
  runId: string
  started: number
  roundTrips: number
  /** The last look. */
  seen: Observed
  first: Plan
  last: Plan
  /** Work whose last request was answered: it is not read back. */
  done: Work | undefined
}

/** What the run did is told by the ledger, which knows it also where a reply was lost. */
export function toReport({ runId, started, roundTrips, seen, first, last, done }: Told): Report {
  const rows = seen.kind === 'seen' ? (seen.ledger ?? []) : []
  const recorded = (how: string) =>
    rows.filter((row) => row.runId === runId && row.how === how).map((row) => String(row.name))
  return {
    event: 'migrate',
    run_id: runId,
    found: first.kind,
    verdict: last.kind,
    before: first.from,
    after: last.from,
    stamped: [...recorded('stamped'), ...(done?.stamp ?? []).map((r) => r.tag)],
    applied: [...recorded('applied'), ...(done?.apply ?? []).map((r) => r.tag)],
    round_trips: roundTrips,
    ms: Date.now() - started,
    ...(seen.kind === 'seen' && seen.alembic ? { alembic: seen.alembic } : {}),
    ...(isWork(first) ? detailOf(first) : {}),
    ...detailOf(last),
  }
}
