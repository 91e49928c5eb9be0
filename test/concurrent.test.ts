// 32 clients list while grants change under them: no error, and every answer is one that was right at
// some moment between its request and its reply.
import { expect, test } from 'vitest'
import { seed } from '../src/cli/seed.ts'
import { idOf } from '../src/cli/world.ts'
import { addCallers, callerIdOf } from './support/callers.ts'
import { flowgateForTest } from './support/flowgate.ts'
import { mintToken } from './support/tokens.ts'

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
