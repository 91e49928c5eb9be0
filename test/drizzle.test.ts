// drizzle-kit and flowgate on the same database, in both directions: each continues where the other was.
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { openDatabase } from '../src/db/client.ts'
import type { Revision } from '../src/migrate/revision.ts'
import { migrate } from '../src/migrate/run.ts'
import { readRows, startDatabase, type TestDatabase } from './support/database.ts'
import { older } from './support/databases.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

const tags = revisions.map((revision) => revision.tag)
const open = () => openDatabase({ url: database.url })

/** drizzle-kit as a process, on this test's database. */
function kit(command: string, config = 'migrations/drizzle.config.ts', more: string[] = []) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const env = { ...process.env, LIBSQL_URL: database.url }
    const args = ['drizzle-kit', command, '--config', config, ...more]
    const child = execFile('npx', args, { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    )
    child.stdin?.end()
  })
}

/** drizzle-kit's folder with only the first n revisions in its journal. */
function olderFolder(n: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowgate-drizzle-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync('migrations', folder, { recursive: true })
  const path = join(folder, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, n) }))
  const config = join(folder, 'older.json')
  const settings = { dialect: 'turso', out: folder, dbCredentials: { url: database.url } }
  writeFileSync(config, JSON.stringify(settings))
  return config
}

test('what flowgate migrated, drizzle-kit finds complete', async () => {
  await migrate(open(), revisions)
  const before = await readRows(database.client)
  const { code, output } = await kit('migrate')
  expect(code, output).toBe(0)
  expect(await readRows(database.client)).toEqual(before)
})

test('what flowgate left behind head, drizzle-kit brings there, and flowgate names its rows', async () => {
  await migrate(open(), older(revisions, 4))
  const { code, output } = await kit('migrate')
  expect(code, output).toBe(0)
  const names = async () =>
    (await readRows(database.client)).__drizzle_migrations?.map((row) => row.name)
  expect(await names()).toEqual(tags.map((tag, i) => (i < 4 ? tag : null)))
  const { report } = await migrate(open(), revisions)
  expect(report).toMatchObject({ found: 'at_head', applied: [], stamped: [] })
  expect(await names()).toEqual(tags)
})

test('what drizzle-kit began, flowgate finishes in the same ledger, in the shape of drizzle 1.0', async () => {
  const { code, output } = await kit('migrate', olderFolder(3))
  expect(code, output).toBe(0)
  const { report, refusal } = await migrate(open(), revisions)
  expect(refusal).toBeUndefined()
  expect(report).toMatchObject({ found: 'behind', before: '0002_roles', applied: tags.slice(3) })
  const { __drizzle_migrations: ledger = [] } = await readRows(database.client)
  expect(ledger.map(({ name, hash, created_at }) => ({ name, hash, created_at }))).toEqual(
    revisions.map(({ tag, hash, when }) => ({ name: tag, hash, created_at: when })),
  )
  const again = await kit('migrate')
  expect(again.code, again.output).toBe(0)
  expect((await readRows(database.client)).__drizzle_migrations).toHaveLength(tags.length)
})

test('drizzle-kit has nothing to generate and finds its folder sound', async () => {
  const generated = await kit('generate')
  expect(generated.output).toMatch(/No schema changes/)
  const checked = await kit('check')
  expect(checked.code, checked.output).toBe(0)
})

test('push plans to drop neither private nor foreign tables', async () => {
  await migrate(open(), revisions)
  await database.client.execute('CREATE TABLE theirs (id INTEGER PRIMARY KEY, note TEXT)')
  const { output } = await kit('push', undefined, ['--verbose'])
  // It plans to rebuild our own tables, for it reads CHAR(32) as another type than it wrote.
  const dropped = [...output.matchAll(/DROP TABLE `?(\w+)/g)].map(([, table]) => String(table))
  const own = Object.keys((revisions.at(-1) as Revision).schema)
  expect(dropped.length).toBeGreaterThan(0)
  expect(dropped.filter((table) => !own.includes(table))).toEqual([])
  const { theirs, flowgate_lease } = await readRows(database.client)
  expect(theirs).toEqual([])
  expect(flowgate_lease).toHaveLength(1)
})
