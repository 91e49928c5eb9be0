// Many isolates, one database: every revision once, and no dead holder that needs a person.
import { expect, test } from 'vitest'
import { migrateTo, readLedger, tags } from './support/databases.ts'
import { type Flowgate, flowgateForTest } from './support/flowgate.ts'
import { login } from './support/world.ts'

/** Signs in; comes back as often as it is told to. */
async function knock(gate: Flowgate, isolate = 0) {
  for (;;) {
    const answer = await login(gate, 'root', 'correct horse battery', isolate)
    if (answer.status !== 503) return answer
    const seconds = Number(answer.headers.get('retry-after'))
    expect(seconds, JSON.stringify(answer.body)).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}

for (const [state, count] of [
  ['an empty', 0],
  ['an old', 1],
] as const) {
  test(`ten isolates that start at once on ${state} database, five requests each, apply every revision once`, async () => {
    const gate = await flowgateForTest({
      isolates: 10,
      prepare: (_, url) => (count ? migrateTo(url, count) : Promise.resolve()),
    })
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => knock(gate, i % 10)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(200))
    expect(await readLedger(gate.db)).toEqual(tags().map((tag) => `${tag} applied`))
    const runs = gate.logs.filter((line) => line.event === 'migrate')
    expect(runs.flatMap((run) => run.applied).sort()).toEqual(tags(count))
    expect(gate.proxy.failures.map(String)).toEqual([])
    expect(gate.logs.filter((line) => line.stream === 'stderr')).toEqual([])
    expect((await gate.db.execute('SELECT count(*) AS n FROM user')).rows[0]?.n).toBe(1)
  })
}

test('an isolate that dies with the lease delays the next by no more than the lease', async () => {
  const gate = await flowgateForTest({ prepare: (_, url) => migrateTo(url, 1) })
  // Its first write takes the lease; then nothing is heard from it any more.
  // Two looks, at the schema and at the rows; then the lease.
  gate.proxy.decide((k) => (k <= 2 ? 'forward' : k === 3 ? 'unanswered' : 'lost'))
  await login(gate, 'root', 'correct horse battery')
  await gate.restart()
  gate.proxy.decide(() => 'forward')
  const lease = await gate.db.execute(
    "SELECT expires_at > unixepoch('subsec') AS live FROM flowgate_lease",
  )
  expect(lease.rows[0]?.live).toBe(1)
  const { status } = await knock(gate)
  expect(status).toBe(200)
  expect(gate.logs.findLast((line) => line.event === 'migrate')).toMatchObject({
    found: 'held',
    verdict: 'at_head',
    applied: tags(1),
  })
  expect(await readLedger(gate.db)).toEqual(tags().map((tag) => `${tag} applied`))
})

test('a lease that lives on makes others wait, then tells them when to come back', async () => {
  const gate = await flowgateForTest({
    async prepare(db, url) {
      await migrateTo(url, 1)
      await db.execute(
        "UPDATE flowgate_lease SET holder = 'somebody', expires_at = unixepoch('subsec') + 30",
      )
    },
  })
  const { status, body, headers } = await login(gate, 'root', 'correct horse battery')
  expect([status, body.code]).toEqual([503, 'migration_running'])
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await readLedger(gate.db)).toHaveLength(1)
})
