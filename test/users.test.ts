// Users and sessions: who may change whom, what ends a token, and what a deletion leaves behind.
import { hash as bcrypt } from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byName, type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  as,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  login,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api

beforeAll(async () => {
  gate = await startFlowgate({ isolates: 2 })
  root = await signIn(gate)
})
afterAll(() => gate?.stop())

const hex = (id: string) => id.replaceAll('-', '')
const MISSING = '00000000-0000-4000-8000-000000000000'
const UPDATES = (id: string) => `/api/v1/users/${id}`

async function count(sql: string, ...args: string[]): Promise<number> {
  const { rows } = await gate.db.execute({ sql, args })
  return Number(rows[0]?.n)
}

describe('reading users', () => {
  test('a superuser pages through all users; nobody else does, whatever they send', async () => {
    const ann = await createUser(gate, root, 'page-ann')
    const { body } = await expectStatus(200, root.get('/api/v1/users/?skip=0&limit=1'))
    expect(body.users).toHaveLength(1)
    expect(body.total_count).toBe(await count('SELECT count(*) AS n FROM user'))
    expect(Object.keys(body.users[0]).sort()).toEqual(
      'create_at id is_active is_superuser last_login_at optins profile_image store_api_key updated_at username'.split(
        ' ',
      ),
    )
    for (const query of ['', '?limit=-1', '?limit=x']) {
      const answer = await ann.get(`/api/v1/users/${query}`)
      expect([answer.status, answer.body.detail]).toEqual([
        403,
        "The user doesn't have enough privileges",
      ])
    }
    for (const query of ['?limit=-1', '?skip=-1', '?limit=100000', '?limit=x'])
      expect((await root.get(`/api/v1/users/${query}`)).status).toBe(422)
  })
})

describe('changing users', () => {
  test('a change that changes nothing answers with the row and leaves no trace; nulls change nothing', async () => {
    const ann = await createUser(gate, root, 'same-ann')
    const before = await count('SELECT count(*) AS n FROM flowgate_audit')
    for (const body of [{}, { username: 'same-ann' }, { username: null, is_active: null }])
      expect((await expectStatus(200, ann.patch(UPDATES(ann.userId), body))).body).toMatchObject({
        username: 'same-ann',
        is_active: true,
      })
    expect(await count('SELECT count(*) AS n FROM flowgate_audit')).toBe(before)
    const { body } = await expectStatus(200, ann.patch(UPDATES(ann.userId), { profile_image: '' }))
    expect(body.profile_image).toBe('')
  })

  test('nobody sets of their own account what only a superuser may', async () => {
    const ann = await createUser(gate, root, 'own-ann')
    expect((await ann.patch(UPDATES(ann.userId), { is_superuser: true })).status).toBe(403)
    expect((await ann.patch(UPDATES(root.userId), { username: 'x' })).status).toBe(403)
    expect((await ann.patch(UPDATES(MISSING), { username: 'x' })).status).toBe(403)
    const answer = await ann.patch(UPDATES(ann.userId), { password: 'another one' })
    expect([answer.status, answer.body.detail]).toEqual([
      400,
      "You can't change your password here",
    ])
    expect(
      (await ann.patch(UPDATES(ann.userId), { is_active: false, last_login_at: '2020-01-01' }))
        .status,
    ).toBe(200)
    const { body } = await ann.get('/api/v1/users/whoami')
    expect([body.is_active, body.last_login_at.slice(0, 4)]).toEqual([true, '2026'])
    const set = await root.patch(UPDATES(ann.userId), {
      last_login_at: '2020-01-02T03:04:05+01:00',
    })
    expect(set.body.last_login_at).toBe('2020-01-02T02:04:05.000000+00:00')
    expect((await root.patch(UPDATES(MISSING), { username: 'x' })).body.detail).toBe(
      'User not found',
    )
  })

  test('a taken name is 400 without a word from the database', async () => {
    const ann = await createUser(gate, root, 'clash-ann')
    const answer = await ann.patch(UPDATES(ann.userId), { username: 'root' })
    expect([answer.status, answer.body.detail]).toEqual([400, 'This username is unavailable.'])
  })

  test('the last active superuser can neither step down nor be switched off, also in a race', async () => {
    for (const body of [{ is_superuser: false }, { is_active: false }])
      expect((await root.patch(UPDATES(root.userId), body)).status).toBe(409)
    const second = await createUser(gate, root, 'second-superuser')
    for (let round = 0; round < 5; round++) {
      await root.patch(UPDATES(second.userId), { is_superuser: true })
      const answers = await Promise.all(
        [root, second].map((api, isolate) =>
          call(gate, 'PATCH', UPDATES(api.userId), { is_superuser: false }, bearer(api), isolate),
        ),
      )
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
      expect(await count('SELECT count(*) AS n FROM user WHERE is_superuser AND is_active')).toBe(1)
      await gate.db.execute({
        sql: 'UPDATE user SET is_superuser = (id = ?)',
        args: [hex(root.userId)],
      })
    }
  })

  test('one name signed up 20 times at once makes one user', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        call(
          gate,
          'POST',
          '/api/v1/users/',
          { username: 'twenty', password: 'password' },
          {},
          i % 2,
        ),
      ),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array(19).fill(400)])
    expect(await count("SELECT count(*) AS n FROM user WHERE username = 'twenty'")).toBe(1)
  })
})

