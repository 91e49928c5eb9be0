// Failed sign-ins: who has to wait, for how long, and who does not because of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, SUPERUSER, SUPERUSER_PASSWORD, startFlowgate } from './support/flowgate.ts'
import { type Api, as, createUser, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate({ rateLimit: 10_000, isolates: 2 })
  root = await signIn(gate)
})
afterAll(() => gate.stop())

let addresses = 0
/** An address that nobody else has in these tests. */
const freshAddress = () => `198.51.100.${++addresses}`

async function attempt(username: string, password: string, address?: string, isolate = 0) {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...(address ? { 'cf-connecting-ip': address } : {}),
  }
  const body = new URLSearchParams({ username, password }).toString()
  const response = await gate.fetch('/api/v1/login', { method: 'POST', headers, body }, isolate)
  const { detail } = (await response.json()) as { detail?: string }
  return { status: response.status, wait: Number(response.headers.get('retry-after')), detail }
}

const right = (name: string) => `${name}-password`
async function failTimes(times: number, name: string, address?: string) {
  const statuses = []
  for (let n = 0; n < times; n++) statuses.push((await attempt(name, `wrong ${n}`, address)).status)
  return statuses
}
const rows = async (condition = '1') =>
  (await gate.db.execute(`SELECT * FROM flowgate_attempt WHERE ${condition}`)).rows
/** Time goes by: pauses end, mistakes stay. */
const endPauses = () => gate.db.execute('UPDATE flowgate_attempt SET free_at = 0')
const restartPauses = (seconds: number) =>
  gate.db.execute({
    sql: 'UPDATE flowgate_attempt SET free_at = unixepoch() + ? WHERE free_at > 0',
    args: [seconds],
  })
/** However slow the machine is, they are not over before the next request. */
const lengthenPauses = () => restartPauses(800)
const clear = () => gate.db.execute('DELETE FROM flowgate_attempt')

test('one mistake sent four times is one mistake, as the front end makes it', async () => {
  await createUser(gate, root, 'ann')
  const office = freshAddress()
  for (const password of ['a', 'b', 'c', 'd'])
    for (let n = 0; n < 4; n++) expect((await attempt('ann', password, office)).status).toBe(401)
  expect((await attempt('ann', right('ann'), office)).status).toBe(200)
  expect(await rows('known')).toMatchObject([{ failures: 0, free_at: 0 }])
})

test('the fifth different mistake brings a pause that grows, in which nothing is tried', async () => {
  await clear()
  await createUser(gate, root, 'bob')
  const address = freshAddress()
  expect(await failTimes(5, 'bob', address)).toEqual([401, 401, 401, 401, 401])
  await lengthenPauses()
  gate.proxy.reset()
  const refused = await attempt('bob', right('bob'), address)
  expect(refused).toMatchObject({ status: 429 })
  expect(refused.detail).toMatch(/^Too many failed attempts\. Try again in \d+ seconds\.$/)
  expect(refused.wait).toBeGreaterThan(0)
  expect(gate.proxy.count).toBe(1)
  expect(gate.proxy.bodies[0]).not.toContain('INSERT')
  const pauses = []
  for (let n = 0; n < 9; n++) {
    await endPauses()
    expect((await attempt('bob', `more ${n}`, address)).status).toBe(401)
    const [{ pause } = { pause: 0 }] = (
      await gate.db.execute('SELECT max(free_at - failed_at) AS pause FROM flowgate_attempt')
    ).rows
    pauses.push(pause)
  }
  expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900])
  // Whoever owns the account is somewhere else.
  expect((await attempt('bob', right('bob'), freshAddress())).status).toBe(200)
})

test('guesses sent together are counted as if they came one after the other', async () => {
  await clear()
  await createUser(gate, root, 'cyd')
  const address = freshAddress()
  for (let n = 0; n < 10; n++) {
    await attempt('cyd', `earlier ${n}`, address)
    await endPauses()
  }
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) => attempt('cyd', `guess ${n}`, address, n % 2)),
  )
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(23)
})

test('an account that is tried from everywhere slows strangers down for seconds, and never those who are known', async () => {
  await clear()
  await createUser(gate, root, 'dan')
  const [home, elsewhere] = [freshAddress(), freshAddress()]
  expect((await attempt('dan', right('dan'), home)).status).toBe(200)
  for (let n = 0; n < 2; n++) await attempt('dan', `x${n}`, freshAddress())
  await gate.db.execute('UPDATE flowgate_attempt SET failures = 500 WHERE failures = 2')
  await attempt('dan', 'x', freshAddress())
  await restartPauses(10)
  const refused = await attempt('dan', right('dan'), elsewhere)
  expect(refused.status).toBe(429)
  expect(refused.wait).toBeLessThanOrEqual(10)
  expect((await attempt('dan', right('dan'), home)).status).toBe(200)
})

