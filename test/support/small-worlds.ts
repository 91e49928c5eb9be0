// Small random worlds, straight into the database: everything that the decision rule and the order
// of a listing can stumble over, many times over.
import type { Client } from '@libsql/client'
import { sessionsOfAll } from './tokens.ts'

export type SmallWorld = { readonly users: string[]; readonly projects: string[] }

const id = (kind: string, n: number) => `${kind}${n.toString(16).padStart(32 - kind.length, '0')}`
const EXPIRED = '2020-01-01 00:00:00.000000'
const LATER = '2099-01-01 00:00:00.000000'

/** mulberry32: the same seed gives the same world. */
export function randomFrom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (n: number) => Math.floor(next() * n),
    chance: (p: number) => next() < p,
    of: <T>(items: readonly [T, ...T[]]): T => items[Math.floor(next() * items.length)] ?? items[0],
  }
}

/** Replaces whatever world the database holds. */
export async function makeSmallWorld(db: Client, seed: number): Promise<SmallWorld> {
  const random = randomFrom(seed)
  const users = Array.from({ length: 4 }, (_, n) => id('a', n))
  const projects = Array.from({ length: 1 + random.below(6) }, (_, n) => id('b', n))
  const flows = Array.from({ length: random.below(30) }, (_, n) => id('c', n * 7919))
  const teams = Array.from({ length: random.below(4) }, (_, n) => id('9', n))
  const admins = random.chance(0.3)
  const examples = random.chance(0.5)
  const roles = ['Viewer', 'Hidden', 'Odd', 'Flows', ...(admins ? ['Admin'] : [])] as [
    string,
    ...string[],
  ]
  await db.batch(
    [
      'DELETE FROM userroleassignment',
      'DELETE FROM flowgate_team_grant',
      'DELETE FROM flowgate_team_member',
      'DELETE FROM flowgate_team',
      'DELETE FROM flow',
      'DELETE FROM folder',
      'DELETE FROM flowgate_examples',
      'DELETE FROM user',
      `INSERT OR IGNORE INTO role (id, name, is_system_role, created_at) VALUES
        ('${id('e', 1)}', 'Hidden', 0, '2026'), ('${id('e', 2)}', 'Odd', 0, '2026'), ('${id('e', 3)}', 'Flows', 0, '2026')`,
      // A role that may change what it cannot see, and see projects but no flows.
      `INSERT OR IGNORE INTO rolepermission (id, role_id, permission_id, created_at)
        SELECT '${id('e', 0)}' || p.id, '${id('e', 2)}', p.id, '2026' FROM permission p
        WHERE (p.name, p.scope) IN (VALUES ('Update', 'Flow'), ('Read', 'Project'))`,
      // A role that sees flows and no projects.
      `INSERT OR IGNORE INTO rolepermission (id, role_id, permission_id, created_at)
        SELECT '${id('e', 1)}' || p.id, '${id('e', 3)}', p.id, '2026' FROM permission p
        WHERE (p.name, p.scope) = ('Read', 'Flow')`,
      ...users.map((user, n) => ({
        sql: `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
          VALUES (?, ?, '!', 1, ?, '2026', '2026')`,
        args: [user, user, Number(n === 0 && random.chance(0.2))],
      })),
      sessionsOfAll,
      ...projects.map((project, n) => ({
        sql: 'INSERT INTO folder (id, name, is_starter_project, user_id) VALUES (?, ?, ?, ?)',
        args:
          n === 0 && examples
            ? [project, 'Starter Projects', 0, null]
            : [project, `p${n}`, Number(n < users.length), users[n] ?? null],
      })),
      ...(examples
        ? [{ sql: 'INSERT INTO flowgate_examples VALUES (?)', args: [projects[0] ?? ''] }]
        : []),
      ...flows.map((flow, n) => ({
        sql: `INSERT INTO flow (id, name, data, is_component, updated_at, access_type, folder_id)
          VALUES (?, ?, ?, ?, ?, 'PRIVATE', ?)`,
        args: [
          flow,
          `name ${random.below(6)}`,
          random.of(['{"nodes":[{}],"edges":[]}', 'null', 'no json', null]),
          random.of([0, 1, null]),
          random.chance(0.2) ? null : `2026-01-0${1 + random.below(4)} 00:00:00.000000`,
          random.chance(0.2) ? null : (projects[n % projects.length] ?? null),
        ],
      })),
      ...teams.flatMap((team) => [
        {
          sql: `INSERT INTO flowgate_team (id, name, name_key, created_at) VALUES (?1, ?1, ?1, '2026')`,
          args: [team],
        },
        ...users
          .filter(() => random.chance(0.4))
          .map((user) => ({
            sql: `INSERT INTO flowgate_team_member (team_id, user_id, role, created_at) VALUES (?, ?, 'member', '2026')`,
            args: [team, user],
          })),
      ]),
      ...Array.from({ length: 30 + random.below(90) }, (_, n) => {
        const scope = random.of(['Flow', 'Flow', 'Project', 'Global'])
        const scopeId =
          scope === 'Flow'
            ? flows[random.below(flows.length)]
            : scope === 'Project'
              ? projects[random.below(projects.length)]
              : undefined
        if (scope === 'Global' && random.chance(0.8)) return 'SELECT 1'
        const team = random.chance(0.4) ? teams[random.below(teams.length)] : undefined
        const [table, holder] = team
          ? ['flowgate_team_grant', 'team_id']
          : ['userroleassignment', 'user_id']
        return {
          sql: `INSERT OR IGNORE INTO ${table}
              (id, ${holder}, role_id, scope_type, scope_id, expires_at, ${team ? '' : 'is_immutable,'} created_at)
            SELECT ?, ?, id, ?, ?, ?, ${team ? '' : '0,'} '2026' FROM role WHERE name = ?`,
          args: [
            id('d', n),
            team ?? users[random.below(users.length)] ?? '',
            scope,
            // A grant without an id, as the peer leaves them behind, grants nothing.
            random.chance(0.05) ? null : (scopeId ?? null),
            random.of([null, null, null, EXPIRED, LATER]),
            random.of(roles),
          ],
        }
      }),
    ],
    'write',
  )
  return { users, projects }
}
