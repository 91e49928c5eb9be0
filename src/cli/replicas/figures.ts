// What `npm run demo:replicas` shows of each place: figures of the last seconds, and a table of them. Pure.
import type { Place } from './servers.ts'

/** Figures are of so long. */
export const WINDOW_MS = 5000
const LAGS = 25

export type Seen = {
  answers: { at: number; ms: number; isReplicas: boolean }[]
  /** Milliseconds from a write's answer until the server itself showed it. */
  lags: number[]
  greatestAge: number
  failed: number
  /** Own writes that were looked for, and those that were not found. */
  looked: number
  missed: number
}

export const nothingSeen = (): Seen => ({
  answers: [],
  lags: [],
  greatestAge: 0,
  failed: 0,
  looked: 0,
  missed: 0,
})

/** Forgets what is older than the figures. */
export function forgetOld(seen: Seen, now: number): void {
  seen.answers = seen.answers.filter(({ at }) => at >= now - WINDOW_MS)
  seen.lags = seen.lags.slice(-LAGS)
}

const head = [
  'Worker beside',
  'answers/s',
  'median',
  'of the replica',
  'greatest age',
  'lag, median',
  'failed',
  'own writes missed',
]

/** `overMs`: how long `seen` is about. */
export function toTable(places: Place[], seen: Seen[], overMs: number): string {
  const rows = places.map((place, i) => toRow(place, seen[i] ?? nothingSeen(), overMs))
  const widths = head.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const toLine = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
  return [head, ...rows].map((row) => toLine(row).join('   ')).join('\n')
}

function toRow({ name, isReplica }: Place, seen: Seen, overMs: number): string[] {
  const { answers, lags, greatestAge, failed, looked, missed } = seen
  const near = answers.filter(({ isReplicas }) => isReplicas).length
  const ofReplica = (text: string) => (isReplica ? text : '-')
  return [
    name,
    ((answers.length * 1000) / overMs).toFixed(0),
    toMs(median(answers.map(({ ms }) => ms))),
    ofReplica(`${Math.round((100 * near) / (answers.length || 1))} %`),
    ofReplica(`${greatestAge} ms`),
    ofReplica(toMs(median(lags))),
    String(failed),
    `${missed} of ${looked}`,
  ]
}

const toMs = (ms: number | undefined) => (ms === undefined ? 'none' : `${ms.toFixed(0)} ms`)

const median = (values: number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
