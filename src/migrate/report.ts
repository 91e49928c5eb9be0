// The log line of one run: what it found, what it did, where that led.

import type { Changed } from './apply.ts'
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
  /** Rows that repeated statements changed, by what they do: of the revisions that this run finished. */
  changed?: Changed
  round_trips: number
  ms: number
  [detail: string]: unknown
}

/** Work whose last request was answered: it is not read back. */
export type Done = { work: Work; changed: Changed }

type Told = {
  runId: string
  started: number
  roundTrips: number
  /** The last look. */
  seen: Observed
  first: Plan
  last: Plan
  done: Done | undefined
}

/** What the run did is told by the ledger, which knows it also where a reply was lost. */
export function toReport({ runId, started, roundTrips, seen, first, last, done }: Told): Report {
  const rows = seen.kind === 'seen' ? (seen.ledger ?? []) : []
  const own = rows.filter((row) => row.runId === runId)
  const recorded = (how: string) =>
    own.filter((row) => row.how === how).map((row) => String(row.name))
  const changed: Changed = Object.assign({}, ...own.map((row) => row.changed), done?.changed)
  return {
    event: 'migrate',
    run_id: runId,
    found: first.kind,
    verdict: last.kind,
    before: first.from,
    after: last.from,
    stamped: [...recorded('stamped'), ...(done?.work.stamp ?? []).map((r) => r.tag)],
    applied: [...recorded('applied'), ...(done?.work.apply ?? []).map((r) => r.tag)],
    ...(Object.keys(changed).length > 0 ? { changed } : {}),
    round_trips: roundTrips,
    ms: Date.now() - started,
    ...(seen.kind === 'seen' && seen.alembic ? { alembic: seen.alembic } : {}),
    ...(isWork(first) ? detailOf(first) : {}),
    ...detailOf(last),
  }
}
