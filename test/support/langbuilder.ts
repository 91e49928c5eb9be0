// Databases as LangBuilder leaves them on SQLite: created fresh by its models, or brought there by its
// Alembic scripts (other column orders, defaults and key forms), before RBAC and at its head. With the
// faults found in the field: dashed ids, orphans, a Global grant held twice, a backfill that never ran.

export type LangBuilder = { origin: 'fresh' | 'migrated'; at: '3162e83e485f' | 'f5fcbdff490d' }

export const langbuilders: LangBuilder[] = (['fresh', 'migrated'] as const).flatMap((origin) => [
  { origin, at: '3162e83e485f' as const },
  { origin, at: 'f5fcbdff490d' as const },
])

/** One script for `executeMultiple`. */
export function langbuilderSql({ origin, at }: LangBuilder): string {
  const hasRbac = at === 'f5fcbdff490d'
  return [
    'PRAGMA foreign_keys = OFF;',
    origin === 'fresh' ? freshCore(hasRbac) : migratedCore(hasRbac),
    indexes,
    hasRbac ? rbac : '',
    `CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
     INSERT INTO alembic_version VALUES ('${at}');`,
    foreign,
    rows(hasRbac),
  ].join('\n')
}

const freshCore = (hasRbac: boolean) => `
CREATE TABLE user (
  id CHAR(32) NOT NULL, username VARCHAR NOT NULL, password VARCHAR NOT NULL, profile_image VARCHAR,
  is_active BOOLEAN NOT NULL, is_superuser BOOLEAN NOT NULL, create_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
  last_login_at DATETIME, store_api_key VARCHAR, optins JSON, PRIMARY KEY (id), UNIQUE (id));
CREATE TABLE folder (
  name VARCHAR NOT NULL, description TEXT, auth_settings JSON, id CHAR(32) NOT NULL, parent_id CHAR(32), user_id CHAR(32),
  ${hasRbac ? 'is_starter_project BOOLEAN NOT NULL,' : ''}
  PRIMARY KEY (id), CONSTRAINT unique_folder_name UNIQUE (user_id, name),
  FOREIGN KEY(parent_id) REFERENCES folder (id), FOREIGN KEY(user_id) REFERENCES user (id));
CREATE TABLE flow (
  name VARCHAR NOT NULL, description TEXT, icon VARCHAR, icon_bg_color VARCHAR, gradient VARCHAR, data JSON,
  is_component BOOLEAN, updated_at DATETIME, webhook BOOLEAN, endpoint_name VARCHAR, tags JSON, locked BOOLEAN,
  mcp_enabled BOOLEAN, action_name VARCHAR, action_description TEXT, access_type VARCHAR(7) DEFAULT 'PRIVATE' NOT NULL,
  id CHAR(32) NOT NULL, user_id CHAR(32), folder_id CHAR(32), fs_path VARCHAR,
  PRIMARY KEY (id), CONSTRAINT unique_flow_endpoint_name UNIQUE (user_id, endpoint_name),
  CONSTRAINT unique_flow_name UNIQUE (user_id, name), UNIQUE (id),
  FOREIGN KEY(user_id) REFERENCES user (id), FOREIGN KEY(folder_id) REFERENCES folder (id));
CREATE TABLE apikey (
  name VARCHAR, last_used_at DATETIME, total_uses INTEGER NOT NULL, is_active BOOLEAN NOT NULL, id CHAR(32) NOT NULL,
  created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, api_key VARCHAR NOT NULL, user_id CHAR(32) NOT NULL,
  PRIMARY KEY (id), UNIQUE (id), FOREIGN KEY(user_id) REFERENCES user (id));`

