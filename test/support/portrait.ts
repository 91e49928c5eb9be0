// A database as people see it: rows by what they mean, so that ids drawn by chance do not matter.
import type { Client } from '@libsql/client'

const project = (id: string) =>
  `(SELECT coalesce(p.user_id, '') || '/' || p.name FROM folder p WHERE p.id = ${id})`
const place = (id: string) => `coalesce(${project(id)}, ${id}, 'nowhere')`

const queries = {
  users: 'SELECT id, username FROM user',
  projects: `SELECT user_id, name, is_starter_project, ${place('folder.parent_id')} AS parent FROM folder`,
  flows: `SELECT id, user_id, ${place('folder_id')} AS project FROM flow`,
  keys: 'SELECT id, user_id, api_key FROM apikey',
  roles: 'SELECT id LIKE ? AS ours, name FROM role',
  permissions: `SELECT r.name AS role, p.name || ' ' || p.scope AS permission FROM rolepermission rp
    LEFT JOIN role r ON r.id = rp.role_id LEFT JOIN permission p ON p.id = rp.permission_id`,
  grants: `SELECT a.user_id, r.name AS role, a.scope_type, ${place('a.scope_id')} AS scope, a.is_immutable, a.created_by
    FROM userroleassignment a LEFT JOIN role r ON r.id = a.role_id`,
  counts: `SELECT ${place('folder_id')} AS project, n FROM flowgate_flow_count`,
}

export type Portrait = Record<keyof typeof queries, string[]>

export async function portray(db: Client): Promise<Portrait> {
  const entries = await Promise.all(
    Object.entries(queries).map(async ([subject, sql]) => {
      const { rows } = await db.execute({ sql, args: sql.includes('?') ? ['f10ca7e%'] : [] })
      return [subject, rows.map((row) => Object.values(row).join(' | ')).sort()]
    }),
  )
  return Object.fromEntries(entries)
}

/** `user flow` for every flow that a user may do everything with, by grants alone. */
export async function readPowers(db: Client): Promise<string[]> {
  const held = (scope: string) => `(SELECT max(r.name = 'Owner') FROM userroleassignment a
    JOIN role r ON r.id = a.role_id WHERE a.user_id = u.id AND ${scope})`
  const { rows } = await db.execute(`SELECT u.id AS user, f.id AS flow FROM user u CROSS JOIN flow f
    WHERE coalesce(${held(`a.scope_type = 'Flow' AND a.scope_id = f.id`)},
      ${held(`a.scope_type = 'Project' AND a.scope_id = f.folder_id`)}, 0) ORDER BY 1, 2`)
  return rows.map((row) => `${row.user} ${row.flow}`)
}
