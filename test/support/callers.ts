// The callers that the budgets are about, added to a world that `seed` made: from no grant at all to
// everything.
import type { Client } from '@libsql/client'
import { HIDE_ROLE, idOf, isArchive } from '../../src/cli/world.ts'
import { sessionsOfAll } from './tokens.ts'

export const callers = [
  'no grant',
  '10 flows',
  '20 projects',
  '20 old projects',
  '500 projects',
  '500 old projects',
  '2000 projects',
  '2000 old projects',
  '20 projects, 30 hides',
  'Global Viewer, 30 hides',
  'Global Admin',
  'superuser',
  '500 projects of 20 teams',
  '20 projects of a team of 10000',
  '20 teams without grants',
  'Global Viewer of 20 teams, 30 hides',
  'Global Admin of a team',
] as const
export type CallerName = (typeof callers)[number]

export const callerIdOf = (name: CallerName) =>
  `ca11e4${callers.indexOf(name).toString(16).padStart(26, '0')}`

/** Adds those callers for whom the world (`projects` of it) is large enough; gives their names. */
export async function addCallers(
  db: Client,
  { seed, projects }: { seed: number; projects: number },
): Promise<CallerName[]> {
  const numbers = Array.from({ length: projects }, (_, n) => n)
  // Project 0 is the giant; a project that happens to be empty is no measure.
  const recent = numbers.filter((n) => n > 0 && !isArchive(n)).map((n) => idOf(seed, 'project', n))
  const old = numbers.filter(isArchive).map((n) => idOf(seed, 'project', n))
  const made: CallerName[] = []
  for (const name of callers) {
    const count = Number(/^(\d+) (old )?projects/.exec(name)?.[1] ?? 0)
    const pool = name.includes('old') ? old : recent
    if (count > pool.length) continue
    const chosen = Array.from(
      { length: count },
      (_, i) => pool[Math.floor((i * pool.length) / count)],
    )
    const held = JSON.stringify(chosen)
    await db.batch(teamsOf(name) ? inTeams(name, held) : statements(name, held), 'write')
    made.push(name)
  }
  await db.execute(sessionsOfAll)
  return made
}

function statements(name: CallerName, projects: string) {
  const id = callerIdOf(name)
  const inserted = `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
    SELECT lower(hex(randomblob(16))), '${id}', (SELECT id FROM role WHERE name = ?),`
  const grant = (role: string, scope: string, ids: string) => ({
    sql: `${inserted} '${scope}', x.id, 0, '2026-01-01' FROM (${ids}) x`,
    args: ids.includes('?') ? [role, projects] : [role],
  })
  const newest = 'SELECT f.id FROM flow f ORDER BY f.updated_at DESC, f.id DESC LIMIT 30'
  return [
    {
      sql: `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
        VALUES ('${id}', ?, '!', 1, ?, '2026-01-01', '2026-01-01')`,
      args: [name, Number(name === 'superuser')],
    },
    ...(name.includes('projects')
      ? [grant('Viewer', 'Project', 'SELECT value AS id FROM json_each(?)')]
      : []),
    ...(name === '10 flows'
      ? [grant('Viewer', 'Flow', 'SELECT f.id FROM flow f ORDER BY f.id LIMIT 10')]
      : []),
    ...(name === '20 projects, 30 hides'
      ? [
          grant(
            HIDE_ROLE,
            'Flow',
            `SELECT f.id FROM flow f WHERE f.folder_id IN (SELECT value FROM json_each(?))
              ORDER BY f.updated_at DESC, f.id DESC LIMIT 30`,
          ),
        ]
      : []),
    ...(name === 'Global Viewer, 30 hides' ? [grant(HIDE_ROLE, 'Flow', newest)] : []),
    ...(name === 'Global Viewer, 30 hides' ? [grant('Viewer', 'Global', 'SELECT NULL AS id')] : []),
    ...(name === 'Global Admin' ? [grant('Admin', 'Global', 'SELECT NULL AS id')] : []),
  ]
}

const teamsOf = (name: CallerName) =>
  Number(/(\d+) teams/.exec(name)?.[1] ?? (name.includes('team') ? 1 : 0))

/** The caller and their teams; what there is to grant is granted by turns to one team after the other. */
function inTeams(name: CallerName, projects: string) {
  const id = callerIdOf(name)
  const teams = teamsOf(name)
  const team = (n: string) => `printf('7ea4%04x%024x', ${callers.indexOf(name)}, ${n})`
  const granted = (role: string, scope: string, rows: string, args: string[] = []) => ({
    sql: `INSERT INTO flowgate_team_grant (id, team_id, role_id, scope_type, scope_id, created_at)
      SELECT lower(hex(randomblob(16))), ${team(`x.n % ${teams}`)}, (SELECT id FROM role WHERE name = ?), '${scope}', x.id,
        '2026-01-01' FROM (${rows}) x`,
    args: [role, ...args],
  })
  const numbers = (count: number) =>
    `WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n + 1 < ${count}) SELECT n FROM t`
  const others = Number(/team of (\d+)/.exec(name)?.[1] ?? 1) - 1
  return [
    {
      sql: `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
        VALUES ('${id}', ?, '!', 1, 0, '2026-01-01', '2026-01-01')`,
      args: [name],
    },
    `INSERT INTO flowgate_team (id, name, name_key, created_at)
      SELECT ${team('n')}, ${team('n')}, ${team('n')}, '2026-01-01' FROM (${numbers(teams)})`,
    `INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
      SELECT ${team('n')}, '${id}', 'member', '2026-01-01' FROM (${numbers(teams)})`,
    ...(others > 0
      ? [
          `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
            SELECT printf('0ce4%028x', n), 'one of many ' || n, '!', 1, 0, '2026-01-01', '2026-01-01' FROM (${numbers(others)})`,
          `INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
            SELECT ${team('0')}, printf('0ce4%028x', n), 'member', '2026-01-01' FROM (${numbers(others)})`,
        ]
      : []),
    granted('Viewer', 'Project', 'SELECT key AS n, value AS id FROM json_each(?)', [projects]),
    ...(name.includes('hides')
      ? [
          granted(
            HIDE_ROLE,
            'Flow',
            `SELECT row_number() OVER (ORDER BY f.updated_at DESC, f.id DESC) AS n, f.id FROM flow f
              ORDER BY f.updated_at DESC, f.id DESC LIMIT 30`,
          ),
        ]
      : []),
    ...(name.startsWith('Global')
      ? [granted(name.split(' ')[1] ?? '', 'Global', 'SELECT 0 AS n, NULL AS id')]
      : []),
  ]
}
