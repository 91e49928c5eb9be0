// What a key is worth, walked over all routes: one that is none costs a read, one that only reads changes nothing.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { cases } from './support/cases.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import { idOf, putMatrix, sendCase, sendText } from './support/matrix.ts'
import { paperProvider } from './support/paper-provider.ts'
import { missingId } from './support/random-worlds.ts'
import { listRoutes, statusOfNobody } from './support/routes.ts'
import { statementsOf } from './support/rows-read.ts'
import { sessionsOfAll } from './support/tokens.ts'
import { call, signIn } from './support/world.ts'

let gate: Flowgate
beforeAll(async () => {
  gate = await startFlowgate({ bindings: paperProvider })
})
afterAll(() => gate.stop())

const closed = listRoutes().filter((route) =>
  [cases[route]].flat().some((one) => one && one.needs !== 'nothing'),
)
const stranger = { 'x-api-key': 'sk-of-nobody' }

/** A request that would cost much, if anybody looked at it: its body is no JSON. */
const knock = async (route: string) => {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/:\w+/g, missingId)
  const type = { 'content-type': 'application/json' }
  if (method !== 'GET') return sendText(gate, method, path, '{"name": [', { ...stranger, ...type })
  return call(gate, method, path, undefined, stranger)
}

function sent() {
  const seen = gate.proxy.bodies.flatMap((body, n) =>
    statementsOf(body, gate.proxy.answers[n] ?? ''),
  )
  return seen.filter(({ sql }) => !/^(BEGIN( DEFERRED)?|COMMIT|ROLLBACK)/.test(sql))
}

const writes = /^\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|BEGIN IMMEDIATE)/

/** What a request with a key that is none costs beyond the answer 403: the rows that it reads. */
async function costOf(route: string): Promise<number> {
  gate.proxy.reset()
  const { status, body } = await knock(route)
  expect([status, body.detail]).toEqual([statusOfNobody(route), 'Invalid or missing API key'])
  expect(gate.proxy.count).toBe(1)
  expect(sent().filter(({ sql }) => writes.test(sql))).toEqual([])
  return sent().reduce((sum, statement) => sum + statement.rowsRead, 0)
}

/** By its hash, and as an adopted database may hold it: two places in one index. */
const oneLook = [{ sql: expect.stringMatching(/^SELECT k\.\*.* WHERE k\.api_key IN \(\?, \?\)/s) }]

test('with a key that is none, no route costs more than a look at a database without tables, and none makes any', async () => {
  for (const route of closed) {
    await costOf(route)
    expect(sent()).toMatchObject(oneLook)
  }
  const { rows } = await gate.db.execute('SELECT count(*) AS n FROM sqlite_master')
  expect(rows[0]?.n).toBe(0)
})

describe('in a database', () => {
  beforeAll(async () => {
    await signIn(gate)
  })

  test.each(closed)(
    'with a key that is none, %s costs one round trip that reads, before anything is parsed',
    async (route) => {
      const rowsRead = await costOf(route)
      if (route.startsWith('GET ')) return expect(rowsRead).toBeLessThanOrEqual(50)
      expect(sent()).toMatchObject(oneLook)
      expect(rowsRead).toBeLessThanOrEqual(2)
    },
  )

  const reading = ['POST /api/v1/rbac/check-permissions', 'POST /api/v1/flows/download/']

  // What a key asks about others, and which one, is test/authzen.test.ts.
  test.each(closed.filter((route) => !route.includes('/access/v1/')))(
    'a key that only reads gets through %s if that changes nothing, and else changes nothing',
    async (route) => {
      for (const one of [cases[route]].flat()) {
        if (!one) continue
        const ids = await putMatrix(gate, one)
        const key = await plantKey(idOf('root'))
        const before = await readAll()
        const answer = await sendCase(gate, route, one, one.on ? ids[one.on] : missingId, key)
        if (route.startsWith('GET ') || reading.includes(route))
          expect([200, 404, 409]).toContain(answer.status)
        else expect([answer.status, answer.body.detail]).toEqual([403, 'This API key only reads'])
        expect(await readAll()).toEqual(before)
      }
    },
  )
})

/** A key of this user that only reads, as an adopted database would hold it. */
async function plantKey(userId: string): Promise<Record<string, string>> {
  await gate.db.batch([
    sessionsOfAll,
    {
      sql: `INSERT INTO apikey (id, name, api_key, user_id, created_at, total_uses, is_active, read_only)
        VALUES (lower(hex(randomblob(16))), 'reader', 'sk-reader', ?, '2026-01-01 00:00:00.000000', 0, 1, 1)`,
      args: [userId.replaceAll('-', '')],
    },
  ])
  return { 'x-api-key': 'sk-reader' }
}

/** All that a key could change; its own use is counted. */
async function readAll() {
  const tables = [
    'user',
    'folder',
    'flow',
    'flowgate_session',
    'role',
    'userroleassignment',
    'flowgate_audit',
  ]
  const all = await gate.db.batch([
    ...tables.map((table) => `SELECT * FROM ${table}`),
    "SELECT id FROM apikey WHERE name <> 'reader'",
  ])
  return all.map(({ rows }) => JSON.stringify(rows))
}

test('a cold isolate stays cold, whatever strangers send', async () => {
  await gate.restart()
  gate.logs.length = 0
  for (const route of closed) {
    expect(await costOf(route)).toBeLessThanOrEqual(2)
    expect(sent()).toMatchObject(oneLook)
  }
  expect(gate.logs.filter(({ event }) => event === 'migrate')).toEqual([])
})

describe.each(['3162e83e485f', 'f5fcbdff490d'] as const)("LangBuilder's database at %s", (at) => {
  test('is adopted for a key that it knows, and for no other', async () => {
    const sql = langbuilderSql({ origin: 'migrated', at })
    const adopting = await flowgateForTest({ prepare: (db) => db.executeMultiple(sql) })
    const { rows } = await adopting.db.execute('SELECT api_key FROM apikey LIMIT 1')
    const whoami = (key: string) =>
      call(adopting, 'GET', '/api/v1/users/whoami', undefined, { 'x-api-key': key })
    const post = () => call(adopting, 'POST', '/api/v1/flows/', {}, stranger)
    expect([(await whoami('sk-of-nobody')).status, (await post()).status]).toEqual([403, 403])
    const ledger = "SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'"
    expect((await adopting.db.execute(ledger)).rows).toEqual([])
    await vi.waitFor(
      async () => expect((await whoami(String(rows[0]?.api_key))).status).toBe(200),
      { timeout: 30_000, interval: 500 },
    )
    expect((await adopting.db.execute(ledger)).rows).toHaveLength(1)
  })
})