const migratedCore = (hasRbac: boolean) => `
CREATE TABLE "user" (
  id CHAR(32) NOT NULL, username VARCHAR NOT NULL, password VARCHAR NOT NULL, is_active BOOLEAN NOT NULL,
  is_superuser BOOLEAN NOT NULL, create_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, last_login_at DATETIME,
  profile_image VARCHAR, store_api_key VARCHAR, optins JSON,
  CONSTRAINT pk_user PRIMARY KEY (id), CONSTRAINT uq_user_id UNIQUE (id));
CREATE TABLE folder (
  id CHAR(32) NOT NULL, name VARCHAR NOT NULL, description TEXT, parent_id CHAR(32), user_id CHAR(32), auth_settings JSON,
  ${hasRbac ? "is_starter_project BOOLEAN DEFAULT '0' NOT NULL," : ''}
  CONSTRAINT pk_folder PRIMARY KEY (id), CONSTRAINT unique_folder_name UNIQUE (user_id, name),
  CONSTRAINT fk_folder_parent_id_folder FOREIGN KEY(parent_id) REFERENCES folder (id),
  CONSTRAINT fk_folder_user_id_user FOREIGN KEY(user_id) REFERENCES "user" (id));
CREATE TABLE flow (
  data JSON, name VARCHAR NOT NULL, description TEXT, id CHAR(32) NOT NULL, user_id CHAR(32), is_component BOOLEAN,
  icon VARCHAR, icon_bg_color VARCHAR, updated_at DATETIME, folder_id CHAR(32), endpoint_name VARCHAR, webhook BOOLEAN,
  gradient VARCHAR, tags JSON, locked BOOLEAN, fs_path VARCHAR, access_type VARCHAR(7) DEFAULT 'PRIVATE' NOT NULL,
  mcp_enabled BOOLEAN, action_name VARCHAR, action_description TEXT,
  CONSTRAINT pk_flow PRIMARY KEY (id), CONSTRAINT uq_flow_id UNIQUE (id),
  CONSTRAINT unique_flow_name UNIQUE (user_id, name), CONSTRAINT unique_flow_endpoint_name UNIQUE (user_id, endpoint_name),
  CONSTRAINT fk_flow_folder_id_folder FOREIGN KEY(folder_id) REFERENCES folder (id),
  CONSTRAINT fk_flow_user_id_user FOREIGN KEY(user_id) REFERENCES "user" (id));
CREATE TABLE apikey (
  api_key VARCHAR NOT NULL, id CHAR(32) NOT NULL, name VARCHAR, created_at DATETIME NOT NULL, last_used_at DATETIME,
  total_uses INTEGER NOT NULL, is_active BOOLEAN NOT NULL, user_id CHAR(32) NOT NULL,
  CONSTRAINT pk_apikey PRIMARY KEY (id), CONSTRAINT uq_apikey_id UNIQUE (id),
  CONSTRAINT fk_apikey_user_id_user FOREIGN KEY(user_id) REFERENCES "user" (id));`

const indexes = `
CREATE UNIQUE INDEX ix_user_username ON user (username);
CREATE INDEX ix_folder_name ON folder (name);
CREATE INDEX ix_flow_name ON flow (name);
CREATE INDEX ix_flow_description ON flow (description);
CREATE INDEX ix_flow_endpoint_name ON flow (endpoint_name);
CREATE INDEX ix_flow_user_id ON flow (user_id);
CREATE INDEX ix_flow_folder_id ON flow (folder_id);
CREATE UNIQUE INDEX ix_apikey_api_key ON apikey (api_key);
CREATE INDEX ix_apikey_name ON apikey (name);
CREATE INDEX ix_apikey_user_id ON apikey (user_id);`

