// Sharing over HTTP: who shares what with whom, how much of it, for how long, and what they are told.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

const ASSIGNMENTS = '/api/v1/rbac/assignments'
const MISSING = '00000000-0000-4000-8000-000000000000'

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let cat: Api
let team: string
let project: string
let flow: string
let n = 0

beforeAll(async () => {
  gate = await startFlowgate({ bindings: { TEAMS: 'open' } })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  cat = await createUser(gate, root, 'cat')
  team = (await expectStatus(201, ann.post('/api/v1/teams/', { name: 'The Team' }))).body.id
  await expectStatus(201, ann.post(`/api/v1/teams/${team}/members`, { username: 'cat' }))
})
afterAll(() => gate?.stop())
beforeEach(async () => {
  project = await createProject(ann, `Project ${++n}`)
  flow = await createFlow(ann, `flow ${n}`, project)
})

const ofFlow = (id = flow) => `/api/v1/flows/${id}/shares`
const ofProject = (id = project) => `/api/v1/projects/${id}/shares`
const actions = async (api: Api, id = flow) => {
  const { body } = await api.get('/api/v1/flows/?include=actions')
  return (body as { id: string; actions: string[] }[]).find((one) => one.id === id)?.actions ?? []
}

describe.each([
  ['flow', ofFlow, () => flow],
  ['project', ofProject, () => project],
] as const)('a %s', (_, path, id) => {
  test.each([
    ['user by id', () => ({ user_id: bob.userId }), () => bob],
    ['user by name, in any spelling', () => ({ username: ' BOB ' }), () => bob],
    ['team by id', () => ({ team_id: team }), () => cat],
    ['team by name, in any spelling', () => ({ team: 'the  TEAM' }), () => cat],
  ] as const)('is shared with a %s, changed, and ended', async (_, receiver, who) => {
    expect(await actions(who())).toEqual([])
    const { body: share } = await expectStatus(
      201,
      ann.post(path(), { ...receiver(), role: 'Viewer' }),
    )
    expect(share).toMatchObject({
      role: 'Viewer',
      created_by: ann.userId,
      by_username: 'ann',
      warnings: [],
    })
    expect([share.username, share.team]).toEqual(who() === bob ? ['bob', null] : [null, 'The Team'])
    expect(await actions(who())).toEqual(['Read'])
    const listed = (await ann.get(path())).body as { id: string; role: string }[]
    expect(listed.map(({ role }) => role).sort()).toEqual(['Owner', 'Viewer'])
    const changed = await ann.patch(`${path()}/${share.id}`, { role: 'Editor' })
    expect(changed.body).toMatchObject({ id: share.id, role: 'Editor' })
    expect(await actions(who())).toEqual(['Create', 'Read', 'Update'])
    const ended = await ann.patch(`${path()}/${share.id}`, { expires_at: '2020-01-01' })
    expect(ended.body.expires_at).toBe('2020-01-01T00:00:00.000000+00:00')
    expect(await actions(who())).toEqual([])
    await expectStatus(200, ann.patch(`${path()}/${share.id}`, { expires_at: null }))
    expect(await actions(who())).toEqual(['Create', 'Read', 'Update'])
    await expectStatus(204, ann.delete(`${path()}/${share.id}`))
    expect(await actions(who())).toEqual([])
    expect((await ann.delete(`${path()}/${share.id}`)).status).toBe(404)
  })

  test('is shared by whoever may do everything with it, and by admins; nobody else learns of it', async () => {
    const wish = { user_id: bob.userId, role: 'Viewer' }
    await expectStatus(201, ann.post(path(), { user_id: cat.userId, role: 'Editor' }))
    for (const api of [bob, cat]) {
      const [hidden, missing] = [await api.post(path(), wish), await api.post(path(MISSING), wish)]
      expect([hidden.status, hidden.body.detail]).toEqual([missing.status, missing.body.detail])
      expect(hidden.status).toBe(403)
      expect((await api.get(path())).status).toBe(403)
    }
    await expectStatus(201, root.post(path(), wish))
    expect((await root.post(path(MISSING), wish)).status).toBe(404)
    await expectStatus(201, ann.post(path(), { user_id: cat.userId, role: 'Owner' }))
    expect((await cat.get(path())).status).toBe(200)
  })

  test('an unknown user, one who waits, and one who was switched off are the same 404', async () => {
    const off = await createUser(gate, root, `off ${path()} ${n}`.replaceAll('/', ' '))
    await root.patch(`/api/v1/users/${off.userId}`, { is_active: false })
    const answers = []
    for (const receiver of [
      { user_id: off.userId },
      { user_id: MISSING },
      { username: 'nobody' },
      { username: `off ${path()} ${n}`.replaceAll('/', ' ') },
    ]) {
      const { status, body } = await ann.post(path(), { ...receiver, role: 'Viewer' })
      answers.push(JSON.stringify([status, body.detail]))
    }
    expect(new Set(answers)).toEqual(new Set(['[404,"User not found"]']))
    expect((await ann.post(path(), { team: 'no team', role: 'Viewer' })).body.detail).toBe(
      'Team not found',
    )
    expect((await ann.post(path(), { username: 'bob', role: 'No role' })).status).toBe(404)
  })

  test("one's own grant is for others to change, and twice is once", async () => {
    const own = ((await ann.get(path())).body as { id: string; username: string }[]).find(
      ({ username }) => username === 'ann',
    )
    expect((await ann.delete(`${path()}/${own?.id}`)).status).toBe(403)
    expect((await ann.patch(`${path()}/${own?.id}`, { role: 'Viewer' })).status).toBe(403)
    expect((await ann.post(path(), { username: 'ann', role: 'Viewer' })).status).toBe(403)
    await expectStatus(201, ann.post(path(), { username: 'bob', role: 'Owner' }))
    expect((await ann.post(path(), { username: 'bob', role: 'Owner' })).status).toBe(409)
    await expectStatus(204, bob.delete(`${path()}/${own?.id}`))
    const left = (await bob.get(path())).body as { username: string }[]
    expect(left.map(({ username }) => username)).toEqual(['bob'])
  })

  test('nobody shares beyond the end of their own right, nor lengthens what is there', async () => {
    const dan = await createUser(gate, root, `dan ${path()} ${n}`.replaceAll('/', ' '))
    const SOON = '2998-01-01T00:00:00.000000'
    await expectStatus(
      201,
      ann.post(path(), { user_id: dan.userId, role: 'Owner', expires_at: SOON }),
    )
    const wish = { username: 'bob', role: 'Viewer' }
    for (const ends of [{}, { expires_at: '2998-01-02' }])
      expect((await dan.post(path(), { ...wish, ...ends })).body.detail).toMatch(/beyond the end/)
    const { body } = await expectStatus(201, dan.post(path(), { ...wish, expires_at: SOON }))
    expect((await dan.patch(`${path()}/${body.id}`, { expires_at: null })).status).toBe(403)
    expect((await dan.patch(`${path()}/${body.id}`, { role: 'Editor' })).status).toBe(200)
  })

  test('a share with a team that one is in is ended by whoever holds everything without it', async () => {
    const { body } = await expectStatus(201, ann.post(path(), { team_id: team, role: 'Owner' }))
    // cat owns it through the team alone: that share is cat's own.
    expect((await cat.delete(`${path()}/${body.id}`)).status).toBe(403)
    expect((await cat.patch(`${path()}/${body.id}`, { expires_at: '2020-01-01' })).status).toBe(403)
    expect((await cat.post(path(), { username: 'bob', role: 'Viewer' })).status).toBe(201)
    expect((await ann.delete(`${path()}/${body.id}`)).status).toBe(204)
    expect(await actions(cat)).toEqual([])
  })

  test('what is wrong with a request is named', async () => {
    for (const body of [
      {},
      { role: 'Viewer' },
      { username: 'bob' },
      { username: 'bob', team_id: team, role: 'Viewer' },
      { username: 'bob', role: 'Viewer', expires_at: 'soon' },
    ])
      expect((await ann.post(path(), body)).status).toBe(422)
    expect((await ann.patch(`${path()}/${MISSING}`, {})).status).toBe(422)
    expect((await ann.patch(`${path()}/${MISSING}`, { role: 'Viewer' })).status).toBe(404)
  })

  test('of two receivers the one too many is named', async () => {
    for (const [one, two] of [
      ['username', 'team'],
      ['team_id', 'team'],
      ['user_id', 'username'],
    ] as const) {
      const value = (name: string) => (name.endsWith('id') ? MISSING : 'bob')
      const body = { [one]: value(one), [two]: value(two), role: 'Viewer' }
      const answer = await ann.post(path(), body)
      const [{ loc, msg }] = answer.body.detail
      expect([answer.status, loc]).toEqual([422, ['body', two]])
      expect(msg).toMatch(/Give one of user_id, username, team_id and team/)
    }
  })

  test('a share of one thing is none of another', async () => {
    const { body } = await expectStatus(201, ann.post(path(), { username: 'bob', role: 'Viewer' }))
    const elsewhere = await createProject(ann, `Elsewhere ${id()}`)
    for (const other of [ofProject(elsewhere), ofFlow(await createFlow(ann, `other ${id()}`))]) {
      expect((await ann.delete(`${other}/${body.id}`)).status).toBe(404)
      expect((await ann.patch(`${other}/${body.id}`, { role: 'Owner' })).status).toBe(404)
    }
  })
})