const bearer = (api: Api) => ({ authorization: `Bearer ${api.token}` })

describe('what ends a token', () => {
  test('a new password ends every token at the next request, and the next login works at once', async () => {
    const ann = await createUser(gate, root, 'token-ann')
    const old = await login(gate, 'token-ann', 'token-ann-password')
    const path = `${UPDATES(ann.userId)}/reset-password`
    expect((await ann.patch(path, {})).status).toBe(422)
    expect((await ann.patch(path, { password: 'token-ann-password' })).body.detail).toBe(
      "You can't use your current password",
    )
    for (const id of [root.userId, MISSING])
      expect(
        (await ann.patch(`${UPDATES(id)}/reset-password`, { password: 'xxxxxxxx' })).body.detail,
      ).toBe("You can't change another user's password")
    await expectStatus(200, ann.patch(path, { password: 'brand new' }))
    const fresh = await login(gate, 'token-ann', 'brand new')
    expect((await ann.get('/api/v1/users/whoami')).status).toBe(401)
    expect((await refresh(old.headers)).status).toBe(401)
    expect((await as(gate, fresh.body.access_token).get('/api/v1/users/whoami')).status).toBe(200)
    expect((await refresh(fresh.headers)).status).toBe(200)
    await expectStatus(200, root.patch(UPDATES(ann.userId), { password: 'set by root' }))
    expect((await as(gate, fresh.body.access_token).get('/api/v1/users/whoami')).status).toBe(401)
    expect((await login(gate, 'token-ann', 'set by root')).status).toBe(200)
  })

  test('deactivation ends every token, and they stay ended after activation', async () => {
    const ann = await createUser(gate, root, 'off-ann')
    await expectStatus(200, root.patch(UPDATES(ann.userId), { is_active: false }))
    const refused = await ann.get('/api/v1/users/whoami')
    expect([refused.status, refused.body.detail]).toEqual([401, 'User not found or is inactive.'])
    expect((await ann.patch(UPDATES('no-uuid'), { username: 7 })).status).toBe(401)
    expect((await login(gate, 'off-ann', 'off-ann-password')).body.detail).toBe('Inactive user')
    expect((await login(gate, 'off-ann', 'wrong')).body.detail).toBe(
      'Incorrect username or password',
    )
    await expectStatus(200, root.patch(UPDATES(ann.userId), { is_active: true }))
    expect((await ann.get('/api/v1/users/whoami')).status).toBe(401)
    expect((await login(gate, 'off-ann', 'off-ann-password')).status).toBe(200)
  })

  test('an access token does not refresh and a refresh token does not open the API', async () => {
    const { body, headers } = await login(byName(gate), 'root', 'correct horse battery')
    expect((await as(gate, body.refresh_token).get('/api/v1/users/whoami')).status).toBe(401)
    const swapped = new Headers([['set-cookie', `refresh_token_lf=${body.access_token}`]])
    expect((await refresh(swapped)).body.detail).toBe('Invalid refresh token')
    expect(headers.getSetCookie().every((c) => /; Secure; SameSite=Lax/.test(c))).toBe(true)
  })
})

/** Sends the cookies of an answer to /refresh. */
const refresh = (headers: Headers) =>
  call(gate, 'POST', '/api/v1/refresh', undefined, {
    cookie: headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; '),
  })

