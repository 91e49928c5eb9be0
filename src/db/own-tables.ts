// The tables that are flowgate's own, all named `flowgate_*`; drizzle-kit generates the revisions from them. They are
// tied to LangBuilder's by no foreign key: its clients may do with their rows what they do without us.
import { sql } from 'drizzle-orm'
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  unique,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import { bool, datetime, json, uuid, varchar } from './columns.ts'

// Who changed what, written in the same transaction as the change. Triggers keep it append-only.
export const audit = sqliteTable(
  'flowgate_audit',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    at: datetime().notNull(),
    // The user who did it; not a foreign key, for the row outlives the user.
    actor_id: uuid(),
    request_id: varchar(),
    // `grant.create`, `user.update` ...
    action: varchar().notNull(),
    target_type: varchar().notNull(),
    target_id: uuid(),
    before: json(),
    after: json(),
  },
  (t) => [
    index('ix_flowgate_audit_actor').on(t.actor_id, t.seq),
    index('ix_flowgate_audit_target').on(t.target_type, t.target_id, t.seq),
    index('ix_flowgate_audit_action').on(t.action, t.seq),
  ],
)

// How many flows each project holds and which of them was written last, kept by triggers on `flow`: so a total costs
// what the caller's grants cost, and a first page looks only into projects whose newest flow is new enough. '' counts
// flows without a project, '*' all of them.
export const flowCount = sqliteTable('flowgate_flow_count', {
  folder_id: uuid().primaryKey().notNull(),
  n: integer().notNull(),
  // By time, then id, as flows are listed; NULL in a project without dated flows, and in '' and '*'.
  head: datetime(),
  head_id: uuid(),
})

// Written once, by adoption: the id of the folder, or '' where there was none. Everybody reads what lies
// there, so that no write of a request may make a project one: neither its name nor its owner says it.
export const examples = sqliteTable('flowgate_examples', {
  folder_id: uuid().primaryKey().notNull(),
})

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

// Whom a company's directory knows a user as: by the issuer and the subject of its assertions, never by a name or a mail
// address. `scim` is the issuer of those whom a directory provisions.
export const binding = sqliteTable(
  'flowgate_binding',
  {
    issuer: varchar().notNull(),
    subject: varchar().notNull(),
    // Not a foreign key: a binding whose user is gone signs nobody in.
    user_id: uuid().notNull(),
    created_at: datetime().notNull(),
    // NULL where the user came into being with it.
    created_by: uuid(),
    // What a directory that provisions says of them beyond their name.
    profile: json(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.subject] }),
    index('ix_flowgate_binding_user').on(t.user_id, t.issuer),
  ],
)

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

// Users who hold grants together.
export const team = sqliteTable(
  'flowgate_team',
  {
    id: uuid().primaryKey().notNull(),
    name: varchar().notNull(),
    // The name as names.ts folds it: no two teams look alike.
    name_key: varchar().notNull(),
    description: varchar(),
    // The group of a directory that this team mirrors, by the name that it has there.
    external_name: varchar(),
    created_at: datetime().notNull(),
    created_by: uuid(),
  },
  (t) => [
    uniqueIndex('unique_flowgate_team_name_key').on(t.name_key),
    uniqueIndex('unique_flowgate_team_external_name').on(t.external_name),
  ],
)

// A member who is gone is nobody.
export const teamMember = sqliteTable(
  'flowgate_team_member',
  {
    team_id: uuid()
      .notNull()
      .references(() => team.id),
    user_id: uuid().notNull(),
    // `member`, or `admin` of the team.
    role: varchar().notNull(),
    created_at: datetime().notNull(),
    created_by: uuid(),
  },
  (t) => [
    primaryKey({ columns: [t.team_id, t.user_id] }),
    // Whose teams: all that a decision reads of a membership.
    index('ix_flowgate_team_member_user').on(t.user_id, t.team_id),
  ],
)

// What `userroleassignment` is to a user: there, `user_id` stays NOT NULL as LangBuilder has it.
export const teamGrant = sqliteTable(
  'flowgate_team_grant',
  {
    id: uuid().primaryKey().notNull(),
    team_id: uuid()
      .notNull()
      .references(() => team.id),
    role_id: uuid().notNull(),
    scope_type: varchar().notNull(),
    scope_id: uuid(),
    created_at: datetime().notNull(),
    created_by: uuid(),
    // UTC; the grant does not exist from then on. NULL never ends.
    expires_at: datetime(),
  },
  (t) => [
    unique('unique_flowgate_team_grant').on(t.team_id, t.role_id, t.scope_type, t.scope_id),
    uniqueIndex('unique_flowgate_team_grant_global')
      .on(t.team_id, t.role_id, t.scope_type)
      .where(sql`scope_id IS NULL`),
    // Everything that a decision reads of a grant: of one team, and at one place.
    index('ix_flowgate_team_grant_grants').on(
      t.team_id,
      t.scope_type,
      t.scope_id,
      t.role_id,
      t.expires_at,
    ),
    index('ix_flowgate_team_grant_place').on(
      t.scope_type,
      t.scope_id,
      t.team_id,
      t.role_id,
      t.expires_at,
    ),
    index('ix_flowgate_team_grant_role').on(t.role_id),
    index('ix_flowgate_team_grant_given').on(t.created_by),
  ],
)

// What the search holds of each flow. Its triggers put the text into the index `flowgate_search`, which drizzle does
// not know.
export const searchEntry = sqliteTable(
  'flowgate_search_entry',
  {
    flow_id: uuid().primaryKey().notNull(),
    // Where the flow stands in the index, later ones at greater numbers: milliseconds times 2^20, and which of them
    // it is. Undated ones come first.
    at: integer(),
    // Where it should stand by now, of the same numbers; NULL for nowhere else.
    moved: integer(),
    folder_id: uuid(),
    // Of the flow, as the length of its texts: what tells that a trigger was missing.
    updated_at: datetime(),
    size: integer(),
  },
  (t) => [
    index('ix_flowgate_search_entry_at').on(t.at, t.folder_id),
    index('ix_flowgate_search_entry_moved')
      .on(t.moved, t.at, t.folder_id)
      .where(sql`moved IS NOT NULL`),
  ],
)

// How far the primary has written, and when by its own clock: one row, which says of whatever is read with it how old
// that is. The first write makes it.
export const clock = sqliteTable('flowgate_clock', {
  id: integer().primaryKey(),
  version: integer().notNull(),
  // Milliseconds since 1970.
  at: integer().notNull(),
})
