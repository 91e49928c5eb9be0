// Random worlds for the differential test, and the one batch that puts such a world into sqld in the
// place of the last one. Ids are the same in every world on purpose: whatever flowgate kept from an
// earlier world would give a wrong answer in the next.
import type { Client, InStatement } from '@libsql/client'
import fc from 'fast-check'
import type { Grant, Held, Permission, Scope, World } from '../oracle.ts'
import { sessionsOfAll } from './tokens.ts'

export const permissions: Permission[] = ['Create', 'Read', 'Update', 'Delete']
export const everything = permissions.flatMap((p) => [`${p} Flow`, `${p} Project`])
const systemRoles = {
  Viewer: ['Read Flow', 'Read Project'],
  Editor: everything.filter((permission) => !permission.startsWith('Delete')),
  Owner: everything,
  Admin: everything,
}

export const userId = (n: number) => idOf('a', n)
export const projectId = (n: number) => idOf('b', n)
export const flowId = (n: number) => idOf('c', n)
export const teamId = (n: number) => idOf('9', n)
export const missingId = idOf('f', 0)

function idOf(kind: string, n: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`
}

const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 9)
const upTo = (max: number) => fc.integer({ min: 0, max })

type Drawn = { role: string; scope: Scope; target: number; ends: Held['ends'] }

/** A grant, with what says whose. */
const grants = <T extends object>(whose: fc.Arbitrary<T>) =>
  fc
    .tuple(
      whose,
      fc.record({
        role: fc.constantFrom('Viewer', 'Editor', 'Owner', 'Admin', 'Custom 0', 'Custom 1'),
        scope: fc.constantFrom<Scope>('Project', 'Flow', 'Global'),
        target: upTo(4),
        ends: fc.constantFrom<Held['ends']>('never', 'never', 'in the future', 'in the past'),
      }),
    )
    .map(([whose, grant]) => ({ ...whose, ...grant }))

/** Few users, projects and flows, so that grants meet; many kinds of grants, or grants on projects alone. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    users: fc.array(fc.record({ superuser: rarely, inactive: rarely }), {
      minLength: 1,
      maxLength: 2,
    }),
    projects: fc.array(fc.record({ shared: rarely, owner: fc.option(upTo(1)) }), { maxLength: 3 }),
    flows: fc.array(
      fc.record({ project: fc.option(upTo(2)), owner: fc.option(upTo(1)), day: upTo(2) }),
      { maxLength: 5 },
    ),
    custom: fc.array(fc.subarray(everything), { minLength: 1, maxLength: 2 }),
    // Left to itself, fast-check prefers short lists, in which grants seldom meet.
    grants: fc.array(grants(fc.record({ user: upTo(1) })), { maxLength: 12, size: 'max' }),
    teams: fc.array(
      fc.record({
        members: fc.subarray([0, 1]),
        grants: fc.array(grants(fc.constant({})), { maxLength: 5, size: 'max' }),
      }),
      { maxLength: 2, size: 'max' },
    ),
    onProjects: upTo(3).map((n) => n === 3),
  })
  .map(({ users, projects, flows, custom, grants, teams, onProjects }) => {
    const existing = (n: number | null, list: unknown[], id: (n: number) => string) =>
      n === null || n >= list.length ? null : id(n)
    const roles: Record<string, string[]> = {
      ...systemRoles,
      ...Object.fromEntries(custom.map((held, n) => [`Custom ${n}`, held])),
    }
    const targets = { Flow: flows, Project: projects, Global: [] }
    const toHeld = ({ role, scope: drawn, target, ends }: Drawn): Held[] => {
      const scope = onProjects ? 'Project' : drawn
      const id = existing(target, targets[scope], scope === 'Flow' ? flowId : projectId)
      const fits = role in roles && (id !== null) === (scope !== 'Global')
      return fits ? [{ role, scope, target: id, ends }] : []
    }
    const once = <G extends Held>(list: G[], whose: (grant: G) => string) => [
      ...new Map(list.map((g) => [`${whose(g)} ${g.role} ${g.scope} ${g.target}`, g])).values(),
    ]
    const valid = grants.flatMap((grant): Grant[] => {
      const user = existing(grant.user, users, userId)
      return user === null ? [] : toHeld(grant).map((held) => ({ user, ...held }))
    })
    return {
      users: users.map(({ superuser, inactive }, n) => ({
        id: userId(n),
        superuser,
        active: !inactive,
      })),
      projects: projects.map(({ shared, owner }, n) => ({
        id: projectId(n),
        // The one that has the examples' name is no other project for it, and examples may have another.
        name: n === 1 ? 'Starter Projects' : `Project ${n}`,
        examples: shared,
        owner: shared ? null : existing(owner, users, userId),
      })),
      flows: flows.map(({ project, owner, day }, n) => ({
        id: flowId(n),
        project: existing(project, projects, projectId),
        owner: existing(owner, users, userId),
        updated: `2026-01-0${day + 1} 00:00:00.000000`,
      })),
      roles,
      grants: once(valid, ({ user }) => user),
      teams: teams.map(({ members, grants }, n) => ({
        id: teamId(n),
        members: members.flatMap((user) => existing(user, users, userId) ?? []),
        grants: once(grants.flatMap(toHeld), () => ''),
      })),
    }
  })

/** Replaces whatever world is in the database by this one, in one transaction; what `more` says comes last. */
export async function putWorld(db: Client, world: World, more: InStatement[] = []): Promise<void> {
  const custom = Object.keys(world.roles)
    .filter((name) => name.startsWith('Custom'))
    .map((name, n) => ({ id: idOf('d', n), name, holds: world.roles[name] }))
  await db.batch(
    [
      'DELETE FROM userroleassignment',
      'DELETE FROM flowgate_team_grant',
      'DELETE FROM flowgate_team_member',
      'DELETE FROM flowgate_team',
      'DELETE FROM flow',
      'DELETE FROM folder',
      'DELETE FROM flowgate_examples',
      'DELETE FROM apikey',
      `DELETE FROM user WHERE username LIKE 'random %'`,
      'DELETE FROM rolepermission WHERE role_id IN (SELECT id FROM role WHERE NOT is_system_role)',
      'DELETE FROM role WHERE NOT is_system_role',
      each(
        world.users,
        `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
         SELECT ${hex('id')}, 'random ' || ${hex('id')}, '-', value ->> 'active', value ->> 'superuser', ${past}, ${past}`,
      ),
      each(
        world.projects,
        `INSERT INTO folder (id, name, user_id, is_starter_project)
         SELECT ${hex('id')}, value ->> 'name', ${hex('owner')}, 0`,
      ),
      each(
        world.projects.filter(({ examples }) => examples),
        `INSERT INTO flowgate_examples (folder_id) SELECT ${hex('id')}`,
      ),
      each(
        world.flows,
        `INSERT INTO flow (id, name, description, user_id, folder_id, updated_at, data, is_component, access_type)
         SELECT ${hex('id')}, ${hex('id')}, 'flow ροη', ${hex('owner')}, ${hex('project')},
           iif(key % 2, ${past}, value ->> 'updated'), 'null', 0, 'PRIVATE'`,
      ),
      // Saved once more since their words were entered for the search.
      each(
        world.flows.filter((_, n) => n % 2),
        "UPDATE flow SET updated_at = value ->> 'updated'",
        `json_each(?) WHERE flow.id = ${hex('id')}`,
      ),
      each(
        custom,
        `INSERT INTO role (id, name, is_system_role, created_at)
         SELECT ${hex('id')}, value ->> 'name', 0, ${past}`,
      ),
      each(
        custom,
        `INSERT INTO rolepermission (id, role_id, permission_id, created_at)
         SELECT lower(hex(randomblob(16))), replace(c.value ->> 'id', '-', ''), p.id, ${past}`,
        `json_each(?) c, json_each(c.value ->> 'holds') h JOIN permission p ON p.name || ' ' || p.scope = h.value`,
      ),
      each(
        world.grants,
        `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, expires_at)
         SELECT lower(hex(randomblob(16))), ${hex('user')}, (SELECT id FROM role WHERE name = value ->> 'role'),
           value ->> 'scope', ${hex('target')}, 0, ${past}, ${ends}`,
      ),
      each(
        world.teams,
        `INSERT INTO flowgate_team (id, name, name_key, created_at)
         SELECT ${hex('id')}, 'team ' || ${hex('id')}, 'team ' || ${hex('id')}, ${past}`,
      ),
      each(
        world.teams.flatMap(({ id, members }) => members.map((user) => ({ id, user }))),
        `INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
         SELECT ${hex('id')}, ${hex('user')}, 'member', ${past}`,
      ),
      each(
        world.teams.flatMap(({ id, grants }) => grants.map((grant) => ({ id, ...grant }))),
        `INSERT INTO flowgate_team_grant (id, team_id, role_id, scope_type, scope_id, created_at, expires_at)
         SELECT lower(hex(randomblob(16))), ${hex('id')}, (SELECT id FROM role WHERE name = value ->> 'role'),
           value ->> 'scope', ${hex('target')}, ${past}, ${ends}`,
      ),
      sessionsOfAll,
      ...more,
    ],
    'write',
  )
}

const past = `'2026-01-01 00:00:00.000000'`
const ends = `CASE value ->> 'ends' WHEN 'in the past' THEN ${past}
  WHEN 'in the future' THEN '2999-01-01 00:00:00.000000' END`
const hex = (key: string) => `replace(value ->> '${key}', '-', '')`
const each = (rows: unknown[], insert: string, from = 'json_each(?)'): InStatement => ({
  sql: `${insert} FROM ${from}`,
  args: [JSON.stringify(rows)],
})
