// The engine's own tables, by name and column by column, so that an older one can be widened.
export const LEDGER = '__drizzle_migrations'
export const LEASE = 'flowgate_lease'
export const GUARD = 'flowgate_guard'

/** What can have changed under a plan; each is a named CHECK of the guard table. */
export const guards = [
  'ledger_moved',
  'schema_moved',
  'lease_lost',
  'rows_changed',
  'orphans_made',
] as const
export type Guard = (typeof guards)[number]

const check = (name: Guard) => `INTEGER CONSTRAINT ${name} CHECK (${name} = 1)`

/** Table -> column -> definition. */
export const privateTables: Record<string, Record<string, string>> = {
  // drizzle 1.0's ledger; the columns after `applied_at` are ours and nullable.
  [LEDGER]: {
    id: 'INTEGER PRIMARY KEY',
    hash: 'TEXT NOT NULL',
    created_at: 'NUMERIC',
    name: 'TEXT',
    applied_at: 'TEXT',
    how: 'TEXT',
    run_id: 'TEXT',
    duration_ms: 'INTEGER',
    content_hash: 'TEXT',
    breaks: 'INTEGER',
    // Rows that its repeated statements changed, as JSON by what they do.
    changed: 'TEXT',
  },
  [LEASE]: {
    id: 'INTEGER PRIMARY KEY CHECK (id = 1)',
    holder: 'TEXT NOT NULL',
    fence: 'INTEGER NOT NULL',
    // When the transaction began that wrote it last.
    taken_at: 'REAL NOT NULL',
    expires_at: 'REAL NOT NULL',
    // How long it lasts from each transaction on.
    seconds: 'REAL',
    failed_hash: 'TEXT',
    failed_tag: 'TEXT',
    failed_code: 'TEXT',
    failures: 'INTEGER NOT NULL DEFAULT 0',
    retry_at: 'REAL',
    // Counts taken before a rebuild, for its guards.
    measured: 'TEXT',
    // Rows that this transaction's slices changed, and those of all slices so far, as JSON by revision.
    changed: 'INTEGER NOT NULL DEFAULT 0',
    progress: 'TEXT',
  },
  // Never holds a row: a guard inserts 0 where its condition does not hold, and the named check aborts.
  [GUARD]: Object.fromEntries(guards.map((name) => [name, check(name)])),
}
