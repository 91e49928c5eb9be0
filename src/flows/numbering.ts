// Free names for all flows of a batch in one SELECT: of a thousand statements that look for one each, reading the SQL
// alone would keep the database busy for a second. A number that is given lies beyond all that are there and all that
// the batch itself asks for: so no flow gets the name that another of the batch wants.
import { type Brackets, baseOf, numberIn } from '../db/free-name.ts'
import { type SQL, sql } from '../db/sql.ts'

const brackets = { name: [' (', ')'], endpoint_name: ['-', ''] } as const satisfies Record<
  string,
  Brackets
>
export type Column = keyof typeof brackets

/** Names that differ only in their numbers, or in what is cut off for one. */
type Family = { readonly prefix: string; readonly above: number }

/** One name of a batch: its family, by its place among these, and that an earlier flow wants the same. */
export type Wish = { readonly family: number; readonly isAgain: boolean }

/** The wishes, in their order; null where no name is wanted. */
export function plan(
  column: Column,
  wanted: readonly (string | null)[],
): { wishes: (Wish | null)[]; families: Family[] } {
  const [open, close] = brackets[column]
  const highest = new Map<string, number>()
  for (const name of wanted) {
    const own = name === null ? undefined : numbered(name, open, close)
    if (own) highest.set(own.base, Math.max(own.number, highest.get(own.base) ?? 0))
  }
  const families = new Map<string, Family & { place: number }>()
  const seen = new Set<string>()
  const wishes = wanted.map((name) => {
    if (name === null) return null
    const base = baseOf(name, brackets[column])
    const family = families.get(base) ?? {
      place: families.size,
      prefix: base + open,
      above: highest.get(base) ?? 0,
    }
    families.set(base, family)
    const isAgain = seen.has(name)
    seen.add(name)
    return { family: family.place, isAgain }
  })
  return { wishes, families: [...families.values()] }
}

/** `x (3)` -> x and 3, as far as `numberIn` counts. */
function numbered(
  name: string,
  open: string,
  close: string,
): { base: string; number: number } | undefined {
  const at = name.lastIndexOf(open)
  const digits = name.slice(at + open.length, name.length - close.length)
  if (at < 0 || !name.endsWith(close) || !/^[0-9]{1,9}$/.test(digits)) return undefined
  return { base: name.slice(0, at), number: Number(digits) }
}

/**
 * SQL: the CTE `free_<column>(i, free)` of names that are free when the flows are inserted, a comma behind it. It reads
 * `given(i, <column>, <column>_family, <column>_again)` and `owner(user_id)`, one row. Numbers of a family are looked up
 * once, and only where one is given.
 */
export function freeNames(column: Column, families: readonly Family[]): SQL {
  const around: Brackets = brackets[column]
  const names = (what: string) => sql.raw(`${column}_${what}`)
  const wanted = sql`g.${sql.identifier(column)}`
  const taken = sql`n.${sql.identifier(column)}`
  const known = families.map(
    ({ prefix, above }, place) => sql`(${sql.raw(`${place}, ${above}`)}, ${prefix})`,
  )
  return sql`${names('wish')}(i, family, wanted, numbered) AS MATERIALIZED (
      SELECT g.i, g.${names('family')}, ${wanted}, g.${names('again')}
        OR EXISTS (SELECT 1 FROM flow n WHERE n.user_id = o.user_id AND ${taken} = ${wanted})
      FROM owner o CROSS JOIN given g WHERE ${wanted} IS NOT NULL),
    ${names('families')}(place, above, prefix) AS (VALUES ${sql.join(known.length > 0 ? known : [sql`(NULL, NULL, NULL)`], sql`, `)}),
    ${names('highest')}(place, prefix, number) AS MATERIALIZED (
      SELECT f.place, f.prefix, max(f.above, coalesce((SELECT max(CAST(${numberIn(taken, sql`f.prefix`, around)} AS INTEGER))
        FROM flow n WHERE n.user_id = (SELECT user_id FROM owner) AND ${taken} > f.prefix AND ${taken} < f.prefix || ':'), 0))
      FROM ${names('families')} f WHERE f.place IN (SELECT family FROM ${names('wish')} WHERE numbered)),
    free_${sql.raw(column)}(i, free) AS MATERIALIZED (
      SELECT w.i, CASE WHEN w.numbered
        THEN h.prefix || (h.number + sum(w.numbered) OVER (PARTITION BY w.family ORDER BY w.i)) || ${around[1]} ELSE w.wanted END
      FROM ${names('wish')} w LEFT JOIN ${names('highest')} h ON h.place = w.family),`
}
