// A world as it stands in the database, read past the Worker, so that two of them can be compared.
import type { Client } from '@libsql/client'
import { type Grant, may, type Permission, type World } from '../oracle.ts'
import { permissions } from './random-worlds.ts'

export type Thing = { id: string; name: string; [column: string]: unknown }
export type State = {
  flows: (Thing & { project: string | null })[]
  projects: (Thing & { owner: string | null; parent: string | null })[]
  grants: (Grant & { id: string })[]
  /** The decision rule, of the oracle. */
  may(user: string, permission: Permission, scope: 'Flow' | 'Project', id: string): boolean
  /** All that can be done with a flow. */
  everything(user: string, flow: string): boolean
}

const dashed = (
  column: string,
) => `CASE WHEN ${column} IS NOT NULL THEN substr(${column}, 1, 8) || '-' || substr(${column}, 9, 4)
  || '-' || substr(${column}, 13, 4) || '-' || substr(${column}, 17, 4) || '-' || substr(${column}, 21) END`

const queries = [
  `SELECT ${dashed('id')} AS id, name, ${dashed('folder_id')} AS project, endpoint_name, description, access_type AS access
   FROM flow ORDER BY rowid`,
  `SELECT ${dashed('id')} AS id, name, ${dashed('user_id')} AS owner, ${dashed('parent_id')} AS parent, description, is_starter_project AS starter
   FROM folder ORDER BY rowid`,
  `SELECT a.id, ${dashed('a.user_id')} AS user, r.name AS role, a.scope_type AS scope, ${dashed('a.scope_id')} AS target,
     CASE WHEN a.expires_at < datetime('now') THEN 'in the past' ELSE 'never' END AS ends
   FROM userroleassignment a JOIN role r ON r.id = a.role_id ORDER BY a.rowid`,
]

/** What there is now; users and roles are those of the world that was put there. */
export async function readState(db: Client, world: World): Promise<State> {
  const results = await db.batch(queries, 'read')
  const [flows, projects, grants] = results.map(({ rows }) => rows.map((row) => ({ ...row })))
  const state = { flows, projects, grants } as unknown as State // as the queries name their columns
  const now = { ...world, ...state } as unknown as World // of which the rule looks at these alone
  const isAllowed: State['may'] = (user, permission, scope, id) =>
    may(now, user, permission, scope, id)
  return {
    ...state,
    may: isAllowed,
    everything: (user, flow) => permissions.every((one) => isAllowed(user, one, 'Flow', flow)),
  }
}
