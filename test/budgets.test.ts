// What a listing may cost, in rows read by sqld and in round trips: noise-free, and the same whether
// the database holds a few thousand flows or many. `npm run bench` measures a million.
import { createClient } from '@libsql/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asUser } from '../src/access/predicate.ts'
import { anyShared, SHARED_PROJECT } from '../src/access/shared.ts'
import { callerInProject } from '../src/access/terms.ts'
import { countVisible } from '../src/access/visible.ts'
import { seed } from '../src/cli/seed.ts'
import { openDatabase } from '../src/db/client.ts'
import { sql } from '../src/db/sql.ts'
import { addCallers, type CallerName, callerIdOf, callers } from './support/callers.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { rowsRead, statementsOf } from './support/rows-read.ts'
import { mintToken } from './support/tokens.ts'

const SEED = 7

/** caller -> most rows read by a first page of 50, its total and the caller's row with it. */
const budgets: Partial<Record<CallerName, number>> = {
  'no grant': 250,
  '10 flows': 250,
  '20 projects': 1200,
  '20 old projects': 1200,
  '20 projects, 30 hides': 1200,
  'Global Viewer, 30 hides': 1200,
  'Global Admin': 1200,
  superuser: 1200,
  '500 projects': 3500,
  '2000 projects': 11_000,
  '500 projects of 20 teams': 3700,
  '20 projects of a team of 10000': 1200,
  '20 teams without grants': 400,
  'Global Viewer of 20 teams, 30 hides': 1200,
  'Global Admin of a team': 1200,
}

/** The larger world has as many flows per project, and eight times the projects. */
const worlds = { small: { flows: 6000, projects: 300 }, large: { flows: 48_000, projects: 2400 } }
let small: Flowgate
let large: Flowgate
let made: CallerName[]

beforeAll(async () => {
  small = await startWorld(worlds.small)
  large = await startWorld(worlds.large)
  made = await addCallers(large.db, { seed: SEED, projects: worlds.large.projects })
}, 300_000)
afterAll(async () => {
  await small.stop()
  await large.stop()
})

async function startWorld(size: { flows: number; projects: number }): Promise<Flowgate> {
  const gate = await startFlowgate()
  const plan = { ...size, seed: SEED, users: 20, dataBytes: 60, grantsPerProject: 1 }
  await seed({ ...plan, url: gate.sqld.url })
  if (size === worlds.small) await addCallers(gate.db, { seed: SEED, ...size })
  return gate
}

type Page = { items: unknown[]; total: number; next_cursor: string | null }

