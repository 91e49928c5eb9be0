// Replicas of libSQL's own beside the primary: which requests read there, what may be seen there, and what becomes of
// them when one of the servers is slow, gone, or begins its log anew.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sealCursor } from '../src/identity/secrets.ts'
import { cases } from './support/cases.ts'
import { type Flowgate, flowgateForTest, SECRET_KEY, startFlowgate } from './support/flowgate.ts'
import { idOf, putMatrix, sendCase } from './support/matrix.ts'
import { missingId } from './support/random-worlds.ts'
import type { Replica } from './support/replicas.ts'
import { listRoutes } from './support/routes.ts'
import { statementsOf } from './support/rows-read.ts'
import { mintToken, sessionsOfAll } from './support/tokens.ts'
import { type Answer, type Api, call, signIn } from './support/world.ts'

const LIST = '/api/v1/flows/?paged=all&header_flows=true'

/** Where an answer is from. */
const source = ({ headers }: Answer) =>
  /from=(\w+)/.exec(headers.get('flowgate-consistency') ?? '')?.[1]

const names = ({ body }: Answer) => body.items.map(({ name }: { name: string }) => name)

const askAt = (
  gate: Flowgate,
  isolate: number,
  { token }: Api,
  path = LIST,
  at?: string | null,
) => {
  const seen = at ? { 'flowgate-at': at } : {}
  return call(gate, 'GET', path, undefined, { authorization: `Bearer ${token}`, ...seen }, isolate)
}

function replicaOf(gate: Flowgate, isolate: number): Replica {
  const replica = gate.replicated().replicas[isolate]
  if (!replica) throw new Error(`No replica ${isolate}`)
  return replica
}

/** Asks until the replica answers: it has followed, and the isolate knows the time. */
const untilNear = (ask: () => Promise<Answer>) =>
  vi.waitFor(
    async () => {
      const answer = await ask()
      expect([answer.status, source(answer)]).toEqual([200, 'replica'])
      return answer
    },
    { timeout: 30_000, interval: 20 },
  )

/** A gate of two isolates, each with a replica, that has begun to read from them. */
async function startNear(bindings: Record<string, string>, started = flowgateForTest) {
  const gate = await started({ replicas: 2, isolates: 2, bindings })
  const root = await signIn(gate)
  for (const isolate of [0, 1]) await untilNear(() => askAt(gate, isolate, root))
  return { gate, root }
}

/** Routes whose reads may come from a replica. All others ask the primary alone. */
const near = [
  'GET /api/v1/flows/',
  'GET /api/v1/flows/:flow_id',
  'GET /api/v1/projects/',
  'GET /api/v1/projects/:project_id',
  'GET /api/v1/rbac/access',
  'GET /api/v1/rbac/check-permission',
  'GET /api/v1/rbac/explain',
  'POST /api/v1/rbac/check-permissions',
  'POST /access/v1/evaluation',
  'POST /access/v1/evaluations',
  'POST /access/v1/search/subject',
  'POST /access/v1/search/resource',
  'POST /access/v1/search/action',
]

