// A world of any size for demos and the benchmark: users, projects of uneven size, flows, grants that
// some users hold many of, overrides, grants that have ended. The same seed makes the same world;
// everything is a function of a number, so that nothing is kept in memory but weights.
import { cumulative, hash, normal, pick, random } from './draw.ts'

export type WorldPlan = {
  readonly seed: number
  readonly flows: number
  readonly projects: number
  readonly users: number
  /** Size of each flow's graph. */
  readonly dataBytes: number
  /** Besides its owner's. */
  readonly grantsPerProject: number
  /** PHC hash that every user gets. */
  readonly passwordHash: string
}

/** One insert of many rows: `sql` takes them as one JSON array, whose elements are arrays. */
export type Insert = { readonly table: string; readonly sql: string; readonly rows: unknown[][] }

export const ROWS_PER_INSERT = 5000
export const HIDE_ROLE = 'Hidden'
/** One project in ten is an archive: all its flows lie in the oldest tenth of the time. */
export const isArchive = (project: number) => project % 10 === 9

const GRANTS_PER_FLOW = 0.05
const IN_GIANT_PROJECT = 0.05
const WITHOUT_PROJECT = 0.03
const PERIOD_S = 365 * 24 * 3600
const NEWEST_MS = Date.UTC(2026, 0, 1)

const EXPIRED = '2020-01-01 00:00:00.000000'
const ENDS_LATE = '2099-01-01 00:00:00.000000'

/** How many rows of each table `makeWorld` yields. */
export const sizeOf = (plan: WorldPlan): number =>
  1 +
  plan.users * 2 +
  plan.projects * (2 + plan.grantsPerProject) +
  plan.flows +
  plan.flows * GRANTS_PER_FLOW

/** A UUID as stored, for the nth thing of a kind. */
export function idOf(
  seed: number,
  kind: 'user' | 'project' | 'starter' | 'flow' | 'grant' | 'role',
  n: number,
): string {
  let text = ''
  for (let part = 0; part < 4; part++) {
    text += hash(seed, kind.charCodeAt(0) * 31 + kind.length + part * 7919, n)
      .toString(16)
      .padStart(8, '0')
  }
  return text
}

/** All inserts, in an order that foreign keys allow. */
export function* makeWorld(plan: WorldPlan): Generator<Insert> {
  yield { table: 'role', sql: insertRole, rows: [[idOf(plan.seed, 'role', 0), HIDE_ROLE]] }
  yield* chunked('user', insertUser, plan.users, (n) => [
    idOf(plan.seed, 'user', n),
    `user-${n}`,
    plan.passwordHash,
  ])
  yield* chunked('folder', insertFolder, plan.users, (n) => [
    idOf(plan.seed, 'starter', n),
    'Starter Project',
    1,
    idOf(plan.seed, 'user', n),
  ])
  yield* chunked('folder', insertFolder, plan.projects, (n) => [
    idOf(plan.seed, 'project', n),
    `Project ${n}`,
    0,
    ownerOf(plan, n),
  ])
  yield* chunked('userroleassignment', insertGrant, plan.users, (n) =>
    grant(
      plan,
      n,
      idOf(plan.seed, 'user', n),
      'Owner',
      'Project',
      idOf(plan.seed, 'starter', n),
      null,
      1,
    ),
  )
  yield* flows(plan)
  yield* grants(plan)
}

/** In the order of their time, as flows come into being: those of archives first. */
function* flows(plan: WorldPlan): Generator<Insert> {
  const weightsOf = (old: boolean) =>
    cumulative(plan.projects, (n) => (isArchive(n) === old ? Math.exp(normal(plan.seed, n)) : 0))
  const [old, recent] = [weightsOf(true), weightsOf(false)]
  const archived = plan.projects < 10 ? 0 : Math.round(plan.flows / 10)
  yield* chunked('flow', insertFlow(plan.dataBytes), plan.flows, (n) => {
    const place = random(plan.seed, 1, n)
    const isOld = n < archived
    const project = isOld
      ? pick(old, random(plan.seed, 2, n))
      : place < WITHOUT_PROJECT
        ? undefined
        : place < WITHOUT_PROJECT + IN_GIANT_PROJECT
          ? 0
          : pick(recent, random(plan.seed, 2, n))
    const age = isOld ? 1 - n / archived : 1 - (n - archived) / (plan.flows - archived)
    const past = isOld ? 0.9 + age / 10 : age ** 2 * 0.9
    return [
      idOf(plan.seed, 'flow', n),
      `${topics[hash(plan.seed, 4, n) % topics.length]} ${n}`,
      random(plan.seed, 5, n) < 0.05 ? 1 : 0,
      new Date(NEWEST_MS - past * PERIOD_S * 1000)
        .toISOString()
        .replace('T', ' ')
        .replace('Z', '000'),
      project === undefined ? userOf(plan, n) : ownerOf(plan, project),
      project === undefined ? null : idOf(plan.seed, 'project', project),
    ]
  })
}

