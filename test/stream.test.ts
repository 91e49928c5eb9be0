// get_all: everything, however much it is. Slices, bounded memory, graphs of megabytes, and a
// connection that breaks when a slice fails.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import type { Fate } from './support/proxy.ts'
import { type Api, createProject, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let project: string

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  project = await createProject(root, 'Large')
})
// What a test does to the way or to the caller is its own, also when it fails.
afterEach(async () => {
  gate.proxy.decide(() => 'forward')
  await gate.db.execute('UPDATE user SET is_active = 1')
})
afterAll(() => gate.stop())

const getAll = (more = '') =>
  fetch(`${gate.url}/api/v1/flows/?get_all=true${more}`, {
    headers: { authorization: `Bearer ${root.token}` },
  })

/** Flows straight into the database: `count` of them, each with a graph of `bytes`; half of them undated. */
async function insertFlows(count: number, bytes: number, into = gate, folder = project) {
  await into.db.execute('DELETE FROM flow')
  await into.db.execute({
    sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
      INSERT INTO flow (id, name, data, updated_at, access_type, folder_id)
      SELECT printf('%032x', i), 'flow ' || i, '{"nodes":[{"id":"' || hex(zeroblob(?)) || '"}],"edges":[]}',
        CASE WHEN i % 2 THEN '2026-01-01 00:00:00.000000' END, 'PRIVATE', ? FROM n`,
    args: [count, Math.floor(bytes / 2), folder.replaceAll('-', '')],
  })
}

type Flow = { id: string; data: { nodes: { id: string }[] } | null }

test('100,000 headers arrive once each, newest first, in slices', async () => {
  await insertFlows(100_000, 10)
  gate.proxy.reset()
  const flows = (await (await getAll('&header_flows=true')).json()) as Flow[]
  expect(flows).toHaveLength(100_000)
  expect(new Set(flows.map((flow) => flow.id)).size).toBe(100_000)
  expect(gate.proxy.count).toBeLessThanOrEqual(42)
  expect(Math.max(...gate.proxy.answers.map((answer) => answer.length))).toBeLessThan(4_000_000)
})

test.each([
  ['4.99 MB, what sqld keeps unless told otherwise', 4_990_000, undefined],
  ['5 MiB, where it is told to keep more', 5 * 1024 * 1024, 6_000_000],
] as const)(
  'graphs of %s, arrive whole, in the array and in a page of one project',
  async (_, bytes, maxRow) => {
    const roomy = await flowgateForTest(maxRow ? { maxRow } : {})
    const admin = await signIn(roomy)
    const inProject = await createProject(admin, 'Large')
    await insertFlows(4, bytes, roomy, inProject)
    // Its graph fits into a value, but not with the rest of the flow beside it.
    await roomy.db.execute(
      `UPDATE flow SET description = replace(hex(zeroblob(1000)), '0', char(1))`,
    )
    for (const path of ['?get_all=true', `?folder_id=${inProject}&size=4`]) {
      const { body } = await admin.get(`/api/v1/flows/${path}`)
      const flows: Flow[] = Array.isArray(body) ? body : body.items
      expect(flows).toHaveLength(4)
      for (const flow of flows) expect(flow.data?.nodes[0]?.id).toHaveLength(bytes)
    }
  },
)

test('a graph that takes a round trip of its own is read with the rights of that moment', async () => {
  // What was remembered of the caller no longer holds in the first: that takes one more.
  for (const [change, status, requests] of [
    ['UPDATE user SET is_active = 0', 401, 4],
    ['DELETE FROM flow', 200, 3],
  ] as const) {
    await insertFlows(1, 4_990_000)
    gate.proxy.reset()
    gate.proxy.decide(async (k): Promise<Fate> => {
      if (k === 2) await gate.db.execute(change)
      return 'forward'
    })
    const response = await getAll()
    expect(response.status).toBe(status)
    expect(gate.proxy.count).toBe(requests)
    if (response.ok) expect(await response.json()).toEqual([])
    gate.proxy.decide(() => 'forward')
    await gate.db.execute('UPDATE user SET is_active = 1')
  }
})

/** Page by page until the end: how many flows each had. */
async function walk(form = ''): Promise<number[]> {
  const sizes: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor && `&cursor=${cursor}`
    const { body } = await root.get(`/api/v1/flows/?paged=all&size=50${form}${query}`)
    sizes.push(body.items.length)
    expect(body.total).toBe(5)
    cursor = body.next_cursor
  }
  return sizes
}

test('a page by cursor that would be too large ends earlier, and the next one goes on', async () => {
  await insertFlows(5, 1_500_000)
  const sizes = await walk()
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5)
  expect(Math.max(...sizes)).toBeLessThan(5)
})

test('so does one of long texts, whatever they grow to; those that only others may store are cut', async () => {
  await insertFlows(5, 10)
  await gate.db.execute(
    `UPDATE flow SET gradient = x.text, description = x.text, action_name = x.text, icon = '"' || hex(zeroblob(1000000))
      FROM (SELECT replace(hex(zeroblob(50000)), '0', char(1)) AS text) x`,
  )
  const sizes = await walk()
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5)
  const all = (await (await getAll()).json()) as { gradient: string; icon: string }[]
  expect(all.map((flow) => [flow.gradient.length, flow.icon.length])).toEqual(
    Array.from({ length: 5 }, () => [100_000, 100_000]),
  )
  // Headers are asked for without a measure first: too large for a value, and only for what a page may be.
  for (const rest of ['', ', action_name = NULL']) {
    await gate.db.execute(`UPDATE flow SET icon = NULL${rest}`)
    const headers = await walk('&header_flows=true')
    expect(headers.reduce((sum, size) => sum + size, 0)).toBe(5)
    expect(Math.max(...headers)).toBeLessThan(5)
  }
})

test('a failure in the middle breaks the connection and is logged; others in the isolate go on', async () => {
  await insertFlows(6000, 10)
  for (const fate of ['lost', 'unanswered'] as const) {
    gate.proxy.reset()
    gate.logs.length = 0
    // Each time: what fails on a kept stream is asked once more.
    gate.proxy.decide((k, body) => (k > 1 && body.includes('FROM flow f') ? fate : 'forward'))
    const response = await getAll('&header_flows=true')
    expect(response.status).toBe(200)
    const other = root.get('/api/v1/users/whoami')
    await expect(response.text()).rejects.toThrow('terminated')
    gate.proxy.decide(() => 'forward')
    expect((await other).status).toBe(200)
    expect(gate.logs).toContainEqual(
      expect.objectContaining({
        event: 'error',
        code: 'broken_off',
        request_id: response.headers.get('x-request-id'),
      }),
    )
  }
  expect(((await (await getAll('&header_flows=true')).json()) as Flow[]).length).toBe(6000)
})

test('a caller who is deactivated while reading does not get a shorter list for the whole', async () => {
  await insertFlows(6000, 10)
  gate.proxy.reset()
  gate.proxy.decide(async (k): Promise<Fate> => {
    if (k === 2) await gate.db.execute('UPDATE user SET is_active = 0')
    return 'forward'
  })
  const response = await getAll('&header_flows=true')
  await expect(response.text()).rejects.toThrow('terminated')
})

test('stored JSON goes out as it is, and what is no JSON as null', async () => {
  const whole = '{"nodes":[1.0, 12345678901234567890],"edges":[]}'
  // SQLite takes what stands before a NUL for the JSON; behind it may be anything.
  const stored = [
    whole,
    'no json',
    '{"a":NaN}',
    null,
    '{}\0,"b":',
    '{}\0\u001e{"c":1}\u001e',
    '{"a":"\u001e"}',
    whole,
  ]
  await insertFlows(stored.length, 10)
  for (const [n, data] of stored.entries()) {
    await gate.db.execute({
      sql: `UPDATE flow SET data = ?, name = ? WHERE id = printf('%032x', ?)`,
      args: [data, `n${n}`, n + 1],
    })
  }
  const text = await (await getAll('&order=name')).text()
  expect(text).toContain('"data":{"nodes":[1.0, 12345678901234567890],"edges":[]}')
  const flows = JSON.parse(text) as Flow[]
  const whether = [false, true, true, true, true, true, true, false]
  expect(flows.map((flow) => flow.data === null)).toEqual(whether)
})