test('an address that tries many names waits a minute at most, and those who are known there do not', async () => {
  await clear()
  const office = '2001:db8:1:2::1'
  await createUser(gate, root, 'eva')
  await createUser(gate, root, 'fay')
  expect((await attempt('eva', right('eva'), office)).status).toBe(200)
  for (const name of ['nobody', 'somebody']) await attempt(name, 'x', office)
  await gate.db.execute('UPDATE flowgate_attempt SET failures = 500 WHERE failures = 2')
  await attempt('no third', 'x', office)
  const refused = await attempt('fay', right('fay'), '2001:db8:1:2:ffff::9')
  expect(refused.status).toBe(429)
  expect(refused.wait).toBeLessThanOrEqual(60)
  expect((await attempt('fay', right('fay'), '2001:db8:1:3::1')).status).toBe(200)
  expect((await attempt('eva', right('eva'), '2001:db8:1:2::2')).status).toBe(200)
})

test('whoever comes without an address shares no pause with others', async () => {
  await clear()
  expect(await failTimes(8, 'root')).toEqual(Array(8).fill(401))
  expect((await attempt(SUPERUSER, SUPERUSER_PASSWORD)).status).toBe(200)
})

test('a name is counted as it looks, whether or not somebody has it', async () => {
  await clear()
  const address = freshAddress()
  for (const name of ['Ghost', ' ghost', 'GHOST ', 'ｇhost', 'ghost'])
    expect((await attempt(name, `for ${name}`, address)).status).toBe(401)
  await lengthenPauses()
  expect((await attempt('gHost', 'x', address)).status).toBe(429)
})

test('a pause of a clock that was set back is none, and what is over is swept', async () => {
  await clear()
  const address = freshAddress()
  await failTimes(5, 'ghost', address)
  await gate.db.execute('UPDATE flowgate_attempt SET free_at = free_at + 100000')
  expect((await attempt('ghost', 'y', address)).status).toBe(401)
  await gate.db.execute(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
    INSERT INTO flowgate_attempt SELECT 'old ' || i, 1, 0, 0, NULL, 0, i FROM n`)
  for (let n = 0; n < 3; n++) {
    await endPauses()
    await attempt('ghost', `z${n}`, address)
  }
  expect(await rows("key LIKE 'old %'")).toEqual([])
  const plan = await gate.db.execute(
    'EXPLAIN QUERY PLAN SELECT key FROM flowgate_attempt WHERE expires_at < 1 ORDER BY expires_at LIMIT 100',
  )
  expect(String(plan.rows[0]?.detail)).toMatch(/^SEARCH .* ix_flowgate_attempt_expires/)
})

test('mistakes are forgotten after an hour', async () => {
  await clear()
  const address = freshAddress()
  await failTimes(4, 'ghost', address)
  await gate.db.execute('UPDATE flowgate_attempt SET failed_at = failed_at - 3601')
  expect(await failTimes(4, 'ghost', address)).toEqual([401, 401, 401, 401])
  expect((await attempt('ghost', 'x', address)).status).toBe(401)
  await lengthenPauses()
  expect((await attempt('ghost', 'x', address)).status).toBe(429)
})

test('the table names neither accounts, nor addresses, nor passwords', async () => {
  await clear()
  await attempt('ghost', 'a wrong password', '192.0.2.77')
  const text = JSON.stringify(await rows())
  for (const said of ['ghost', '192.0.2.77', 'wrong']) expect(text).not.toContain(said)
  for (const { tried } of await rows()) expect(String(tried)).toHaveLength(4)
})

test('a sign-in costs the round trips that it did: two', async () => {
  await clear()
  for (const password of [SUPERUSER_PASSWORD, 'wrong']) {
    gate.proxy.reset()
    await attempt(SUPERUSER, password, freshAddress())
    // What the audit keeps of a failure comes after the answer.
    const inAnswer = gate.proxy.bodies.filter((body) => !body.includes('user.sign_in_failed'))
    expect(inAnswer).toHaveLength(2)
  }
  expect((await as(gate, root.token).get('/api/v1/users/whoami')).status).toBe(200)
})
