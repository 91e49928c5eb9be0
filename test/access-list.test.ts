// Who may do what with a thing that a large team holds: every member is in the list, and what it costs is a few rows for
// each, not a decision.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { rowsRead } from './support/rows-read.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  signIn,
} from './support/world.ts'

const MEMBERS = 10_000
const EVERYTHING = ['Create', 'Read', 'Update', 'Delete']

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let project: string
let flow: string
let team: string

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  project = await createProject(ann, 'Project')
  flow = await createFlow(ann, 'flow', project)
  team = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Everybody' }))).body.id
  const numbers = `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ${MEMBERS})`
  await gate.db.batch(
    [
      `${numbers} INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
        SELECT printf('0ce4%028x', n), printf('member %05d', n), '!', 1, 0, '2026-01-01', '2026-01-01' FROM t`,
      {
        sql: `${numbers} INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
          SELECT ?, printf('0ce4%028x', n), 'member', '2026-01-01' FROM t`,
        args: [team.replaceAll('-', '')],
      },
    ],
    'write',
  )
  const held = { team_id: team, role_name: 'Viewer', scope_type: 'Project', scope_id: project }
  await expectStatus(201, root.post('/api/v1/rbac/assignments', held))
})
afterAll(() => gate?.stop())

type Page = {
  items: { username: string; actions: string[]; decided_by: string; grants: unknown[] }[]
  total: number
  admins: number
}

/** The list, and what it read. */
async function list(api: Api, more = '', scope = 'Flow') {
  gate.proxy.reset()
  const id = scope === 'Flow' ? flow : project
  const path = `/api/v1/rbac/access?scope_type=${scope}&scope_id=${id}${more}`
  const { body } = await expectStatus(200, api.get(path))
  expect(gate.proxy.count).toBe(1)
  return { ...(body as Page), read: rowsRead(gate.proxy.answers) }
}

/** The most rows that a page reads for each member of a team that holds something there. */
const EACH = 15

test('each of 10,000 members is in it, once, and no page reads more than 15 rows for each', async () => {
  for (const scope of ['Flow', 'Project']) {
    const seen = new Set<string>()
    for (const page of [1, 2, 100, 201]) {
      const { total, items, read } = await list(ann, `&page=${page}&size=50`, scope)
      expect(total).toBe(MEMBERS + 1)
      expect(items.length).toBe(page === 201 ? 1 : 50)
      expect(read).toBeLessThanOrEqual(EACH * MEMBERS)
      for (const { username, actions } of items) {
        expect(seen).not.toContain(username)
        seen.add(username)
        expect(actions).toEqual(username === 'ann' ? EVERYTHING : ['Read'])
      }
    }
    const beyond = await list(ann, '&page=300', scope)
    expect([beyond.total, beyond.items, beyond.admins]).toEqual([MEMBERS + 1, [], 1])
  }
})

test('members are told apart by what else they hold, and the numbers count all of them', async () => {
  const member = (n: number) => `0ce4${n.toString(16).padStart(28, '0')}`
  const hold = (n: number, role_name: string, scope_type: string, scope_id?: string) =>
    expectStatus(
      201,
      root.post('/api/v1/rbac/assignments', {
        user_id: member(n),
        role_name,
        scope_type,
        scope_id,
      }),
    )
  await expectStatus(201, root.post('/api/v1/rbac/roles', { name: 'Nothing' }))
  await hold(1, 'Editor', 'Project', project)
  await hold(2, 'Nothing', 'Flow', flow)
  await hold(3, 'Owner', 'Global')
  await hold(4, 'Admin', 'Global')
  // These two hold the same roles, at other scopes.
  await hold(7, 'Editor', 'Flow', flow)
  await hold(8, 'Editor', 'Project', project)
  await hold(8, 'Viewer', 'Flow', flow)
  await expectStatus(200, root.patch(`/api/v1/users/${member(5)}`, { is_active: false }))
  const { items, total, admins } = await list(root)
  const may = Object.fromEntries(items.map((item) => [item.username, item]))
  expect(may['member 00001']).toMatchObject({ actions: ['Create', 'Read', 'Update'] })
  expect(may['member 00001']?.grants).toHaveLength(2)
  expect(may['member 00003']).toMatchObject({ actions: ['Read'], decided_by: 'project_grant' })
  expect(may['member 00004']).toMatchObject({ actions: EVERYTHING, decided_by: 'global_admin' })
  expect(may['member 00006']).toMatchObject({ actions: ['Read'] })
  expect(may['member 00007']).toMatchObject({ actions: ['Create', 'Read', 'Update'] })
  expect(may['member 00008']).toMatchObject({ actions: ['Read'], decided_by: 'flow_grant' })
  for (const hidden of ['member 00002', 'member 00005']) expect(may).not.toHaveProperty(hidden)
  // ann and root, and of the members all but the one it is hidden from and the one who was switched off.
  expect([total, admins]).toEqual([MEMBERS + 2 - 2, 2])
  const told = await list(ann)
  expect([told.total, told.admins]).toEqual([MEMBERS + 1 - 3, 2])
})

test('who may not see the list makes the database look at nobody', async () => {
  gate.proxy.reset()
  const path = `/api/v1/rbac/access?scope_type=Flow&scope_id=${flow}`
  expect((await bob.get(path)).status).toBe(403)
  expect(rowsRead(gate.proxy.answers)).toBeLessThanOrEqual(200)
})