describe('sessions', () => {
  test('who signs up waits, and only who knows the password is told so', async () => {
    const body = {
      username: 'new-ann',
      password: 'right password',
      is_active: true,
      is_superuser: true,
    }
    const { body: user } = await expectStatus(201, call(gate, 'POST', '/api/v1/users/', body))
    expect([user.is_active, user.is_superuser]).toEqual([false, false])
    const right = await login(gate, 'new-ann', 'right password')
    expect([right.status, right.body.detail]).toEqual([400, 'Waiting for approval'])
    const [wrong, unknown] = [
      await login(gate, 'new-ann', 'wrong'),
      await login(gate, 'nobody', 'wrong'),
    ]
    expect([wrong.status, wrong.body.detail]).toEqual([unknown.status, unknown.body.detail])
    const grants = (await root.get(`/api/v1/rbac/assignments?user_id=${user.id}`)).body
    expect(grants).toMatchObject([
      { is_immutable: true, scope_type: 'Project', role: { name: 'Owner' } },
    ])
    for (const answer of [
      await root.delete(`/api/v1/rbac/assignments/${grants[0].id}`),
      await root.patch(`/api/v1/rbac/assignments/${grants[0].id}`, { role_name: 'No such role' }),
    ])
      expect([answer.status, /immutable/.test(answer.body.detail)]).toEqual([400, true])
  })

  test('auto_login answers as switched off', async () => {
    const { status, body } = await call(gate, 'GET', '/api/v1/auto_login')
    expect([status, body.detail]).toEqual([
      400,
      {
        message: 'Auto login is disabled. Please enable it in the settings',
        auto_login: false,
      },
    ])
  })

  test("LangBuilder's bcrypt passwords work, and are scrypt after the first login", async () => {
    const ann = await createUser(gate, root, 'bcrypt-ann')
    const stored = (await bcrypt('from before', 4)).replace('$2a$', '$2b$')
    await gate.db.execute({
      sql: 'UPDATE user SET password = ? WHERE id = ?',
      args: [stored, hex(ann.userId)],
    })
    expect((await login(gate, 'bcrypt-ann', 'wrong')).status).toBe(401)
    const kept = 'SELECT count(*) AS n FROM user WHERE id = ? AND password LIKE ?'
    expect(await count(kept, hex(ann.userId), '$2b$%')).toBe(1)
    expect((await login(gate, 'bcrypt-ann', 'from before')).status).toBe(200)
    expect(await count(kept, hex(ann.userId), '$scrypt$%')).toBe(1)
    expect((await login(gate, 'bcrypt-ann', 'from before')).status).toBe(200)
    expect((await ann.get('/api/v1/users/whoami')).status).toBe(200)
  })
})

describe('deleting users', () => {
  test('grants, keys and deserted projects go with the user; shared work stays, ownerless', async () => {
    const [ann, bob] = [
      await createUser(gate, root, 'del-ann'),
      await createUser(gate, root, 'del-bob'),
    ]
    const [kept, shared] = [await createProject(ann, 'Kept'), await createProject(ann, 'Shared')]
    const deserted = await createProject(ann, 'Deserted')
    const flow = await createFlow(ann, 'kept flow', kept)
    await grant(root, bob, 'Viewer', 'Project', shared)
    await ann.post('/api/v1/api_key/', { name: 'k' })
    expect((await ann.delete(UPDATES(bob.userId))).status).toBe(403)
    expect((await root.delete(UPDATES(root.userId))).body.detail).toBe(
      "You can't delete your own user account",
    )
    const { body } = await expectStatus(200, root.delete(UPDATES(ann.userId)))
    expect(body).toEqual({ detail: 'User deleted' })
    expect((await root.delete(UPDATES(ann.userId))).body.detail).toBe('User not found')
    for (const table of ['userroleassignment', 'apikey', 'folder', 'flow'])
      expect(
        await count(`SELECT count(*) AS n FROM ${table} WHERE user_id = ?`, hex(ann.userId)),
      ).toBe(0)
    const left = 'SELECT count(*) AS n FROM folder WHERE id IN (?, ?)'
    expect(await count(left, hex(kept), hex(shared))).toBe(2)
    expect(await count(left, hex(deserted), '')).toBe(0)
    expect((await root.get(`/api/v1/flows/${flow}`)).body.user_id).toBe(null)
    expect((await ann.get('/api/v1/users/whoami')).status).toBe(401)
  })

  test('a user with rows in tables that are not ours is not deleted by halves', async () => {
    const ann = await createUser(gate, root, 'var-ann')
    await gate.db.batch([
      'CREATE TABLE variable (id TEXT PRIMARY KEY, user_id CHAR(32) NOT NULL REFERENCES user(id))',
      { sql: "INSERT INTO variable VALUES ('v', ?)", args: [hex(ann.userId)] },
    ])
    expect((await root.delete(UPDATES(ann.userId))).status).toBe(409)
    expect((await ann.get('/api/v1/projects/')).body).toHaveLength(1)
  })
})
