// How the flows of a page travel: all in one value, which SQL packs and this file unpacks.
import { headerAt, headerOf } from '../../access/headers.ts'
import { mayFlow } from '../../access/predicate.ts'
import type { Shape } from '../../access/shape.ts'
import { termsOf } from '../../access/terms.ts'
import type { Row } from '../../db/client.ts'
import { type SQL, sql } from '../../db/sql.ts'
import { bytesOf, fieldsOf, MAX_VALUE, OWNER_BYTES, type Shown } from '../fields.ts'
import { graphBytes } from '../stored.ts'
import { BROKEN, TOO_LARGE } from '../view.ts'
import { keyOf } from './cursor.ts'

/**
 * libSQL refuses a value of 5 MB and an answer over 10 MB, and quotes double on their way. One flow may be
 * larger, but beyond MAX_VALUE its graph takes a round trip of its own, and beyond MAX_CARRIED it does not come.
 */
const MAX_BYTES = 3_000_000

/** char(30), between flows and graphs: what SQLite takes for JSON has no such character. */
const SEPARATOR = '\u001e'
const separator = sql`char(30)`

/** How the flows of a page are put together. */
export type Form = {
  /** Bytes are summed up flow by flow, and it ends where they are used up; else it is all of them or none. */
  readonly isMeasured: boolean
  /** As bytes, for texts that are no UTF-8. */
  readonly inBytes: boolean
}

/** Which flows are packed. */
export type Selected = {
  /** SQL: a SELECT of `(k, place, rid)`, one row more than are wanted where there is one. */
  readonly rows: SQL
  /** The k is the time of the flow. */
  readonly byTime: boolean
  readonly direction: 'ASC' | 'DESC'
  readonly take: number
  /** SQL: how many there are, where the same tables say it: it stands before the flows. */
  readonly total: SQL | undefined
}

/** SQL: one value; NULL where the form takes all or none and they are too large together. */
export function pack(shown: Shown, selected: Selected, shape: Shape | undefined, form: Form): SQL {
  const value = (form.isMeasured ? measured : unmeasured)(shown, selected, shape)
  return form.inBytes ? sql`CAST(${value} AS BLOB)` : value
}

/**
 * At least one flow and at most `take`, fewer where the bytes are used up; an empty text for one that did not fit. The
 * first comes without its graph ('') where both together are too large for one value.
 */
function measured(shown: Shown, selected: Selected, shape: Shape | undefined): SQL {
  const { rows, take } = selected
  const ordered = sql.raw(selected.direction)
  const sized = sql`SELECT row_number() OVER w AS n, k, place, rid, sum(${bytesOfEach(shown)}) OVER w AS bytes
    FROM (${rows}) CROSS JOIN ${flowOf(shown, selected)}
    WINDOW w AS (ORDER BY k ${ordered}, place ${ordered} ROWS UNBOUNDED PRECEDING)`
  const graph = sql`CASE WHEN bytes <= ${MAX_VALUE} THEN ${graphIf(shown, graphOf, sql`'null'`)} ELSE '' END`
  return sql`coalesce((SELECT ${totalOf(selected)} coalesce(group_concat(CASE WHEN n <= ${take} AND (n = 1 OR bytes <= ${MAX_BYTES})
      THEN ${objectOf(shown, shape, sql`'n', n,`)} || ${separator} || ${graph} ELSE '' END, ${separator}), '')
    FROM (${sized}) CROSS JOIN ${flowOf(shown, selected)}), '')`
}

/** One flow more than `take`, where there is one; NULL where together they are too large. It costs a fifth less. */
function unmeasured(shown: Shown, selected: Selected, shape: Shape | undefined): SQL {
  const { rows } = selected
  return sql`(SELECT CASE WHEN coalesce(sum(${bytesOfEach(shown)}), 0) <= ${MAX_BYTES} THEN ${totalOf(selected)}
      coalesce(group_concat(${objectOf(shown, shape)} || ${separator} || ${graphIf(shown, graphOf, sql`'null'`)}, ${separator}), '') END
    FROM (${rows}) CROSS JOIN ${flowOf(shown, selected)})`
}

