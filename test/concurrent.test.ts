// 32 clients list, at two isolates, while what they may see changes under them: no error, and every answer is one that
// was right at some moment between its request and its reply.
import { createClient, type InStatement } from '@libsql/client'
import { expect, onTestFinished, test } from 'vitest'
import { seed } from '../src/cli/seed.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { idOf } from '../src/cli/world.ts'
import { addCallers, callerIdOf } from './support/callers.ts'
import { type Flowgate, flowgateForTest } from './support/flowgate.ts'
import { mintToken } from './support/tokens.ts'
import {
  type Answer,
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  signIn,
} from './support/world.ts'

const CLIENTS = 32
const SECONDS = Number(process.env.SECONDS ?? 3)
const SEED = 3

/** So many flows were seen by right, from when on and until when at the latest. */
type Span = { sees: number; from: number; until: number }
type Change = readonly [sees: number, send: () => Promise<unknown>]
/** One of several who change what the caller sees, each in a part of its own. */
type Changer = { changes: Iterable<Change>; everyMs: number; history: Span[] }
/** A listing: how many flows it has of the part of each changer, and when. */
type Seen = { parts: number[]; from: number; until: number }

const nothing = (): Span[] => [{ sees: 0, from: 0, until: Infinity }]

/** Each change when it is due, or as soon as the one before is done. It is in force from some moment between its request and its answer on. */
async function change({ changes, everyMs, history }: Changer): Promise<void> {
  let due = performance.now()
  for (const [sees, send] of changes) {
    const before = history.at(-1)
    history.push({ sees, from: performance.now(), until: Infinity })
    const answer = await send()
    if (typeof answer === 'object') expect((answer as Answer).status).toBeLessThan(300)
    if (before) before.until = performance.now()
    due += everyMs
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
  }
}

/** There is a moment of the request at which every part was as the answer has it. */
function wasRight({ parts, from, until }: Seen, changers: Changer[]): boolean {
  const starts = changers.flatMap(({ history }) => history.map((span) => span.from))
  const moments = [from, ...starts.filter((start) => start > from && start <= until)]
  return moments.some((moment) =>
    changers.every(({ history }, n) =>
      history.some((s) => s.sees === parts[n] && s.from <= moment && s.until >= moment),
    ),
  )
}

/** Lists for as long as anything changes; every answer must have been right. Undefined for one that there was none of. */
async function listWhile(
  changers: Changer[],
  list: (client: number) => Promise<number[] | undefined>,
) {
  const seen: Seen[] = []
  let isOver = false
  const read = async (client: number) => {
    while (!isOver) {
      const from = performance.now()
      const parts = await list(client)
      if (parts) seen.push({ parts, from, until: performance.now() })
    }
  }
  const changed = Promise.all(changers.map(change)).finally(() => {
    isOver = true
  })
  await Promise.all([changed, ...Array.from({ length: CLIENTS }, (_, n) => read(n))])
  expect(seen.length).toBeGreaterThanOrEqual(CLIENTS)
  expect(new Set(seen.map(({ parts }) => parts.join())).size).toBeGreaterThan(3)
  expect(seen.filter((answer) => !wasRight(answer, changers))).toEqual([])
}

const page = async (gate: Flowgate, token: string, client: number) => {
  const path = '/api/v1/flows/?paged=all&size=20&header_flows=true'
  const headers = { authorization: `Bearer ${token}` }
  const { status, body } = await call(gate, 'GET', path, undefined, headers, client % 2)
  expect(status).toBe(200)
  return body as { total: number; items: { name: string }[] }
}

/** Whose grants on ten projects come and go, one every tenth of a second: how many flows they see after each. */
async function comingAndGoing(gate: Flowgate, execute: (one: InStatement) => Promise<unknown>) {
  const size = { flows: 2000, projects: 100, users: 5, dataBytes: 60, grantsPerProject: 1 }
  await seed({ ...size, seed: SEED, url: gate.sqld.url })
  await addCallers(gate.db, { seed: SEED, projects: size.projects })
  const caller = callerIdOf('no grant')
  const token = await mintToken(caller)
  const projects = Array.from({ length: 10 }, (_, n) => idOf(SEED, 'project', n + 1))
  const totals = [0]
  for (const id of projects) {
    const args = [id]
    const { rows } = await gate.db.execute({
      sql: 'SELECT count(*) AS n FROM flow WHERE folder_id = ?',
      args,
    })
    totals.push((totals.at(-1) ?? 0) + Number(rows[0]?.n))
  }
  const give = `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
    SELECT lower(hex(randomblob(16))), ?, id, 'Project', ?, 0, '2026' FROM role WHERE name = 'Viewer'`
  const take = 'DELETE FROM userroleassignment WHERE user_id = ? AND scope_id = ?'
  // What the caller sees is known by how many projects they hold: up to ten, and back to none.
  const changes = Array.from({ length: SECONDS * 10 }, (_, step): Change => {
    const n = step % 10
    const isUp = Math.floor(step / 10) % 2 === 0
    const project = projects[isUp ? n : 9 - n] ?? ''
    const send = async () => {
      await execute({ sql: isUp ? give : take, args: [caller, project] })
    }
    return [totals[isUp ? n + 1 : 9 - n] ?? 0, send]
  })
  return { token, changes }
}

