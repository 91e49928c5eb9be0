// Free names for many flows at once. Which number comes next is looked up once for each name of a batch; every
// further flow that wants it follows the one before it, inside the same transaction.
import { type SQL, sql } from 'drizzle-orm'
import { freeName } from '../db/values.ts'

/** What is put around a number: `x (3)`, `x-3`. */
const brackets = { name: [' (', ')'], endpoint_name: ['-', ''] } as const
type Column = keyof typeof brackets

/** What went before in the batch: the flow that wanted the same name, and the highest number given with it. */
export type Before = { readonly id: string; readonly above: number } | undefined

/** For names in the order of their batch: what went before each. */
export function follow(
  column: Column,
  wanted: readonly { id: string; name: string | null }[],
): Before[] {
  const last = new Map<string, string>()
  const highest = new Map<string, number>()
  return wanted.map(({ id, name }) => {
    if (name === null) return undefined
    const previous = last.get(name)
    last.set(name, id)
    const own = numbered(column, name)
    if (own) highest.set(own.base, Math.max(own.number, highest.get(own.base) ?? 0))
    return previous === undefined ? undefined : { id: previous, above: highest.get(name) ?? 0 }
  })
}

/** `x (3)` -> x and 3, as far as `freeName` counts. */
function numbered(column: Column, name: string): { base: string; number: number } | undefined {
  const [open, close] = brackets[column]
  const at = name.lastIndexOf(open)
  const digits = name.slice(at + open.length, name.length - close.length)
  if (at < 0 || !name.endsWith(close) || !/^[0-9]{1,9}$/.test(digits)) return undefined
  return { base: name.slice(0, at), number: Number(digits) }
}

/**
 * SQL: a name that is free when the flow is inserted. The second of a name may be the first that gets a number, and
 * asks which; from then on the number after the one before is free, for that one was after all there were.
 */
export function nextName(column: Column, owner: SQL, wanted: string, before: Before): SQL {
  const [open, close] = brackets[column]
  const free = freeName(sql`flow`, sql`${sql.identifier(column)}`, owner, wanted, open, close)
  if (!before) return free
  const previous = sql`(SELECT ${sql.identifier(column)} FROM flow WHERE id = ${before.id})`
  return sql`(SELECT CASE WHEN y.previous = y.wanted THEN ${free}
      ELSE y.wanted || ${open} || (1 + max(CAST(substr(y.previous, length(y.wanted || ${open}) + 1) AS INTEGER), ${before.above})) || ${close} END
    FROM (SELECT ${previous} AS previous, ${wanted} AS wanted) y)`
}