describe('within a minute', () => {
  let gate: Flowgate
  let root: Api
  beforeAll(async () => {
    ;({ gate, root } = await startNear({ CONSISTENCY: 'bounded:60000' }, startFlowgate))
  })
  afterAll(() => gate.stop())
  beforeEach(async () => {
    for (const { pipe } of gate.replicated().replicas) pipe.flow()
    for (const isolate of [0, 1]) await untilNear(() => askAt(gate, isolate, root))
  })

  const make = (name: string) => root.post('/api/v1/flows/', { name })

  test('what a caller made is there at once, wherever they ask, by the header or the cookie', async () => {
    for (let i = 0; i < 60; i++) {
      const name = `made ${i}`
      const { headers } = await make(name)
      const seen = headers.get('flowgate-at')
      const cookie = /flowgate_at=[^;]*/.exec(headers.get('set-cookie') ?? '')?.[0] ?? ''
      const bearer = { authorization: `Bearer ${root.token}` }
      const isolate = i % 2
      expect(names(await askAt(gate, isolate, root, LIST, seen))).toContain(name)
      const byCookie = await call(gate, 'GET', LIST, undefined, { ...bearer, cookie }, 1 - isolate)
      expect(names(byCookie)).toContain(name)
    }
  })

  test('a caller who has seen more than the replica holds is answered by the primary', async () => {
    replicaOf(gate, 1).pipe.hold()
    const { headers } = await make('not at the replica')
    const answer = await askAt(gate, 1, root, LIST, headers.get('flowgate-at'))
    expect([source(answer), names(answer).includes('not at the replica')]).toEqual([
      'primary',
      true,
    ])
  })

  test('what anybody was shown at an isolate, everybody is shown there from then on', async () => {
    replicaOf(gate, 1).pipe.hold()
    const write = { method: 'POST', body: { name: 'shown to one' } }
    const bearer = { authorization: `Bearer ${root.token}` }
    const made = await call(gate, write.method, '/api/v1/flows/', write.body, bearer, 1)
    expect(made.status).toBe(201)
    expect(names(await askAt(gate, 1, root))).toContain('shown to one')
  })

  test('nobody is turned away on the word of a replica: not who has just signed in, nor from what was just made', async () => {
    replicaOf(gate, 1).pipe.hold()
    const again = await signIn(gate)
    const { body } = await make('just made')
    for (const path of [LIST, `/api/v1/flows/${body.id}`, `/api/v1/projects/${body.folder_id}`]) {
      const answer = await askAt(gate, 1, again, path)
      expect([answer.status, source(answer)]).toEqual([200, 'primary'])
    }
    const key = await again.post('/api/v1/api_key/', { name: 'just made' })
    const byKey = { 'x-api-key': key.body.api_key }
    const check = { checks: [{ action: 'Read', resource_type: 'Flow', resource_id: body.id }] }
    const checked = await call(gate, 'POST', '/api/v1/rbac/check-permissions', check, byKey, 1)
    expect([checked.status, checked.body.results[0].allowed]).toEqual([200, true])
  })

  test('nobody is refused on the word of a replica: not who was given the right to ask just now', async () => {
    const name = 'promoted'
    const made = await root.post('/api/v1/users/', { username: name, password: 'a good password' })
    await root.patch(`/api/v1/users/${made.body.id}`, { is_active: true })
    const promoted = await signIn(gate, name, 'a good password')
    const flow = await make('asked about')
    const role = { user_id: made.body.id, role_name: 'Admin', scope_type: 'Global' }
    const place = `scope_type=Flow&scope_id=${flow.body.id}`
    const about = `user_id=${root.userId}&permission=Read&${place}`
    const subject = { type: 'user', id: root.userId }
    const action = { name: 'Read' }
    const resource = { type: 'flow', id: flow.body.id }
    let at = flow.headers.get('flowgate-at')
    for (const [method, path, body] of [
      ['GET', `/api/v1/rbac/explain?${about}`],
      ['GET', `/api/v1/rbac/access?${place}`],
      ['POST', '/access/v1/evaluation', { subject, action, resource }],
      ['POST', '/access/v1/evaluations', { subject, action, evaluations: [{ resource }] }],
      ['POST', '/access/v1/search/subject', { subject: { type: 'user' }, action, resource }],
      ['POST', '/access/v1/search/resource', { subject, action, resource: { type: 'flow' } }],
      ['POST', '/access/v1/search/resource', { subject, action, resource: { type: 'project' } }],
      ['POST', '/access/v1/search/action', { subject, resource }],
    ] as const) {
      // What was given and taken before is there; what comes now is not.
      await untilNear(() => askAt(gate, 1, promoted, LIST, at))
      replicaOf(gate, 1).pipe.hold()
      const grant = await root.post('/api/v1/rbac/assignments', role)
      const bearer = { authorization: `Bearer ${promoted.token}` }
      const answer = await call(gate, method, path, body, bearer, 1)
      expect([path, answer.status, source(answer)]).toEqual([path, 200, 'primary'])
      const ended = await root.delete(`/api/v1/rbac/assignments/${grant.body.id}`)
      at = ended.headers.get('flowgate-at')
      replicaOf(gate, 1).pipe.flow()
    }
  })

  test('what we did not sign, or not lately, is no position: it makes nobody wait', async () => {
    const far = `${Date.now() + 1e9} 1000000000`
    const env = { SECRET_KEY }
    const positions = [
      'x'.repeat(10_000),
      'MTIz.abc',
      await sealCursor(`${far} ${Date.now() - 1}`, 'Flowgate-At', env),
      await sealCursor(`${far} ${Date.now() + 60_000}`, 'another', env),
      await sealCursor(`${far} ${Date.now() + 60_000}`, 'Flowgate-At', {
        SECRET_KEY: 'x'.repeat(32),
      }),
    ]
    await untilNear(() => askAt(gate, 0, root))
    for (const position of positions) {
      const answer = await askAt(gate, 0, root, LIST, position)
      expect([answer.status, source(answer)]).toEqual([200, 'replica'])
    }
  })

  test('a position ahead of the primary, whose log began anew or which was restored, is waited for once and dropped', async () => {
    await untilNear(() => askAt(gate, 0, root))
    const ahead = `${Date.now() + 3_600_000} 1000000000 ${Date.now() + 60_000}`
    const position = await sealCursor(ahead, 'Flowgate-At', { SECRET_KEY })
    const { proxy } = replicaOf(gate, 0)
    proxy.reset()
    const answer = await askAt(gate, 0, root, LIST, position)
    expect([answer.status, source(answer), proxy.count]).toEqual([200, 'primary', 1])
    // It is told what there is, and the replica, which waited in vain, is asked at once.
    const told = answer.headers.get('flowgate-at')
    expect(source(await askAt(gate, 0, root, LIST, told))).toBe('replica')
  })

  test('a clock of the primary that was set back says nothing of age, until it is right again', async () => {
    await untilNear(() => askAt(gate, 0, root))
    await gate.db.execute('UPDATE flowgate_clock SET version = version + 3600000')
    // As the isolate learns it from whatever is answered by the primary next.
    await root.get('/api/v1/users/whoami')
    for (let i = 0; i < 5; i++) expect(source(await askAt(gate, 0, root))).toBe('primary')
    await gate.db.execute('UPDATE flowgate_clock SET version = version - 3600000')
    await root.get('/api/v1/users/whoami')
    await untilNear(() => askAt(gate, 0, root))
  })

  test('a clock that stands in the future, or is gone, is set right by the next write or beat', async () => {
    const clock = async () => (await gate.db.execute('SELECT at FROM flowgate_clock')).rows[0]
    await gate.db.execute('UPDATE flowgate_clock SET at = at + 3600000')
    await root.get('/api/v1/users/whoami')
    await untilNear(() => askAt(gate, 0, root))
    expect(Number((await clock())?.at)).toBeLessThanOrEqual(Date.now())
    await gate.db.execute('DELETE FROM flowgate_clock')
    await make('after it all')
    await untilNear(() => askAt(gate, 0, root))
    expect(await clock()).toBeDefined()
  })

  test('what caches may keep carries no position, and everything says where it is from', async () => {
    const examples = await gate.fetch('/api/v1/flows/basic_examples/')
    await examples.arrayBuffer()
    expect(examples.headers.get('set-cookie')).toBeNull()
    expect(examples.headers.get('flowgate-at')).toBeNull()
    expect(examples.headers.get('flowgate-consistency')).toBe('bounded:60000; from=primary')
    const refused = await call(gate, 'GET', LIST)
    expect(refused.headers.get('flowgate-consistency')).toBe('bounded:60000; from=primary')
  })
})

