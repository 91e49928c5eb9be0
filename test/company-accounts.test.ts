// Who somebody from a company is here: the one whom issuer and subject say, never the one of the same name or mail
// address; in the teams of their groups, for as long as they are in those; and out at once when they are deactivated.
import { describe, expect, onTestFinished, test } from 'vitest'
import { codeOf, companyWorld, newcomer, personOf, standing } from './support/company.ts'
import { SUPERUSER } from './support/flowgate.ts'
import { newVisitor, signInBy, startAt, travel } from './support/visitor.ts'
import { type Api, call, createUser, expectStatus, login as logIn } from './support/world.ts'

const world = companyWorld()

const rowsOf = async (sql: string, ...args: string[]) =>
  (await world.gate.db.execute({ sql, args })).rows.map((row) => ({ ...row }))
const plain = (id: string) => id.replaceAll('-', '')
const auditOf = async (id: string) =>
  (
    await rowsOf('SELECT action, actor_id FROM flowgate_audit WHERE target_id = ? ORDER BY seq', id)
  ).map(({ action, actor_id }) => `${action} by ${actor_id === id ? 'themselves' : actor_id}`)

const userOf = async ({ userId }: Pick<Api, 'userId'>) =>
  (await world.root.get(`/api/v1/users/?user_id=${userId}`)).body.users[0]

describe('a first sign-in', () => {
  test('makes a user who is active, has a Starter Project, no password, and is recorded', async () => {
    const login = newcomer(world.okta)
    const { api, name } = await personOf(world, world.okta, login)
    expect(name).toBe(login)
    const projects = (await api.get('/api/v1/projects/')).body
    expect(projects.map((project: { name: string }) => project.name)).toEqual(['Starter Project'])
    for (const password of ['', '!', login, 'any'])
      expect((await logIn(world.gate, login, password)).status).not.toBe(200)
    expect(await auditOf(plain(api.userId))).toEqual(
      expect.arrayContaining(['user.create by themselves', 'binding.create by themselves']),
    )
    const { bindings, total_count } = (await api.get('/api/v1/bindings')).body
    expect(total_count).toBe(1)
    expect(bindings[0]).toMatchObject({
      issuer: world.okta.issuer,
      subject: login,
      provider: 'okta',
      user_id: api.userId,
    })
  })

  test('is the same user at the next one, whatever they are called by then', async () => {
    const login = newcomer(world.okta)
    const first = await personOf(world, world.okta, login)
    Object.assign(world.okta.accounts.get(login) ?? {}, {
      preferred_username: SUPERUSER,
      email: 'root@acme.test',
      name: 'Root',
    })
    const second = await personOf(world, world.okta, login)
    expect(second.api.userId).toBe(first.api.userId)
    expect(second.name).toBe(login)
  })

  test('in two isolates at once makes one user', async () => {
    const { gate, okta } = world
    for (let round = 0; round < 4; round++) {
      const login = newcomer(okta)
      const origins = await Promise.all(
        [0, 1].map(async (isolate) => {
          const start = await gate.fetch('/api/v1/auth/okta/start', {}, isolate)
          const address = new URL(start.headers.get('location') ?? '').searchParams
          return new URL(address.get('redirect_uri') ?? '').origin
        }),
      )
      expect(new Set(origins).size).toBe(2)
      const ways = await Promise.all(
        [0, 1, 0, 1].map(async (isolate) => {
          const visitor = newVisitor()
          const callback = await travel(visitor, startAt(origins[isolate] ?? '', okta), login)
          return () => visitor.ask(callback)
        }),
      )
      const seen = await Promise.all(ways.map((arrive) => arrive()))
      expect(seen.map(({ status }) => status)).toEqual([302, 302, 302, 302])
      const users = await rowsOf('SELECT username FROM user WHERE username LIKE ?', `${login}%`)
      expect(users).toEqual([{ username: login }])
      const bound = await rowsOf('SELECT user_id FROM flowgate_binding WHERE subject = ?', login)
      expect(bound.length).toBe(1)
      const projects = await rowsOf(
        'SELECT f.id FROM folder f JOIN user u ON u.id = f.user_id WHERE u.username = ?',
        login,
      )
      expect(projects.length).toBe(1)
    }
  })
})

