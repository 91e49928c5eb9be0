// 32 clients list while grants change under them: no error, and every answer is one that was right at
// some moment between its request and its reply.
import { expect, test } from 'vitest'
import { seed } from '../src/cli/seed.ts'
import { idOf } from '../src/cli/world.ts'
import { addCallers, callerIdOf } from './support/callers.ts'
import { flowgateForTest } from './support/flowgate.ts'
import { mintToken } from './support/tokens.ts'
import {
  type Answer,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  signIn,
} from './support/world.ts'

const SECONDS = Number(process.env.SECONDS ?? 3)
const SEED = 3

test(`32 clients list for ${SECONDS} s while grants change ten times a second`, async () => {
  const gate = await flowgateForTest()
  const size = { flows: 2000, projects: 100, users: 5, dataBytes: 60, grantsPerProject: 1 }
  await seed({ ...size, seed: SEED, url: gate.sqld.url })
  await addCallers(gate.db, { seed: SEED, projects: size.projects })
  const caller = callerIdOf('no grant')
  const token = await mintToken(caller)
  const projects = Array.from({ length: 10 }, (_, n) => idOf(SEED, 'project', n + 1))
  const sizes = await Promise.all(
    projects.map(async (id) => {
      const { rows } = await gate.db.execute({
        sql: 'SELECT count(*) AS n FROM flow WHERE folder_id = ?',
        args: [id],
      })
      return Number(rows[0]?.n)
    }),
  )
  // What the caller sees is known by how many projects they hold: the first k of the ten.
  const totals = projects.map((_, k) => sizes.slice(0, k + 1).reduce((sum, n) => sum + n, 0))
  const expected = (k: number) => (k === 0 ? 0 : (totals[k - 1] ?? 0))
  const history: { k: number; from: number; until: number }[] = [{ k: 0, from: 0, until: Infinity }]

  const until = performance.now() + SECONDS * 1000
  const change = async () => {
    for (let step = 0; performance.now() < until; step++) {
      const now = history.at(-1)
      const [k, up] = [now?.k ?? 0, Math.floor(step / 10) % 2 === 0]
      const next = up ? k + 1 : k - 1
      const before = performance.now()
      await gate.db.execute(
        up
          ? {
              sql: `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
                SELECT lower(hex(randomblob(16))), ?, id, 'Project', ?, 0, '2026' FROM role WHERE name = 'Viewer'`,
              args: [caller, projects[k] ?? ''],
            }
          : {
              sql: `DELETE FROM userroleassignment WHERE user_id = ? AND scope_id = ?`,
              args: [caller, projects[next] ?? ''],
            },
      )
      // In force from some moment between these two on.
      if (now) now.until = performance.now()
      history.push({ k: next, from: before, until: Infinity })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  const answers: { total: number; items: number; from: number; until: number }[] = []
  const read = async () => {
    while (performance.now() < until) {
      const from = performance.now()
      const response = await gate.fetch('/api/v1/flows/?paged=all&size=100&header_flows=true', {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(response.status).toBe(200)
      const body = (await response.json()) as { total: number; items: unknown[] }
      answers.push({ total: body.total, items: body.items.length, from, until: performance.now() })
    }
  }
  await Promise.all([change(), ...Array.from({ length: 32 }, read)])

  expect(answers.length).toBeGreaterThan(32)
  for (const answer of answers) {
    const right = history.filter((at) => at.from <= answer.until && at.until >= answer.from)
    expect(right.map((at) => expected(at.k))).toContain(answer.total)
    expect(answer.items).toBe(Math.min(100, answer.total))
  }
}, 120_000)

test(`32 clients list for ${SECONDS} s while teams and shares change ten times a second`, async () => {
  const gate = await flowgateForTest({ bindings: { TEAMS: 'open' } })
  const size = { flows: 400, projects: 40, users: 5, dataBytes: 60, grantsPerProject: 1 }
  await seed({ ...size, seed: SEED, url: gate.sqld.url })
  const root = await signIn(gate)
  const [owner, caller] = [
    await createUser(gate, root, 'owner'),
    await createUser(gate, root, 'caller'),
  ]
  const project = await createProject(owner, 'Shared')
  for (let n = 0; n < 3; n++) await createFlow(owner, `in the project ${n}`, project)
  const flow = await createFlow(owner, 'alone', await createProject(owner, 'Kept'))
  const make = async () =>
    (await expectStatus(201, owner.post('/api/v1/teams/', { name: 'Team' }))).body.id as string
  const share = async (path: string, body: object) =>
    (await expectStatus(201, owner.post(`/api/v1/${path}/shares`, body))).body.id as string
  const held = { team: '', share: '' }
  // Each step says how many flows the caller sees after it: the project's three by the team, the fourth by a share.
  const steps: (readonly [sees: number, change: () => Promise<unknown>])[] = [
    [0, async () => (held.team = await make())],
    [0, () => share(`projects/${project}`, { team_id: held.team, role: 'Viewer' })],
    [3, () => owner.post(`/api/v1/teams/${held.team}/members`, { user_id: caller.userId })],
    [
      4,
      async () =>
        (held.share = await share(`flows/${flow}`, { username: 'caller', role: 'Viewer' })),
    ],
    [1, () => owner.delete(`/api/v1/teams/${held.team}/members/${caller.userId}`)],
    [4, () => owner.post(`/api/v1/teams/${held.team}/members`, { username: 'caller' })],
    [
      3,
      () => owner.patch(`/api/v1/flows/${flow}/shares/${held.share}`, { expires_at: '2020-01-01' }),
    ],
    [4, () => owner.patch(`/api/v1/flows/${flow}/shares/${held.share}`, { expires_at: null })],
    [1, () => owner.delete(`/api/v1/teams/${held.team}`)],
    [0, () => owner.delete(`/api/v1/flows/${flow}/shares/${held.share}`)],
  ]
  const until = performance.now() + SECONDS * 1000
  const history: { sees: number; from: number; until: number }[] = [
    { sees: 0, from: 0, until: Infinity },
  ]
  const change = async () => {
    for (let n = 0; performance.now() < until || n % steps.length > 0; n++) {
      const [sees, send] = steps[n % steps.length] as (typeof steps)[number]
      const before = history.at(-1)
      const next = { sees, from: performance.now(), until: Infinity }
      history.push(next)
      const answer = await send()
      if (typeof answer === 'object') expect((answer as Answer).status).toBeLessThan(300)
      if (before) before.until = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const answers: { total: number; items: number; from: number; until: number }[] = []
  const read = async () => {
    while (performance.now() < until) {
      const from = performance.now()
      const { status, body } = await caller.get('/api/v1/flows/?paged=all&header_flows=true')
      expect(status).toBe(200)
      answers.push({ total: body.total, items: body.items.length, from, until: performance.now() })
    }
  }
  await Promise.all([change(), ...Array.from({ length: 32 }, read)])
  expect(answers.length).toBeGreaterThan(32)
  for (const answer of answers) {
    const right = history.filter((at) => at.from <= answer.until && at.until >= answer.from)
    expect(right.map((at) => at.sees)).toContain(answer.total)
    expect(answer.items).toBe(answer.total)
  }
  // What was taken is gone at the very next request.
  for (const [sees, send] of steps) {
    await send()
    expect((await caller.get('/api/v1/flows/?paged=all&header_flows=true')).body.total).toBe(sees)
  }
}, 120_000)