test('whoever holds no more than the project gives none of what they lack in its flows', async () => {
  const role = {
    name: 'Of projects',
    permissions: ['Create', 'Read', 'Update', 'Delete'].map((p) => `Project:${p}`),
  }
  await expectStatus(201, root.post('/api/v1/rbac/roles', role))
  await grant(root, bob, 'Of projects', 'Project', project)
  const more = await bob.post(ofProject(), { username: 'cat', role: 'Owner' })
  expect([more.status, more.body.detail]).toEqual([
    403,
    expect.stringMatching(/holds more than you do/),
  ])
  const { body } = await expectStatus(
    201,
    bob.post(ofProject(), { username: 'cat', role: 'Of projects' }),
  )
  expect((await bob.patch(`${ofProject()}/${body.id}`, { role: 'Viewer' })).status).toBe(403)
  const { body: given } = await expectStatus(
    201,
    ann.post(ofProject(), { team_id: team, role: 'Owner' }),
  )
  expect((await bob.delete(`${ofProject()}/${given.id}`)).status).toBe(403)
})

test('a Starter Project is shared, and its Owner stays', async () => {
  const { body } = await ann.get('/api/v1/projects/')
  const starter = (body as { id: string; name: string }[]).find(
    ({ name }) => name === 'Starter Project',
  )
  const path = ofProject(starter?.id)
  await expectStatus(201, ann.post(path, { username: 'bob', role: 'Owner' }))
  const fixed = ((await bob.get(path)).body as { id: string; is_immutable: boolean }[]).find(
    ({ is_immutable }) => is_immutable,
  )
  expect((await bob.delete(`${path}/${fixed?.id}`)).status).toBe(400)
  expect((await bob.patch(`${path}/${fixed?.id}`, { role: 'Viewer' })).status).toBe(400)
})

