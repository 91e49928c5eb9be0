// What each request may read, and how long it may take against the unfiltered page (b), or the lean one.
import type { CallerName } from '../support/callers.ts'
import type { Row } from './report.ts'

/** Of a first page with its total: most rows, the most time against (b), of its headers alone, and what is aimed at for these. */
type Budget = readonly [rows: number, whole: number, headers: number, aim: number]
const few: Budget = [250, 1.2, 1, 0.7]
const usual: Budget = [1200, 1.6, 1, 0.7]
const many: Budget = [4500, 3, 1.2, 1]
const most: Budget = [12_500, 5, 1.8, 1.5]

const firstPages: Record<CallerName, Budget> = {
  'no grant': few,
  '10 flows': few,
  '20 projects': usual,
  '20 old projects': usual,
  '500 projects': many,
  '500 old projects': many,
  '2000 projects': most,
  '2000 old projects': most,
  '20 projects, 30 hides': usual,
  'Global Viewer, 30 hides': usual,
  'Global Admin': usual,
  superuser: usual,
  '500 projects of 20 teams': many,
  '20 projects of a team of 10000': usual,
  '20 teams without grants': [400, 1.2, 1, 0.7],
  'Global Viewer of 20 teams, 30 hides': usual,
  'Global Admin of a team': usual,
}

/** Geometric mean of all callers' headers against the lean Worker. */
export const MEAN_AGAINST_LEAN = 1.5
/** Least throughput, against (b) and against the lean Worker. */
export const THROUGHPUT = { plain: 1.2, lean: 0.8 }
/** Most rows read by 100 checks. */
const CHECKS = 1200

/** Most time of a search against the page of headers without, and what is aimed at. */
const SEARCH = { most: 2, aim: 1.3 }

/** Says what was allowed, and whether it is met. Rows are judged in their order: a search comes after its page. */
export function judge(row: Row, rows: Row[]): void {
  if (row.query.startsWith('search')) judgeSearch(row, rows)
  const { rows: allowed, ratio, aim } = budgetOf(row, rows)
  if (allowed === undefined) return
  row.budget = `${allowed} rows${ratio ? `, x${ratio}` : ''}${aim ? ` (aim x${aim})` : ''}`
  row.met = row.rows_read <= allowed && row.ratio_b <= (ratio ?? row.ratio_b)
}

function judgeSearch(row: Row, rows: Row[]): void {
  const page = rows.find(({ caller, query }) => caller === row.caller && query === 'headers')
  const ratio = row.p50_ms / (page?.p50_ms ?? 0)
  row.budget = `x${ratio.toFixed(2)} of headers: x${SEARCH.most} (aim x${SEARCH.aim})`
  row.met = ratio <= SEARCH.most
}

function budgetOf(
  { caller, query }: Row,
  rows: Row[],
): { rows?: number; ratio?: number; aim?: number } {
  const [allowed = 0, whole = 0, headers = 0, aim = 0] = firstPages[caller as CallerName] ?? []
  if (query === 'headers') return { rows: allowed, ratio: headers, aim }
  if (query === 'first page') return { rows: allowed, ratio: whole }
  if (query === '100 checks') return { rows: CHECKS }
  if (query !== 'page 100') return {}
  const first = rows.find((row) => row.caller === caller && row.query === 'headers')
  return first ? { rows: 2 * first.rows_read } : {}
}
