// Tables that an interrupted rebuild left behind: drizzle-kit's `__new_<table>`, Alembic's
// `_alembic_tmp_<table>`. Once the original is gone, they hold the only copy: nothing here drops one.
import type { Difference } from './proof.ts'
import type { Schema } from './schema.ts'

const PREFIXES = ['__new_', '_alembic_tmp_']

/** Leftovers of the tables in `owned`. */
export function findLeftovers(owned: Iterable<string>, found: Schema): Difference[] {
  return [...owned].flatMap((table) =>
    PREFIXES.map((prefix) => prefix + table)
      .filter((name) => found[name])
      .map((name) => ({
        kind: 'unexpected' as const,
        object: `leftover ${name}`,
        found: found[table] ? `beside table ${table}` : `the only copy of table ${table}`,
      })),
  )
}

/** The rebuild lost its original: its leftover must not be touched, and nothing may be built in its place. */
export function holdsOnlyCopy(leftover: Difference): boolean {
  return leftover.found?.startsWith('the only copy') === true
}
