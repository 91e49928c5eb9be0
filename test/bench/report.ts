// The benchmark's figures as a Markdown table and a chart. Pure.

export type Row = {
  caller: string
  query: string
  flows: number
  p50_ms: number
  p95_ms: number
  /** Against the unfiltered page as one statement, and as the answer of a Worker that does nothing else. */
  ratio_a: number
  ratio_b: number
  /** Of the whole request: caller, page and total. */
  rows_read: number
  round_trips: number
  bytes: number
  budget: string
  met: boolean
}

export type Report = {
  flows: number
  command: string
  machine: string
  date: string
  baseline_a_ms: number
  baseline_b_ms: number
  /** Requests per second with 8 connections: the plain Worker's and ours, first page of 20 projects. */
  throughput: { plain: number; flowgate: number; ratio: number }
  /** The peer's way, query by query: measured on so many flows, and what that makes of all. */
  peer: { measured_flows: number; ms_per_flow: number; extrapolated_s: number }
  rows: Row[]
}

const number = (n: number) => n.toLocaleString('en-US')

export function toMarkdown(report: Report): string {
  const lines = report.rows.map(
    (row) =>
      `| ${row.caller} | ${row.query} | ${row.p50_ms.toFixed(1)} | ${row.p95_ms.toFixed(1)} | x${row.ratio_b.toFixed(2)} | ${number(row.rows_read)} | ${row.round_trips} | ${number(row.bytes)} | ${row.budget === '' ? '' : `${row.budget} ${row.met ? 'met' : '**missed**'}`} |`,
  )
  const { throughput, peer } = report
  return [
    `\`${report.command}\`, ${number(report.flows)} flows, ${report.machine}, ${report.date}.`,
    `Unfiltered page: ${report.baseline_a_ms.toFixed(1)} ms as one statement (a), ${report.baseline_b_ms.toFixed(1)} ms through a plain Worker (b).`,
    `Throughput, 8 connections: ${throughput.flowgate.toFixed(0)} pages/s of 20 projects, plain Worker ${throughput.plain.toFixed(0)} (x${throughput.ratio.toFixed(2)}).`,
    `The peer's way, one check after another: ${peer.ms_per_flow.toFixed(2)} ms per flow (${number(peer.measured_flows)} measured), ${number(Math.round(peer.extrapolated_s))} s for all.`,
    '',
    '| caller | query | p50 ms | p95 ms | against (b) | rows_read | round trips | bytes | budget |',
    '|---|---|---:|---:|---:|---:|---:|---:|---|',
    ...lines,
    '',
  ].join('\n')
}

/** First pages as bars over the plain Worker's time. */
export function toSvg(report: Report): string {
  const bars = [
    { label: 'unfiltered, plain Worker', ms: report.baseline_b_ms, plain: true },
    ...report.rows
      .filter((row) => row.query === 'first page')
      .map((row) => ({ label: row.caller, ms: row.p50_ms, plain: false })),
  ]
  const longest = Math.max(...bars.map((bar) => bar.ms))
  const scale = (ms: number) => Math.round((ms / longest) * 420)
  const height = 44 + bars.length * 24
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="720" height="${height}" fill="#fff"/>`,
    `<text x="12" y="22" font-weight="bold">First page of 50 among ${number(report.flows)} flows, median ms end to end</text>`,
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