describe('of all routes', () => {
  let gate: Flowgate
  beforeAll(async () => {
    ;({ gate } = await startNear({ CONSISTENCY: 'bounded:60000' }, startFlowgate))
  })
  afterAll(() => gate.stop())

  test.each(listRoutes())('%s asks a replica only if it decides no write', async (route) => {
    for (const one of [cases[route]].flat()) {
      if (!one) throw new Error(`${route} has no case`)
      const ids = await putMatrix(gate, one)
      await gate.db.execute(sessionsOfAll)
      const headers = { authorization: `Bearer ${await mintToken(idOf('root'))}` }
      const { proxy } = replicaOf(gate, 0)
      const send = () => sendCase(gate, route, one, one.on ? ids[one.on] : missingId, headers)
      proxy.reset()
      if (!near.includes(route)) {
        await send()
        expect(proxy.bodies).toEqual([])
        continue
      }
      await untilNear(async () => {
        proxy.reset()
        gate.proxy.reset()
        return send()
      })
      // In one round trip, and by the primary's clock: the replica's own is not asked.
      expect([proxy.count, gate.proxy.count]).toEqual([1, 0])
      for (const { sql } of statementsOf(proxy.bodies[0] ?? '', proxy.answers[0] ?? ''))
        expect(sql).not.toMatch(/'now'|^(INSERT|UPDATE|DELETE)/)
    }
  })
})

