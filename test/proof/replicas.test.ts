// A primary and two replicas in bad weather: servers killed, stopped and slow, the replication held up, at any moment.
// Whoever writes sees it at once, and what is revoked shows no longer than was promised, at whichever isolate.
import { expect, test } from 'vitest'
import { type Flowgate, flowgateForTest } from '../support/flowgate.ts'
import { type Answer, as, call, login, signIn } from '../support/world.ts'
import { isWhole } from './size.ts'

/** Of writes, and of revocations; the table in src/db/README.md is of the whole. */
const COUNT = isWhole ? 2_000 : 250
const LANES = 20
/** Of those, how many write beside. */
const WRITERS = 5
/** Nothing takes so long: a request that does hangs. */
const HANGING_MS = 20_000
/** A write that was given up after 2 s is done by then, or never. */
const LATE_MS = 3000

type Tally = {
  writes: number
  staleWrites: number
  revocations: number
  shownTooLong: number
  shownWithin: number
  longestShownMs: number
  fromReplica: number
  fromPrimary: number
  refused: number
  storms: number
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T // never of none
const isolates = [0, 1, 2]

/** Somebody with a token, who carries on what they have seen. */
function walker(gate: Flowgate, token: string, tally: Tally) {
  let at: string | null = null
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, ...(at ? { 'flowgate-at': at } : {}) }
    const answer = await Promise.race([
      call(gate, method, path, body, headers, pick(isolates)),
      sleep(HANGING_MS).then(() => Promise.reject(new Error(`${method} ${path} hangs`))),
    ])
    at = answer.headers.get('flowgate-at') ?? at
    const isRefused = answer.status === 503
    // Nothing but that may go wrong, and that something is there already which was said to be unknown.
    const isThere = method === 'POST' && answer.status === 409
    expect(isRefused || isThere || answer.status < 300, `${method} ${path}: ${answer.status}`).toBe(
      true,
    )
    if (isRefused) {
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      tally.refused++
    } else if (/from=replica/.test(answer.headers.get('flowgate-consistency') ?? ''))
      tally.fromReplica++
    else tally.fromPrimary++
    return answer
  }
}

type Walker = ReturnType<typeof walker>

/** Asks until it is not refused. */
async function insist(ask: Walker, method: string, path: string, body?: unknown): Promise<Answer> {
  for (;;) {
    const answer = await ask(method, path, body)
    if (answer.status !== 503) return answer
    await sleep(100)
  }
}

async function writeAndRead(ask: Walker, flowId: string, tally: Tally): Promise<void> {
  for (let n = 1; tally.writes < COUNT; n++) {
    const path = `/api/v1/flows/${flowId}`
    const written = await ask('PATCH', path, { description: `${n}` })
    if (written.status === 503) {
      await sleep(50)
      continue
    }
    const read = await ask('GET', path)
    if (read.status === 503) continue
    tally.writes++
    if (read.body.description !== `${n}`) tally.staleWrites++
  }
}

const grants = '/api/v1/rbac/assignments'

/** Perhaps it was made, or will be by a request that nobody waits for any longer: what is there then is taken away. */
async function takeAway(root: Walker, userId: string): Promise<void> {
  await sleep(LATE_MS)
  const { body } = await insist(root, 'GET', `${grants}?user_id=${userId}`)
  for (const { id } of body) await insist(root, 'DELETE', `${grants}/${id}`).catch(() => {})
}

async function grantAndRevoke(
  root: Walker,
  user: Walker,
  { userId, flowId, boundMs }: { userId: string; flowId: string; boundMs: number },
  tally: Tally,
): Promise<void> {
  const grant = { user_id: userId, role_name: 'Viewer', scope_type: 'Flow', scope_id: flowId }
  while (tally.revocations < COUNT) {
    const made = await root('POST', grants, grant)
    if (made.status > 299) {
      await takeAway(root, userId)
      continue
    }
    const revoked = await root('DELETE', `${grants}/${made.body.id}`)
    if (revoked.status === 503) {
      await takeAway(root, userId)
      continue
    }
    const revokedAt = performance.now()
    for (let isOver = false; !isOver; ) {
      const askedAt = performance.now()
      isOver = askedAt - revokedAt >= boundMs
      const list = await user('GET', '/api/v1/flows/?paged=all&header_flows=true')
      if (list.status === 503 && isOver) isOver = false
      if (list.status !== 503 && list.body.total > 0) {
        if (isOver) tally.shownTooLong++
        else {
          tally.shownWithin++
          tally.longestShownMs = Math.max(tally.longestShownMs, Math.round(askedAt - revokedAt))
        }
      }
      if (!isOver) await sleep(Math.min(260, boundMs))
    }
    tally.revocations++
  }
}

