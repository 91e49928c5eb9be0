// The figures of a migration as a table, and what was promised of them. Pure.
import type { Figures } from './figures.ts'

export type MigrateReport = {
  flows: number
  command: string
  machine: string
  date: string
  results: { kind: string; alone: Figures; together: Figures }[]
}
export type Budget = { name: string; found: string; met: boolean }

const number = (n: number) => n.toLocaleString('en-US')
const seconds = (ms: number | null) => (ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`)
const millis = (ms: number) => `${number(Math.round(ms))} ms`
const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([what, n]) => `${what}: ${number(n)}`)
    .join(', ') || 'none'

export function budgetsOf(alone: Figures, together: Figures): Budget[] {
  const { writer, idle_writer: idle } = together
  const total = together.all_through_ms
  const budget = (name: string, found: string, met: boolean) => ({ name, found, met })
  const most = alone.all_through_ms === null ? null : 2 * alone.all_through_ms
  const longest = together.longest_statement_ms + 1000
  return [
    budget('transactions thrown out: 0', number(together.thrown_out), together.thrown_out === 0),
    budget('unanswered after 15 s: 0', number(together.unanswered), together.unanswered === 0),
    ...(writer && idle
      ? [
          budget('writer, failures: 0', number(writer.failed), writer.failed === 0),
          budget(
            'writer, median: at most x3 of its own',
            `x${(writer.median_ms / idle.median_ms).toFixed(2)}`,
            writer.median_ms <= 3 * idle.median_ms,
          ),
          budget(
            'writer, longest: at most the longest statement and 1 s',
            `${millis(writer.max_ms)} of ${millis(longest)}`,
            writer.max_ms <= longest,
          ),
        ]
      : []),
    budget(
      'total: at most x2 of alone',
      `${seconds(total)} of ${seconds(most)}`,
      total !== null && most !== null && total <= most,
    ),
    budget(
      'nothing lost, ledger and counts right',
      together.problems.join('; ') || 'right',
      together.problems.length === 0,
    ),
  ]
}

type Line = [name: string, of: (alone: Figures, together: Figures) => string]

const lines: Line[] = [
  ['alone: time to head', (alone) => seconds(alone.all_through_ms)],
  ['time to head', (_, f) => seconds(f.to_head_ms)],
  ['every caller of every isolate through', (_, f) => seconds(f.all_through_ms)],
  ['runs that wrote or tried to (alone)', (a, f) => `${f.attempts} (${a.attempts})`],
  ['transactions thrown out (alone)', (a, f) => `${f.thrown_out} (${a.thrown_out})`],
  [
    'requests to the database until then (alone)',
    (a, f) => `${number(f.requests)} (${number(a.requests)})`,
  ],
  ['most of one invocation (alone)', (a, f) => `${f.most_requests} (${a.most_requests})`],
  ['requests without an answer', (_, f) => number(f.without_answer)],
  [
    'longest transaction (alone)',
    (a, f) => `${millis(f.longest_work_ms)} (${millis(a.longest_work_ms)})`,
  ],
  ['longest in the ledger', (_, f) => longestOf(f.durations)],
  [
    'looks of one isolate in a second: mean, most',
    (_, f) => `${f.looks_per_s.toFixed(1)}, ${f.most_looks}`,
  ],
  ['error codes of the database', (_, f) => list(f.codes)],
  ['failures logged', (_, f) => list(f.logged)],
  ['answers', (_, f) => list(f.answers)],
  ['unanswered after 15 s', (_, f) => number(f.unanswered)],
  ['longest wait of a caller', (_, f) => millis(f.longest_wait_ms)],
  [
    'writer: writes, failures',
    (_, { writer: w }) => (w ? `${number(w.writes)}, ${list(w.failures)}` : ''),
  ],
  [
    'writer: median, longest',
    (_, { writer: w }) => (w ? `${millis(w.median_ms)}, ${millis(w.max_ms)}` : ''),
  ],
  [
    'writer without a migration: median, longest',
    (_, { idle_writer: w }) => (w ? `${millis(w.median_ms)}, ${millis(w.max_ms)}` : ''),
  ],
]

export function toMarkdown({ results, ...report }: MigrateReport): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  const budgets = results.map(({ alone, together }) => budgetsOf(alone, together))
  return [
    `\`${report.command}\`, ${number(report.flows)} flows, ${report.machine}, ${report.date}.`,
    '',
    row(['', ...results.map(({ kind }) => kind)]),
    row(['---', ...results.map(() => '---:')]),
    ...lines.map(([name, of]) => row([name, ...results.map((r) => of(r.alone, r.together))])),
    ...(budgets[0] ?? []).map(({ name }, n) =>
      row([
        `**${name}**`,
        ...budgets.map((own) => `${own[n]?.found} ${own[n]?.met ? 'met' : '**missed**'}`),
      ]),
    ),
    '',
  ].join('\n')
}

function longestOf(durations: Record<string, number>): string {
  const [longest] = Object.entries(durations).sort((a, b) => b[1] - a[1])
  return longest ? `${longest[0]} ${millis(longest[1])}` : 'nothing'
}
