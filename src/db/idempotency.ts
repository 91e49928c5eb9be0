// The table of repeats, ours alone; drizzle-kit generates its revision from here.
import { index, primaryKey, sqliteTable } from 'drizzle-orm/sqlite-core'
import { datetime, json, uuid, varchar } from './columns.ts'

// What a POST with an Idempotency-Key made, written in the transaction that made it, so that a repeat
// makes nothing. Swept after a day.
export const idempotency = sqliteTable(
  'flowgate_idempotency',
  {
    // Not a foreign key: nothing waits for these rows. '' where somebody signs up.
    caller_id: uuid().notNull(),
    // HMACs: neither keys nor bodies, which may hold a password, can be guessed from them.
    key_hash: varchar().notNull(),
    request_hash: varchar().notNull(),
    at: datetime().notNull(),
    // The rows that the answer is made of; NULL where they are too large to keep.
    answer: json(),
  },
  (t) => [
    primaryKey({ columns: [t.caller_id, t.key_hash] }),
    index('ix_flowgate_idempotency_at').on(t.at),
  ],
)