describe('a name or a mail address', () => {
  test('of a local user makes a second user', async () => {
    const { gate, root, okta, entra } = world
    const local = await createUser(gate, root, 'grace')
    const claims = { preferred_username: 'grace', email: 'grace', name: 'grace' }
    const first = await personOf(world, okta, newcomer(okta, claims))
    const second = await personOf(world, okta, newcomer(okta, claims))
    const third = await personOf(world, entra, newcomer(entra, claims))
    expect([first.name, second.name, third.name]).toEqual([
      'grace (okta)',
      'grace (okta) 2',
      'grace (entra)',
    ])
    const ids = [local, first.api, second.api, third.api].map(({ userId }) => userId)
    expect(new Set(ids).size).toBe(4)
    expect((await local.get('/api/v1/users/whoami')).body.username).toBe('grace')
  })

  test('that looks like the superuser’s is no way to be one', async () => {
    for (const name of [SUPERUSER, SUPERUSER.toUpperCase(), ` ${SUPERUSER} `, 'ｒｏｏｔ']) {
      const { api, name: called } = await personOf(
        world,
        world.okta,
        newcomer(world.okta, { preferred_username: name, email: name, name }),
      )
      expect(called).toMatch(/^root \(okta\)/i)
      expect((await userOf(api)).is_superuser).toBe(false)
      expect(api.userId).not.toBe(world.root.userId)
    }
  })

  test('of somebody of another provider, verified or not, makes a second user', async () => {
    const { okta, entra } = world
    const mail = { email: 'vip@acme.test', email_verified: true, preferred_username: undefined }
    const first = await personOf(world, okta, newcomer(okta, mail))
    const flow = await expectStatus(201, first.api.post('/api/v1/flows/', { name: 'Mine' }))
    const second = await personOf(world, entra, newcomer(entra, mail))
    expect([first.name, second.name]).toEqual(['vip@acme.test', 'vip@acme.test (entra)'])
    expect((await second.api.get(`/api/v1/flows/${flow.body.id}`)).status).toBe(403)
  })

  test('nor is the same subject of two providers the same person', async () => {
    const { okta, entra } = world
    const login = newcomer(okta)
    entra.accounts.set(login, { preferred_username: login })
    const [first, second] = await Promise.all([
      personOf(world, okta, login),
      personOf(world, entra, login),
    ])
    expect(first.api.userId).not.toBe(second.api.userId)
    expect([first.name, second.name].sort()).toHaveLength(2)
  })

  test.each([
    ['nothing at all', {}],
    ['what is no text', { preferred_username: 7, email: ['a'], name: { a: 1 } }],
    ['what cannot be seen', { preferred_username: '‮​', email: '\0', name: ' ' }],
    ['a text without end', { preferred_username: 'é'.repeat(2000) }],
  ])('that is %s still makes somebody', async (_, claims) => {
    const { okta } = world
    const nameless = { email: undefined, preferred_username: undefined, name: undefined, ...claims }
    const { name } = await personOf(world, okta, newcomer(okta, nameless))
    expect(name.length).toBeGreaterThan(0)
    expect(name.length).toBeLessThanOrEqual(255)
  })
})

describe('the domain', () => {
  test('is that of a verified mail address, and no part of another', async () => {
    const { gate, strict } = world
    for (const [email, email_verified, status] of [
      ['a@acme.test', true, 302],
      ['a@ACME.test', true, 302],
      ['a@acme.test', false, 403],
      ['a@acme.test', undefined, 403],
      ['a@acme.test.evil.test', true, 403],
      ['a@evil.test', true, 403],
      ['acme.test', true, 403],
      ['a@acme.test@evil.test', true, 403],
      ['a@evilacme.test', true, 403],
      [undefined, true, 403],
    ] as const) {
      const login = newcomer(strict, { email, email_verified, hd: 'acme.test' })
      const before = await standing(world)
      const seen = await signInBy(newVisitor(), gate.url, strict, login)
      expect({ email, email_verified, status: seen.status }).toEqual({
        email,
        email_verified,
        status,
      })
      if (status === 302) continue
      expect(codeOf(seen)).toBe('sign_in_refused')
      expect(await standing(world)).toEqual(before)
    }
  })
})

