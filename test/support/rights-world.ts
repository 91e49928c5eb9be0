// A world as it stands in the database, read past the Worker, so that two of them can be compared.
import type { Client } from '@libsql/client'
import { type Grant, type Held, may, type Permission, type World } from '../oracle.ts'
import { permissions } from './random-worlds.ts'

export type Thing = { id: string; name: string; [column: string]: unknown }
export type State = {
  flows: (Thing & { project: string | null })[]
  projects: (Thing & { owner: string | null; parent: string | null })[]
  grants: (Grant & { id: string })[]
  teams: { id: string; members: string[]; grants: (Held & { id: string; team: string })[] }[]
  /** The decision rule, of the oracle. */
  may(user: string, permission: Permission, scope: 'Flow' | 'Project', id: string): boolean
  /** All that can be done with a flow. */
  everything(user: string, flow: string): boolean
  /** The same for a flow or project. */
  entitled(user: string, scope: 'Flow' | 'Project', id: string): boolean
  /** Whether they hold there what the role holds; on a project that says something about the flows in it too. */
  holds(user: string, role: string, scope: 'Flow' | 'Project', id: string): boolean
  /** What they may do with the flows of a project that nobody holds alone. */
  mayInside(user: string, permission: Permission, project: string): boolean
  /** The same once all is over that has an end. */
  later(): State
  /** The same without this grant. */
  without(grant: string): State
}

const dashed = (
  column: string,
) => `CASE WHEN ${column} IS NOT NULL THEN substr(${column}, 1, 8) || '-' || substr(${column}, 9, 4)
  || '-' || substr(${column}, 13, 4) || '-' || substr(${column}, 17, 4) || '-' || substr(${column}, 21) END`

const ends = `CASE WHEN a.expires_at < datetime('now') THEN 'in the past' WHEN a.expires_at IS NOT NULL THEN 'in the future'
  ELSE 'never' END AS ends`

const queries = [
  `SELECT ${dashed('id')} AS id, name, ${dashed('folder_id')} AS project, endpoint_name, description, access_type AS access
   FROM flow ORDER BY rowid`,
  `SELECT ${dashed('id')} AS id, name, ${dashed('user_id')} AS owner, ${dashed('parent_id')} AS parent, description, is_starter_project AS starter
   FROM folder ORDER BY rowid`,
  `SELECT a.id, ${dashed('a.user_id')} AS user, r.name AS role, a.scope_type AS scope, ${dashed('a.scope_id')} AS target,
     ${ends}
   FROM userroleassignment a JOIN role r ON r.id = a.role_id ORDER BY a.rowid`,
  `SELECT ${dashed('t.id')} AS id, (SELECT json_group_array(${dashed('m.user_id')}) FROM flowgate_team_member m WHERE m.team_id = t.id) AS members
   FROM flowgate_team t ORDER BY t.rowid`,
  `SELECT a.id, ${dashed('a.team_id')} AS team, r.name AS role, a.scope_type AS scope, ${dashed('a.scope_id')} AS target, ${ends}
   FROM flowgate_team_grant a JOIN role r ON r.id = a.role_id ORDER BY a.rowid`,
]

/** What there is now; users and roles are those of the world that was put there. */
export async function readState(db: Client, world: World): Promise<State> {
  const results = await db.batch(queries, 'read')
  const [flows, projects, grants, named = [], held = []] = results.map(({ rows }) =>
    rows.map((row) => ({ ...row })),
  )
  const teams = named.map(({ id, members }) => ({
    id,
    members: JSON.parse(String(members)),
    grants: held.filter(({ team }) => team === id),
  }))
  const state = { flows, projects, grants, teams } as unknown as State // as the queries name their columns
  return withRule({ ...world, ...state } as unknown as World, state) // of which the rule looks at these alone
}

const INSIDE = 'a flow of its own'

function withRule(now: World, state: State): State {
  const isAllowed: State['may'] = (user, permission, scope, id) =>
    may(now, user, permission, scope, id)
  const entitled: State['entitled'] = (user, scope, id) =>
    permissions.every((one) => isAllowed(user, one, scope, id))
  const mayInside: State['mayInside'] = (user, permission, project) => {
    const flow = { id: INSIDE, project, owner: null, updated: '' }
    return may({ ...now, flows: [...now.flows, flow] }, user, permission, 'Flow', INSIDE)
  }
  return {
    ...state,
    may: isAllowed,
    entitled,
    mayInside,
    everything: (user, flow) => entitled(user, 'Flow', flow),
    holds: (user, role, scope, id) =>
      permissions.every(
        (one) =>
          !now.roles[role]?.includes(`${one} Flow`) ||
          (scope === 'Flow' ? isAllowed(user, one, 'Flow', id) : mayInside(user, one, id)),
      ),
    without: (grant) => {
      const others = <G extends { id: string }>(grants: G[]) => grants.filter((g) => g.id !== grant)
      const teams = state.teams.map((team) => ({ ...team, grants: others(team.grants) }))
      const then = { ...state, grants: others(state.grants), teams }
      return withRule({ ...now, ...then } as unknown as World, then)
    },
    later: () => {
      const over = <G extends Held>(grants: G[]): G[] =>
        grants.map((g) => (g.ends === 'in the future' ? { ...g, ends: 'in the past' } : g))
      const teams = state.teams.map((team) => ({ ...team, grants: over(team.grants) }))
      const then = { ...state, grants: over(state.grants), teams }
      return withRule({ ...now, ...then } as unknown as World, then)
    },
  }
}
