// The benchmark's figures as a Markdown table and a chart. Pure.
import { MEAN_AGAINST_LEAN, THROUGHPUT } from './budgets.ts'

export type Row = {
  caller: string
  query: string
  flows: number
  p50_ms: number
  p95_ms: number
  /** Against the unfiltered page as one statement, and as the answer of a Worker that does nothing else. */
  ratio_a: number
  ratio_b: number
  /** Against the same as a Worker that asks as flowgate does, on a stream that is kept. */
  ratio_lean: number
  /** Of the whole request: caller, page and total. */
  rows_read: number
  round_trips: number
  bytes: number
  budget: string
  met: boolean
}

/** Pages of headers per second: ours of 20 projects, and those of the Workers beside it. */
export type Throughput = { connections: number; flowgate: number; plain: number; lean: number }

/** What one page of headers makes the processes compute. */
export type Cpu = { name: string; worker_ms: number; database_ms: number }

export type Report = {
  flows: number
  command: string
  machine: string
  date: string
  baseline_a_ms: number
  baseline_b_ms: number
  baseline_lean_ms: number
  throughput: Throughput[]
  cpu: Cpu[]
  /** The peer's way, query by query: measured on so many flows, and what that makes of all. */
  peer: { measured_flows: number; ms_per_flow: number; extrapolated_s: number }
  rows: Row[]
}

const number = (n: number) => n.toLocaleString('en-US')

export function toMarkdown(report: Report): string {
  const lines = report.rows.map(
    (row) =>
      `| ${row.caller} | ${row.query} | ${row.p50_ms.toFixed(1)} | ${row.p95_ms.toFixed(1)} | x${row.ratio_b.toFixed(2)} | x${row.ratio_lean.toFixed(2)} | ${number(row.rows_read)} | ${row.round_trips} | ${number(row.bytes)} | ${row.budget === '' ? '' : `${row.budget} ${row.met ? 'met' : '**missed**'}`} |`,
  )
  const { throughput, peer, cpu } = report
  return [
    `\`${report.command}\`, ${number(report.flows)} flows, ${report.machine}, ${report.date}.`,
    `Unfiltered page: ${report.baseline_a_ms.toFixed(1)} ms as one statement (a), ${report.baseline_b_ms.toFixed(1)} ms through a plain Worker (b), ${report.baseline_lean_ms.toFixed(1)} ms through a lean one.`,
    `Headers of all callers against the lean Worker, geometric mean: x${meanAgainstLean(report).toFixed(2)}.`,
    ...throughput.map(
      (t) =>
        `Throughput, ${t.connections} connections: ${t.flowgate.toFixed(0)} pages of headers a second of 20 projects, plain Worker ${t.plain.toFixed(0)} (x${(t.flowgate / t.plain).toFixed(2)}), lean Worker ${t.lean.toFixed(0)} (x${(t.flowgate / t.lean).toFixed(2)}).`,
    ),
    `The peer's way, one check after another: ${peer.ms_per_flow.toFixed(2)} ms per flow (${number(peer.measured_flows)} measured), ${number(Math.round(peer.extrapolated_s))} s for all.`,
    '',
    '| CPU of one page of headers, ms | Worker | sqld |',
    '|---|---:|---:|',
    ...cpu.map((c) => `| ${c.name} | ${c.worker_ms.toFixed(2)} | ${c.database_ms.toFixed(2)} |`),
    '',
    '| caller | query | p50 ms | p95 ms | against (b) | lean | rows_read | round trips | bytes | budget |',
    '|---|---|---:|---:|---:|---:|---:|---:|---:|---|',
    ...lines,
    '',
  ].join('\n')
}

export function meanAgainstLean({ rows }: Report): number {
  const ratios = rows.filter(({ query }) => query === 'headers').map(({ ratio_lean }) => ratio_lean)
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
}

/** A line for each budget that is not met. */
export function missesOf(report: Report): string[] {
  const rows = report.rows
    .filter((row) => !row.met)
    .map(
      (row) =>
        `${row.caller}, ${row.query}: x${row.ratio_b.toFixed(2)}, ${row.rows_read} rows (${row.budget})`,
    )
  const mean = meanAgainstLean(report)
  if (mean > MEAN_AGAINST_LEAN)
    rows.push(`mean against the lean Worker: x${mean.toFixed(2)} (at most x${MEAN_AGAINST_LEAN})`)
  for (const { connections, flowgate, ...others } of report.throughput)
    for (const [name, least] of Object.entries(THROUGHPUT)) {
      const ratio = flowgate / others[name as keyof typeof others]
      if (ratio < least)
        rows.push(
          `throughput, ${connections} connections, against the ${name} Worker: x${ratio.toFixed(2)} (at least x${least})`,
        )
    }
  return rows
}

/** First pages as bars over the plain Worker's time. */
export function toSvg(report: Report): string {
  const bars = [
    { label: 'unfiltered, plain Worker', ms: report.baseline_b_ms, plain: true },
    { label: 'unfiltered, lean Worker', ms: report.baseline_lean_ms, plain: true },
    ...report.rows
      .filter((row) => row.query === 'headers')
      .map((row) => ({ label: row.caller, ms: row.p50_ms, plain: false })),
  ]
  const longest = Math.max(...bars.map((bar) => bar.ms))
  const scale = (ms: number) => Math.round((ms / longest) * 420)
  const height = 44 + bars.length * 24
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="720" height="${height}" fill="#fff"/>`,
    `<text x="12" y="22" font-weight="bold">First page of 50 headers among ${number(report.flows)} flows, median ms end to end</text>`,
    ...bars.flatMap(({ label, ms, plain }, n) => {
      const y = 36 + n * 24
      return [
        `<text x="200" y="${y + 14}" text-anchor="end">${label}</text>`,
        `<rect x="208" y="${y + 2}" width="${scale(ms)}" height="16" fill="${plain ? '#9aa5b1' : '#2f6fde'}"/>`,
        `<text x="${214 + scale(ms)}" y="${y + 14}">${ms.toFixed(1)}</text>`,
      ]
    }),
    `<line x1="${208 + scale(report.baseline_b_ms)}" y1="34" x2="${208 + scale(report.baseline_b_ms)}" y2="${height - 8}" stroke="#9aa5b1" stroke-dasharray="3 3"/>`,
    '</svg>',
    '',
  ].join('\n')
}
