// Teams over HTTP: who makes, sees and leads them, and what their members hold through them from one request to the next.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  signIn,
} from './support/world.ts'

const TEAMS = '/api/v1/teams/'
const ASSIGNMENTS = '/api/v1/rbac/assignments'
const MISSING = '00000000-0000-4000-8000-000000000000'

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let cat: Api
let project: string
let flow: string
let n = 0

beforeAll(async () => {
  gate = await startFlowgate({ bindings: { TEAMS: 'open' } })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  cat = await createUser(gate, root, 'cat')
  project = await createProject(root, 'Project')
  flow = await createFlow(root, 'flow', project)
})
afterAll(() => gate?.stop())

let team: string
beforeEach(async () => {
  team = (await expectStatus(201, ann.post(TEAMS, { name: `Team ${++n}` }))).body.id
})

const members = (id = team) => `${TEAMS}${id}/members`
const join = (user: Api, role = 'member', by = ann) =>
  expectStatus(201, by.post(members(), { user_id: user.userId, role }))
const give = async (role_name: string, scope_type: string, scope_id?: string, more: object = {}) =>
  (
    await expectStatus(
      201,
      root.post(ASSIGNMENTS, { team_id: team, role_name, scope_type, scope_id, ...more }),
    )
  ).body
const reads = async (api: Api) => (await api.get(`/api/v1/flows/${flow}`)).status === 200
const names = async (api: Api) =>
  (await api.get(TEAMS)).body.map(({ name }: { name: string }) => name)

test('whoever makes a team leads it; an admin stands above it and is not in it', async () => {
  expect((await ann.get(`${TEAMS}${team}`)).body).toMatchObject({
    name: `Team ${n}`,
    role: 'admin',
  })
  expect((await root.get(`${TEAMS}${team}`)).body).toMatchObject({ role: null })
  const made = await expectStatus(201, root.post(TEAMS, { name: 'Of root', description: 'why' }))
  expect(made.body).toMatchObject({ name: 'Of root', description: 'why', role: null })
  expect((await root.get(members(made.body.id))).body).toEqual([])
  expect(await names(root)).toEqual(expect.arrayContaining(['Of root', `Team ${n}`]))
  expect(await names(ann)).toContain(`Team ${n}`)
  expect(await names(ann)).not.toContain('Of root')
  expect(await names(bob)).toEqual([])
})

test('only admins make teams unless that is open to all', async () => {
  const closed = await flowgateForTest()
  const admin = await signIn(closed)
  const dan = await createUser(closed, admin, 'dan')
  const refused = await dan.post(TEAMS, { name: 'Mine' })
  expect([refused.status, refused.body.detail]).toEqual([403, expect.stringMatching(/TEAMS=open/)])
  expect((await admin.post(TEAMS, { name: 'Of an admin' })).status).toBe(201)
})

test('no two teams look alike', async () => {
  for (const name of [`Team ${n}`, ` TEAM   ${n} `, `ｔeam ${n}`])
    expect((await bob.post(TEAMS, { name })).status, name).toBe(409)
  const other = (await bob.post(TEAMS, { name: 'Other' })).body.id
  expect((await bob.patch(`${TEAMS}${other}`, { name: `team ${n}` })).status).toBe(409)
  expect((await bob.patch(`${TEAMS}${other}`, { name: 'OTHER' })).body.name).toBe('OTHER')
  for (const name of ['', 'x'.repeat(101), 'zero\u200bwidth'])
    expect((await bob.post(TEAMS, { name })).status).toBe(422)
})

test("a team that is not one's own looks like one that is not there", async () => {
  for (const send of [
    (id: string) => bob.get(`${TEAMS}${id}`),
    (id: string) => bob.patch(`${TEAMS}${id}`, { description: 'x' }),
    (id: string) => bob.delete(`${TEAMS}${id}`),
    (id: string) => bob.get(members(id)),
    (id: string) => bob.post(members(id), { user_id: bob.userId }),
    (id: string) => bob.patch(`${members(id)}/${bob.userId}`, { role: 'admin' }),
    (id: string) => bob.delete(`${members(id)}/${bob.userId}`),
  ]) {
    const [hidden, missing] = [await send(team), await send(MISSING)]
    expect([hidden.status, hidden.body.detail]).toEqual([missing.status, missing.body.detail])
    expect(hidden.status).toBe(403)
    expect((await root.get(`${TEAMS}${MISSING}`)).status).toBe(404)
  }
})

