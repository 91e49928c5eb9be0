// Databases as they are before flowgate has been there, with N flows: users, projects of 50 flows, a few
// flows without a project, in somebody else's, or in one that is gone. The same for every kind.
import { type Client, createClient } from '@libsql/client'
import { revisions } from '../../migrations/bundle.ts'
import { hash, random } from '../../src/cli/draw.ts'
import { type Insert, idOf, ROWS_PER_INSERT } from '../../src/cli/world.ts'
import { migrateTo } from '../support/databases.ts'
import { langbuilderSql } from '../support/langbuilder.ts'

export const kinds = {
  core: `flowgate at ${revisions[0]?.tag}`,
  langbuilder: 'LangBuilder before RBAC, no ledger',
  'langbuilder-rbac': 'LangBuilder with RBAC, no ledger',
} as const
export type Kind = keyof typeof kinds

const SEED = 1
const WITHOUT_PROJECT = 0.03
const IN_ANOTHER_PROJECT = 0.01
const IN_A_LOST_PROJECT = 0.0001
const GRANTS_PER_PROJECT = 3

/** Somebody who is active in every kind. */
export const someUser = idOf(SEED, 'user', 0)

/** Brings an empty database to a kind and fills it; tells how many rows are in. */
export async function makeOldWorld(
  url: string,
  kind: Kind,
  flows: number,
  onProgress: (rows: number) => void = () => {},
): Promise<void> {
  const db = createClient({ url })
  try {
    if (kind === 'core') await migrateTo(url, 1)
    else
      await db.executeMultiple(
        langbuilderSql({
          origin: 'migrated',
          at: kind === 'langbuilder' ? '3162e83e485f' : 'f5fcbdff490d',
        }),
      )
    await withoutIndexes(db, async () => {
      let done = 0
      for (const { sql, rows } of rowsOf(kind, flows)) {
        // Foreign keys are off: some flows lie in a project that is gone.
        await db.migrate([{ sql, args: [JSON.stringify(rows)] }])
        done += rows.length
        onProgress(done)
      }
    })
  } finally {
    db.close()
  }
}

function* rowsOf(kind: Kind, flows: number): Generator<Insert> {
  const users = Math.max(20, Math.ceil(flows / 1000))
  const projects = Math.max(1, Math.ceil(flows / 50))
  const hasRbac = kind === 'langbuilder-rbac'
  const user = (n: number) => idOf(SEED, 'user', n)
  const ownerOf = (project: number) => hash(SEED, 9, project) % users
  yield* chunked('user', insertUser, users, (n) => [user(n), `user-${n}`])
  yield* chunked('folder', insertFolder(hasRbac), users, (n) => [
    idOf(SEED, 'starter', n),
    'Starter Project',
    user(n),
  ])
  yield* chunked('folder', insertFolder(hasRbac), projects, (n) => [
    idOf(SEED, 'project', n),
    `Project ${n}`,
    user(ownerOf(n)),
  ])
  yield* chunked('flow', insertFlow, flows, (n) => {
    const project = Math.floor(n / 50)
    const place = random(SEED, 1, n)
    const author = ownerOf(project) + (place > 1 - IN_ANOTHER_PROJECT ? 1 : 0)
    return [
      idOf(SEED, 'flow', n),
      `Flow ${n}`,
      user(author % users),
      place < WITHOUT_PROJECT
        ? null
        : place < WITHOUT_PROJECT + IN_A_LOST_PROJECT
          ? idOf(SEED, 'project', -1 - n)
          : idOf(SEED, 'project', project),
      new Date(Date.UTC(2026, 0, 1) - hash(SEED, 3, n)).toISOString().replace(/[TZ]/g, ' '),
    ]
  })
  if (!hasRbac) return
  yield* chunked('userroleassignment', insertGrant, projects * GRANTS_PER_PROJECT, (n) => {
    const project = Math.floor(n / GRANTS_PER_PROJECT)
    const isOwner = n % GRANTS_PER_PROJECT === 0
    return [
      idOf(SEED, 'grant', n),
      user(isOwner ? ownerOf(project) : hash(SEED, 6, n) % users),
      isOwner ? 'Owner' : 'Viewer',
      idOf(SEED, 'project', project),
    ]
  })
}

function* chunked(table: string, sql: string, count: number, row: (n: number) => unknown[]) {
  for (let from = 0; from < count; from += ROWS_PER_INSERT) {
    const length = Math.min(ROWS_PER_INSERT, count - from)
    yield { table, sql, rows: Array.from({ length }, (_, i) => row(from + i)) }
  }
}

/** Rows go many times faster into tables whose indexes are made afterwards; unique ones stay. */
async function withoutIndexes(db: Client, load: () => Promise<void>): Promise<void> {
  const { rows } = await db.execute(`SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND tbl_name IN ('flow', 'userroleassignment') AND sql LIKE 'CREATE INDEX%'`)
  for (const { name } of rows) await db.execute(`DROP INDEX "${name}"`)
  await load()
  for (const { sql } of rows) await db.execute(String(sql))
}

const cell = (n: number) => `value ->> ${n}`
const T = `'2025-01-01 00:00:00.000000'`
const insertUser = `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
  SELECT ${cell(0)}, ${cell(1)}, '!', 1, 0, ${T}, ${T} FROM json_each(?)`
const insertFolder = (hasRbac: boolean) =>
  `INSERT INTO folder (id, name, user_id${hasRbac ? ', is_starter_project' : ''})
  SELECT ${cell(0)}, ${cell(1)}, ${cell(2)}${hasRbac ? ', 0' : ''} FROM json_each(?)`
const insertFlow = `INSERT INTO flow (id, name, description, data, is_component, updated_at, webhook, tags, locked, access_type, user_id, folder_id)
  SELECT ${cell(0)}, ${cell(1)}, 'What it does, in a few words', '{"nodes":[{"id":"' || hex(zeroblob(80)) || '"}],"edges":[]}',
    0, trim(${cell(4)}) || '000', 0, '[]', 0, 'PRIVATE', ${cell(2)}, ${cell(3)} FROM json_each(?)`
const insertGrant = `INSERT OR IGNORE INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
  SELECT ${cell(0)}, ${cell(1)}, (SELECT id FROM role WHERE name = ${cell(2)}), 'Project', ${cell(3)}, 0, ${T} FROM json_each(?)`
