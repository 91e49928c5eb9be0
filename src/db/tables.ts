// The eight tables of LangBuilder that flowgate owns. drizzle-kit generates the revisions from them;
// the Worker itself speaks SQL. Columns and constraints are LangBuilder's: a database of its making
// must prove equal to the revision it is at.
import { sql } from 'drizzle-orm'
import {
  type AnySQLiteColumn,
  index,
  integer,
  sqliteTable,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import { accessType, bool, datetime, json, uuid, varchar } from './columns.ts'

export const user = sqliteTable(
  'user',
  {
    id: uuid().primaryKey().notNull(),
    username: varchar().notNull(),
    password: varchar().notNull(),
    profile_image: varchar(),
    is_active: bool().notNull(),
    is_superuser: bool().notNull(),
    create_at: datetime().notNull(),
    updated_at: datetime().notNull(),
    last_login_at: datetime(),
    store_api_key: varchar(),
    optins: json(),
    // Neither written nor read: sessions end instead.
    credentials_changed_at: datetime(),
    // The name as names.ts folds it, ' ' and the id for one that looks like another's; NULL: not folded yet.
    username_key: varchar(),
    // When somebody signed up who was not activated since: counted and swept by sign-ups.
    pending_since: datetime(),
  },
  (t) => [
    uniqueIndex('ix_user_username').on(t.username),
    uniqueIndex('unique_user_username_key').on(t.username_key),
    index('ix_user_pending').on(t.pending_since).where(sql`pending_since IS NOT NULL`),
    // The few that there are among many.
    index('ix_user_superuser').on(t.id).where(sql`is_superuser`),
  ],
)

export const folder = sqliteTable(
  'folder',
  {
    id: uuid().primaryKey().notNull(),
    name: varchar().notNull(),
    description: text(),
    auth_settings: json(),
    is_starter_project: bool().notNull().default(0),
    parent_id: uuid().references((): AnySQLiteColumn => folder.id),
    user_id: uuid().references(() => user.id),
  },
  (t) => [unique('unique_folder_name').on(t.user_id, t.name), index('ix_folder_name').on(t.name)],
)

export const flow = sqliteTable(
  'flow',
  {
    id: uuid().primaryKey().notNull(),
    name: varchar().notNull(),
    description: text(),
    icon: varchar(),
    icon_bg_color: varchar(),
    gradient: varchar(),
    data: json(),
    is_component: bool(),
    updated_at: datetime(),
    webhook: bool(),
    endpoint_name: varchar(),
    tags: json(),
    locked: bool(),
    mcp_enabled: bool(),
    action_name: varchar(),
    action_description: text(),
    access_type: accessType().notNull().default('PRIVATE'),
    user_id: uuid().references(() => user.id),
    folder_id: uuid().references(() => folder.id),
    fs_path: varchar(),
    // How often the row was written; NULL counts as 0. What an ETag is made of.
    revision: integer(),
  },
  (t) => [
    unique('unique_flow_name').on(t.user_id, t.name),
    unique('unique_flow_endpoint_name').on(t.user_id, t.endpoint_name),
    index('ix_flow_name').on(t.name),
    index('ix_flow_description').on(t.description),
    index('ix_flow_endpoint_name').on(t.endpoint_name),
    index('ix_flow_user_id').on(t.user_id),
    index('ix_flow_folder_id').on(t.folder_id),
    // By time, and with all that a header shows: in its row most of that lies behind the graph.
    index('ix_flow_updated').on(
      t.updated_at,
      t.id,
      t.folder_id,
      t.is_component,
      t.access_type,
      t.name,
      t.user_id,
      t.revision,
      t.endpoint_name,
      t.tags,
      t.mcp_enabled,
      t.action_name,
      t.description,
      t.action_description,
    ),
    index('ix_flow_name_id').on(t.name, t.id, t.folder_id, t.is_component),
    index('ix_flow_folder_updated').on(t.folder_id, t.updated_at, t.id, t.is_component),
    index('ix_flow_folder_name').on(t.folder_id, t.name, t.id, t.user_id, t.is_component),
    // Where a flow stands in those, and who may see it, by its id.
    index('ix_flow_place').on(t.id, t.folder_id, t.access_type, t.updated_at),
  ],
)

export const apikey = sqliteTable(
  'apikey',
  {
    id: uuid().primaryKey().notNull(),
    name: varchar(),
    // `sha256:<hex>`; in an adopted database the key itself, until its first use.
    api_key: varchar().notNull(),
    // The first characters, for display.
    prefix: varchar(),
    user_id: uuid()
      .notNull()
      .references(() => user.id),
    created_at: datetime().notNull(),
    last_used_at: datetime(),
    total_uses: integer().notNull(),
    is_active: bool().notNull(),
    // UTC; the key opens nothing from then on. NULL never ends.
    expires_at: datetime(),
    // NULL, as in adopted databases, is no.
    read_only: bool(),
    // It asks what others may do, and nothing else. NULL is no.
    decisions: bool(),
  },
  (t) => [
    uniqueIndex('ix_apikey_api_key').on(t.api_key),
    index('ix_apikey_name').on(t.name),
    index('ix_apikey_user_id').on(t.user_id),
  ],
)

export const role = sqliteTable(
  'role',
  {
    id: uuid().primaryKey().notNull(),
    name: varchar().notNull(),
    description: varchar(),
    is_system_role: bool().notNull(),
    created_at: datetime().notNull(),
    // As `username_key`.
    name_key: varchar(),
  },
  (t) => [
    uniqueIndex('ix_role_name').on(t.name),
    uniqueIndex('unique_role_name_key').on(t.name_key),
  ],
)

export const permission = sqliteTable(
  'permission',
  {
    id: uuid().primaryKey().notNull(),
    name: varchar().notNull(),
    scope: varchar().notNull(),
    description: varchar(),
    created_at: datetime().notNull(),
  },
  (t) => [
    unique('unique_permission_scope').on(t.name, t.scope),
    index('ix_permission_name').on(t.name),
    index('ix_permission_scope').on(t.scope),
    index('idx_permission_name_scope').on(t.name, t.scope),
  ],
)

export const rolepermission = sqliteTable(
  'rolepermission',
  {
    id: uuid().primaryKey().notNull(),
    role_id: uuid()
      .notNull()
      .references(() => role.id),
    permission_id: uuid()
      .notNull()
      .references(() => permission.id),
    created_at: datetime().notNull(),
  },
  (t) => [
    unique('unique_role_permission').on(t.role_id, t.permission_id),
    index('ix_rolepermission_role_id').on(t.role_id),
    index('ix_rolepermission_permission_id').on(t.permission_id),
    index('idx_role_permission_lookup').on(t.role_id, t.permission_id),
  ],
)

export const userroleassignment = sqliteTable(
  'userroleassignment',
  {
    id: uuid().primaryKey().notNull(),
    user_id: uuid()
      .notNull()
      .references(() => user.id),
    role_id: uuid()
      .notNull()
      .references(() => role.id),
    scope_type: varchar().notNull(),
    scope_id: uuid(),
    is_immutable: bool().notNull(),
    created_at: datetime().notNull(),
    created_by: uuid().references(() => user.id),
    // UTC; the grant does not exist from then on. NULL never ends.
    expires_at: datetime(),
  },
  (t) => [
    unique('unique_user_role_scope').on(t.user_id, t.role_id, t.scope_type, t.scope_id),
    index('ix_userroleassignment_user_id').on(t.user_id),
    index('ix_userroleassignment_role_id').on(t.role_id),
    index('ix_userroleassignment_scope_type').on(t.scope_type),
    index('ix_userroleassignment_scope_id').on(t.scope_id),
    index('idx_user_role_assignment_lookup').on(t.user_id, t.scope_type, t.scope_id),
    index('idx_user_role_assignment_user').on(t.user_id),
    index('idx_user_role_assignment_scope').on(t.scope_type, t.scope_id),
    // A NULL scope_id escapes the unique constraint: without this, one Global grant could exist twice.
    uniqueIndex('unique_user_role_global')
      .on(t.user_id, t.role_id, t.scope_type)
      .where(sql`scope_id IS NULL`),
    // What somebody gave to others.
    index('ix_userroleassignment_given').on(t.created_by).where(sql`created_by <> user_id`),
    // Everything that a decision reads of a grant.
    index('ix_userroleassignment_grants').on(
      t.user_id,
      t.scope_type,
      t.scope_id,
      t.role_id,
      t.expires_at,
    ),
  ],
)