test('members see a team and do not lead it', async () => {
  await join(bob)
  expect((await bob.get(`${TEAMS}${team}`)).body.role).toBe('member')
  expect(
    (await bob.get(members())).body.map((m: { username: string }) => m.username).sort(),
  ).toEqual(['ann', 'bob'])
  expect((await bob.post(members(), { user_id: cat.userId })).status).toBe(403)
  expect((await bob.patch(`${members()}/${bob.userId}`, { role: 'admin' })).status).toBe(403)
  expect((await bob.delete(`${members()}/${ann.userId}`)).status).toBe(403)
  expect((await bob.patch(`${TEAMS}${team}`, { name: 'x' })).status).toBe(403)
  expect((await bob.delete(`${TEAMS}${team}`)).status).toBe(403)
})

test('somebody is put in by id or name; who is not active is nobody', async () => {
  expect((await ann.post(members(), { username: 'BOB' })).body).toMatchObject({
    user_id: bob.userId,
    username: 'bob',
    role: 'member',
    is_active: true,
  })
  expect((await ann.post(members(), { user_id: bob.userId })).status).toBe(409)
  const eve = await createUser(gate, root, `eve ${n}`)
  await root.patch(`/api/v1/users/${eve.userId}`, { is_active: false })
  const answers = [
    await ann.post(members(), { user_id: eve.userId }),
    await ann.post(members(), { username: `eve ${n}` }),
    await ann.post(members(), { user_id: MISSING }),
    await ann.post(members(), { username: 'nobody' }),
  ].map(({ status, body }) => [status, body.detail])
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set(['[404,"User not found"]']),
  )
  for (const body of [{}, { user_id: bob.userId, username: 'bob' }, { username: 'bob', role: 'x' }])
    expect((await ann.post(members(), body)).status).toBe(422)
})

test('a team keeps an active lead: the last one neither leaves nor steps down, but for an admin', async () => {
  const me = `${members()}/${ann.userId}`
  const last = await ann.delete(me)
  expect([last.status, last.body.detail]).toEqual([
    409,
    expect.stringMatching(/at least one active admin/),
  ])
  expect((await ann.patch(me, { role: 'member' })).status).toBe(409)
  const eve = await createUser(gate, root, `lead ${n}`)
  await join(eve, 'admin')
  await root.patch(`/api/v1/users/${eve.userId}`, { is_active: false })
  // Whoever cannot sign in leads nothing.
  expect((await ann.delete(me)).status).toBe(409)
  await join(bob, 'admin')
  expect((await ann.patch(me, { role: 'member' })).body.role).toBe('member')
  expect((await bob.delete(`${members()}/${bob.userId}`)).status).toBe(409)
  expect((await root.delete(`${members()}/${bob.userId}`)).status).toBe(204)
  expect((await ann.delete(me)).status).toBe(204)
  expect((await ann.get(`${TEAMS}${team}`)).status).toBe(403)
})

test('what a team holds its members hold, until they leave, the team is deleted, or the grant is over', async () => {
  await join(bob)
  expect(await reads(bob)).toBe(false)
  const grant = await give('Viewer', 'Project', project)
  expect(grant).toMatchObject({ user_id: null, team_id: team, team_name: `Team ${n}` })
  expect(await reads(bob)).toBe(true)
  expect(await reads(cat)).toBe(false)
  await join(cat)
  expect(await reads(cat)).toBe(true)
  expect((await cat.delete(`${members()}/${cat.userId}`)).status).toBe(204)
  expect(await reads(cat)).toBe(false)
  await expectStatus(200, root.patch(`${ASSIGNMENTS}/${grant.id}`, { expires_at: '2020-01-01' }))
  expect(await reads(bob)).toBe(false)
  const again = await give('Viewer', 'Project', project)
  expect(await reads(bob)).toBe(true)
  await expectStatus(204, root.delete(`${ASSIGNMENTS}/${again.id}`))
  expect(await reads(bob)).toBe(false)
  const third = await give('Viewer', 'Flow', flow)
  expect(await reads(bob)).toBe(true)
  await expectStatus(204, ann.delete(`${TEAMS}${team}`))
  expect(await reads(bob)).toBe(false)
  expect((await root.delete(`${ASSIGNMENTS}/${third.id}`)).status).toBe(404)
  const { rows } = await gate.db.execute({
    sql: 'SELECT (SELECT count(*) FROM flowgate_team_member WHERE team_id = ?1) + (SELECT count(*) FROM flowgate_team_grant WHERE team_id = ?1) AS n',
    args: [team.replaceAll('-', '')],
  })
  expect(rows[0]?.n).toBe(0)
})

