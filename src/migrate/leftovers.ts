// Tables that an interrupted rebuild left behind: drizzle-kit's `__new_<table>`, Alembic's
// `_alembic_tmp_<table>`. Once the original is gone, they hold the only copy: nothing here drops one.
import type { Difference } from './difference.ts'
import type { Schema } from './schema.ts'

const PREFIXES = ['__new_', '_alembic_tmp_']

/** The names under which leftovers of the table would stand. */
export const leftoverNames = (table: string): string[] => PREFIXES.map((prefix) => prefix + table)

/** Leftovers of the tables in `owned`. */
export function findLeftovers(owned: Iterable<string>, found: Schema): Difference[] {
  return [...owned].flatMap((original) =>
    leftoverNames(original)
      .filter((name) => found[name])
      .map((table): Difference => {
        const onlyCopy = !found[original]
        return {
          kind: 'unexpected',
          what: 'leftover',
          table,
          original,
          onlyCopy,
          found: onlyCopy ? `the only copy of table ${original}` : `beside table ${original}`,
        }
      }),
  )
}