test(`${CLIENTS} clients list while grants change ten times a second`, async () => {
  const gate = await flowgateForTest({ isolates: 2 })
  const { token, changes } = await comingAndGoing(gate, (one) => gate.db.execute(one))
  for (const isolate of [0, 1]) expect((await page(gate, token, isolate)).total).toBe(0)
  await listWhile([{ changes, everyMs: 100, history: nothing() }], async (client) => {
    const { total, items } = await page(gate, token, client)
    expect(items.length).toBe(Math.min(20, total))
    return [total]
  })
}, 120_000)

test(`${CLIENTS} clients list while the database is killed and started anew: refused or right`, async () => {
  let directory = ''
  const gate = await flowgateForTest({
    isolates: 2,
    furnish: async (its) => {
      directory = its
    },
  })
  let database: Pick<typeof gate.sqld, 'url' | 'stop'> = gate.sqld
  onTestFinished(() => database.stop('SIGKILL'))
  const execute = async (statement: InStatement) => {
    const client = createClient({ url: database.url })
    try {
      return await client.execute(statement)
    } finally {
      client.close()
    }
  }
  const { token, changes } = await comingAndGoing(gate, execute)
  const restart = async () => {
    await database.stop('SIGKILL')
    database = await startSqld(directory)
    gate.proxy.target = database.url
  }
  const withRestarts = changes.flatMap(([sees, send], n): Change[] =>
    n % 10 === 5
      ? [
          [sees, send],
          [sees, restart],
        ]
      : [[sees, send]],
  )
  const answers = { right: 0, refused: 0 }
  const headers = { authorization: `Bearer ${token}` }
  await listWhile([{ changes: withRestarts, everyMs: 100, history: nothing() }], async (client) => {
    const path = '/api/v1/flows/?paged=all&size=20&header_flows=true'
    const { status, body } = await call(gate, 'GET', path, undefined, headers, client % 2)
    if (status === 503) {
      answers.refused++
      expect(body.code).toBe('database_unavailable')
      return undefined
    }
    expect(status).toBe(200)
    answers.right++
    return [body.total]
  })
  expect(answers.right).toBeGreaterThan(CLIENTS)
  expect((await page(gate, token, 0)).total).toBe(withRestarts.at(-1)?.[0])
}, 120_000)

/** A project that the owner shares with a team, and a flow shared by itself; each step says how many flows the caller sees after it. */
async function teamsAndShares(owner: Api, caller: Api, n: number): Promise<Change[]> {
  const project = await createProject(owner, `Shared ${n}`)
  for (let i = 0; i < 3; i++) await createFlow(owner, `${n} in the project ${i}`, project)
  const flow = await createFlow(owner, `${n} alone`, await createProject(owner, `Kept ${n}`))
  const make = async () =>
    (await expectStatus(201, owner.post('/api/v1/teams/', { name: `Team ${n}` }))).body.id as string
  const share = async (path: string, body: object) =>
    (await expectStatus(201, owner.post(`/api/v1/${path}/shares`, body))).body.id as string
  const held = { team: '', share: '' }
  const ofTeam = (path = '') => `/api/v1/teams/${held.team}/members${path}`
  const ofFlow = () => `/api/v1/flows/${flow}/shares/${held.share}`
  const wish = { user_id: caller.userId, role: 'Viewer' }
  return [
    [0, async () => (held.team = await make())],
    [0, () => share(`projects/${project}`, { team_id: held.team, role: 'Viewer' })],
    [3, () => owner.post(ofTeam(), { user_id: caller.userId })],
    [4, async () => (held.share = await share(`flows/${flow}`, wish))],
    [1, () => owner.delete(ofTeam(`/${caller.userId}`))],
    [4, () => owner.post(ofTeam(), { user_id: caller.userId })],
    [3, () => owner.patch(ofFlow(), { expires_at: '2020-01-01' })],
    [4, () => owner.patch(ofFlow(), { expires_at: null })],
    [1, () => owner.delete(`/api/v1/teams/${held.team}`)],
    [0, () => owner.delete(ofFlow())],
  ]
}

const CHANGERS = 5

test(`${CLIENTS} clients list while teams and shares change ten times a second`, async () => {
  const gate = await flowgateForTest({ bindings: { TEAMS: 'open' }, isolates: 2 })
  const root = await signIn(gate)
  const owner = await createUser(gate, root, 'owner')
  const caller = await createUser(gate, root, 'caller')
  const steps: Change[][] = []
  for (let n = 0; n < CHANGERS; n++) steps.push(await teamsAndShares(owner, caller, n))
  const rounds = Math.ceil((SECONDS * 10) / (CHANGERS * 10))
  const changers = steps.map((changes) => ({
    changes: Array.from({ length: rounds }, () => changes).flat(),
    everyMs: 100 * CHANGERS,
    history: nothing(),
  }))
  await listWhile(changers, async (client) => {
    const { total, items } = await page(gate, caller.token, client)
    expect(items.length).toBe(total)
    return steps.map((_, n) => items.filter(({ name }) => name.startsWith(`${n} `)).length)
  })
  // What was taken is gone at the very next request.
  for (const [sees, send] of steps[0] ?? []) {
    await send()
    for (const isolate of [0, 1]) expect((await page(gate, caller.token, isolate)).total).toBe(sees)
  }
}, 120_000)