test('Admin with Global scope makes admins of all members', async () => {
  await join(bob)
  expect((await bob.get(ASSIGNMENTS)).status).toBe(403)
  const grant = await give('Admin', 'Global')
  expect((await bob.get(ASSIGNMENTS)).status).toBe(200)
  const seen = await bob.get(
    `/api/v1/rbac/explain?permission=Delete&scope_type=Flow&scope_id=${flow}`,
  )
  expect(seen.body).toMatchObject({ allowed: true, decided_by: 'global_admin' })
  await expectStatus(204, root.delete(`${ASSIGNMENTS}/${grant.id}`))
  expect((await bob.get(ASSIGNMENTS)).status).toBe(403)
})

test('only superusers say who is an admin by a team', async () => {
  await join(bob)
  await give('Admin', 'Global')
  const other = await createUser(gate, root, `other ${n}`)
  const own = { user_id: other.userId, role_name: 'Admin', scope_type: 'Global' }
  await expectStatus(201, root.post(ASSIGNMENTS, own))
  // ann leads the team, and is an admin by it; the other is one by themselves.
  for (const by of [ann, other]) {
    for (const send of [
      () => by.post(members(), { user_id: cat.userId }),
      () => by.delete(`${members()}/${bob.userId}`),
      () => by.delete(`${TEAMS}${team}`),
    ]) {
      const refused = await send()
      expect([refused.status, refused.body.detail]).toEqual([
        403,
        expect.stringMatching(/Only superusers/),
      ])
    }
    expect((await by.post(members(), { user_id: bob.userId })).status).toBe(403)
  }
  expect((await cat.get(ASSIGNMENTS)).status).toBe(403)
  await join(cat, 'member', root)
  expect((await cat.get(ASSIGNMENTS)).status).toBe(200)
  await expectStatus(204, root.delete(`${members()}/${cat.userId}`))
  await expectStatus(204, bob.delete(`${members()}/${bob.userId}`))
  await expectStatus(204, root.delete(`${TEAMS}${team}`))
})

test('an admin puts nobody into a team for longer than they are one, and never themselves', async () => {
  const admin = await createUser(gate, root, `for a time ${n}`)
  const until = { expires_at: '2998-01-01' }
  const given = { user_id: admin.userId, role_name: 'Admin', scope_type: 'Global', ...until }
  await expectStatus(201, root.post(ASSIGNMENTS, given))
  const detailOf = async (user: Api) => {
    const { status, body } = await admin.post(members(), { user_id: user.userId })
    return [status, body.detail]
  }
  expect(await detailOf(admin)).toEqual([403, expect.stringMatching(/put yourself into a team/)])
  await give('Viewer', 'Flow', flow, until)
  expect((await detailOf(bob))[0]).toBe(201)
  const lasting = await give('Viewer', 'Project', project)
  expect(await detailOf(cat)).toEqual([403, expect.stringMatching(/outlast your own right/)])
  expect((await ann.post(members(), { user_id: cat.userId })).status).toBe(201)
  await expectStatus(204, root.delete(`${ASSIGNMENTS}/${lasting.id}`))
  await expectStatus(204, admin.delete(`${members()}/${cat.userId}`))
  expect((await detailOf(cat))[0]).toBe(201)
  await expectStatus(204, root.delete(`${TEAMS}${team}`))
})

test('of two who lead a team and leave it at the same moment, one stays', async () => {
  const self = (api: Api) => `${members()}/${api.userId}`
  const pairs = [
    () => [ann.delete(self(ann)), bob.delete(self(bob))],
    () => [ann.patch(self(ann), { role: 'member' }), bob.delete(self(bob))],
    () => [ann.delete(self(bob)), bob.delete(self(ann))],
  ]
  for (const [round, send] of [...pairs, ...pairs].entries()) {
    team = (await expectStatus(201, ann.post(TEAMS, { name: `Pair ${n} ${round}` }))).body.id
    await join(bob, 'admin')
    const statuses = (await Promise.all(send())).map(({ status }) => status)
    expect(statuses.filter((status) => status < 300)).toHaveLength(1)
    const left = (await root.get(members())).body as { role: string }[]
    expect(left.filter(({ role }) => role === 'admin')).toHaveLength(1)
  }
})