test('whoever shares is told what it replaces', async () => {
  await expectStatus(201, ann.post(ofProject(), { username: 'bob', role: 'Editor' }))
  await expectStatus(201, ann.post(ofProject(), { team_id: team, role: 'Editor' }))
  const { body: share } = await expectStatus(
    201,
    ann.post(ofFlow(), { username: 'bob', role: 'Viewer' }),
  )
  expect(share.warnings).toEqual([
    'On this flow the share replaces what bob had through the project or everywhere: before Create, Read, Update, now Read; Create, Update is lost',
  ])
  expect(await actions(bob)).toEqual(['Read'])
  const wider = await ann.patch(`${ofFlow()}/${share.id}`, { role: 'Owner' })
  expect(wider.body.warnings).toEqual([expect.stringMatching(/now Create, Read, Update, Delete$/)])
  // A second role on the flow replaces nothing more.
  const second = await ann.post(ofFlow(), { username: 'bob', role: 'Viewer' })
  expect(second.body.warnings).toEqual([])
  const { body: teams } = await expectStatus(
    201,
    ann.post(ofFlow(), { team_id: team, role: 'Viewer' }),
  )
  // ann is in the team too, and holds the flow herself.
  expect(teams.warnings).toEqual([expect.stringMatching(/what 1 member of The Team had/)])
})

