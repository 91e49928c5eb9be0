// Langflow's databases from before LangBuilder's first revision: the same tables with columns that are not
// there yet. By Alembic's revision, newest first; each lacks what the ones before it lack, too.
import { langbuilderSql } from './langbuilder.ts'

const steps: [at: string, ...lacks: string[]][] = [
  ['d9a6ea21edcd', 'folder.auth_settings'],
  ['e56d87f8994a', 'flow.mcp_enabled', 'flow.action_name', 'flow.action_description'],
  ['1b8b740a6fa3', 'user.optins'],
  ['93e2705fa8d6', 'flow.access_type'],
  ['dd9e0804ebd1', 'flow.fs_path'],
  ['1eab2c3eb45e', 'flow.locked'],
  ['d3dbf656a499', 'flow.tags'],
  ['4522eb831f5c', 'flow.gradient'],
  ['1c79524817ed', 'flow.webhook'],
]

export const langflows = steps.map(([at], i) => ({
  at,
  lacks: steps.slice(0, i + 1).flatMap(([, ...lacks]) => lacks),
}))

/** One script for `executeMultiple`. */
export function langflowSql({ at, lacks }: { at: string; lacks: string[] }): string {
  return [
    langbuilderSql({ origin: 'migrated', at: '3162e83e485f' }),
    ...lacks.map((column) => `ALTER TABLE ${column.replace('.', ' DROP COLUMN ')};`),
    `UPDATE alembic_version SET version_num = '${at}';`,
  ].join('\n')
}

/** What LangBuilder's start makes of it: tables that are missing are created, columns are not. */
export const createAll = `PRAGMA foreign_keys = OFF;
CREATE TABLE role (name VARCHAR NOT NULL, description VARCHAR, is_system_role BOOLEAN NOT NULL, id CHAR(32) NOT NULL,
  created_at DATETIME NOT NULL, PRIMARY KEY (id));
CREATE UNIQUE INDEX ix_role_name ON role (name);`