test('strict asks no replica, and who writes there sees it where reads come from one', async () => {
  const bindingsOf = (isolate: number) => ({
    CONSISTENCY: isolate === 0 ? 'strict' : 'bounded:60000',
  })
  const gate = await flowgateForTest({ replicas: 2, isolates: 2, bindingsOf })
  const root = await signIn(gate)
  await untilNear(() => askAt(gate, 1, root))
  replicaOf(gate, 1).pipe.hold()
  const made = await root.post('/api/v1/flows/', { name: 'made strictly' })
  const strict = await askAt(gate, 0, root)
  expect(strict.headers.get('flowgate-consistency')).toBe('strict; from=primary')
  for (const { headers } of [made, strict]) {
    const answer = await askAt(gate, 1, root, LIST, headers.get('flowgate-at'))
    expect(names(answer)).toContain('made strictly')
  }
  expect(replicaOf(gate, 0).proxy.count).toBe(0)
})

test('what a caller has seen is kept for as long as answers may be behind', async () => {
  const { gate, root } = await startNear({ CONSISTENCY: 'bounded:120500' })
  const { headers } = await askAt(gate, 0, root)
  expect(headers.get('set-cookie')).toContain('; Max-Age=121;')
  const [sealed = ''] = (headers.get('flowgate-at') ?? '').split('.')
  const [, , until] = Buffer.from(sealed, 'base64url').toString().split(' ').map(Number)
  expect(until).toBeGreaterThan(Date.now() + 61_000)
})

test('a replica that stands still is believed for as long as the bound, and no longer', async () => {
  const { gate, root } = await startNear({ CONSISTENCY: 'bounded:500' })
  const user = await root.post('/api/v1/users/', { username: 'ursa', password: 'a good password' })
  await root.patch(`/api/v1/users/${user.body.id}`, { is_active: true })
  const flow = await root.post('/api/v1/flows/', { name: 'lent' })
  const grant = await root.post('/api/v1/rbac/assignments', {
    user_id: user.body.id,
    role_name: 'Viewer',
    scope_type: 'Flow',
    scope_id: flow.body.id,
  })
  const ursa = await signIn(gate, 'ursa', 'a good password')
  expect(names(await untilNear(() => askAt(gate, 1, ursa)))).toEqual(['lent'])
  replicaOf(gate, 1).pipe.hold()
  const revoked = await root.delete(`/api/v1/rbac/assignments/${grant.body.id}`)
  expect(revoked.status).toBe(204)
  // It may show for this long.
  const over = Date.now() + 500
  await vi.waitUntil(() => Date.now() > over, { timeout: 5000, interval: 10 })
  const answer = await askAt(gate, 1, ursa)
  expect([names(answer), source(answer)]).toEqual([[], 'primary'])
})