function* grants(plan: WorldPlan): Generator<Insert> {
  const popularity = cumulative(plan.users, (n) => 1 / (n + 1))
  const someone = (n: number) => idOf(plan.seed, 'user', pick(popularity, random(plan.seed, 6, n)))
  const base = plan.users
  yield* chunked('userroleassignment', insertGrant, plan.projects, (n) =>
    grant(
      plan,
      base + n,
      ownerOf(plan, n),
      'Owner',
      'Project',
      idOf(plan.seed, 'project', n),
      null,
      0,
    ),
  )
  const first = base + plan.projects
  yield* chunked('userroleassignment', insertGrant, plan.projects * plan.grantsPerProject, (n) =>
    grant(
      plan,
      first + n,
      someone(n),
      roleFor(plan, n),
      'Project',
      idOf(plan.seed, 'project', Math.floor(n / plan.grantsPerProject)),
      endFor(plan, n),
      0,
    ),
  )
  const second = first + plan.projects * plan.grantsPerProject
  yield* chunked('userroleassignment', insertGrant, Math.floor(plan.flows * GRANTS_PER_FLOW), (n) =>
    grant(
      plan,
      second + n,
      someone(second + n),
      random(plan.seed, 7, n) < 0.3 ? HIDE_ROLE : roleFor(plan, n),
      'Flow',
      idOf(plan.seed, 'flow', hash(plan.seed, 8, n) % plan.flows),
      endFor(plan, second + n),
      0,
    ),
  )
}

const userOf = (plan: WorldPlan, n: number) =>
  idOf(plan.seed, 'user', hash(plan.seed, 9, n) % plan.users)
const ownerOf = (plan: WorldPlan, project: number) => userOf(plan, -1 - project)

function roleFor(plan: WorldPlan, n: number): string {
  const share = random(plan.seed, 10, n)
  return share < 0.6 ? 'Viewer' : share < 0.9 ? 'Editor' : 'Owner'
}

function endFor(plan: WorldPlan, n: number): string | null {
  const share = random(plan.seed, 11, n)
  return share < 0.05 ? EXPIRED : share < 0.1 ? ENDS_LATE : null
}

function grant(
  plan: WorldPlan,
  n: number,
  userId: string,
  role: string,
  scope: string,
  scopeId: string,
  endsAt: string | null,
  immutable: number,
) {
  return [idOf(plan.seed, 'grant', n), userId, role, scope, scopeId, endsAt, immutable]
}

function* chunked(
  table: string,
  sql: string,
  count: number,
  row: (n: number) => unknown[],
): Generator<Insert> {
  for (let from = 0; from < count; from += ROWS_PER_INSERT) {
    const length = Math.min(ROWS_PER_INSERT, count - from)
    yield { table, sql, rows: Array.from({ length }, (_, i) => row(from + i)) }
  }
}

const cell = (n: number) => `value ->> ${n}`
const SOME_TIME = `'2025-01-01 00:00:00.000000'`
const insertRole = `INSERT OR IGNORE INTO role (id, name, description, is_system_role, created_at)
  SELECT ${cell(0)}, ${cell(1)}, 'Holds nothing: takes away what would be inherited', 0, ${SOME_TIME} FROM json_each(?)`
const insertUser = `INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
  SELECT ${cell(0)}, ${cell(1)}, ${cell(1)}, ${cell(2)}, 1, 0, ${SOME_TIME}, ${SOME_TIME} FROM json_each(?)`
const insertFolder = `INSERT INTO folder (id, name, is_starter_project, user_id)
  SELECT ${cell(0)}, ${cell(1)}, ${cell(2)}, ${cell(3)} FROM json_each(?)`
const insertGrant = `INSERT OR IGNORE INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, expires_at, is_immutable, created_at)
  SELECT ${cell(0)}, ${cell(1)}, (SELECT id FROM role WHERE name = ${cell(2)}), ${cell(3)}, ${cell(4)}, ${cell(5)}, ${cell(6)}, ${SOME_TIME}
  FROM json_each(?)`
const insertFlow = (
  dataBytes: number,
) => `INSERT INTO flow (id, name, description, data, is_component, updated_at, webhook, tags, locked, mcp_enabled, access_type, user_id, folder_id)
  SELECT ${cell(0)}, ${cell(1)}, 'What it does, in a few words',
    '{"nodes":[{"id":"' || hex(zeroblob(${Math.ceil(Math.max(0, dataBytes - 40) / 2)})) || '"}],"edges":[]}',
    ${cell(2)}, ${cell(3)}, 0, '[]', 0, 0, 'PRIVATE', ${cell(4)}, ${cell(5)} FROM json_each(?)`

const topics = [
  'Support agent',
  'Invoice reader',
  'Report writer',
  'Search assistant',
  'Mail sorter',
  'Data cleaner',
]
