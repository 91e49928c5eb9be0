// The table of sessions, ours alone; drizzle-kit generates its revision from here.
import { index, integer, sqliteTable } from 'drizzle-orm/sqlite-core'
import { datetime, uuid, varchar } from './columns.ts'

// One signing-in. The tokens made in it are good while its row is here and not over: ending it is deleting it.
export const session = sqliteTable(
  'flowgate_session',
  {
    id: uuid().primaryKey().notNull(),
    // Not a foreign key: a session whose user is gone opens nothing, and is swept.
    user_id: uuid().notNull(),
    created_at: datetime().notNull(),
    // Nothing makes it longer.
    expires_at: datetime().notNull(),
    // How often it was renewed, and when: a refresh token of an earlier round has been used.
    round: integer().notNull(),
    renewed_at: datetime().notNull(),
    user_agent: varchar(),
  },
  (t) => [
    index('ix_flowgate_session_user').on(t.user_id, t.created_at),
    index('ix_flowgate_session_expires').on(t.expires_at),
  ],
)
