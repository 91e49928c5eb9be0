// Finding users by a part of their name: for whoever may share something, never for the others, and never
// more than an id and a name of twenty of them. It costs the same among 100,000 users.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { rowsRead } from './support/rows-read.ts'
import { mintToken, sessionsOfAll } from './support/tokens.ts'
import {
  type Api,
  as,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
const people = [
  'anna.smith',
  'Annabel',
  'Émile',
  'o%ne',
  'o_ne',
  'back\\slash',
  'Straße',
  'joe.ann',
]

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  for (const name of people) await createUser(gate, root, name)
  const gone = await createUser(gate, root, 'anna.gone')
  await expectStatus(200, root.patch(`/api/v1/users/${gone.userId}`, { is_active: false }))
})
afterAll(() => gate.stop())

const search = async (api: Api, text: string) =>
  (await expectStatus(200, api.get(`/api/v1/users/search?q=${encodeURIComponent(text)}`))).body.map(
    ({ username }: { username: string }) => username,
  )

describe('who is found', () => {
  test('whose name begins with it, then whose name holds it; nobody who is inactive', async () => {
    expect(await search(ann, 'ann')).toEqual(['ann', 'anna.smith', 'Annabel', 'joe.ann'])
    expect(await search(ann, 'smith')).toEqual(['anna.smith'])
    expect(await search(ann, 'gone')).toEqual([])
    expect(await search(ann, 'nobody')).toEqual([])
  })

  test('however the name is written', async () => {
    for (const text of ['ÉMILE', 'émi', 'e\u0301mi', ' émile ', 'ＥＭＩＬＥ'.replace('Ｅ', 'É')])
      expect(await search(ann, text)).toEqual(['Émile'])
    expect(await search(ann, 'STRASSE')).toEqual(['Straße'])
  })

  test('by characters, none of which stands for others', async () => {
    expect(await search(ann, 'o%')).toEqual(['o%ne'])
    expect(await search(ann, 'o_')).toEqual(['o_ne'])
    expect(await search(ann, '%%')).toEqual([])
    expect(await search(ann, '__')).toEqual([])
    expect(await search(ann, 'k\\s')).toEqual(['back\\slash'])
    expect(await search(ann, "' OR 1=1 --")).toEqual([])
  })

  test('with id and name, and nothing else, in one round trip', async () => {
    gate.proxy.reset()
    const { body } = await expectStatus(200, ann.get('/api/v1/users/search?q=annabel'))
    expect(gate.proxy.count).toBe(1)
    expect(body).toEqual([{ id: expect.stringMatching(/^[0-9a-f-]{36}$/), username: 'Annabel' }])
  })

  test('nobody by less than two characters, or more than a name has', async () => {
    for (const text of ['', 'a', ' a ', '%20', 'x'.repeat(256)]) {
      const { status, body } = await ann.get(`/api/v1/users/search?q=${text}`)
      expect([text, status, body.detail?.[0]?.loc]).toEqual([text, 422, ['query', 'q']])
    }
    expect((await ann.get('/api/v1/users/search')).status).toBe(422)
  })

  test('also a name that something else wrote, which has no key', async () => {
    await gate.db.batch([
      `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
       VALUES ('${'1'.repeat(32)}', 'Unkeyed Uma', '!', 1, 0, '2026', '2026')`,
      `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at, username_key)
       VALUES ('${'2'.repeat(32)}', 'UNKEYED uma', '!', 1, 0, '2026', '2026', ' ${'2'.repeat(32)}')`,
    ])
    expect((await search(ann, 'unkeyed')).toSorted()).toEqual(['UNKEYED uma', 'Unkeyed Uma'])
    expect(await search(ann, '22222')).toEqual([])
    await gate.db.execute(`DELETE FROM user WHERE id IN ('${'1'.repeat(32)}', '${'2'.repeat(32)}')`)
  })
})