test('explanations and lists of access say through which team', async () => {
  await join(bob)
  const grant = await give('Editor', 'Flow', flow)
  const why = await bob.get(
    `/api/v1/rbac/explain?permission=Update&scope_type=Flow&scope_id=${flow}`,
  )
  expect(why.body).toMatchObject({ allowed: true, decided_by: 'flow_grant' })
  expect(why.body.grants).toEqual([
    expect.objectContaining({
      id: grant.id,
      user_id: null,
      team_id: team,
      team_name: `Team ${n}`,
      status: 'decides',
    }),
  ])
  const access = await root.get(`/api/v1/rbac/access?scope_type=Flow&scope_id=${flow}`)
  const { items } = access.body as { items: { username: string; grants: unknown[] }[] }
  expect(items.find(({ username }) => username === 'bob')).toMatchObject({
    actions: ['Create', 'Read', 'Update'],
    grants: [{ id: grant.id, team_id: team, team_name: `Team ${n}`, role_name: 'Editor' }],
  })
  const own = items.find(({ username }) => username === 'root')
  expect(JSON.stringify(own?.grants)).not.toContain('team')
})

test('lists of grants know both kinds, one after the other, and which team', async () => {
  await join(bob)
  const grant = await give('Viewer', 'Flow', flow)
  const all = (await root.get(ASSIGNMENTS)).body as { id: string; team_id?: string }[]
  expect(all.filter(({ team_id }) => team_id === team).map(({ id }) => id)).toEqual([grant.id])
  expect((await root.get(`${ASSIGNMENTS}?team_id=${team}`)).body).toEqual([grant])
  const ofBob = (await root.get(`${ASSIGNMENTS}?user_id=${bob.userId}`)).body as object[]
  expect(ofBob.every((one) => !('team_id' in one))).toBe(true)
  expect((await root.get(`${ASSIGNMENTS}?team_id=${MISSING}`)).body).toEqual([])
})

test('a grant is for a user or a team', async () => {
  const wish = { role_name: 'Viewer', scope_type: 'Project', scope_id: project }
  for (const holder of [{}, { user_id: bob.userId, team_id: team }]) {
    const { status, body } = await root.post(ASSIGNMENTS, { ...holder, ...wish })
    expect([status, body.detail[0].loc.at(-1)]).toEqual([
      422,
      'team_id' in holder ? 'team_id' : 'user_id',
    ])
  }
  expect((await root.post(ASSIGNMENTS, { team_id: MISSING, ...wish })).status).toBe(404)
  await give('Viewer', 'Project', project)
  expect((await root.post(ASSIGNMENTS, { team_id: team, ...wish })).status).toBe(409)
  await give('Viewer', 'Global')
  const twice = { team_id: team, role_name: 'Viewer', scope_type: 'Global' }
  expect((await root.post(ASSIGNMENTS, twice)).status).toBe(409)
})

test('an admin gives their own team nothing that they only hold as admin', async () => {
  const admin = await createUser(gate, root, `admin ${n}`)
  const given = { user_id: admin.userId, role_name: 'Admin', scope_type: 'Global' }
  await expectStatus(201, root.post(ASSIGNMENTS, given))
  await join(admin)
  const wish = { team_id: team, role_name: 'Editor', scope_type: 'Project', scope_id: project }
  const refused = await admin.post(ASSIGNMENTS, wish)
  expect([refused.status, refused.body.detail]).toEqual([403, expect.stringMatching(/of your own/)])
  const mine = await createProject(admin, 'Of the admin')
  expect((await admin.post(ASSIGNMENTS, { ...wish, scope_id: mine })).status).toBe(201)
  const globally = { ...wish, scope_type: 'Global', scope_id: undefined }
  expect((await admin.post(ASSIGNMENTS, globally)).status).toBe(403)
  const { id } = await give('Editor', 'Project', project)
  expect((await admin.delete(`${ASSIGNMENTS}/${id}`)).status).toBe(403)
  expect((await admin.patch(`${ASSIGNMENTS}/${id}`, { role_name: 'Owner' })).status).toBe(403)
})

test('grants of a team go with what they are on, and a role that a team holds stays', async () => {
  const gone = await createFlow(root, `gone ${n}`, project)
  await give('Viewer', 'Flow', gone)
  await expectStatus(204, root.delete(`/api/v1/flows/${gone}`))
  const place = await createProject(root, `gone ${n}`)
  const inside = await createFlow(root, `inside ${n}`, place)
  await give('Viewer', 'Flow', inside)
  await give('Viewer', 'Project', place)
  await expectStatus(204, root.delete(`/api/v1/projects/${place}`))
  expect((await root.get(`${ASSIGNMENTS}?team_id=${team}`)).body).toEqual([])
  const { body: role } = await root.post('/api/v1/rbac/roles', { name: `Role ${n}` })
  const { id } = await give(`Role ${n}`, 'Global')
  const used = await root.delete(`/api/v1/rbac/roles/${role.id}`)
  expect([used.status, used.body.detail]).toEqual([409, expect.stringMatching(/1 grants/)])
  await expectStatus(204, root.delete(`${ASSIGNMENTS}/${id}`))
  expect((await root.delete(`/api/v1/rbac/roles/${role.id}`)).status).toBe(204)
})