/** One listing: its page, and what its statements read. */
async function list(gate: Flowgate, caller: CallerName, more = '') {
  const token = await mintToken(callerIdOf(caller))
  gate.proxy.reset()
  const response = await gate.fetch(`/api/v1/flows/?paged=all${more}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const body = (await response.json()) as Page
  expect(response.status).toBe(200)
  const [request = '', answer = ''] = [gate.proxy.bodies.at(-1), gate.proxy.answers.at(-1)]
  const statements = statementsOf(request, answer)
  return {
    body,
    statements,
    roundTrips: gate.proxy.count,
    rowsRead: rowsRead([answer]),
  }
}

/** How many grants the caller holds. */
/** Grants, of which a team's is two rows, itself and the membership; and the teams. */
async function grantsOf(caller: CallerName): Promise<number> {
  const { rows } = await large.db.execute({
    sql: `SELECT (SELECT count(*) FROM userroleassignment WHERE user_id = ?1)
      + 2 * (SELECT count(*) FROM flowgate_team_member WHERE user_id = ?1)
      + 2 * (SELECT count(*) FROM flowgate_team_member m JOIN flowgate_team_grant g ON g.team_id = m.team_id
        WHERE m.user_id = ?1) AS n`,
    args: [callerIdOf(caller)],
  })
  return Number(rows[0]?.n)
}

/** What the total alone reads. */
async function count(gate: Flowgate, caller: CallerName) {
  const who = {
    kind: 'user',
    userId: callerIdOf(caller),
    sessionId: callerIdOf(caller),
    round: 0,
    requestId: '',
  } as const
  gate.proxy.reset()
  const query = sql`WITH ${callerInProject(who, undefined)}
    SELECT ${countVisible(false, undefined)} AS total FROM caller c`
  const [rows] = await openDatabase({ url: gate.proxy.url }).read(query)
  return { total: rows?.[0]?.total, rowsRead: rowsRead(gate.proxy.answers) }
}

describe.each(Object.entries(budgets) as [CallerName, number][])('%s', (caller, budget) => {
  test(`a first page reads at most ${budget} rows in one round trip, a later one no more than twice as much`, async () => {
    await list(large, caller)
    const first = await list(large, caller)
    expect(first.rowsRead).toBeLessThanOrEqual(budget)
    expect(first.roundTrips).toBe(1)
    for (const order of ['', '&order=name', '&header_flows=true'])
      expect((await list(large, caller, order)).rowsRead).toBeLessThanOrEqual(budget)
    let cursor = first.body.next_cursor
    for (let page = 0; cursor && page < 5; page++) {
      const next = await list(large, caller, `&size=50&cursor=${cursor}`)
      expect(next.rowsRead).toBeLessThanOrEqual(2 * first.rowsRead)
      expect(next.roundTrips).toBe(1)
      cursor = next.body.next_cursor
    }
  })

  test('the total costs what the grants cost', async () => {
    const { total, rowsRead } = await count(large, caller)
    expect(total).toBe((await list(large, caller)).body.total)
    expect(rowsRead).toBeLessThanOrEqual(((await grantsOf(caller)) + 200) * 4)
  })
})

test.each(Object.keys(budgets) as CallerName[])(
  '%s: what is shared outside of projects costs what the grants cost, in one round trip, whichever way it is asked for',
  async (caller) => {
    const grants = await grantsOf(caller)
    // Whether they read projects everywhere is asked of each team for each flow that the teams hide.
    const inTeams = caller.includes('teams') ? 500 : 0
    const { body } = await list(large, caller, `&folder_id=${SHARED_PROJECT}`)
    const inNone = caller.startsWith('Global Viewer') ? body.total : 0
    expect(body.total).toBe(caller === '10 flows' ? 10 : inNone)
    for (const order of ['', '&order=name', '&header_flows=true']) {
      const page = await list(large, caller, `&folder_id=${SHARED_PROJECT}${order}`)
      expect(page.rowsRead).toBeLessThanOrEqual((grants + 100) * 6 + inTeams)
      expect(page.roundTrips).toBe(1)
    }
    const ask = { headers: { authorization: `Bearer ${await mintToken(callerIdOf(caller))}` } }
    large.proxy.reset()
    const project = await large.fetch(`/api/v1/projects/${SHARED_PROJECT}?page=1&size=50`, ask)
    expect([project.status, large.proxy.count]).toEqual([200, 1])
    expect(await project.json()).toMatchObject({ flows: { total: body.total } })
    expect(rowsRead(large.proxy.answers)).toBeLessThanOrEqual(
      (grants + inNone + 100) * (inTeams ? 14 : 12),
    )
    large.proxy.reset()
    const any = asUser(sql`${callerIdOf(caller)}`, sql`SELECT ${anyShared} AS found`)
    const [rows] = await openDatabase({ url: large.proxy.url }).read(any)
    expect(rows?.[0]?.found).toBe(Number(body.total > 0))
    expect(rowsRead(large.proxy.answers)).toBeLessThanOrEqual((grants + 10) * 6)
  },
)

/** What is looked for -> most rows read beyond those of the grants: in a third of all names, in few, in both, nowhere. */
const searches = { report: 4700, 'report 1234': 150, xyzzy: 100, '1234': 250 }
const searching: CallerName[] = [
  'no grant',
  '10 flows',
  '20 projects',
  '20 projects, 30 hides',
  '500 projects',
  'Global Viewer, 30 hides',
  'Global Admin',
  'superuser',
  '20 projects of a team of 10000',
]
test.each(
  searching.flatMap((caller) =>
    Object.entries(searches).map(([text, most]) => [caller, text, most] as const),
  ),
)(
  '%s, looking for %s, reads no more than what fits and their grants, in one round trip, and ranks it for four times that',
  async (caller, text, most) => {
    await list(large, caller)
    const search = `&header_flows=true&search=${encodeURIComponent(text)}`
    const { rowsRead, roundTrips, body } = await list(large, caller, search)
    expect(roundTrips).toBe(1)
    // Of many projects each is looked for in every piece of the index.
    const grants = await grantsOf(caller)
    const allowed = most + (grants > 100 ? 30 : 8) * grants
    expect(rowsRead).toBeLessThanOrEqual(allowed)
    const ranked = await list(large, caller, `${search}&order=relevance`)
    expect(ranked.rowsRead).toBeLessThanOrEqual(4 * allowed)
    const all = await large.db.execute(`SELECT count(*) AS n FROM flow WHERE name LIKE '%report%'`)
    if (caller === 'superuser' && text === 'report')
      expect(body.total).toBe(Math.min(1000, Number(all.rows[0]?.n)))
  },
)

const filters = {
  'components_only=true': 4000,
  'components_only=true&order=name': 3000,
  'remove_example_flows=true': 400,
  'tag=demo': 400,
}
test.each(
  searching.flatMap((caller) =>
    Object.entries(filters).map(([filter, most]) => [caller, filter, most] as const),
  ),
)(
  '%s, asking for %s, pays for the page and for what is counted, in one round trip',
  async (caller, filter, most) => {
    await list(large, caller)
    const { rowsRead, roundTrips } = await list(large, caller, `&header_flows=true&${filter}`)
    expect(roundTrips).toBe(1)
    expect(rowsRead).toBeLessThanOrEqual(most + 40 * (await grantsOf(caller)))
  },
)

test.each(['20 projects', 'Global Viewer, 30 hides', 'Global Admin', 'superuser'] as const)(
  '%s, whom an isolate does not know yet, reads for a word of all flows no more than what fits a page and is counted',
  async (caller) => {
    await large.restart()
    await list(large, 'no grant')
    const { rowsRead } = await list(large, caller, '&header_flows=true&search=words')
    expect(rowsRead).toBeLessThanOrEqual(7000)
  },
)

test.each(['updated', 'relevance', 'name'])(
  'in the order of %s whoever an isolate does not know yet finds what they find once it does',
  async (order) => {
    await large.restart()
    await list(large, 'no grant')
    for (const caller of made) {
      const search = `&header_flows=true&order=${order}&search=report`
      const [unknown, known] = [
        await list(large, caller, search),
        await list(large, caller, search),
      ]
      expect([caller, unknown.body]).toEqual([caller, known.body])
      if (caller === 'superuser') expect(known.body.total).toBe(1000)
    }
  },
)

test.each([...callers])(
  '%s finds by what all flows hold the page that there is without',
  async (caller) => {
    if (!made.includes(caller)) return
    const page = async (more: string) =>
      (await list(large, caller, `&header_flows=true${more}`)).body
    const [plain, found] = [await page(''), await page('&search=what+words')]
    const ids = ({ items }: Page) => items.map((item) => (item as { id: string }).id)
    expect(found.total).toBe(Math.min(1000, plain.total))
    expect(ids(found)).toEqual(ids(plain))
  },
)

test('whoever reads flows everywhere and projects nowhere pays for the page of what is shared, not for all of it', async () => {
  const id = callerIdOf('no grant')
  await large.db.batch([
    `INSERT INTO role (id, name, is_system_role, created_at) VALUES ('${'7'.repeat(32)}', 'Flows only', 0, '2026')`,
    `INSERT INTO rolepermission (id, role_id, permission_id, created_at)
     SELECT '${'7'.repeat(32)}', '${'7'.repeat(32)}', id, '2026' FROM permission WHERE name = 'Read' AND scope = 'Flow'`,
    `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, is_immutable, created_at)
     VALUES ('${'7'.repeat(32)}', '${id}', '${'7'.repeat(32)}', 'Global', 0, '2026')`,
  ])
  for (const order of ['', '&order=name']) {
    const page = await list(large, 'no grant', `&folder_id=${SHARED_PROJECT}${order}`)
    expect([page.body.total, page.body.items.length]).toEqual([worlds.large.flows, 50])
    expect(page.rowsRead).toBeLessThanOrEqual(1200)
  }
  await large.db.execute(`DELETE FROM userroleassignment WHERE id = '${'7'.repeat(32)}'`)
})

test("500 grants of 20 teams cost at most 200 rows more than 500 of one's own, in every form", async () => {
  for (const form of ['', '&order=name', '&header_flows=true']) {
    const [own, teams] = [
      await list(large, '500 projects', form),
      await list(large, '500 projects of 20 teams', form),
    ]
    expect(teams.body.total).toBe(own.body.total)
    expect(teams.rowsRead).toBeLessThanOrEqual(own.rowsRead + 200)
    expect(teams.roundTrips).toBe(1)
  }
})

test.each([
  'no grant',
  '10 flows',
  '20 projects',
  '20 old projects',
  '20 projects, 30 hides',
  'Global Viewer, 30 hides',
  'superuser',
] as const)('%s reads as much among 6,000 flows as among 48,000', async (caller) => {
  expect(made).toContain(caller)
  const [few, many] = [await list(small, caller), await list(large, caller)]
  expect(Math.abs(few.rowsRead - many.rowsRead)).toBeLessThanOrEqual(
    Math.max(few.rowsRead, many.rowsRead) / 5,
  )
})

test('no plan scans the table of flows, builds an index of its own, or sorts grants', async () => {
  const client = createClient({ url: large.sqld.url })
  for (const form of ['', '&order=name', '&folder_id=00000000000000000000000000000000']) {
    const { body } = await list(large, 'superuser', form)
    for (const cursor of ['', `&cursor=${body.next_cursor}`]) {
      if (cursor && !body.next_cursor) continue
      const { statements } = await list(large, 'superuser', form + cursor)
      for (const { sql, args } of statements) {
        const plan = await client.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args })
        const isReader = (line: string) => /^SCAN \w+$/.test(line)
        // What is made row by row for the one who reads it is read as it comes.
        const made = plan.rows.map((row) => `${row.parent} ${row.detail}`)
        const lines = plan.rows
          .filter(({ parent, detail }) => {
            const [, name] = String(detail).split(' ')
            return !isReader(String(detail)) || !made.includes(`${parent} CO-ROUTINE ${name}`)
          })
          .map((row) => String(row.detail))
        expect(
          lines.filter((line) =>
            /SCAN (f|flow|a|m|userroleassignment|flowgate_team_\w+)\b(?! USING COVERING INDEX ix_flow_)/.test(
              line,
            ),
          ),
        ).toEqual([])
        expect(lines.filter((line) => /AUTOMATIC|TEMP B-TREE FOR GROUP BY/.test(line))).toEqual([])
        const onFlow = lines.filter((line) => /^(SCAN|SEARCH) f /.test(line)).join('\n')
        expect(onFlow).toMatch(
          form.includes('folder_id') ? /ix_flow_folder_updated/ : /ix_flow_(updated|name_id)/,
        )
      }
    }
  }
  client.close()
})

test('a header comes from an index that holds all of it, whichever way it was found', async () => {
  const client = createClient({ url: large.sqld.url })
  for (const form of ['', '&order=name', '&include=owner,actions'])
    for (const caller of ['superuser', '20 projects', '10 flows'] as const) {
      const { statements } = await list(large, caller, `&header_flows=true${form}`)
      for (const { sql, args } of statements) {
        const plan = await client.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args })
        expect(plan.rows.map((row) => row.detail)).toContain(
          'SEARCH f USING COVERING INDEX ix_flow_updated (updated_at=? AND id>? AND id<?)',
        )
      }
    }
  client.close()
})

test('10,000 members of a team cost each of them nothing, and whoever is in no team pays for none', async () => {
  const [own, one] = [
    await list(large, '20 projects'),
    await list(large, '20 projects of a team of 10000'),
  ]
  expect(one.body.total).toBe(own.body.total)
  expect(one.rowsRead - own.rowsRead).toBeLessThanOrEqual(20)
  const before = await list(large, '20 projects')
  await large.db.execute('DELETE FROM flowgate_team_grant')
  expect((await list(large, '20 projects')).rowsRead).toBe(before.rowsRead)
})
