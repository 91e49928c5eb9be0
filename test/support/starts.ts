// A database as cold starts find it, one after the other: served both times, or refused both times and not written.
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { revisions } from '../../migrations/bundle.ts'
import { openDatabase } from '../../src/db/client.ts'
import { migrate, type Run } from '../../src/migrate/run.ts'
import { readRows, startDatabase, type TestDatabase } from './database.ts'

/** Starts the engine of this build on the database, as a cold isolate would. */
export const start = (url: string) => migrate(openDatabase({ url }), revisions)

export const verdicts = ({ report }: Run) => [report.found, report.verdict]

export async function expectServed(url: string, first: string): Promise<void> {
  const run = await start(url)
  expect([...verdicts(run), run.refusal?.detail]).toEqual([first, 'at_head', undefined])
  expect(verdicts(await start(url)), 'at the next start').toEqual(['at_head', 'at_head'])
}

/** Refused in words that name it, with nothing written, twice the same. */
export async function expectRefused(
  database: TestDatabase,
  code: string,
  words: string,
): Promise<void> {
  const before = await contents(database)
  for (const when of ['at the first start', 'at the next']) {
    const { refusal } = await start(database.url)
    const found = [refusal?.code, String(refusal?.detail)]
    expect(found, when).toEqual([code, expect.stringContaining(words)])
    expect(await contents(database), when).toEqual(before)
  }
}

/** Every object and every row. */
export async function contents({ client }: TestDatabase) {
  const { rows } = await client.execute('SELECT name, sql FROM sqlite_master ORDER BY name')
  return { objects: rows.map((row) => ({ ...row })), rows: await readRows(client) }
}

/** One server for the tests of a file, empty at the beginning of each. */
export function databaseForFile(): {
  readonly now: TestDatabase
  prepare(sql: string): Promise<void>
} {
  let database: TestDatabase | undefined
  const now = () => {
    if (!database) throw new Error('the server starts with the first test')
    return database
  }
  beforeAll(async () => {
    database = await startDatabase()
  })
  afterAll(() => database?.stop())
  beforeEach(() => database?.reset())
  return {
    get now() {
      return now()
    },
    prepare: (sql) => now().client.executeMultiple(`PRAGMA foreign_keys = OFF; ${sql}`),
  }
}
