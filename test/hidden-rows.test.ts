// What a hidden flow costs tells that it is there: a request about one with a graph of 4 MB must not read more
// of the database than the same about an id that nobody has. Counted is what sqld reads from its files.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Case, cases } from './support/cases.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { idOf, putMatrix, sendCase } from './support/matrix.ts'
import { childrenNamed, isCounted } from './support/processes.ts'
import { missingId, projectId } from './support/random-worlds.ts'
import { mintToken } from './support/tokens.ts'
import { signIn } from './support/world.ts'

/** What a request about nothing may differ in from another one, and far less than the graph. */
const NOISE = 200_000

let gate: Flowgate
let sqld: string
beforeAll(async () => {
  const others = childrenNamed('sqld')
  gate = await startFlowgate({ direct: true })
  sqld = childrenNamed('sqld').find((pid) => !others.includes(pid)) ?? ''
  await signIn(gate)
})
afterAll(() => gate.stop())

/** Bytes that sqld has read so far. */
const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${sqld}/io`, 'utf8'))?.[1])

/** Requests that name a flow and refuse nobody for it. */
const asked: Record<string, Case> = {
  'GET /api/v1/rbac/check-permission': {
    needs: 'caller',
    send: (id) => ({ query: `?permission=Read&scope_type=Flow&scope_id=${id}` }),
  },
  'POST /api/v1/rbac/check-permissions': {
    needs: 'caller',
    send: (id) => ({
      body: { checks: [{ action: 'Read', resource_type: 'Flow', resource_id: id }] },
    }),
  },
  'GET /api/v1/rbac/explain': {
    needs: 'caller',
    send: (id) => ({ query: `?permission=Read&scope_type=Flow&scope_id=${id}` }),
  },
}

const table = [...Object.entries(cases), ...Object.entries(asked)].flatMap(([route, some]) =>
  [some]
    .flat()
    .filter((one) => one.on === 'Flow' || one === asked[route])
    .map((one, n) => ({ name: n > 0 ? `${route} (${n + 1})` : route, route, one })),
)

/** The same for whoever says which flow they know: the tag stands behind the graph. */
const known = table
  .filter(({ route }) => /^(PATCH|DELETE) .*:flow_id$/.test(route))
  .map((one) => ({ ...one, name: `${one.name} with If-Match`, match: { 'if-match': '"another"' } }))

test('a tag is asked of every flow that is changed by its id', () => {
  expect(known.length).toBeGreaterThanOrEqual(2)
})

const all = [...table.map((one) => ({ ...one, match: {} })), ...known]
describe.runIf(isCounted).each(all)('$name', ({ route, one, match }) => {
  test('reads no more of a hidden flow than of none', async () => {
    const { Flow } = await putMatrix(gate, one)
    // In a project: that a value is NULL stands at the head of the row, any other behind the graph.
    await gate.db.execute({
      sql: `UPDATE flow SET folder_id = ?, data = '{"nodes":[],"edges":[],"x":"' || hex(zeroblob(2000000)) || '"}' WHERE id = ?`,
      args: [projectId(1), Flow].map((id) => id.replaceAll('-', '')),
    })
    const headers = { authorization: `Bearer ${await mintToken(idOf('none'))}`, ...match }
    const cost = async (id: string) => {
      const before = bytesRead()
      const { status } = await sendCase(gate, route, one, id, headers)
      expect(status).toBe(one.refused ?? (asked[route] ? 200 : 403))
      return bytesRead() - before
    }
    await cost(missingId)
    const [missing, hidden] = [await cost(missingId), await cost(Flow)]
    expect(hidden - missing).toBeLessThan(NOISE)
  })
})
