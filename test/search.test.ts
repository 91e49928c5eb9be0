// What a search finds: words of any script, under the decision rule, whatever text is sent.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { rowsRead } from './support/rows-read.ts'
import { makeSmallWorld, randomFrom } from './support/small-worlds.ts'
import { fits, type Searched } from './support/sought.ts'
import { mintToken } from './support/tokens.ts'
import { call, createFlow, createProject, createUser, grant, signIn } from './support/world.ts'

const texts =
  `café CAFÉ cafe\u0301 naïve Zürich ångström việt đường Αθήνα ΑΘΗΝΑ αθηνα Οδυσσεύς σοφός ΣΟΦΟΣ Москва МОСКВА ёлка
  Елка йод كِتَاب كتاب أحمد احمد مـرحبا שָׁלוֹם שלום हिन्दी हिंदी नमस्ते 大语言模型 语言 模型 東京タワー ภาษาไทย ภาษา 한국어 한국 🚀 rocket🚀ship
  flow flows Flow flower data database v2.0 under_score x-1 AND NOT OR NEAR label p c`.split(
    /\s+/,
  ) as [string, ...string[]]

let gate: Flowgate
beforeAll(async () => {
  gate = await startFlowgate({ direct: true })
  await signIn(gate)
})
afterAll(() => gate.stop())

type Random = ReturnType<typeof randomFrom>
type Flow = Searched & {
  id: string
  updated_at: string | null
  is_component: boolean
  folder_id: string | null
}

const some = (random: Random, most: number, between = ' ') =>
  Array.from({ length: random.below(most + 1) }, () => random.of(texts)).join(between)

/** A world whose flows say something. */
async function makeWorld(gate: Flowgate, random: Random) {
  const world = await makeSmallWorld(gate.db, random.below(1e6))
  const { rows } = await gate.db.execute('SELECT id FROM flow')
  await gate.db.batch(
    rows.map(({ id }, n) => ({
      sql: 'UPDATE flow SET name = ?, description = ?, tags = ?, endpoint_name = ? WHERE id = ?',
      args: [
        random.chance(0.2) ? `${random.of(texts)}` : some(random, 3),
        random.chance(0.2) ? null : some(random, 4, ' - '),
        random.chance(0.2)
          ? null
          : JSON.stringify([some(random, 2), ...(random.chance(0.3) ? ['data'] : [])]),
        random.chance(0.5) ? null : `end-${random.of(['data', 'flow', 'x'])}_${n}`,
        String(id),
      ],
    })),
    'write',
  )
  // Saved once more since their words were entered, some by others than flowgate.
  const later = rows.filter(() => random.chance(0.3))
  await gate.db.batch(
    later.map(({ id }) => ({
      sql: 'UPDATE flow SET updated_at = ? WHERE id = ?',
      args: [
        random.of([`2026-0${1 + random.below(9)}-01 00:00:00.00${random.below(10)}000`, null]),
        String(id),
      ],
    })),
    'write',
  )
  return world
}

/** A part of something that may be there, in some case, with signs that mean something elsewhere. */
function someText(random: Random): string {
  const word = () => {
    const letters = [...random.of(texts)]
    const part = letters
      .slice(0, random.chance(0.4) ? letters.length : 1 + random.below(letters.length))
      .join('')
    return random.chance(0.2) ? part.toUpperCase() : part
  }
  const sign = () =>
    random.of([
      '',
      '',
      '',
      '*',
      '(',
      ') ',
      '^',
      ' : ',
      "'",
      '-',
      '+',
      '{',
      '\\',
      '%',
      '\u0000',
      ' "',
    ])
  return Array.from({ length: 1 + random.below(3) }, () => `${sign()}${word()}${sign()}`).join(
    random.of([' ', '  ', '\t']),
  )
}

