// The table of failed sign-ins, ours alone; drizzle-kit generates its revision from here.
import { index, integer, sqliteTable } from 'drizzle-orm/sqlite-core'
import { bool, varchar } from './columns.ts'

// How often signing in has failed lately, for an account, an address, or both together. Times are whole
// seconds since 1970 by the database's clock. Rows are swept when they are over.
export const attempt = sqliteTable(
  'flowgate_attempt',
  {
    // An HMAC: the table names neither accounts nor addresses.
    key: varchar().primaryKey().notNull(),
    failures: integer().notNull(),
    failed_at: integer().notNull(),
    // Until then nobody is listened to.
    free_at: integer().notNull(),
    // The last wrong password, by a few characters of its HMAC: the same one again is the same mistake.
    tried: varchar(),
    // Somebody has signed in to this account from this address.
    known: bool().notNull(),
    expires_at: integer().notNull(),
  },
  (t) => [index('ix_flowgate_attempt_expires').on(t.expires_at)],
)
