// `npm run db`: the same engine by hand. Most cases call the commands; some run the real process.
import { execFile } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import type { Context } from '../src/cli/answers.ts'
import { commands } from '../src/cli/commands.ts'
import { openDatabase } from '../src/db/client.ts'
import { migrate } from '../src/migrate/run.ts'
import { readRows, startDatabase, type TestDatabase } from './support/database.ts'
import { older } from './support/databases.ts'
import { langbuilderSql } from './support/langbuilder.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

const headTag = revisions.at(-1)?.tag ?? ''
const dropPrivate =
  'DROP TABLE __drizzle_migrations; DROP TABLE flowgate_lease; DROP TABLE flowgate_guard;'

async function db(name: string, options: Partial<Context> = {}) {
  const command = commands[name]
  if (!command) throw new Error(`no command ${name}`)
  return command({
    db: openDatabase({ url: database.url }),
    url: database.url,
    revisions,
    yes: false,
    force: undefined,
    yesIKnow: undefined,
    progress: () => {},
    ...options,
  })
}

const reach = (n: number) => migrate(openDatabase({ url: database.url }), older(revisions, n))

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, LIBSQL_URL: '' }
    execFile('npx', ['tsx', 'src/cli/db.ts', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

test('status names those who look alike, before adoption and after it, with nothing left unseen', async () => {
  await database.client.executeMultiple(`${langbuilderSql({ origin: 'fresh', at: 'f5fcbdff490d' })};
    UPDATE user SET username = 'ALICE' WHERE username = 'bob'; UPDATE user SET username = 'Ａlice' WHERE username = 'carol';
    INSERT INTO role (id, name, is_system_role, created_at) VALUES ('r', 'admin', 0, '2025')`)
  const look_alikes = {
    user: { count: 1, groups: [['alice', 'ALICE', 'Ａlice']] },
    role: { count: 1, groups: [['Admin', 'admin']] },
  }
  for (const code of [12, 0]) {
    const { lines, ...status } = (await db('status')) as Awaited<ReturnType<typeof db>>
    expect(status).toMatchObject({ code, report: { look_alikes } })
    expect(lines).toContain('  "alice" "ALICE" "\\u{ff21}lice"')
    await db('migrate')
  }
})

test('status says what is there, migrate brings it to head, check agrees', async () => {
  expect(await db('status')).toMatchObject({ code: 10, report: { verdict: 'empty' } })
  expect(await readRows(database.client)).toEqual({})
  const progress: string[] = []
  const migrated = await db('migrate', { progress: (line) => progress.push(line) })
  expect(migrated).toMatchObject({ code: 0, report: { found: 'empty', verdict: 'at_head' } })
  expect(progress).toHaveLength(1)
  expect(await db('status')).toMatchObject({ code: 0, report: { verdict: 'at_head' } })
  expect(await db('check')).toMatchObject({ code: 0, report: { differences: [] } })
})

test('status says which indexes are missing, which revisions are newer, and how long a lease lives', async () => {
  const lines = async () => (await db('status')).lines.join('\n')
  await reach(revisions.length)
  await database.client.execute('DROP INDEX ix_flow_updated')
  expect(await lines()).toMatch(/missing +index flow\(updated_at, id, folder_id, /)
  await database.client.execute(
    `INSERT INTO __drizzle_migrations (hash, created_at, name, how) VALUES ('x', 4102444800000, '0099_later', 'applied')`,
  )
  expect(await lines()).toMatch(/newer +0099_later/)
  await database.reset()
  await reach(2)
  await database.client.execute(
    `UPDATE flowgate_lease SET holder = 'somebody', expires_at = unixepoch('subsec') + 50`,
  )
  expect(await lines()).toMatch(/lease +ends in \d+ s/)
})

test('plan prints the statements that migrate then sends, and writes nothing', async () => {
  await reach(revisions.length - 2)
  const before = await readRows(database.client)
  const { code, lines } = await db('plan')
  expect(code).toBe(0)
  expect(await readRows(database.client)).toEqual(before)
  const sent: string[] = []
  database.proxy.decide((_, body) => {
    sent.push(body)
    return 'forward'
  })
  await migrate(database.open(), revisions)
  const wire = JSON.stringify(sent.join('\n'))
  const planned = lines.filter((line) => line !== '' && !line.startsWith('-- request'))
  expect(planned.length).toBeGreaterThan(20)
  for (const line of planned) {
    // A slice has a limit where the whole has none.
    const [sql = ''] = line.replace(/;( -- \[.*\])?$/, '').split('LIMIT -1')
    expect(wire).toContain(JSON.stringify(JSON.stringify(sql).slice(1, -1)).slice(1, -1))
  }
  expect(lines.filter((line) => line.startsWith('-- request'))).toHaveLength(3)
})

test('stamp records what is proven and runs nothing', async () => {
  await database.client.executeMultiple(langbuilderSql({ origin: 'migrated', at: '3162e83e485f' }))
  const flows = (await readRows(database.client)).flow
  expect(await db('stamp')).toMatchObject({ code: 11, report: { revision: '0000_core' } })
  const after = await readRows(database.client)
  expect(after.flow).toEqual(flows)
  expect(after.__drizzle_migrations).toMatchObject([{ name: '0000_core', how: 'stamped' }])
  expect(after.role).toBeUndefined()
})

test('stamp --force needs the name of the revision back, and then makes the ledger say it', async () => {
  await reach(3)
  await database.client.execute("UPDATE __drizzle_migrations SET hash = 'x', content_hash = 'x'")
  expect(await db('status')).toMatchObject({ code: 23 })
  expect(await db('stamp', { force: '0002_roles', yesIKnow: '0001_rbac' })).toMatchObject({
    code: 2,
  })
  expect(await db('stamp', { force: '0002_roles' })).toMatchObject({ code: 2 })
  expect(await db('stamp', { force: 'nonsense', yesIKnow: 'nonsense' })).toMatchObject({ code: 2 })
  expect(await db('stamp', { force: '0002_roles', yesIKnow: '0002_roles' })).toMatchObject({
    code: 11,
    report: { verdict: 'behind', revision: '0002_roles' },
  })
  const { __drizzle_migrations: ledger } = await readRows(database.client)
  expect(ledger?.map((row) => row.how)).toEqual(['forced', 'forced', 'forced'])
})

test('check names each difference and fails where head is not what is there', async () => {
  await reach(revisions.length)
  await database.client.executeMultiple(
    'DROP INDEX ix_flow_name_id; DROP INDEX unique_user_role_global;',
  )
  const { code, report } = await db('check')
  expect(code).toBe(1)
  expect(report.differences).toEqual([
    { kind: 'missing', object: 'index flow(name, id, folder_id, is_component)' },
    {
      kind: 'missing',
      object: 'unique userroleassignment(user_id, role_id, scope_type)',
      expected: 'where scope_id is null',
    },
  ])
})

const repairable: [string, number, string, string][] = [
  ['a table with its indexes', 2, `${dropPrivate} DROP TABLE rolepermission;`, '0001_rbac'],
  [
    'a column and an index',
    2,
    `${dropPrivate} ALTER TABLE folder DROP COLUMN is_starter_project; DROP INDEX ix_role_name;`,
    '0001_rbac',
  ],
  ['a plain index at head', revisions.length, 'DROP INDEX ix_flow_updated;', headTag],
  [
    'what a drifted schema lost',
    revisions.length,
    'DROP TRIGGER flowgate_audit_keeps_rows; DROP INDEX unique_user_role_global; ALTER TABLE apikey DROP COLUMN prefix;',
    headTag,
  ],
]

test.each(repairable)(
  'repair adds %s, after a rehearsal, and only when told to',
  async (_, n, sql, towards) => {
    await reach(n)
    await database.client.executeMultiple(sql)
    const before = await readRows(database.client)
    expect(await db('repair')).toMatchObject({ report: { kind: 'additive', towards } })
    expect(await readRows(database.client)).toEqual(before)
    await db('repair', { yes: true })
    expect(await db('migrate')).toMatchObject({ code: 0 })
    expect(await db('check')).toMatchObject({ code: 0 })
  },
)

const forPeople: [string, number, string, RegExp][] = [
  [
    'a column that needs values',
    1,
    `${dropPrivate} DROP INDEX ix_apikey_user_id; DROP INDEX unique_flow_name; DROP INDEX ix_flow_user_id; ALTER TABLE user DROP COLUMN password;`,
    /user\.password needs a value in every row/,
  ],
  [
    'an object of a later revision after data steps',
    2,
    `${dropPrivate} CREATE TABLE flowgate_audit (seq INTEGER PRIMARY KEY);`,
    /flowgate_audit is in the way/,
  ],
  [
    'a leftover with the only copy',
    1,
    `${dropPrivate} ALTER TABLE apikey RENAME TO _alembic_tmp_apikey;`,
    /_alembic_tmp_apikey is in the way \(the only copy of table apikey\)/,
  ],
]

test.each(forPeople)('repair leaves %s to a person', async (_, n, sql, reason) => {
  await reach(n)
  await database.client.executeMultiple(sql)
  const before = await readRows(database.client)
  const { code, report, lines } = await db('repair', { yes: true })
  expect({ code, kind: report.kind }).toEqual({ code: 20, kind: 'person' })
  expect(lines.join('\n')).toMatch(reason)
  expect(await readRows(database.client)).toEqual(before)
})

const insertFlow = (n: number) =>
  `INSERT INTO flow (id, name, access_type) VALUES ('${String(n).padStart(32, '0')}', 'flow ${n}', 'PRIVATE')`

test('check names counts that a lost trigger did not keep, and repair brings back both', async () => {
  await reach(revisions.length)
  await database.client.execute(insertFlow(1))
  await database.client.migrate([
    'DROP TRIGGER flowgate_flow_count_insert',
    insertFlow(2),
    insertFlow(3),
  ])
  const miscounts = [
    { folder_id: '', expected: 3, found: 1 },
    { folder_id: '*', expected: 3, found: 1 },
  ]
  expect(await db('check')).toMatchObject({ code: 1, report: { verdict: 'drifted', miscounts } })
  const { lines } = await db('repair')
  expect(lines).toContain('Nothing was written. Repeat with --yes to do it.')
  expect(await db('check')).toMatchObject({ code: 1 })
  expect(await db('repair', { yes: true })).toMatchObject({
    code: 0,
    report: { verdict: 'at_head' },
  })
  expect(await db('check')).toMatchObject({ code: 0 })
  const { rows } = await database.client.execute(
    "SELECT n FROM flowgate_flow_count WHERE folder_id IN ('', '*')",
  )
  expect(rows.map(({ n }) => n)).toEqual([3, 3])
})

test('counts that are wrong at head are said to be, and restored', async () => {
  await reach(revisions.length)
  await database.client.batch([insertFlow(1), 'UPDATE flowgate_flow_count SET n = -1'], 'write')
  expect(await db('check')).toMatchObject({ code: 1, report: { verdict: 'at_head' } })
  expect((await db('repair')).lines).toContain('Nothing was written. Repeat with --yes to do it.')
  expect((await db('repair', { yes: true })).lines).toContain('Restored 2 counts.')
  expect(await db('check')).toMatchObject({ code: 0 })
  expect((await db('repair')).report).not.toHaveProperty('miscounts')
})

test('a newest flow that is another one is said to be at head, and restored', async () => {
  await reach(revisions.length)
  const inProject = (n: number) => [
    insertFlow(n),
    `UPDATE flow SET folder_id = 'p', updated_at = '2026-01-0${n} 00:00:00.000000' WHERE name = 'flow ${n}'`,
  ]
  await database.client.migrate([...inProject(1), ...inProject(2)])
  const heads = async () => {
    const { rows } = await database.client.execute(
      `SELECT head, head_id FROM flowgate_flow_count WHERE folder_id = 'p'`,
    )
    return rows
  }
  const before = await heads()
  expect(before).toMatchObject([{ head: '2026-01-02 00:00:00.000000' }])
  await database.client.execute(
    `UPDATE flowgate_flow_count SET head = '2025-01-01 00:00:00.000000' WHERE folder_id = 'p'`,
  )
  const miscounts = [{ folder_id: 'p', expected: 2, found: 2 }]
  expect(await db('check')).toMatchObject({ code: 1, report: { verdict: 'at_head', miscounts } })
  expect((await db('repair', { yes: true })).lines).toContain('Restored 1 counts.')
  expect(await heads()).toEqual(before)
  expect(await db('check')).toMatchObject({ code: 0 })
})

test('a trigger of ours with another body is drift; repair puts ours back, also the guard of the audit', async () => {
  await reach(revisions.length)
  await database.client.migrate([
    'DROP TRIGGER flowgate_audit_keeps_rows',
    'CREATE TRIGGER flowgate_audit_keeps_rows BEFORE DELETE ON flowgate_audit BEGIN SELECT 1; END',
    "INSERT INTO flowgate_audit (at, action, target_type) VALUES ('2026-01-01', 'a.create', 'a'), ('2026-01-01', 'b.create', 'b')",
    'DELETE FROM flowgate_audit WHERE seq = 1',
  ])
  expect(await db('status')).toMatchObject({ code: 21, report: { verdict: 'drifted' } })
  expect((await db('check')).report).toMatchObject({
    differences: [{ kind: 'different', object: 'trigger flowgate_audit_keeps_rows' }],
    audit_rows_missing: 1,
  })
  expect(await db('repair', { yes: true })).toMatchObject({
    code: 0,
    report: { verdict: 'at_head' },
  })
  await expect(database.client.execute('DELETE FROM flowgate_audit')).rejects.toThrow(
    /never deleted/,
  )
})

test('status counts what adoption will meet before anything is done', async () => {
  await database.client.executeMultiple(langbuilderSql({ origin: 'migrated', at: 'f5fcbdff490d' }))
  const before = await readRows(database.client)
  const { code, report, lines } = await db('status')
  expect(code).toBe(12)
  expect(report.rows).toMatchObject({ 'grants held twice': 1, 'flows whose author is gone': 1 })
  expect(lines.join('\n')).toContain('rows     1 grants held twice')
  expect(await readRows(database.client)).toEqual(before)
})

test('unlock ends a lease and forgets a failure', async () => {
  await reach(2)
  await database.client.execute(
    `UPDATE flowgate_lease SET holder = 'gone', expires_at = unixepoch() + 30, failed_hash = 'h', failed_tag = 't', failures = 3`,
  )
  expect(await db('status')).toMatchObject({ code: 30 })
  expect((await db('unlock')).lines).toEqual([
    'Ended the lease of gone.',
    'Forgot the failure of t.',
  ])
  expect(await db('status')).toMatchObject({ code: 11 })
})

test('as a process: help, JSON on stdout alone, exit codes, and a message where no database is named', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage:') })
  expect(await run('nonsense')).toMatchObject({ code: 2 })
  const status = await run('status', '--json', '--url', database.url)
  expect(status.code).toBe(10)
  expect(JSON.parse(status.stdout)).toMatchObject({ verdict: 'empty' })
  const unreachable = await run('migrate', '--url', 'http://127.0.0.1:9')
  expect(unreachable.code).toBe(40)
})