test('a deleted user leaves their teams', async () => {
  const eve = await createUser(gate, root, `left ${n}`)
  await join(eve, 'admin')
  await expectStatus(200, root.delete(`/api/v1/users/${eve.userId}`))
  const { rows } = await gate.db.execute({
    sql: 'SELECT 1 FROM flowgate_team_member WHERE user_id = ?',
    args: [eve.userId.replaceAll('-', '')],
  })
  expect(rows).toEqual([])
  expect((await ann.delete(`${members()}/${ann.userId}`)).status).toBe(409)
})

test('nobody is put into more teams than a listing can look at, nor makes names without end', async () => {
  const eve = await createUser(gate, root, `many ${n}`)
  await gate.db.execute({
    sql: `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 100)
      INSERT INTO flowgate_team (id, name, name_key, created_at, created_by)
      SELECT printf('%032x', n), 'filler ' || n, 'filler ' || n, '2026', ? FROM t`,
    args: [eve.userId.replaceAll('-', '')],
  })
  await gate.db.execute({
    sql: `INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
      SELECT id, ?, 'member', '2026' FROM flowgate_team WHERE name LIKE 'filler %'`,
    args: [eve.userId.replaceAll('-', '')],
  })
  const full = await ann.post(members(), { user_id: eve.userId })
  expect([full.status, full.body.detail]).toEqual([409, expect.stringMatching(/at most 100 teams/)])
  const many = await eve.post(TEAMS, { name: 'One more' })
  expect([many.status, many.body.detail]).toEqual([409, expect.stringMatching(/made 100 teams/)])
})

test('every change of a team, of who is in it and of what it holds is in the audit, with who made it', async () => {
  await join(bob)
  await expectStatus(200, ann.patch(`${members()}/${bob.userId}`, { role: 'admin' }))
  await expectStatus(200, ann.patch(`${TEAMS}${team}`, { description: 'new' }))
  const grant = await give('Viewer', 'Flow', flow)
  await expectStatus(200, root.patch(`${ASSIGNMENTS}/${grant.id}`, { role_name: 'Editor' }))
  await expectStatus(204, bob.delete(`${members()}/${bob.userId}`))
  await expectStatus(204, ann.delete(`${TEAMS}${team}`))
  const { rows } = await gate.db.execute({
    sql: `SELECT action, actor_id, before, after FROM flowgate_audit WHERE target_id IN (?, ?) ORDER BY seq`,
    args: [team, grant.id].map((id: string) => id.replaceAll('-', '')),
  })
  const hex = ({ userId }: Api) => userId.replaceAll('-', '')
  expect(rows.map(({ action, actor_id }) => [action, actor_id])).toEqual([
    ['team.create', hex(ann)],
    ['member.create', hex(ann)],
    ['member.create', hex(ann)],
    ['member.update', hex(ann)],
    ['team.update', hex(ann)],
    ['grant.create', hex(root)],
    ['grant.update', hex(root)],
    ['member.delete', hex(bob)],
    ['team.delete', hex(ann)],
    ['grant.delete', hex(ann)],
  ])
  const created = JSON.parse(String(rows[5]?.after))
  expect(created).toMatchObject({ team_id: team.replaceAll('-', ''), scope_type: 'Flow' })
})

test('what makes something is made once with an Idempotency-Key', async () => {
  const send = async (path: string, body: unknown) => {
    const answers = []
    for (let i = 0; i < 2; i++) {
      const response = await gate.fetch(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${ann.token}`,
          'content-type': 'application/json',
          'idempotency-key': `teams ${n} ${path}`.replaceAll(' ', '-'),
        },
        body: JSON.stringify(body),
      })
      answers.push([response.status, await response.json()])
    }
    return answers
  }
  for (const [path, body] of [
    [TEAMS, { name: `Once ${n}` }],
    [members(), { user_id: cat.userId }],
  ] as const) {
    const [first, second] = await send(path, body)
    expect(first?.[0]).toBe(201)
    expect(second).toEqual(first)
  }
})