/** One fault after another, until it is over. */
async function rage(gate: Flowgate, isOver: () => boolean, tally: Tally): Promise<void> {
  const { replicas } = gate.replicated()
  const storms: (() => Promise<unknown>)[] = [
    async () => (await gate.replicated().kill()).start(),
    async () => {
      gate.replicated().primary.signal('SIGSTOP')
      await sleep(700)
      gate.replicated().primary.signal('SIGCONT')
    },
    () => pick(replicas).restart(),
    async () => {
      const { sqld } = pick(replicas)
      sqld.signal('SIGSTOP')
      await sleep(1500)
      sqld.signal('SIGCONT')
    },
    async () => {
      const { pipe } = pick(replicas)
      pipe.hold()
      await sleep(1500)
      pipe.flow()
    },
    async () => {
      const proxies = [gate.proxy, ...replicas.map(({ proxy }) => proxy)]
      for (const proxy of proxies)
        proxy.decide(async () => {
          await sleep(Math.random() * 80)
          return 'forward' as const
        })
      await sleep(2000)
      for (const proxy of proxies) proxy.decide(() => 'forward')
    },
  ]
  for (let n = 0; !isOver(); n++) {
    await sleep(1000)
    await storms[n % storms.length]?.()
    tally.storms++
  }
}

test.each([
  ['strict', 0],
  ['bounded:500', 500],
])(
  '%s: no write is missed by who wrote it, and what is revoked shows for no longer than %i ms',
  async (CONSISTENCY, boundMs) => {
    const bindings = { CONSISTENCY, DATABASE_TIMEOUT_MS: '2000' }
    const gate = await flowgateForTest({ replicas: 2, isolates: isolates.length, bindings })
    const root = await signIn(gate)
    const tally: Tally = {
      writes: 0,
      staleWrites: 0,
      revocations: 0,
      shownTooLong: 0,
      shownWithin: 0,
      longestShownMs: 0,
      fromReplica: 0,
      fromPrimary: 0,
      refused: 0,
      storms: 0,
    }
    const lanes: (() => Promise<void>)[] = []
    for (let lane = 0; lane < LANES; lane++) {
      if (lane < WRITERS) {
        const own = await root.post('/api/v1/flows/', { name: `own ${lane}` })
        lanes.push(() => writeAndRead(walker(gate, root.token, tally), own.body.id, tally))
      }
      const lent = await root.post('/api/v1/flows/', { name: `lent ${lane}` })
      const name = `user${lane}`
      const made = await root.post('/api/v1/users/', {
        username: name,
        password: 'a good password',
      })
      await root.patch(`/api/v1/users/${made.body.id}`, { is_active: true })
      const { body } = await login(gate, name, 'a good password')
      const about = { userId: made.body.id, flowId: lent.body.id, boundMs }
      const user = walker(gate, body.access_token, tally)
      lanes.push(() => grantAndRevoke(walker(gate, root.token, tally), user, about, tally))
    }
    for (const isolate of isolates) await as(gate, root.token).get(`/api/v1/flows/?x=${isolate}`)
    let isOver = false
    const weather = rage(gate, () => isOver, tally)
    try {
      await Promise.all(lanes.map((run) => run()))
    } finally {
      isOver = true
      await weather
    }
    console.log(JSON.stringify({ CONSISTENCY, ...tally }))
    expect([tally.staleWrites, tally.shownTooLong]).toEqual([0, 0])
    expect(tally.storms).toBeGreaterThan(2)
    if (boundMs > 0) expect(tally.fromReplica).toBeGreaterThan(COUNT / 4)
    else expect(tally.fromReplica).toBe(0)
  },
  600_000,
)