const rbac = `
CREATE TABLE role (
  name VARCHAR NOT NULL, description VARCHAR, is_system_role BOOLEAN NOT NULL, id CHAR(32) NOT NULL, created_at DATETIME NOT NULL,
  PRIMARY KEY (id));
CREATE UNIQUE INDEX ix_role_name ON role (name);
CREATE TABLE permission (
  name VARCHAR NOT NULL, scope VARCHAR NOT NULL, description VARCHAR, id CHAR(32) NOT NULL, created_at DATETIME NOT NULL,
  PRIMARY KEY (id), CONSTRAINT unique_permission_scope UNIQUE (name, scope));
CREATE INDEX ix_permission_name ON permission (name);
CREATE INDEX ix_permission_scope ON permission (scope);
CREATE INDEX idx_permission_name_scope ON permission (name, scope);
CREATE TABLE rolepermission (
  role_id CHAR(32) NOT NULL, permission_id CHAR(32) NOT NULL, id CHAR(32) NOT NULL, created_at DATETIME NOT NULL,
  PRIMARY KEY (id), CONSTRAINT unique_role_permission UNIQUE (role_id, permission_id),
  FOREIGN KEY(role_id) REFERENCES role (id), FOREIGN KEY(permission_id) REFERENCES permission (id));
CREATE INDEX ix_rolepermission_role_id ON rolepermission (role_id);
CREATE INDEX ix_rolepermission_permission_id ON rolepermission (permission_id);
CREATE INDEX idx_role_permission_lookup ON rolepermission (role_id, permission_id);
CREATE TABLE userroleassignment (
  user_id CHAR(32) NOT NULL, role_id CHAR(32) NOT NULL, scope_type VARCHAR NOT NULL, scope_id CHAR(32),
  is_immutable BOOLEAN NOT NULL, id CHAR(32) NOT NULL, created_at DATETIME NOT NULL, created_by CHAR(32),
  PRIMARY KEY (id), CONSTRAINT unique_user_role_scope UNIQUE (user_id, role_id, scope_type, scope_id),
  FOREIGN KEY(user_id) REFERENCES user (id), FOREIGN KEY(role_id) REFERENCES role (id), FOREIGN KEY(created_by) REFERENCES user (id));
CREATE INDEX ix_userroleassignment_user_id ON userroleassignment (user_id);
CREATE INDEX ix_userroleassignment_role_id ON userroleassignment (role_id);
CREATE INDEX ix_userroleassignment_scope_type ON userroleassignment (scope_type);
CREATE INDEX ix_userroleassignment_scope_id ON userroleassignment (scope_id);
CREATE INDEX idx_user_role_assignment_lookup ON userroleassignment (user_id, scope_type, scope_id);
CREATE INDEX idx_user_role_assignment_user ON userroleassignment (user_id);
CREATE INDEX idx_user_role_assignment_scope ON userroleassignment (scope_type, scope_id);`

/** LangBuilder's tables outside the contract; flowgate must not even look at their rows. */
const foreign = `
CREATE TABLE message (id CHAR(32) NOT NULL, timestamp DATETIME NOT NULL, sender VARCHAR NOT NULL, text TEXT, flow_id CHAR(32), PRIMARY KEY (id));
CREATE TABLE "transaction" (id CHAR(32) NOT NULL, vertex_id VARCHAR NOT NULL, status VARCHAR NOT NULL, flow_id CHAR(32) NOT NULL, PRIMARY KEY (id));
CREATE TABLE vertex_build (build_id CHAR(32) NOT NULL, id VARCHAR NOT NULL, valid BOOLEAN NOT NULL, flow_id CHAR(32) NOT NULL, PRIMARY KEY (build_id));
CREATE TABLE variable (id CHAR(32) NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL, user_id CHAR(32) NOT NULL, PRIMARY KEY (id));
CREATE TABLE file (id CHAR(32) NOT NULL, name VARCHAR NOT NULL UNIQUE, path VARCHAR NOT NULL, user_id CHAR(32) NOT NULL, PRIMARY KEY (id));
INSERT INTO message VALUES ('${'c'.repeat(32)}', '2025-01-01 00:00:00.000000', 'User', 'hello', '${'f1'.repeat(16)}');
INSERT INTO variable VALUES ('${'d'.repeat(32)}', 'OPENAI_API_KEY', 'secret', '${'a1'.repeat(16)}');`

export const ids = {
  alice: 'a1'.repeat(16),
  bob: 'b2'.repeat(16),
  /** Written with dashes by another tool. */
  carol: 'C3C3C3C3-c3c3-c3c3-c3c3-c3c3c3c3c3c3',
  starter: '51'.repeat(16),
  work: '52'.repeat(16),
  dashedProject: '53535353-5353-5353-5353-535353535353',
}

