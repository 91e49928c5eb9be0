// Free names for many flows at once. Which number comes next is looked up once for each name of a batch; every
// further flow that wants it follows the one before it, inside the same transaction.
import { type Brackets, baseOf, freeName, numberIn, prefixOf } from '../db/free-name.ts'
import { type SQL, sql } from '../db/sql.ts'

const brackets = { name: [' (', ')'], endpoint_name: ['-', ''] } as const satisfies Record<
  string,
  Brackets
>
type Column = keyof typeof brackets

/** What went before in the batch: the flow whose number this one follows, and the highest number given with its base. */
export type Before = { readonly id: string; readonly above: number } | undefined

/** Of long names that begin alike so many are looked up each by itself; names are found taken in few batches at all. */
const MAX_LOOKED_UP = 30

/** For names in the order of their batch: what went before each. */
export function follow(
  column: Column,
  wanted: readonly { id: string; name: string | null }[],
): Before[] {
  const names = new Map<string, Set<string>>()
  const last = new Map<string, string>()
  const highest = new Map<string, number>()
  return wanted.map(({ id, name }) => {
    if (name === null) return undefined
    // Long names share what is left of them before a number, and so their numbers.
    const base = baseOf(name, brackets[column])
    const known = names.get(base) ?? new Set()
    const previous = last.get(base)
    const follows = known.has(name) || known.size > MAX_LOOKED_UP
    names.set(base, known.add(name))
    last.set(base, id)
    const own = numbered(column, name)
    if (own) highest.set(own.base, Math.max(own.number, highest.get(own.base) ?? 0))
    return follows && previous !== undefined
      ? { id: previous, above: highest.get(base) ?? 0 }
      : undefined
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
  const around: Brackets = brackets[column]
  const free = freeName(sql`flow`, sql`${sql.identifier(column)}`, owner, wanted, around)
  if (!before) return free
  const previous = sql`(SELECT ${sql.identifier(column)} FROM flow WHERE id = ${before.id})`
  const number = sql`CASE WHEN y.previous > y.prefix AND y.previous < y.prefix || ':'
    THEN ${numberIn(sql`y.previous`, sql`y.prefix`, around)} END`
  return sql`(SELECT CASE WHEN z.number IS NULL THEN ${free}
      ELSE z.prefix || (1 + max(CAST(z.number AS INTEGER), CAST(${before.above} AS INTEGER))) || ${around[1]} END
    FROM (SELECT y.prefix, ${number} AS number
      FROM (SELECT ${previous} AS previous, ${prefixOf(sql`w.wanted`, wanted, around)} AS prefix FROM (SELECT ${wanted} AS wanted) w) y) z)`
}
