// What `npm run db -- status` says of a database before anything is done to it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { findings } from '../src/db/findings.ts'
import { startDatabase, type TestDatabase } from './support/database.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import { ERINS, faultsSql } from './support/langbuilder-faults.ts'
import { runInSlices } from './support/slices.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

/** Every finding that is not 0, by the first word that tells it apart; null where a table is missing. */
async function readFindings(): Promise<Record<string, number | null>> {
  const found: Record<string, number | null> = {}
  for (const { name, sql } of findings) {
    const n = await database.client.execute(sql).then(
      ({ rows }) => Number(rows[0]?.n),
      (error: Error) => {
        expect(error.message).toContain('no such table')
        return null
      },
    )
    if (n !== 0) found[name] = n
  }
  return found
}

const ids = (table: string) => `ids in ${table} with dashes, upper case, or not of 32 characters`
const stray =
  "flows in a project that is gone or not their author's (from before RBAC: they move to the author's own)"

async function enter(hasRbac: boolean) {
  const at = hasRbac ? 'f5fcbdff490d' : '3162e83e485f'
  await database.client.executeMultiple(langbuilderSql({ origin: 'fresh', at }))
  await database.client.executeMultiple(faultsSql(hasRbac))
}

test('an empty database has nothing to find, and every table may be missing', async () => {
  expect(Object.values(await readFindings()).filter((n) => n !== null)).toEqual([])
})

test('each fault of a database from before RBAC is counted before anything is done', async () => {
  await enter(false)
  await database.client.executeMultiple(`
    UPDATE flow SET data = '"' || replace(hex(zeroblob(2450000)), '0', 'x') || '"' WHERE name = 'an example';
    UPDATE flow SET data = '{"nodes":[}' WHERE name = 'in work';
    UPDATE flow SET data = CAST('{"nodes":[]}' AS BLOB), tags = CAST('[]' AS BLOB) WHERE name = 'in starter';`)
  const missing = Object.fromEntries(
    findings
      .filter(({ name }) => /grant|role|permission/.test(name))
      .map(({ name }) => [name, null]),
  )
  expect(await readFindings()).toEqual({
    ...missing,
    'flows of 4.9 MB and more, which no answer can carry and the server cannot change': 1,
    'flows whose graph is not JSON (of the first 256 MB)': 1,
    'flows whose graph or tags are stored as BLOB (read as text)': 1,
    [stray]: ERINS + 5,
    'flows whose author is gone': 2,
    'flows whose project is gone': 1,
    'projects whose user is gone': 1,
    [ids('user')]: 2,
    [ids('folder')]: 5,
    [ids('flow')]: 7,
    [ids('apikey')]: 2,
  })
})

test('names that look alike are counted, each but the first', async () => {
  await enter(true)
  const before = await readFindings()
  await database.client.executeMultiple(`
    INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
      SELECT '${'9'.repeat(32)}', upper(username) || ' ', password, 1, 0, create_at, updated_at FROM user LIMIT 1;
    INSERT INTO role (id, name, is_system_role, created_at)
      SELECT '${'8'.repeat(32)}', 'vIEWER', 0, '2026-01-01'`)
  const after = await readFindings()
  const alike = Object.keys(after).filter((name) => name.includes('but for case'))
  expect(alike).toHaveLength(2)
  for (const name of alike) expect(after[name]).toBe(Number(before[name] ?? 0) + 1)
})

test('what is counted as moving moves, and ids and duplicates are settled', async () => {
  for (const hasRbac of [false, true]) {
    await database.reset()
    await enter(hasRbac)
    const before = await readFindings()
    const run = await runInSlices(database.client, revisions.slice(hasRbac ? 2 : 1), 7)
    const moved = run.changed["flows moved to their author's own Starter Project"]
    expect(moved).toBe(hasRbac ? 0 : before[stray])
    if (hasRbac) {
      expect(before['grants held twice']).toBe(5)
      expect(before['permissions that a role holds twice']).toBe(1)
    }
    const after = await readFindings()
    expect(Object.keys(after).filter((name) => /ids in|twice/.test(name))).toEqual([])
    if (!hasRbac) expect(after[stray]).toBeUndefined()
  }
})