const totalOf = ({ total }: Selected) => (total ? sql`${total} || ${separator} ||` : sql``)

const objectOf = (shown: Shown, shape: Shape | undefined, number = sql``) =>
  sql`json_object(${number} 'k', ${keyOf(sql`k`)}, ${shown.idsOnly ? sql`'id', CAST(f.id AS TEXT)` : fieldsOf(shown, termsOf(shape).asCaller)})`

function bytesOfEach(shown: Shown): SQL {
  if (shown.idsOnly) return sql`100`
  const own = bytesOf(shown, graphIf(shown, graphBytes, sql`NULL`))
  return shown.owner ? sql`${own} + ${OWNER_BYTES}` : own
}

/** SQL, behind a JOIN: the flow `f` of a row `(k, place, rid)`. Headers are read without its graph. */
function flowOf({ headers }: Shown, { byTime }: Selected): SQL {
  if (!headers) return sql`flow f ON f.rowid = rid`
  return byTime ? headerAt(sql`k`, sql`place`) : headerOf(sql`place`)
}

/** SQL: this value of the row of `f`, or another where the form shows no graph of it. Headers show those of components. */
function graphIf({ headers, idsOnly }: Shown, value: SQL, otherwise: SQL): SQL {
  if (idsOnly || !headers) return idsOnly ? otherwise : value
  return ofComponents(sql`(SELECT ${value} FROM flow f WHERE f.rowid = rid)`, otherwise)
}

const ofComponents = (value: SQL, otherwise: SQL): SQL =>
  sql`CASE WHEN coalesce(f.is_component, 0) THEN ${value} ELSE ${otherwise} END`

/**
 * As it is stored, or else what no graph looks like: BROKEN where it is no JSON, which SQLite takes text for
 * that goes on behind a NUL, and TOO_LARGE.
 */
const graphOf = sql`CASE WHEN octet_length(f.data) IS NULL THEN 'null'
  WHEN ${graphBytes} IS NULL THEN ${TOO_LARGE}
  WHEN json_valid(CAST(f.data AS TEXT)) AND NOT instr(f.data, char(0)) THEN CAST(f.data AS TEXT) ELSE ${BROKEN} END`

/** The graph alone, under the predicate. */
export const selectGraph = ({ headers }: Shown, id: string) =>
  sql<{
    graph: string
  }>`SELECT CAST(${headers ? ofComponents(graphOf, sql`'null'`) : graphOf} AS BLOB) AS graph
    FROM flow f WHERE f.id = ${id} AND ${mayFlow('Read', sql`f.id`)}`

/**
 * A flow and its graph by turns, and nothing for a flow that did not fit: `left` counts these. Before them the total,
 * where that was selected.
 */
export function unpack(
  value: string,
  hasTotal: boolean,
): { total: number | undefined; rows: Row[]; left: number } {
  const all = value.split(SEPARATOR)
  const total = hasTotal ? Number(all.shift()) : undefined
  const parts = all.length === 1 && all[0] === '' ? [] : all
  const rows: Row[] = []
  let left = 0
  for (let i = 0; i < parts.length; i++) {
    const flow = parts[i]
    if (flow) rows.push(Object.assign(JSON.parse(flow), { graph: parts[++i] }))
    else left++
  }
  return { total, rows, left }
}

/** As SQLite compares texts, by their bytes; NULL comes before all. What else a key may be is not known here. */
export function isInOrder(rows: Row[], direction: 'ASC' | 'DESC'): boolean {
  const keys = rows.map(({ k, id }) => [k, String(id)] as const)
  return keys.every(([k, id], n) => {
    const [before, idBefore] = keys[n - 1] ?? [null, '']
    if (n === 0) return k === null || typeof k === 'string'
    const byKey = compareKeys(before, k)
    const order = byKey === 0 ? compareTexts(idBefore, id) : byKey
    return direction === 'ASC' ? order < 0 : order > 0
  })
}

function compareKeys(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  if (typeof a !== 'string' || typeof b !== 'string') return Number.NaN
  return compareTexts(a, b)
}

/** A string compares by UTF-16, which is another order only where it holds surrogates. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}
