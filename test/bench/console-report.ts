// The figures of the console as a table.
import type { Visit } from './console-visit.ts'
import { percentile } from './timing.ts'

export type Figures = {
  command: string
  machine: string
  date: string
  flows: number
  rounds: number
  scriptBytes: number
  styleBytes: number
  visits: Visit[]
}

const columns = {
  firstPaint: 'first paint',
  largestPaint: 'largest paint',
  firstRow: 'sign in to first row',
  reload: 'reload to first row',
  search: 'search',
  nextPage: 'next page',
  blocked: 'blocked',
} as const

export function toMarkdown(figures: Figures): string {
  const { command, machine, date, flows, rounds, visits } = figures
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`
  const kinds = [...new Set(visits.map(({ weather, caller }) => `${weather} | ${caller}`))]
  const lines = kinds.map((kind) => {
    const own = visits.filter(({ weather, caller }) => `${weather} | ${caller}` === kind)
    const median = (name: keyof typeof columns) =>
      Math.round(
        percentile(
          own.map((visit) => visit[name]),
          0.5,
        ),
      )
    const cells = (Object.keys(columns) as (keyof typeof columns)[]).map(median)
    const requests = Math.max(...own.map((visit) => visit.requests))
    const shift = Math.max(...own.map((visit) => visit.shift)).toFixed(3)
    return `| ${kind} | ${cells.join(' | ')} | ${requests} | ${shift} |`
  })
  return `# The console among ${flows.toLocaleString('en')} flows

\`${command}\` on ${date}: ${machine}. Chromium, workerd and sqld on the same machine; the median of ${rounds} visits in
milliseconds, each by a browser that was never there before. The slow phone is Lighthouse's: 150 ms there and back,
1.6 Mbit/s, a processor a quarter as fast; files cross it unpacked there, which a deployment packs.

First load: ${kib(figures.scriptBytes)} of script and ${kib(figures.styleBytes)} of style, packed.

| weather | who | ${Object.values(columns).join(' | ')} | requests to the first row | shift of the layout |
|---|---|${'---:|'.repeat(Object.keys(columns).length + 2)}
${lines.join('\n')}
`
}
