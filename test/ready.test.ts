// The gate of a cold isolate, however many stand before it: one of them looks and works, the others hear what it
// found, and nobody waits for longer than a caller's patience.
import { expect, test } from 'vitest'
import { migrateTo, readLedger, tags } from './support/databases.ts'
import { type Flowgate, flowgateForTest } from './support/flowgate.ts'
import type { Fate } from './support/proxy.ts'
import { type Answer, call, login } from './support/world.ts'

const CROWD = 20
const knock = (gate: Flowgate, password = 'correct horse battery') => login(gate, 'root', password)
/** Half of them with a wrong password. */
const crowd = (gate: Flowgate) =>
  Array.from({ length: CROWD }, (_, i) => knock(gate, i % 2 === 0 ? undefined : 'a wrong one'))

const isLook = (body: string) => /pragma_table_xinfo|remaining_ms/.test(body)
const isStep = (body: string) => body.includes('INSERT INTO __drizzle_migrations')
const runs = (gate: Flowgate) => gate.logs.filter((line) => line.event === 'migrate')

function expectTurnedAway(answers: Answer[], code: string): void {
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
    answers.map(() => [503, code]),
  )
  for (const { headers } of answers) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status)
const served = Array.from({ length: CROWD }, (_, i) => (i % 2 === 0 ? 200 : 401))

/** Holds the first request that `isMeant` until it is let go. */
function hold(
  gate: Flowgate,
  isMeant: (body: string) => boolean,
): { letGo: () => void; reached: Promise<void> } {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let arrived = () => {}
  const reached = new Promise<void>((resolve) => {
    arrived = resolve
  })
  let isFirst = true
  gate.proxy.decide(async (_, body): Promise<Fate> => {
    if (isFirst && isMeant(body)) {
      isFirst = false
      arrived()
      await held
    }
    return 'forward'
  })
  return { letGo, reached }
}

test('while somebody else holds the lease, a crowd at a cold isolate looks as seldom as one', async () => {
  const gate = await flowgateForTest({
    async prepare(db, url) {
      await migrateTo(url, 1)
      await db.execute(
        "UPDATE flowgate_lease SET holder = 'somebody', expires_at = unixepoch('subsec') + 50",
      )
    },
  })
  const began = Date.now()
  expectTurnedAway(await Promise.all(crowd(gate)), 'migration_running')
  const passed = Date.now() - began
  const looks = gate.proxy.bodies.filter(isLook).length
  expect(looks).toBe(gate.proxy.count)
  expect(looks).toBeGreaterThan(3)
  // 150 ms, and a quarter less by chance.
  expect(looks).toBeLessThanOrEqual(2 + passed / 112)
  await expect.poll(() => runs(gate)).toHaveLength(1)

  await gate.db.execute('UPDATE flowgate_lease SET expires_at = 0')
  const again = async () => statuses(await Promise.all(crowd(gate)))
  await expect.poll(again, { timeout: 40_000, interval: 1000 }).toEqual(served)
  expect(await readLedger(gate.db)).toHaveLength(tags().length)
})

test('a crowd at a cold isolate on an empty database costs one look and one transaction', async () => {
  const gate = await flowgateForTest()
  expect(statuses(await Promise.all(crowd(gate)))).toEqual(served)
  expect(gate.proxy.bodies.filter(isLook)).toHaveLength(1)
  expect(gate.proxy.bodies.filter(isStep)).toHaveLength(1)
  expect(runs(gate)).toMatchObject([{ verdict: 'at_head', round_trips: 2 }])
})

test('what is refused is found out once for all who wait', async () => {
  const gate = await flowgateForTest({
    async prepare(db, url) {
      await migrateTo(url, tags().length)
      await db.execute('DROP TRIGGER flowgate_audit_keeps_rows')
    },
  })
  const { letGo, reached } = hold(gate, isLook)
  const waiting = crowd(gate)
  await reached
  // Answered after all of them have come.
  expect((await call(gate, 'GET', '/health')).status).toBe(200)
  letGo()
  expectTurnedAway(await Promise.all(waiting), 'schema_drifted')
  expect(gate.proxy.count).toBe(1)
  expect(runs(gate)).toMatchObject([{ verdict: 'drifted' }])

  // And not believed for longer than that.
  await gate.db.execute(
    "UPDATE __drizzle_migrations SET hash = 'x', content_hash = 'x' WHERE name LIKE '0003%'",
  )
  expectTurnedAway([await knock(gate)], 'schema_tampered')
})

test('a run that goes past the patience of its callers goes on when they have left', async () => {
  const gate = await flowgateForTest({ prepare: (_, url) => migrateTo(url, 1) })
  // The transaction that takes the lease records nothing; this is the next.
  const { letGo, reached } = hold(gate, isStep)
  const first = knock(gate)
  await reached
  const others = Promise.all(crowd(gate))
  expectTurnedAway([await first], 'migration_running')
  expectTurnedAway(await others, 'migration_running')
  const sent = gate.proxy.count
  // Still at work: whoever comes now does not start another run.
  const late = knock(gate)
  await call(gate, 'GET', '/health')
  expect(gate.proxy.count).toBe(sent)
  letGo()
  expect((await late).status).toBe(200)
  expect(await readLedger(gate.db)).toEqual(tags().map((tag) => `${tag} applied`))
  await expect.poll(() => runs(gate)).toMatchObject([{ verdict: 'at_head', applied: tags(1) }])
})

test('a run whose callers have all left ends by itself', async () => {
  const gate = await flowgateForTest({ prepare: (_, url) => migrateTo(url, 1) })
  const { letGo, reached } = hold(gate, isStep)
  const first = knock(gate)
  await reached
  expectTurnedAway([await first], 'migration_running')
  letGo()
  const done = tags().map((tag) => `${tag} applied`)
  await expect.poll(() => readLedger(gate.db), { timeout: 30_000 }).toEqual(done)
})
