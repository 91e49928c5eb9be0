// The figures of replicas as Markdown. Pure.
import { percentile } from './timing.ts'

/** Milliseconds of one query far from the primary, in each mode. */
export type Gain = {
  roundTripMs: number
  query: string
  strict: number[]
  bounded: number[]
  /** Share of the bounded answers, and the most that one was behind. */
  fromReplica: number
  greatestAge: number
}

export type Phase = {
  name: string
  seconds: number
  answers: number
  fromReplica: number
  /** Milliseconds of CPU. */
  primaryMs: number
  replicasMs: number
  workersMs: number
}

/** A page of so many flows with graphs of so many bytes, whole from the primary, or apart: headers from it, graphs from the replica. */
export type Apart = {
  bytes: number
  count: number
  mbits: number | undefined
  roundTripMs: number
  whole: number[]
  apart: number[]
  /** Of the primary, for one page: whole, apart. */
  cpuMs: [number, number]
}

export type Report = {
  command: string
  machine: string
  date: string
  rounds: number
  gains: Gain[]
  throughput: Phase[]
  apart: Apart[]
}

const ms = (value: number) => value.toFixed(1)
const half = (values: number[]) => percentile(values, 0.5)
const most = (values: number[]) => percentile(values, 0.95)
const percent = (share: number) => `${Math.round(share * 100)} %`

export function toMarkdown({ gains, throughput, apart, ...run }: Report): string {
  return [
    `\`${run.command}\`, ${run.rounds} rounds, ${run.machine}, ${run.date}.`,
    '',
    '## Far from the primary',
    '',
    'Milliseconds, median and p95, of a caller near a replica; strict asks the primary, bounded:500 the replica. A writer writes 5 times a second at the primary.',
    '',
    '| Round trip | Query | strict | bounded:500 | Ratio of medians | Answered by the replica | Greatest age |',
    '|---:|---|---:|---:|---:|---:|---:|',
    ...gains.map(toGain),
    '',
    '## Throughput',
    '',
    'Pages of 50 headers, three Workers with four connections each, no distance, phases by turns. CPU is for one answer.',
    '',
    '| | Answers a second | By replicas | CPU: primary | replicas | Workers |',
    '|---|---:|---:|---:|---:|---:|',
    ...throughput.map(toPhase),
    '',
    '## Decided at the primary, graphs from the replica',
    '',
    'The same page, whole from the primary or apart; medians of the complete answer.',
    '',
    '| Page | Far line | Round trip | whole | apart | Ratio | CPU of the primary: whole | apart |',
    '|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...apart.map(toApart),
    '',
  ].join('\n')
}

function toGain({ roundTripMs, query, strict, bounded, fromReplica, greatestAge }: Gain): string {
  const ratio = half(bounded) / half(strict)
  return `| ${roundTripMs} ms | ${query} | ${ms(half(strict))}, ${ms(most(strict))} | ${ms(half(bounded))}, ${ms(most(bounded))} | x${ratio.toFixed(2)} | ${percent(fromReplica)} | ${greatestAge} ms |`
}

function toPhase(phase: Phase): string {
  const { name, seconds, answers, fromReplica, primaryMs, replicasMs, workersMs } = phase
  const each = (total: number) => `${(total / answers).toFixed(2)} ms`
  return `| ${name} | ${(answers / seconds).toFixed(0)} | ${percent(fromReplica / answers)} | ${each(primaryMs)} | ${each(replicasMs)} | ${each(workersMs)} |`
}

function toApart({ bytes, count, mbits, roundTripMs, whole, apart, cpuMs }: Apart): string {
  const ratio = half(apart) / half(whole)
  const line = mbits === undefined ? 'endless' : `${mbits} Mbit/s`
  return `| ${count} x ${bytes / 1000} KB | ${line} | ${roundTripMs} ms | ${ms(half(whole))} | ${ms(half(apart))} | x${ratio.toFixed(2)} | ${cpuMs[0].toFixed(2)} ms | ${cpuMs[1].toFixed(2)} ms |`
}