test('a search finds what a plain reading of the texts finds, among what the caller may read', async () => {
  const gate = await flowgateForTest({ direct: true })
  await signIn(gate)
  const random = randomFrom(14)
  for (let round = 0; round < 2; round++) {
    const { users, projects } = await makeWorld(gate, random)
    for (const user of users) {
      const headers = { authorization: `Bearer ${await mintToken(user)}` }
      const get = async (query: string) => {
        const answer = await call(gate, 'GET', `/api/v1/flows/?${query}`, undefined, headers)
        expect([query, answer.status, answer.status === 200 ? 0 : answer.body]).toEqual([
          query,
          200,
          0,
        ])
        return answer.body
      }
      const all: Flow[] = await get('')
      for (let n = 0; n < 7; n++) {
        const text = someText(random)
        const folder = random.chance(0.3) ? random.of(projects as [string, ...string[]]) : undefined
        const tag = random.chance(0.2) ? 'data' : undefined
        const components = random.chance(0.2)
        const order = random.of(['updated', 'name', 'relevance'])
        const expected = all
          .filter((flow) => fits(flow, text))
          .filter((flow) => !folder || flow.folder_id?.replaceAll('-', '') === folder)
          .filter((flow) => !tag || flow.tags?.includes(tag))
          .filter((flow) => !components || flow.is_component)
        const query = new URLSearchParams({
          search: text,
          order,
          ...(tag ? { tag } : {}),
          ...(components ? { components_only: 'true' } : {}),
        }).toString()
        const ids = (flows: Flow[]) => flows.map(({ id }) => id).sort()
        const told = `${user} ${JSON.stringify(text)} ${query}`
        if (!folder) expect([told, ids(await get(query))]).toEqual([told, ids(expected)])
        const within = folder ? `&folder_id=${folder}` : ''
        const walked: Flow[] = []
        for (let cursor: string | undefined; ; ) {
          const page = await get(
            `paged=all&size=5&${query}${within}${cursor ? `&cursor=${cursor}` : ''}`,
          )
          expect([told, page.total, page.total_is]).toEqual([told, expected.length, 'exact'])
          walked.push(...page.items)
          if (!page.next_cursor) break
          cursor = page.next_cursor
        }
        expect([told, ids(walked)]).toEqual([told, ids(expected)])
        const keys = walked.map((flow) => (order === 'name' ? flow.name : (flow.updated_at ?? '')))
        if (order === 'name')
          expect([told, keys]).toEqual([
            told,
            keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
          ])
        if (order === 'updated') expect([told, keys]).toEqual([told, keys.toSorted().reverse()])
      }
    }
  }
}, 120_000)

test.each(['soon', '2462000.5', '2031-05-05T00:00:00', null])(
  'whoever reads many projects finds all that is theirs where the newest flow of each is of the time %s',
  async (odd) => {
    const root = await signIn(gate)
    const reader = await createUser(gate, root, `many ${odd}`)
    const user = reader.userId.replaceAll('-', '')
    const idsFrom = (kind: string, count: number) =>
      Array.from({ length: count }, (_, n) => kind + `${n}`.padStart(6, '0') + user.slice(-24))
    const projects = idsFrom('e9', 140)
    const flows = idsFrom('e8', 280).map((id, n) => [
      id,
      n % 2 ? odd : '2031-05-05 01:00:00.000000',
      projects[n >> 1] ?? '',
    ])
    const theirs = projects.filter((_, n) => n % 2 === 0)
    for (const [sql, rows] of [
      [
        'INSERT INTO folder (id, name, is_starter_project) VALUES (?1, ?1, 0)',
        projects.map((id) => [id]),
      ],
      [
        `INSERT INTO flow (id, updated_at, folder_id, name, access_type) VALUES (?1, ?2, ?3, 'egret ' || ?1, 'PRIVATE')`,
        flows,
      ],
      [
        `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
        SELECT ?1, '${user}', id, 'Project', ?1, 0, '2026' FROM role WHERE name = 'Viewer'`,
        theirs.map((id) => [id]),
      ],
    ] as const)
      await gate.db.batch(
        rows.map((args) => ({ sql, args })),
        'write',
      )
    const expected = flows.flatMap(([id, , project]) =>
      theirs.includes(String(project)) ? id : [],
    )
    for (const text of ['egret', 'egret e8', 'eg']) {
      const { body } = await reader.get(`/api/v1/flows/?search=${text}`)
      expect(body.map((flow: Flow) => flow.id.replaceAll('-', '')).sort()).toEqual(expected)
      const { body: page } = await reader.get(`/api/v1/flows/?paged=all&size=50&search=${text}`)
      expect(page.total).toBe(expected.length)
    }
    // With a flow of their own that is newer than all of these.
    const newest = await createFlow(root, 'new egret')
    const args = [newest.replaceAll('-', '')]
    await gate.db.execute({
      sql: `UPDATE flow SET updated_at = '2033-01-01 00:00:00.000000' WHERE id = ?`,
      args,
    })
    await grant(root, reader, 'Viewer', 'Flow', newest)
    const { body } = await reader.get('/api/v1/flows/?paged=all&size=50&search=egret')
    expect([body.total, body.items[0].id]).toEqual([expected.length + 1, newest])
  },
)

