// What admins ask about a person: who it is, what they see, what they hold and what they gave.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { rowsRead } from './support/rows-read.ts'
import {
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let gina: Api
let ann: Api
let bob: Api
let tess: Api
let nils: Api
let project: string
let team: string

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  gina = await createUser(gate, root, 'gina')
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob.anders')
  tess = await createUser(gate, root, 'tess')
  nils = await createUser(gate, root, 'nils')
  await grant(root, gina, 'Admin', 'Global')
  project = await createProject(ann, 'Plans')
  await createFlow(ann, 'A', project)
  const shared = await createFlow(ann, 'B')
  await createFlow(bob, 'C')
  const give = { user_id: bob.userId, role: 'Viewer' }
  await expectStatus(201, ann.post(`/api/v1/flows/${shared}/shares`, give))
  team = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Team' }))).body.id
  await expectStatus(201, root.post(`/api/v1/teams/${team}/members`, { user_id: tess.userId }))
  await expectStatus(
    201,
    ann.post(`/api/v1/projects/${project}/shares`, { team_id: team, role: 'Editor' }),
  )
})
afterAll(() => gate.stop())

const FORM = 'paged=all&header_flows=true&include=actions,owner'
const seenBy = (api: Api, more = '') => api.get(`/api/v1/flows/?${FORM}${more}`)

test('an admin sees what anybody sees, as they see it, in one round trip', async () => {
  for (const admin of [root, gina]) {
    for (const person of [root, gina, ann, bob, tess]) {
      const mine = await expectStatus(200, seenBy(person))
      gate.proxy.reset()
      const asThem = await expectStatus(200, seenBy(admin, `&as=${person.userId}`))
      expect(gate.proxy.count).toBe(1)
      expect(asThem.body).toEqual(mine.body)
      const found = await seenBy(admin, `&as=${person.userId}&search=B`)
      expect(found.body).toEqual((await seenBy(person, '&search=B')).body)
    }
  }
  expect((await seenBy(root, `&as=${tess.userId}`)).body.items).toMatchObject([
    { name: 'A', scope: 'Project', actions: ['Create', 'Read', 'Update'] },
  ])
})

test('all forms of the listing are theirs, and none is for whoever is no admin', async () => {
  for (const form of ['', '?get_all=false', `?get_all=false&folder_id=${project}`]) {
    const joint = form ? '&' : '?'
    const asTess = await expectStatus(
      200,
      root.get(`/api/v1/flows/${form}${joint}as=${tess.userId}`),
    )
    expect(asTess.body).toEqual((await tess.get(`/api/v1/flows/${form}`)).body)
  }
  for (const id of [root.userId, bob.userId, '0'.repeat(32)]) {
    const { status, body } = await seenBy(ann, `&as=${id}`)
    expect([status, body.detail]).toEqual([403, 'Admin access required'])
  }
  const nobody = await seenBy(root, `&as=${'0'.repeat(32)}`)
  expect([nobody.status, nobody.body.detail]).toEqual([404, 'User not found'])
})

test('whoever is not active sees nothing, and a cursor is good for one person alone', async () => {
  const gone = await createUser(gate, root, 'gone')
  await createFlow(gone, 'Gone 1')
  await createFlow(gone, 'Gone 2')
  const first = await seenBy(root, `&as=${gone.userId}&size=1`)
  const next = `&size=1&cursor=${first.body.next_cursor}`
  expect((await seenBy(root, `${next}&as=${gone.userId}`)).body.items[0].name).toBe('Gone 1')
  for (const other of ['', `&as=${ann.userId}`])
    expect((await seenBy(root, next + other)).body.code).toBe('cursor_invalid')
  await expectStatus(200, root.patch(`/api/v1/users/${gone.userId}`, { is_active: false }))
  expect((await seenBy(root, `&as=${gone.userId}`)).body).toMatchObject({ items: [], total: 0 })
})