describe('groups', () => {
  const team = async (name: string, external_name?: string) =>
    (await expectStatus(201, world.root.post('/api/v1/teams/', { name, external_name }))).body.id
  const teamsOf = async (api: Api) =>
    (await api.get('/api/v1/teams/')).body.map(({ name }: { name: string }) => name).sort()

  test('are teams at each sign-in: in, out, and no other team is touched', async () => {
    const { okta, entra, root } = world
    await team('Engineers', 'okta:engineers')
    await team('Writers', 'okta:writers')
    await team('Engineers of the other', 'entra:engineers')
    const house = await team('By hand')
    const groups = ['engineers', 'nobody made a team of this', 'by hand', 'By hand']
    const login = newcomer(okta, { groups })
    const first = await personOf(world, okta, login)
    expect(await teamsOf(first.api)).toEqual(['Engineers'])
    const put = { user_id: first.api.userId }
    await expectStatus(201, root.post(`/api/v1/teams/${house}/members`, put))
    const account = okta.accounts.get(login) ?? {}
    account.groups = ['writers']
    const second = await personOf(world, okta, login)
    expect(await teamsOf(second.api)).toEqual(['By hand', 'Writers'])
    account.groups = undefined
    const third = await personOf(world, okta, login)
    expect(await teamsOf(third.api)).toEqual(['By hand'])
    // A provider says nothing of another's groups.
    const other = newcomer(entra, { groups: ['engineers', 'okta:writers', 'writers'] })
    expect(await teamsOf((await personOf(world, entra, other)).api)).toEqual([
      'Engineers of the other',
    ])
    const { rows } = await world.gate.db.execute('SELECT name FROM flowgate_team')
    expect(rows.map(({ name }) => name).sort()).toEqual(
      ['Engineers', 'Writers', 'Engineers of the other', 'By hand'].sort(),
    )
  })

  test('hold what the team holds at once, and no longer than the group', async () => {
    const { okta, root } = world
    const id = await team('Readers', 'okta:readers')
    const project = (await expectStatus(201, root.post('/api/v1/projects/', { name: 'Read' }))).body
    const grant = { role_name: 'Viewer', scope_type: 'Project', scope_id: project.id, team_id: id }
    await expectStatus(201, root.post('/api/v1/rbac/assignments', grant))
    const login = newcomer(okta, { groups: ['readers'] })
    const sees = async (api: Api) => (await api.get(`/api/v1/projects/${project.id}`)).status
    expect(await sees((await personOf(world, okta, login)).api)).toBe(200)
    Object.assign(okta.accounts.get(login) ?? {}, { groups: [] })
    expect(await sees((await personOf(world, okta, login)).api)).toBe(403)
  })

  test('may be many, or odd, and whoever is in them gets in', async () => {
    const { okta } = world
    await team('The last of many', 'okta:group-299')
    const many = Array.from({ length: 300 }, (_, n) => `group-${n}`)
    const odd = [7, null, '', { a: 1 }, ['x'], '\0', 'x'.repeat(5000), 'group-299', 'group-299']
    for (const groups of [many, odd, 'group-299']) {
      const { api } = await personOf(world, okta, newcomer(okta, { groups }))
      expect(await teamsOf(api)).toEqual(['The last of many'])
    }
  })

  test('are nobody’s to change by hand: 409 with the way out', async () => {
    const { okta, root } = world
    const id = await team('Mirrored', 'okta:mirrored')
    const { api } = await personOf(world, okta, newcomer(okta, { groups: ['mirrored'] }))
    const outside = await personOf(world, okta, newcomer(okta))
    const members = `/api/v1/teams/${id}/members`
    const put = await root.post(members, { user_id: outside.api.userId })
    expect({ status: put.status, code: put.body.code }).toEqual({ status: 409, code: 'conflict' })
    expect((await root.delete(`${members}/${api.userId}`)).status).toBe(409)
    expect((await api.delete(`${members}/${api.userId}`)).status).toBe(409)
    expect((await api.patch(`/api/v1/teams/${id}`, { external_name: 'okta:x' })).status).toBe(403)
    await expectStatus(200, root.patch(`/api/v1/teams/${id}`, { external_name: null }))
    await expectStatus(204, root.delete(`${members}/${api.userId}`))
  })
})