test('no text is an error: what is too long, or too much, is named', async () => {
  const root = await signIn(gate)
  for (const text of [
    '"',
    '""',
    '(((',
    'a AND',
    'NOT',
    '*',
    '^',
    'a:b',
    '{x}',
    '\u0000',
    '\ud800',
    "'; --",
    '%',
    '😀',
    ' " x',
    'NEAR(a b)',
    'x'.repeat(500),
  ]) {
    for (const form of [
      '',
      'order=relevance',
      'order=name',
      'get_all=false',
      'paged=all',
      'components_only=true&tag=x',
    ])
      expect([
        text,
        form,
        (await root.get(`/api/v1/flows/?${form}&search=${encodeURIComponent(text.toWellFormed())}`))
          .status,
      ]).toEqual([text, form, 200])
  }
  const refused = async (query: string) => {
    const { status, body } = await root.get(`/api/v1/flows/?${query}`)
    return [status, body.detail?.[0]?.loc, body.detail?.[0]?.msg]
  }
  expect(await refused(`search=${'x'.repeat(10_000)}`)).toEqual([
    422,
    ['query', 'search'],
    'String should have at most 500 characters',
  ])
  expect(
    await refused(`search=${Array.from({ length: 13 }, (_, n) => `w${n}`).join('+')}`),
  ).toEqual([422, ['query', 'search'], 'Input should have at most 12 words'])
  expect(await refused(`tag=${'x'.repeat(201)}`)).toEqual([
    422,
    ['query', 'tag', 0],
    'String should have at most 200 characters',
  ])
})

test('signs alone find nothing, blanks alone are no search, several tags are all wanted', async () => {
  const root = await signIn(gate)
  const project = await createProject(root, 'tagged')
  const both = await createFlow(root, 'both', project, { tags: ['a b', 'c'] })
  await createFlow(root, 'one', project, { tags: ['a', 'b', 'c d'] })
  const found = async (query: string) =>
    (await root.get(`/api/v1/flows/?paged=all&folder_id=${project}&${query}`)).body.items.map(
      (flow: Flow) => flow.id,
    )
  expect(await found('search=%F0%9F%9A%80')).toEqual([])
  expect((await found('search=++')).length).toBe(2)
  expect(await found('tag=a+b')).toEqual([both])
  expect(await found('tag=c&tag=a+b')).toEqual([both])
  expect(await found('tag=C')).toEqual([])
})

test('a name that is the text comes first, then one that begins with it, one that holds it, and the rest', async () => {
  const root = await signIn(gate)
  const project = await createProject(root, 'ranked')
  const ids = []
  for (const [name, more] of [
    ['Pelican', {}],
    ['Pelicans fly', {}],
    ['A pelican', {}],
    ['Bird', { tags: ['pelican'] }],
  ] as const)
    ids.unshift(await createFlow(root, name, project, more))
  const found = async (query: string) =>
    (
      await root.get(`/api/v1/flows/?paged=all&search=pelican&folder_id=${project}&${query}`)
    ).body.items.map((flow: Flow) => flow.id)
  expect(await found('order=updated')).toEqual(ids)
  expect(await found('order=relevance')).toEqual(ids.toReversed())
})

test('a project finds names that hold the text, as in LangBuilder, and what any search finds', async () => {
  const root = await signIn(gate)
  const project = await createProject(root, 'searched')
  const names = await createFlow(root, 'Workflow', project)
  const text = await createFlow(root, 'Other', project, { description: 'flowing water' })
  await createFlow(root, 'Third', project)
  const { body } = await root.get(`/api/v1/projects/${project}?page=1&size=10&search=flow`)
  expect(body.flows.items.map((flow: Flow) => flow.id).sort()).toEqual([names, text].sort())
  expect(body.flows.total).toBe(2)
})

test('hidden flows that fit do not show: neither in totals and ranks, nor in the rows that are read', async () => {
  const counted = await startFlowgate()
  onTestFinished(() => counted.stop())
  const root = await signIn(counted)
  const reader = await createUser(counted, root, 'reader')
  const [mine, theirs] = [await createProject(root, 'mine'), await createProject(root, 'theirs')]
  await grant(root, reader, 'Viewer', 'Project', mine)
  for (const name of ['heron one', 'heron two']) await createFlow(root, name, mine)
  const seen = async (order: string) => {
    const path = `/api/v1/flows/?paged=all&header_flows=true&search=heron&order=${order}`
    await reader.get(path)
    counted.proxy.reset()
    const { body } = await reader.get(path)
    expect(counted.proxy.count).toBe(1)
    return { body, rows: rowsRead([counted.proxy.answers.at(-1) ?? '']) }
  }
  // Which words there are at all is looked up before it is known whose they are: at most 32 that begin like one.
  const hide = (n: number) =>
    createFlow(root, n % 2 ? 'heron' : `a heron ${n}`, theirs, { tags: ['heron'] })
  for (let n = 0; n < 3; n++) await hide(n)
  const orders = ['updated', 'relevance', 'name']
  const before = []
  for (const order of orders) before.push(await seen(order))
  for (let n = 0; n < 40; n++) await hide(n)
  for (const [n, order] of orders.entries()) {
    const { body, rows } = await seen(order)
    expect([order, body]).toEqual([order, before[n]?.body])
    // The index may be in more pieces by now, each of which is asked for the word.
    expect(rows - (before[n]?.rows ?? 0)).toBeLessThanOrEqual(2)
  }
})