const T = '2025-01-02 03:04:05.678901'

function rows(hasRbac: boolean): string {
  const user = (id: string, name: string, superuser = 0) =>
    `('${id}', '${name}', '$2b$12$not-a-real-hash-${name}', 1, ${superuser}, '${T}', '${T}', '{"dialog":true}')`
  const folder = (id: string, name: string, owner: string, parent = 'NULL') =>
    `('${id}', '${name}', NULL, ${parent}, '${owner}'${hasRbac ? ', 0' : ''})`
  const flow = (id: string, name: string, owner: string, folderId: string | null, data: string) =>
    `('${id}', '${name}', ${folderId === null ? 'NULL' : `'${folderId}'`}, '${owner}', '${data}', '${T}', '[]', 0)`
  return `
INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at, optins) VALUES
  ${[user(ids.alice, 'alice', 1), user(ids.bob, 'bob'), user(ids.carol, 'carol')].join(', ')};
INSERT INTO folder (id, name, description, parent_id, user_id${hasRbac ? ', is_starter_project' : ''}) VALUES
  ${[
    folder(ids.starter, 'Starter Project', ids.alice),
    folder(ids.work, 'Work', ids.bob, `'${ids.starter}'`),
    folder(ids.dashedProject, 'Dashed', ids.carol),
  ].join(', ')};
INSERT INTO flow (id, name, folder_id, user_id, data, updated_at, tags, is_component) VALUES
  ${[
    flow('f1'.repeat(16), 'in starter', ids.alice, ids.starter, '{"nodes":[1,2]}'),
    flow('f2'.repeat(16), 'in work', ids.bob, ids.work, 'null'),
    flow('f3'.repeat(16), 'without project', ids.bob, null, '12345678901234567890'),
    flow(
      'F4F4F4F4-f4f4-f4f4-f4f4-f4f4f4f4f4f4',
      'dashed',
      ids.carol,
      ids.dashedProject,
      '"2025-01-01"',
    ),
    flow('f5'.repeat(16), 'orphan of nobody', 'e'.repeat(32), null, '{}'),
    flow('f6'.repeat(16), 'orphan of a lost project', ids.bob, 'e'.repeat(32), '{}'),
  ].join(', ')};
INSERT INTO apikey (id, name, api_key, user_id, created_at, total_uses, is_active) VALUES
  ('${'a9'.repeat(16)}', NULL, 'sk-plain-alice', '${ids.alice}', '${T}', 7, 1);
${hasRbac ? grants : ''}`
}

/** Three roles of four, one permission, no rolepermission; bob's Global grant is held twice. */
const grants = `
INSERT INTO role (id, name, description, is_system_role, created_at) VALUES
  ('${'71'.repeat(16)}', 'Admin', 'theirs', 1, '${T}'), ('${'72'.repeat(16)}', 'Owner', 'theirs', 1, '${T}'),
  ('${'73'.repeat(16)}', 'Viewer', 'theirs', 1, '${T}'), ('${'74'.repeat(16)}', 'Auditor', 'of their own', 0, '${T}');
INSERT INTO permission (id, name, scope, description, created_at) VALUES ('${'81'.repeat(16)}', 'Read', 'Flow', 'theirs', '${T}');
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by) VALUES
  ('${'91'.repeat(16)}', '${ids.bob}', '${'73'.repeat(16)}', 'Global', NULL, 0, '2025-01-03 00:00:00', NULL),
  ('${'92'.repeat(16)}', '${ids.bob}', '${'73'.repeat(16)}', 'Global', NULL, 0, '2025-01-02 00:00:00', NULL),
  ('${'93'.repeat(16)}', '${ids.bob}', '${'73'.repeat(16)}', 'Project', '${ids.work}', 0, '${T}', '${ids.alice}'),
  ('${'94'.repeat(16)}', '${ids.carol}', '${'72'.repeat(16)}', 'Project', '${ids.dashedProject}', 0, '${T}', NULL);`