test('of a large team it is said how many were looked at', async () => {
  const { body: large } = await expectStatus(201, root.post('/api/v1/teams/', { name: 'Large' }))
  const numbers = (count: number) =>
    `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ${count})`
  const join = async (count: number) => {
    const id = `printf('1a49e%027x', n)`
    await gate.db.batch(
      [
        `${numbers(count)} INSERT OR IGNORE INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
          SELECT ${id}, 'one of many ' || n, '!', 1, 0, '2026', '2026' FROM t`,
        {
          sql: `${numbers(count)} INSERT OR IGNORE INTO flowgate_team_member (team_id, user_id, role, created_at)
            SELECT ?, ${id}, 'member', '2026' FROM t`,
          args: [large.id.replaceAll('-', '')],
        },
      ],
      'write',
    )
  }
  await expectStatus(201, ann.post(ofProject(), { team: 'Large', role: 'Editor' }))
  const warned = async (count: number) => {
    await join(count)
    const { body } = await expectStatus(201, ann.post(ofFlow(), { team: 'Large', role: 'Viewer' }))
    await expectStatus(204, ann.delete(`${ofFlow()}/${body.id}`))
    return body.warnings
  }
  expect(await warned(1000)).toEqual([expect.stringMatching(/what 1000 members of Large had/)])
  expect(await warned(1001)).toEqual([
    expect.stringMatching(/what 1000 of the first 1000 members of Large had/),
  ])
})

test('nobody but an admin gives grants without end; room is made by ending one', async () => {
  const dan = await createUser(gate, root, 'dan')
  const mine = await createFlow(dan, 'mine')
  const hex = (id: string) => id.replaceAll('-', '')
  const fill = (from: number, to: number) =>
    gate.db.execute({
      sql: `WITH RECURSIVE t(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM t WHERE n < ${to})
        INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
        SELECT printf('aa%030x', n), ?, (SELECT id FROM role WHERE name = 'Viewer'), 'Flow', printf('f1%030x', n), 0, '2026', ? FROM t`,
      args: [hex(cat.userId), hex(dan.userId)],
    })
  await fill(1, 4998)
  await expectStatus(201, dan.post(ofFlow(mine), { team: 'The Team', role: 'Viewer' }))
  const wish = { username: 'bob', role: 'Viewer' }
  const { body: last } = await expectStatus(201, dan.post(ofFlow(mine), wish))
  const refused = await dan.post(ofFlow(mine), { ...wish, role: 'Editor' })
  expect([refused.status, refused.body.detail]).toEqual([
    409,
    'You share 5000 things already: end a share first',
  ])
  await expectStatus(201, root.post(ofFlow(mine), { ...wish, role: 'Owner' }))
  expect((await dan.patch(`${ofFlow(mine)}/${last.id}`, { role: 'Editor' })).status).toBe(200)
  await expectStatus(204, dan.delete(`${ofFlow(mine)}/${last.id}`))
  await expectStatus(201, dan.post(ofFlow(mine), wish))
  await gate.db.execute("DELETE FROM userroleassignment WHERE id LIKE 'aa0000000%'")
})

