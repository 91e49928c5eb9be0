// The engine in the real Worker: many isolates at once, callers who leave, and what each verdict answers.
import { Miniflare } from 'miniflare'
import { expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { openDatabase } from '../src/db/client.ts'
import { migrate } from '../src/migrate/run.ts'
import { readRows } from './support/database.ts'
import { older } from './support/databases.ts'
import { flowgateForTest, SECRET_KEY } from './support/flowgate.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import type { Fate } from './support/proxy.ts'
import { login } from './support/world.ts'

const starts: [
  string,
  (url: string, sql: (text: string) => Promise<unknown>) => Promise<unknown>,
][] = [
  ['empty', async () => {}],
  ['behind', (url) => migrate(openDatabase({ url }), older(revisions, 2))],
  ['unstamped', (_, sql) => sql(langbuilderSql({ origin: 'migrated', at: 'f5fcbdff490d' }))],
]

// `npm test` has the others in lock.test.ts.
test.each(process.env.PROOF === 'quick' ? starts.slice(-1) : starts)(
  'ten isolates, five requests each, 30 ms away from a database that is %s',
  async (_, enter) => {
    const gate = await flowgateForTest({ isolates: 10, delayMs: 30 })
    await enter(gate.sqld.url, (text) => gate.db.executeMultiple(text))
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        for (;;) {
          const response = await gate.fetch('/api/v1/login', signInForm, i % 10)
          await response.text()
          // Told to come back, it does.
          if (response.status !== 503) return response.status
          const seconds = Number(response.headers.get('retry-after'))
          expect(seconds).toBeGreaterThan(0)
          await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
        }
      }),
    )
    // 401: nobody of that name. What counts is that each request got as far as looking.
    expect(answers.filter((status) => status !== 401)).toEqual([])
    const { __drizzle_migrations: ledger = [] } = await readRows(gate.db)
    expect(ledger.map((row) => row.name)).toEqual(revisions.map((revision) => revision.tag))
    expect(gate.logs.filter((line) => line.event === 'migrate_failed')).toEqual([])
    const wrote = gate.logs.filter((line) => Array.isArray(line.applied) && line.applied.length > 0)
    const applied = wrote.flatMap((line) => line.applied as string[])
    expect(applied).toEqual([...new Set(applied)])
  },
)

const signInForm = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ username: 'nobody', password: 'nothing at all' }).toString(),
}

/** Leaves after 2.5 s. Only a cancelled service binding is noticed by a local workerd. */
const leaver = `export default { async fetch(request, env) {
  const leaving = new AbortController()
  setTimeout(() => leaving.abort(), 2500)
  return env.MAIN.fetch(request, { signal: leaving.signal }).catch(() => new Response('left', { status: 499 }))
} }`

test('a caller who leaves while the database is being migrated leaves a healthy isolate', async () => {
  const gate = await flowgateForTest()
  await migrate(openDatabase({ url: gate.sqld.url }), older(revisions, 1))
  const common = { modules: true as const, compatibilityDate: '2026-04-01' }
  const miniflare = new Miniflare({
    workers: [
      { ...common, name: 'leaver', script: leaver, serviceBindings: { MAIN: 'main' } },
      {
        ...common,
        name: 'main',
        scriptPath: 'dist/index.js',
        compatibilityFlags: ['nodejs_compat'],
        bindings: { LIBSQL_URL: gate.proxy.url, SECRET_KEY },
      },
    ],
  })
  let wake: () => void = () => {}
  const asleep = new Promise<void>((resolve) => {
    wake = resolve
  })
  onTestFinished(async () => {
    wake()
    await miniflare.dispose()
  })
  gate.proxy.reset()
  gate.proxy.decide(async (k): Promise<Fate> => {
    if (k === 3) await asleep
    return 'forward'
  })
  const left = await miniflare.dispatchFetch('http://flowgate.test/api/v1/login', signInForm)
  expect(left.status).toBe(499)
  expect(gate.proxy.count).toBe(3)
  wake()
  // Typed for Workers, used from Node.
  const main = (await miniflare.getWorker('main')) as unknown as Pick<typeof globalThis, 'fetch'>
  const stayed = await main.fetch('http://flowgate.test/api/v1/login', signInForm)
  expect(stayed.status).toBe(401)
  const { __drizzle_migrations: ledger = [] } = await readRows(gate.db)
  expect(ledger.map((row) => row.name)).toEqual(revisions.map((revision) => revision.tag))
})

const refused: [string, string, string, number][] = [
  ['schema_partial', 'partial', 'DROP TABLE __drizzle_migrations; DROP TABLE rolepermission;', 60],
  ['schema_drifted', 'drifted', 'DROP TABLE rolepermission;', 60],
  ['schema_diverged', 'diverged', "DELETE FROM __drizzle_migrations WHERE name = '0000_core';", 60],
  [
    'schema_tampered',
    'tampered',
    "UPDATE __drizzle_migrations SET hash = 'x', content_hash = 'x';",
    60,
  ],
  [
    'migration_failed',
    'failed_recently',
    `UPDATE flowgate_lease SET failed_hash = '${revisions[2]?.hash}', failed_tag = '0002_roles', failed_code = 'SQLITE_CONSTRAINT', failures = 2, retry_at = unixepoch() + 30;`,
    30,
  ],
  [
    'database_unavailable',
    'unknown',
    'DROP TABLE __drizzle_migrations; CREATE VIEW __drizzle_migrations AS SELECT * FROM gone;',
    2,
  ],
]

test('each refusal is a 503 with its own code and a time to come back, one log line, and no write', async () => {
  const gate = await flowgateForTest()
  for (const [code, verdict, sql, seconds] of refused) {
    const { rows } = await gate.db.execute(
      `SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'`,
    )
    if (rows.length > 0)
      await gate.db.migrate(rows.map(({ type, name }) => `DROP ${type} IF EXISTS "${name}"`))
    await migrate(openDatabase({ url: gate.sqld.url }), older(revisions, 2))
    await gate.db.executeMultiple(sql)
    gate.logs.length = 0
    const answer = await login(gate, 'nobody', 'nothing at all')
    expect(answer, code).toMatchObject({ status: 503, body: { code } })
    expect(Number(answer.headers.get('retry-after')), code).toBeGreaterThan(seconds - 3)
    await expect
      .poll(() => gate.logs.filter((line) => line.event === 'migrate'))
      .toMatchObject([{ verdict, round_trips: 1, applied: [], stamped: [] }])
    const ready = await gate.fetch('/health/ready')
    expect(ready.status, code).toBe(503)
    const body = (await ready.json()) as { verdict: string; code: string; detail: string }
    expect(body, code).toMatchObject({ verdict, code })
    expect(body.detail).not.toMatch(/SELECT|INSERT|gone/)
  }
})

test('a warm isolate of an older build notices a revision that breaks it, and says so', async () => {
  const gate = await flowgateForTest()
  expect((await login(gate, 'nobody', 'nothing at all')).status).toBe(401)
  await gate.db.migrate([
    'ALTER TABLE user RENAME COLUMN username TO login_name',
    `INSERT INTO __drizzle_migrations (hash, created_at, name, breaks) VALUES ('f', 1900000000000, '0099_rename', 1)`,
  ])
  expect(await login(gate, 'nobody', 'nothing at all')).toMatchObject({
    status: 503,
    body: { code: 'migration_running' },
  })
  expect(await login(gate, 'nobody', 'nothing at all')).toMatchObject({
    status: 503,
    body: { code: 'schema_breaking', detail: expect.stringContaining('0099_rename') },
  })
})
