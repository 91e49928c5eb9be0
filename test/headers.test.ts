// A list that shows no graphs must not read them: the same request must read no more of the database where each
// flow has a graph of 400 KB than where it has one of 200 bytes. In LangBuilder's tables most columns lie behind the
// graph, and in those that its own migrations made all of them do. Counted is what sqld reads from its files.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { SHARED_PROJECT } from '../src/access/shared.ts'
import { seed } from '../src/cli/seed.ts'
import { addCallers, type CallerName, callerIdOf } from './support/callers.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import { childrenNamed, isCounted } from './support/processes.ts'
import { mintToken } from './support/tokens.ts'

/** What two requests may differ in: less than one of the larger graphs. */
const NOISE = 200_000

const SEED = 7
const plan = { seed: SEED, flows: 150, projects: 30, users: 5, grantsPerProject: 1 }

type World = { gate: Flowgate; sqld: string }

/** A world of flows that are no components, whose graphs everybody sees. */
async function startWorld(origin: 'ours' | 'migrated', dataBytes: number): Promise<World> {
  const others = childrenNamed('sqld')
  const gate = await startFlowgate({
    prepare: async (db) => {
      if (origin === 'migrated')
        await db.executeMultiple(langbuilderSql({ origin, at: 'f5fcbdff490d' }))
    },
  })
  const sqld = childrenNamed('sqld').find((pid) => !others.includes(pid)) ?? ''
  await seed({ ...plan, dataBytes, url: gate.sqld.url })
  await addCallers(gate.db, { seed: SEED, projects: plan.projects })
  await gate.db.execute('UPDATE flow SET is_component = 0')
  await untilIdle(sqld)
  return { gate, sqld }
}

/** Bytes that sqld has read so far. */
const bytesRead = (sqld: string) =>
  Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${sqld}/io`, 'utf8'))?.[1])

/** After many writes sqld goes on by itself, packing its log. */
async function untilIdle(sqld: string) {
  let [last, idle] = [0, 0]
  const looksIdle = () => {
    const now = bytesRead(sqld)
    idle = now === last ? idle + 1 : 0
    last = now
    expect(idle).toBeGreaterThan(5)
  }
  await vi.waitFor(looksIdle, { timeout: 30_000, interval: 100 })
}

const callers: CallerName[] = [
  '10 flows',
  '20 projects',
  '20 projects, 30 hides',
  'Global Viewer, 30 hides',
  '20 projects of a team of 10000',
  'superuser',
]

const lists = {
  'by time': '/api/v1/flows/?paged=all&header_flows=true',
  'by name': '/api/v1/flows/?paged=all&header_flows=true&order=name',
  'with owners and actions':
    '/api/v1/flows/?paged=all&header_flows=true&include=owner,actions,updated',
  'with times by name': '/api/v1/flows/?paged=all&header_flows=true&order=name&include=updated',
  'of components': '/api/v1/flows/?paged=all&header_flows=true&components_only=true',
  'all at once': '/api/v1/flows/?header_flows=true',
  'of what is shared': `/api/v1/flows/?paged=all&header_flows=true&folder_id=${SHARED_PROJECT}`,
  'of shares': '/api/v1/me/shared',
}

describe.runIf(isCounted).each(['ours', 'migrated'] as const)('tables: %s', (origin) => {
  let small: World
  let large: World
  beforeAll(async () => {
    small = await startWorld(origin, 200)
    large = await startWorld(origin, 400_000)
  }, 120_000)
  afterAll(async () => {
    await small.gate.stop()
    await large.gate.stop()
  })

  /** Bytes that sqld reads for a list, and how much of it comes back. */
  async function read({ gate, sqld }: World, url: string, userId: string) {
    const headers = { authorization: `Bearer ${await mintToken(userId)}` }
    const before = bytesRead(sqld)
    const response = await gate.fetch(url, { headers })
    const { length } = await response.text()
    expect(response.status).toBe(200)
    return { bytes: bytesRead(sqld) - before, length }
  }

  test.each(
    callers.flatMap((caller) => Object.entries(lists).map(([name, url]) => [caller, name, url])),
  )('%s: a list %s reads no graph that it does not show', async (caller, _, url) => {
    const id = callerIdOf(caller as CallerName)
    // The first time more is asked about a caller than later.
    for (const time of ['first', 'later']) {
      const [few, many] = [await read(small, url, id), await read(large, url, id)]
      expect(many.length, time).toBe(few.length)
      expect(many.bytes - few.bytes, time).toBeLessThan(NOISE)
    }
  })

  test('grants are listed with the names of flows, not with their graphs', async () => {
    const admin = callerIdOf('superuser')
    const url = '/api/v1/rbac/assignments?scope_type=Flow'
    const [few, many] = [await read(small, url, admin), await read(large, url, admin)]
    expect(many.length).toBe(few.length)
    expect(many.bytes - few.bytes).toBeLessThan(NOISE)
  })

  test('a component still comes with its graph', async () => {
    const { gate } = large
    await gate.db.execute('UPDATE flow SET is_component = 1 WHERE id = (SELECT min(id) FROM flow)')
    const headers = { authorization: `Bearer ${await mintToken(callerIdOf('superuser'))}` }
    const response = await gate.fetch(`${lists['of components']}&size=1`, { headers })
    const { items } = (await response.json()) as { items: { data: { nodes: unknown[] } }[] }
    expect(items.map(({ data }) => data.nodes.length)).toEqual([1])
  })
})