test('what others share with me, by whom, until when and through which team; and what I share', async () => {
  const ends = '2998-01-01T00:00:00.000000+00:00'
  await expectStatus(201, ann.post(ofFlow(), { username: 'cat', role: 'Viewer', expires_at: ends }))
  await expectStatus(201, ann.post(ofProject(), { team_id: team, role: 'Editor' }))
  const over = { username: 'cat', role: 'Owner', expires_at: '2020-01-01' }
  await expectStatus(201, ann.post(ofFlow(), over))
  const about = (rows: { scope_id: string }[]) =>
    rows.filter(({ scope_id }) => scope_id === flow || scope_id === project)
  const mine = about((await cat.get('/api/v1/me/shared')).body)
  expect(mine).toEqual([
    expect.objectContaining({
      scope_type: 'Flow',
      scope_id: flow,
      name: `flow ${n}`,
      role: 'Viewer',
      by_username: 'ann',
      expires_at: ends,
      team: null,
    }),
    expect.objectContaining({
      scope_type: 'Project',
      scope_id: project,
      name: `Project ${n}`,
      role: 'Editor',
      by_username: 'ann',
      team: 'The Team',
      team_id: team,
      user_id: null,
    }),
  ])
  expect(mine[1]).not.toHaveProperty('expires_at')
  expect(about((await ann.get('/api/v1/me/shared')).body)).toEqual([])
  expect(about((await bob.get('/api/v1/me/shared')).body)).toEqual([])
  const given = about((await ann.get('/api/v1/me/granted')).body) as unknown as Record<
    string,
    unknown
  >[]
  expect(given.map(({ role, username, team }) => [role, username, team])).toEqual([
    ['Viewer', 'cat', null],
    ['Owner', 'cat', null],
    ['Editor', null, 'The Team'],
  ])
  expect(about((await cat.get('/api/v1/me/granted')).body)).toEqual([])
})

test('the name of what one may not read is not in these lists', async () => {
  await root.post('/api/v1/rbac/roles', { name: 'Writes blindly', permissions: ['Flow:Update'] })
  await expectStatus(201, ann.post(ofFlow(), { username: 'bob', role: 'Writes blindly' }))
  const rows = (await bob.get('/api/v1/me/shared')).body as { scope_id: string; name: unknown }[]
  expect(rows.find(({ scope_id }) => scope_id === flow)?.name).toBe(null)
})

test('a share is a grant like any other: admins see it, the audit has it, and it goes with the flow', async () => {
  const { body: share } = await expectStatus(
    201,
    ann.post(ofFlow(), { team_id: team, role: 'Viewer' }),
  )
  const listed = (await root.get(`${ASSIGNMENTS}?team_id=${team}`)).body as { id: string }[]
  expect(listed.map(({ id }) => id)).toContain(share.id)
  await expectStatus(200, ann.patch(`${ofFlow()}/${share.id}`, { role: 'Editor' }))
  await expectStatus(204, ann.delete(`/api/v1/flows/${flow}`))
  const { rows } = await gate.db.execute({
    sql: 'SELECT action, actor_id FROM flowgate_audit WHERE target_id = ? ORDER BY seq',
    args: [share.id.replaceAll('-', '')],
  })
  const hex = ann.userId.replaceAll('-', '')
  expect(rows.map(({ action, actor_id }) => [action, actor_id])).toEqual(
    ['grant.create', 'grant.update', 'grant.delete'].map((action) => [action, hex]),
  )
})

test('a share sent again with its Idempotency-Key is made once, warnings and all', async () => {
  await expectStatus(201, ann.post(ofProject(), { username: 'bob', role: 'Editor' }))
  const send = async () => {
    const response = await gate.fetch(ofFlow(), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ann.token}`,
        'content-type': 'application/json',
        'idempotency-key': `share-${n}`,
      },
      body: JSON.stringify({ username: 'bob', role: 'Viewer' }),
    })
    return [response.status, (await response.json()) as { warnings: string[] }] as const
  }
  const first = await send()
  expect(first[1].warnings).toHaveLength(1)
  expect(await send()).toEqual(first)
})

test('sharing costs one round trip', async () => {
  for (const send of [
    () => ann.post(ofFlow(), { username: 'bob', role: 'Viewer' }),
    () => ann.get(ofFlow()),
    () => ann.get('/api/v1/me/shared'),
    () => ann.get('/api/v1/me/granted'),
  ]) {
    gate.proxy.reset()
    expect((await send()).status).toBeLessThan(300)
    expect(gate.proxy.count).toBe(1)
  }
})