test('a replica that hangs, ends, or comes back is gone round, and found again', async () => {
  const { gate, root } = await startNear({ CONSISTENCY: 'bounded:60000' })
  const { sqld, proxy, restart } = replicaOf(gate, 0)
  sqld.signal('SIGSTOP')
  proxy.reset()
  const answers = await Promise.all(Array.from({ length: 10 }, () => askAt(gate, 0, root)))
  for (const answer of answers) expect([answer.status, source(answer)]).toEqual([200, 'primary'])
  // An operator is told, once however many met it.
  const told = () => gate.logs.filter(({ code }) => code === 'replica_failed')
  await vi.waitFor(() => expect(told()).toHaveLength(1))
  // Known to hang, it is asked no more for a while.
  proxy.reset()
  for (let i = 0; i < 5; i++) expect(source(await askAt(gate, 0, root))).toBe('primary')
  expect(proxy.count).toBe(0)
  sqld.signal('SIGCONT')
  await untilNear(() => askAt(gate, 0, root))
  await replicaOf(gate, 0).sqld.stop('SIGKILL')
  expect((await askAt(gate, 0, root)).status).toBe(200)
  await restart()
  await untilNear(() => askAt(gate, 0, root))
})

test('while the primary is down, tokens and keys read within the bound, and whoever writes is told to come back', async () => {
  const bindings = { CONSISTENCY: 'bounded:60000', DATABASE_TIMEOUT_MS: '1000' }
  const { gate, root } = await startNear(bindings)
  const { body } = await root.post('/api/v1/api_key/', { name: 'reads on' })
  const byKey = { 'x-api-key': body.api_key }
  const listByKey = () => call(gate, 'GET', LIST, undefined, byKey)
  await untilNear(listByKey)
  const expectReads = async () => {
    for (const ask of [listByKey, () => askAt(gate, 0, root)]) {
      const answer = await ask()
      expect([answer.status, source(answer)]).toEqual([200, 'replica'])
    }
    const written = await root.post('/api/v1/flows/', { name: 'lost' })
    expect([written.status, Number(written.headers.get('retry-after')) > 0]).toEqual([503, true])
    const unmarked = await root.get('/api/v1/users/whoami')
    expect([unmarked.status, Number(unmarked.headers.get('retry-after')) > 0]).toEqual([503, true])
  }
  gate.replicated().primary.signal('SIGSTOP')
  await expectReads()
  gate.replicated().primary.signal('SIGCONT')
  const { start } = await gate.replicated().kill()
  await expectReads()
  await start()
  await vi.waitFor(async () =>
    expect((await root.post('/api/v1/flows/', { name: 'x' })).status).toBe(201),
  )
})

test('after kill -9 of the primary, whose log begins anew, nobody misses what they write', async () => {
  const { gate, root } = await startNear({ CONSISTENCY: 'bounded:60000' })
  for (let round = 0; round < 3; round++) {
    const before = await root.post('/api/v1/flows/', { name: `before ${round}` })
    const { start } = await gate.replicated().kill()
    await start()
    for (let i = 0; i < 10; i++) {
      const name = `after ${round} ${i}`
      const made = await root.post('/api/v1/flows/', { name })
      expect(made.status).toBe(201)
      const list = await askAt(gate, i % 2, root, LIST, made.headers.get('flowgate-at'))
      expect(names(list)).toEqual(expect.arrayContaining([name, `before ${round}`]))
    }
    // Whoever comes with a position of the old log.
    const old = await askAt(gate, 1, root, LIST, before.headers.get('flowgate-at'))
    expect(old.status).toBe(200)
    for (const isolate of [0, 1]) await untilNear(() => askAt(gate, isolate, root))
  }
})