describe('who may search', () => {
  let tom: Api
  const held: string[] = []
  /** Takes everything from tom, then grants this. */
  async function only(...grants: [role: string, scope: string, id?: string][]) {
    await gate.db.execute({
      sql: 'DELETE FROM userroleassignment WHERE user_id = ?',
      args: [tom.userId.replaceAll('-', '')],
    })
    for (const one of grants) held.push(await grant(root, tom, ...one))
    return (await tom.get('/api/v1/users/search?q=ann')).status
  }
  let project: string
  let flow: string
  beforeAll(async () => {
    tom = await createUser(gate, root, 'tom')
    project = await createProject(root, 'p')
    flow = await createFlow(root, 'f', project)
    for (const [name, ...permissions] of [
      ['All on flows', 'Flow:Create', 'Flow:Read', 'Flow:Update', 'Flow:Delete'],
      ['Half', 'Flow:Create', 'Flow:Read', 'Project:Update', 'Project:Delete'],
      ['Other half', 'Flow:Update', 'Flow:Delete', 'Project:Create', 'Project:Read'],
    ])
      await expectStatus(201, root.post('/api/v1/rbac/roles', { name, permissions }))
  })

  test('an Owner of a Starter Project, a project or a flow, and admins', async () => {
    expect((await tom.get('/api/v1/users/search?q=ann')).status).toBe(200)
    expect(await only(['Owner', 'Flow', flow])).toBe(200)
    expect(await only(['Owner', 'Project', project])).toBe(200)
    expect(await only(['Owner', 'Global'])).toBe(200)
    expect(await only(['Admin', 'Global'])).toBe(200)
    expect((await root.get('/api/v1/users/search?q=ann')).status).toBe(200)
  })

  test('whoever holds everything by several roles, or on the flows of a project alone', async () => {
    expect(await only(['Half', 'Flow', flow])).toBe(403)
    expect(await only(['Half', 'Flow', flow], ['Other half', 'Flow', flow])).toBe(200)
    expect(await only(['All on flows', 'Project', project])).toBe(200)
    expect(await only(['Half', 'Flow', flow], ['Other half', 'Project', project])).toBe(403)
  })

  test('nobody else, who is not shown a name, found or not', async () => {
    expect(await only()).toBe(403)
    expect(await only(['Viewer', 'Global'], ['Editor', 'Project', project])).toBe(403)
    const answers = await Promise.all(
      ['ann', 'nobody'].map((q) => tom.get(`/api/v1/users/search?q=${q}`)),
    )
    const bodies = answers.map(({ body }) => ({ ...body, request_id: '' }))
    expect(bodies[0]).toEqual(bodies[1])
    // A grant that is over, and one on what is gone.
    const { rows } = await gate.db.execute("SELECT id FROM role WHERE name = 'Owner'")
    for (const [id, scope, ends] of [
      [flow.replaceAll('-', ''), 'Flow', "'2020-01-01 00:00:00.000000'"],
      ['9'.repeat(32), 'Flow', 'NULL'],
      ['9'.repeat(32), 'Project', 'NULL'],
    ]) {
      await only()
      await gate.db.execute(
        `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, expires_at)
         VALUES ('${'3'.repeat(32)}', '${tom.userId.replaceAll('-', '')}', '${rows[0]?.id}', '${scope}', '${id}', 0, '2026', ${ends})`,
      )
      expect((await tom.get('/api/v1/users/search?q=ann')).status).toBe(403)
    }
  })
})

test('among 100,000 users it gives twenty, and reads no more than among a tenth of them', async () => {
  const add = (from: number, to: number) =>
    gate.db.execute(`WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
      INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
      SELECT printf('%032x', i), 'Person ' || i, 'person ' || i, '!', 1, 0, '2026', '2026' FROM n`)
  const reads = async (api: Api, q: string) => {
    gate.proxy.reset()
    const { status, body } = await api.get(`/api/v1/users/search?q=${q}`)
    return { status, found: body.length, reads: rowsRead(gate.proxy.answers) }
  }
  await add(1, 10_000)
  const few = [await reads(ann, 'person'), await reads(ann, 'nowhere')]
  await add(10_001, 100_000)
  const many = [await reads(ann, 'person'), await reads(ann, 'nowhere')]
  expect(many).toEqual(few)
  expect(many.map(({ found }) => found)).toEqual([20, 0])
  expect(many[0]?.reads).toBeLessThan(330)
  expect(many[1]?.reads).toBeLessThan(10_330)
  expect(await search(ann, 'person 99999')).toEqual(['Person 99999'])
  await gate.db.batch([
    `INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
     VALUES ('${'a'.repeat(32)}', 'outsider', 'outsider', '!', 1, 0, '2026', '2026')`,
    sessionsOfAll,
  ])
  const outsider = as(gate, await mintToken('a'.repeat(32)))
  const refused = await reads(outsider, 'person')
  expect(refused.status).toBe(403)
  expect(refused.reads).toBeLessThan(140)
})