test('a superuser finds users by a part of their name, by id, and those who wait', async () => {
  await call(gate, 'POST', '/api/v1/users/', { username: 'Wanda', password: 'wanda-password' })
  const find = async (query: string) => {
    const { body } = await expectStatus(200, root.get(`/api/v1/users/?${query}`))
    return [body.total_count, ...body.users.map(({ username }: { username: string }) => username)]
  }
  expect(await find('q=AN')).toEqual([3, 'ann', 'bob.anders', 'Wanda'])
  expect(await find('q=an&skip=1&limit=1')).toEqual([3, 'bob.anders'])
  expect(await find('waiting=true')).toEqual([1, 'Wanda'])
  expect(await find('waiting=true&limit=0')).toEqual([1])
  expect(await find('q=ann&waiting=true')).toEqual([0])
  expect(await find(`user_id=${bob.userId}`)).toEqual([1, 'bob.anders'])
  expect((await root.get('/api/v1/users/?q=a')).status).toBe(422)
  expect((await gina.get(`/api/v1/users/?user_id=${bob.userId}`)).status).toBe(403)
})

test('what somebody holds through teams is with what they hold, and what they gave is what others hold', async () => {
  const list = async (query: string) => {
    const { body } = await expectStatus(200, gina.get(`/api/v1/rbac/assignments?size=50&${query}`))
    const items = body.items as Record<string, string | null>[]
    return [
      body.total,
      ...items.map((a) => `${a.role_name} ${a.scope_name} ${a.team_name ?? a.username}`),
    ]
  }
  const own = 'Owner Starter Project tess'
  expect(await list(`user_id=${tess.userId}`)).toEqual([1, own])
  expect(await list(`user_id=${tess.userId}&teams=true`)).toEqual([2, own, 'Editor Plans Team'])
  const mine = await list(`user_id=${tess.userId}&teams=true&role_name=Editor`)
  expect(mine).toEqual([1, 'Editor Plans Team'])
  const given = ['Viewer B bob.anders', 'Editor Plans Team']
  expect(await list(`created_by=${ann.userId}`)).toEqual([2, ...given])
  const toTess = `created_by=${ann.userId}&user_id=${tess.userId}&teams=true`
  expect(await list(toTess)).toEqual([1, 'Editor Plans Team'])
  gate.proxy.reset()
  await list(`created_by=${tess.userId}`)
  expect(rowsRead(gate.proxy.answers)).toBeLessThan(20)
})

test('for who may not ask next to nothing is read, however much there is', async () => {
  const many = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)`
  const ids = `printf('%032x', 1000000 + i)`
  await gate.db.batch([
    `${many} INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
     SELECT ${ids}, 'many' || i, 'many' || i, '', 1, 0, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n`,
    `${many} INSERT INTO userroleassignment (id, user_id, role_id, scope_type, is_immutable, created_at)
     SELECT ${ids}, ${ids}, (SELECT id FROM role WHERE name = 'Viewer'), 'Global', 0, '2026-01-01 00:00:00' FROM n`,
  ])
  const refused = [
    'users/',
    'users/?q=many',
    'users/?waiting=true',
    'rbac/assignments',
    'rbac/assignments?page=1',
    'rbac/assignments?page=1&role_name=Viewer',
    'rbac/assignments?page=1&username=many1',
    `rbac/assignments?page=1&created_by=${ann.userId}`,
    `rbac/assignments?page=1&user_id=${ann.userId}&teams=true`,
    'rbac/roles',
    'audit',
    `flows/?as=${ann.userId}`,
  ]
  const reads: [string, number, number][] = []
  for (const path of refused) {
    gate.proxy.reset()
    const { status } = await nils.get(`/api/v1/${path}`)
    reads.push([path, status, rowsRead(gate.proxy.answers)])
  }
  expect(reads.filter(([, status, rows]) => status !== 403 || rows > 100)).toEqual([])
})