describe('the superuser group', () => {
  test('makes a superuser, and takes that back; who is one by another’s word stays', async () => {
    const { okta, root } = world
    const login = newcomer(okta, { groups: ['house'] })
    const account = okta.accounts.get(login) ?? {}
    const is = async () => (await userOf((await personOf(world, okta, login)).api)).is_superuser
    expect(await is()).toBe(true)
    account.groups = []
    expect(await is()).toBe(false)
    const { api } = await personOf(world, okta, login)
    await expectStatus(200, root.patch(`/api/v1/users/${api.userId}`, { is_superuser: true }))
    expect(await is()).toBe(true)
    account.groups = ['house']
    expect(await is()).toBe(true)
    account.groups = []
    expect(await is()).toBe(true)
  })

  test('is one of its own provider alone', async () => {
    const { entra } = world
    const { api } = await personOf(world, entra, newcomer(entra, { groups: ['house'] }))
    expect((await userOf(api)).is_superuser).toBe(false)
  })

  test('never takes the last superuser', async () => {
    const { gate, okta, root } = world
    const login = newcomer(okta, { groups: ['house'] })
    const { api } = await personOf(world, okta, login)
    const others = await rowsOf(
      'SELECT id FROM user WHERE is_superuser AND id <> ?',
      plain(api.userId),
    )
    const set = (is: number) =>
      gate.db.batch(
        others.map(({ id }) => ({
          sql: 'UPDATE user SET is_superuser = ? WHERE id = ?',
          args: [is, String(id)],
        })),
        'write',
      )
    await set(0)
    onTestFinished(async () => void (await set(1)))
    Object.assign(okta.accounts.get(login) ?? {}, { groups: [] })
    const last = await personOf(world, okta, login)
    expect((await last.api.get('/api/v1/users/whoami')).body.is_superuser).toBe(true)
    await set(1)
    const then = await personOf(world, okta, login)
    expect((await then.api.get('/api/v1/users/whoami')).body.is_superuser).toBe(false)
    expect((await root.get('/api/v1/users/whoami')).body.is_superuser).toBe(true)
  })
})

test('who is deactivated is out at the next request, stays out, and comes back with activation', async () => {
  const { gate, okta, root } = world
  const login = newcomer(okta, { groups: ['engineers', 'house'] })
  const { api, visitor } = await personOf(world, okta, login)
  const key = (await expectStatus(200, api.post('/api/v1/api_key/', { name: 'k' }))).body.api_key
  const asks = async () => [
    (await api.get('/api/v1/users/whoami')).status,
    (await call(gate, 'GET', '/api/v1/flows/', undefined, { 'x-api-key': key })).status,
    (await visitor.ask(`${gate.url}/api/v1/refresh`, { method: 'POST' })).status,
  ]
  expect(await asks()).toEqual([200, 200, 200])
  const user = `/api/v1/users/${api.userId}`
  await expectStatus(200, root.patch(user, { is_active: false }))
  const out = await asks()
  expect(out.every((status) => status === 401 || status === 403)).toBe(true)
  const before = await standing(world)
  const again = await signInBy(newVisitor(), gate.url, okta, login)
  expect({ status: again.status, code: codeOf(again) }).toEqual({
    status: 403,
    code: 'sign_in_refused',
  })
  expect(await standing(world)).toEqual(before)
  await expectStatus(200, root.patch(user, { is_active: true }))
  expect((await personOf(world, okta, login)).api.userId).toBe(api.userId)
})
