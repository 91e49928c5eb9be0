// How many HTTP requests each start costs: the table in the README is this test's.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { openDatabase } from '../src/db/client.ts'
import { migrate } from '../src/migrate/run.ts'
import { startDatabase, type TestDatabase } from './support/database.ts'
import { older, readLedger } from './support/databases.ts'
import { langbuilderSql } from './support/langbuilder.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

const reach = (n: number) => migrate(openDatabase({ url: database.url }), older(revisions, n))

async function countRequests(): Promise<number> {
  database.proxy.reset()
  // The first pause is all the patience there is.
  let passed = 0
  const now = vi
    .spyOn(Date, 'now')
    .mockImplementation(() => Math.round(performance.timeOrigin + performance.now()) + passed)
  const pause = async () => {
    passed += 10_000
  }
  const { report } = await migrate(database.open(), revisions, { pause })
  now.mockRestore()
  expect(report.round_trips).toBe(database.proxy.count)
  return database.proxy.count
}

/** Revisions that had rows to change took a transaction more, in which they changed nothing. */
async function countSliced(): Promise<number> {
  const { rows } = await database.client.execute('SELECT changed FROM __drizzle_migrations')
  const counts = rows.map(({ changed }) => Object.values(JSON.parse(String(changed ?? '{}'))))
  return counts.filter((list) => list.some((n) => Number(n) > 0)).length
}

test('fresh: one look, one request for everything', async () => {
  expect(await countRequests()).toBe(2)
})

test.each([1, 2, 3])('behind by %i: one look, one for the lease, one per revision', async (k) => {
  await reach(revisions.length - k)
  expect(await countRequests()).toBe(2 + k + (await countSliced()))
})

test('at head: one look', async () => {
  await reach(revisions.length)
  expect(await countRequests()).toBe(1)
})

test('unstamped at head: one look, one stamp, and what cannot be proven again', async () => {
  await reach(revisions.length)
  await database.client.executeMultiple(
    'DROP TABLE __drizzle_migrations; DROP TABLE flowgate_lease; DROP TABLE flowgate_guard;',
  )
  const requests = await countRequests()
  const again = (await readLedger(database.client)).filter((row) => row.endsWith('applied')).length
  expect(requests).toBe(2 + again)
  expect(again).toBeLessThan(2)
})

test("LangBuilder's head: a look at schema and rows, one stamp, one request per revision after it", async () => {
  await database.client.executeMultiple(langbuilderSql({ origin: 'fresh', at: 'f5fcbdff490d' }))
  expect(await countRequests()).toBe(3 + revisions.length - 2 + (await countSliced()))
})

test('held: a look, and one more when patience ends', async () => {
  await reach(1)
  await database.client.execute(
    "UPDATE flowgate_lease SET holder = 'other', expires_at = unixepoch() + 30",
  )
  expect(await countRequests()).toBe(2)
})

test('refused: one look', async () => {
  await reach(2)
  await database.client.execute('DROP TABLE rolepermission')
  expect(await countRequests()).toBe(1)
})
