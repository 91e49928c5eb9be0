// Names and what must not follow from them: one name per look, SUPERUSER's for nobody else, and no name that
// makes a project the examples, a Starter Project, or a role one of the system.
import { createClient } from '@libsql/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { startDatabase } from './support/database.ts'
import { older } from './support/databases.ts'
import {
  type Flowgate,
  flowgateForTest,
  SUPERUSER_PASSWORD,
  startFlowgate,
} from './support/flowgate.ts'
import { ids, langbuilderSql } from './support/langbuilder.ts'
import { sendText } from './support/matrix.ts'
import { runInSlices } from './support/slices.ts'
import {
  type Api,
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
  gate = await startFlowgate()
  root = await signIn(gate)
})
afterAll(() => gate?.stop())

const hex = (id: string) => id.replaceAll('-', '')
const signUp = (username: unknown, on = gate) =>
  call(on, 'POST', '/api/v1/users/', { username, password: 'a password' })
/** A JSON file in a form, as browsers send it. */
const upload = (api: Api, path: string, file: object) =>
  sendText(
    gate,
    'POST',
    path,
    `--x\r\ncontent-disposition: form-data; name="file"; filename="a.json"\r\n\r\n${JSON.stringify(file)}\r\n--x--\r\n`,
    { authorization: `Bearer ${api.token}`, 'content-type': 'multipart/form-data; boundary=x' },
  )
const unavailable = 'This username is unavailable.'

/** Spellings of one name that a person would take for the same. */
const spellings = (name: string) => [
  name.toUpperCase(),
  ` ${name} `,
  `${name}\u3000`,
  [...name].map((c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)).join(''),
]
const invisible = ['\u200b', '\u202e', '\u00ad', '\u3164', '\ufe0f', '\x07', '\u{e0061}']

describe('one name per look', () => {
  test('of users: at sign-up, at a change, and from many at once', async () => {
    const ann = await createUser(gate, root, 'ann')
    const bob = await createUser(gate, root, 'bob')
    for (const name of spellings('ann')) {
      for (const answer of [
        await signUp(name),
        await bob.patch(`/api/v1/users/${bob.userId}`, { username: name }),
        await root.patch(`/api/v1/users/${bob.userId}`, { username: name }),
      ])
        expect([name, answer.status, answer.body.detail]).toEqual([name, 400, unavailable])
    }
    const { body } = await ann.patch(`/api/v1/users/${ann.userId}`, { username: ' ＡＮＮ ' })
    expect(body.username).toBe('ANN')
    const answers = await Promise.all(spellings('zoe').map((name) => signUp(name)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400])
  })

  test('of roles, those of the system included', async () => {
    await expectStatus(201, root.post('/api/v1/rbac/roles', { name: ' Auditor ' }))
    const { body: role } = await expectStatus(201, root.post('/api/v1/rbac/roles', { name: 'X' }))
    for (const name of [...spellings('auditor'), ...spellings('Admin'), 'owner', 'ｅditor']) {
      expect([name, (await root.post('/api/v1/rbac/roles', { name })).status]).toEqual([name, 409])
      const renamed = await root.patch(`/api/v1/rbac/roles/${role.id}`, { name })
      expect([name, renamed.status]).toEqual([name, 409])
    }
    expect((await root.patch(`/api/v1/rbac/roles/${role.id}`, { name: 'x' })).body.name).toBe('x')
  })

  test('what cannot be seen is refused by name, whoever gives it', async () => {
    const carl = await createUser(gate, root, 'carl')
    for (const one of invisible)
      for (const answer of [
        await signUp(`ann${one}`),
        await carl.patch(`/api/v1/users/${carl.userId}`, { username: `ro${one}ot` }),
        await root.post('/api/v1/rbac/roles', { name: `Admin${one}` }),
      ])
        expect([one, answer.status, answer.body.detail[0].msg]).toEqual([
          one,
          422,
          expect.stringMatching(/invisible/),
        ])
    for (const name of [
      '',
      ' \u00a0 ',
      'x'.repeat(256),
      '\ufdfa'.repeat(255),
      '\u0301'.repeat(30_000),
    ])
      expect([name.slice(0, 9), (await signUp(name)).status]).toEqual([name.slice(0, 9), 422])
  })

  test('whoever signs in may spell their name as they like', async () => {
    await createUser(gate, root, 'Dora Doe')
    for (const typed of ['Dora Doe', 'dora doe', ' DORA  DOE ', 'ｄora\u00a0doe'])
      expect([typed, (await login(gate, typed, 'Dora Doe-password')).status]).toEqual([typed, 200])
    expect((await login(gate, '\u0301'.repeat(300_000), 'x')).status).toBeGreaterThanOrEqual(400)
  })
})

describe('names from before', () => {
  test('look-alikes go on working as they are written, and nobody else takes one', async () => {
    const before = await flowgateForTest()
    const admin = await signIn(before)
    const people = [
      'Eve',
      'eve',
      'ＥＶＥ',
      'Zoë',
      'zoe\u0308',
      'ro\u200bot',
      'r\u00f6b',
      '.'.repeat(300),
    ]
    for (const [n, name] of people.entries()) {
      const api = await createUser(before, admin, `person ${n}`)
      await before.db.execute({
        sql: 'UPDATE user SET username = ?, username_key = NULL, create_at = ? WHERE id = ?',
        args: [name, `2020-01-0${n + 1}`, hex(api.userId)],
      })
    }
    for (const name of ['EVE', 'zoë', 'ZOE\u0308', 'RÖB'])
      expect([name, (await signUp(name, before)).body.detail]).toEqual([name, unavailable])
    for (const [n, name] of people.entries()) {
      const { status, body } = await login(before, name, `person ${n}-password`)
      expect([name, status, body.detail]).toEqual([name, 200, undefined])
    }
    // In another spelling it is the oldest of them.
    expect((await login(before, 'EVe', 'person 0-password')).status).toBe(200)
    const { rows } = await before.db.execute(
      `SELECT count(*) AS n FROM user WHERE username_key = ' ' || id`,
    )
    expect(rows[0]?.n).toBe(4)
    const [{ id }] = (await admin.get('/api/v1/users/?limit=50')).body.users.filter(
      (user: { username: string }) => user.username === 'eve',
    )
    const kept = await admin.patch(`/api/v1/users/${id}`, { username: 'eve', profile_image: 'x' })
    expect([kept.status, kept.body.username]).toEqual([200, 'eve'])
    expect((await admin.patch(`/api/v1/users/${id}`, { username: 'evelyn' })).status).toBe(200)
    expect((await login(before, 'EVELYN', 'person 1-password')).status).toBe(200)
  })

  test('adoption gives the name to a superuser, then to the oldest, however it is sliced', async () => {
    const database = await startDatabase()
    const client = createClient({ url: database.url })
    try {
      await client.migrate(
        older(revisions, revisions.length).flatMap(({ statements }) => [...statements]),
      )
      await client.batch([
        'DELETE FROM flowgate_examples',
        ...[
          ['old', 'Ann', 0, '2020'],
          ['older', 'ann', 0, '2019'],
          ['super', 'ANN', 1, '2024'],
          ['bob', 'Bob', 0, '2021'],
          ['wide', 'ｂob', 0, '2019'],
          ['blank', 'bob ', 0, '2019'],
        ].map(([id, name, superuser, at]) => ({
          sql: `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
            VALUES (?, ?, '!', 1, ?, ?, '2026')`,
          args: [String(id), String(name), Number(superuser), String(at)],
        })),
      ])
      await runInSlices(
        client,
        revisions.filter(({ tag }) => tag.endsWith('_named')),
        1,
      )
      const { rows } = await client.execute('SELECT id, username_key FROM user ORDER BY id')
      expect(Object.fromEntries(rows.map((row) => [row.id, row.username_key]))).toEqual({
        super: 'ann',
        old: ' old',
        older: ' older',
        bob: 'bob',
        // What SQL cannot fold waits for the Worker.
        wide: null,
        blank: null,
      })
      const { rows: roles } = await client.execute('SELECT name_key FROM role ORDER BY 1')
      expect(roles.map((row) => row.name_key)).toEqual(['admin', 'editor', 'owner', 'viewer'])
    } finally {
      client.close()
      await database.stop()
    }
  })
})

/** One invocation spends only so many requests; the next one goes on. */
async function broughtToHead(taken: Flowgate) {
  for (let n = 0; n < 10; n++)
    if ((await call(taken, 'GET', '/api/v1/flows/basic_examples/')).status === 200) return
  throw new Error('not brought to head')
}

describe("SUPERUSER's name", () => {
  test('is nobody else’s, in no spelling and on no path', async () => {
    const fresh = await flowgateForTest({ bindings: { SUPERUSER: 'Operator' } })
    for (const name of ['Operator', ...spellings('operator')])
      expect([name, (await signUp(name, fresh)).body.detail]).toEqual([name, unavailable])
    const operator = await signIn(fresh, ' OPERATOR', SUPERUSER_PASSWORD)
    const mine = `/api/v1/users/${operator.userId}`
    expect((await operator.get('/api/v1/users/whoami')).body.username).toBe('Operator')
    await expectStatus(200, operator.patch(mine, { username: 'boss' }))
    const ann = await createUser(fresh, operator, 'ann')
    for (const name of ['Operator', ...spellings('operator')])
      for (const [api, status] of [
        [ann, 400],
        [operator, 400],
      ] as const) {
        const answer = await api.patch(`/api/v1/users/${ann.userId}`, { username: name })
        expect([name, answer.status, answer.body.detail]).toEqual([name, status, unavailable])
      }
    // Their own it may be again.
    await expectStatus(200, operator.patch(mine, { username: 'operator' }))
  })

  test.each([
    ['exactly', 'root', 409],
    ['in another spelling', 'ROOT', 200],
    ['as something that looks like it', 'ｒｏｏｔ', 200],
  ])('a user from before who has it %s is neither promoted nor reset', async (_, name, status) => {
    const taken = await flowgateForTest({ prepare: (db) => db.executeMultiple(withUser(name)) })
    await broughtToHead(taken)
    const { status: answered, body } = await login(taken, 'root', SUPERUSER_PASSWORD)
    expect([answered, body.detail]).toEqual([
      status,
      status === 409 ? expect.stringMatching(/Set SUPERUSER to a name that nobody has/) : undefined,
    ])
    const { rows } = await taken.db.execute({
      sql: 'SELECT is_superuser, password FROM user WHERE username = ?',
      args: [name],
    })
    expect(rows).toEqual([{ is_superuser: 0, password: 'theirs' }])
    const { rows: superusers } = await taken.db.execute(
      'SELECT username FROM user WHERE is_superuser',
    )
    expect(superusers.map((row) => row.username)).toEqual(status === 200 ? ['root'] : [])
  })

  const withUser = (name: string) =>
    `${langbuilderSql({ origin: 'fresh', at: '3162e83e485f' })};
     UPDATE user SET is_superuser = 0; UPDATE user SET username = '${name}', password = 'theirs' WHERE id = '${ids.bob}';`
})

describe('the examples', () => {
  test('no name, creation, upload, change or deletion makes another project the examples', async () => {
    const eve = await createUser(gate, root, 'examples-eve')
    const mine = await createProject(eve, 'Starter Projects')
    await createFlow(eve, 'hidden flow', mine)
    const other = await createProject(eve, 'other')
    await createFlow(eve, 'hidden too', other)
    await grant(root, await createUser(gate, root, 'examples-fay'), 'Viewer', 'Project', mine)
    const file = { folder_name: 'Starter Projects', flows: [{ name: 'hidden upload' }] }
    await expectStatus(201, upload(eve, '/api/v1/projects/upload/', file))
    await expectNoExamples(root)
    await expectStatus(200, root.delete(`/api/v1/users/${eve.userId}`))
    await expectNoExamples(root)
    await expectStatus(200, root.patch(`/api/v1/projects/${other}`, { name: 'Starter Projects' }))
    await expectNoExamples(root)
    const listed = (await root.get('/api/v1/projects/')).body.map((p: { id: string }) => p.id)
    expect(listed).toEqual(expect.arrayContaining([mine, other]))
  })

  async function expectNoExamples(api: Api) {
    expect((await call(gate, 'GET', '/api/v1/flows/basic_examples/')).body).toEqual([])
    const all = await api.get('/api/v1/flows/?remove_example_flows=true')
    expect(all.body.map((f: { name: string }) => f.name)).toEqual(
      expect.arrayContaining(['hidden flow', 'hidden too', 'hidden upload']),
    )
  }

  test('adoption marks the oldest folder of that name without a user, once and for all', async () => {
    const adopted = await flowgateForTest({
      prepare: (db) =>
        db.executeMultiple(`${langbuilderSql({ origin: 'fresh', at: 'f5fcbdff490d' })};
          INSERT INTO folder (id, name, user_id, is_starter_project) VALUES
            ('${'5e'.repeat(16)}', 'Starter Projects', NULL, 0), ('${'5f'.repeat(16)}', 'Starter Projects', NULL, 1),
            ('${'60'.repeat(16)}', 'Starter Projects', '${ids.bob}', 0);
          INSERT INTO flow (id, name, folder_id) VALUES
            ('${'0e'.repeat(16)}', 'example', '${'5e'.repeat(16)}'), ('${'0f'.repeat(16)}', 'not', '${'5f'.repeat(16)}');`),
    })
    await broughtToHead(adopted)
    const examples = async () =>
      (await call(adopted, 'GET', '/api/v1/flows/basic_examples/')).body.map(
        (f: { name: string }) => f.name,
      )
    expect(await examples()).toEqual(['example'])
    await adopted.db.batch([
      `UPDATE folder SET name = 'Renamed' WHERE id = '${'5e'.repeat(16)}'`,
      'DROP TABLE __drizzle_migrations',
    ])
    await adopted.restart()
    expect(await examples()).toEqual(['example'])
  })

  test('where there was none, a ledger that is lost makes none later', async () => {
    const adopted = await flowgateForTest()
    await signIn(adopted)
    await adopted.db.batch([
      "INSERT INTO folder (id, name, is_starter_project) VALUES ('late', 'Starter Projects', 0)",
      "INSERT INTO flow (id, name, folder_id) VALUES ('f', 'late', 'late')",
      'DROP TABLE __drizzle_migrations',
    ])
    await adopted.restart()
    expect((await call(adopted, 'GET', '/api/v1/flows/basic_examples/')).body).toEqual([])
  })
})

describe('roles and projects of the system', () => {
  test('a user’s Starter Project is the one with the flag, whatever the names', async () => {
    const gus = await createUser(gate, root, 'gus')
    const [{ id: starter }] = (await gus.get('/api/v1/projects/')).body
    await expectStatus(200, gus.patch(`/api/v1/projects/${starter}`, { name: 'Home' }))
    const named = await createProject(gus, 'Starter Project')
    expect((await gus.get('/api/v1/projects/')).body.map((p: { id: string }) => p.id)).toEqual([
      starter,
      named,
    ])
    const flow = await createFlow(gus, 'at home')
    expect((await gus.get(`/api/v1/flows/${flow}`)).body.folder_id).toBe(starter)
    await expectStatus(204, gus.delete(`/api/v1/projects/${named}`))
    expect((await gus.delete(`/api/v1/projects/${starter}`)).status).toBe(400)
  })

  test('whose flag was lost gets another at the next login, also where the name is taken', async () => {
    const ida = await createUser(gate, root, 'ida')
    await gate.db.execute({
      sql: 'UPDATE folder SET is_starter_project = 0 WHERE user_id = ?',
      args: [hex(ida.userId)],
    })
    await signIn(gate, 'ida', 'ida-password')
    const projects = (await ida.get('/api/v1/projects/')).body
    expect(projects.map((p: { name: string }) => p.name)).toEqual([
      'Starter Project (1)',
      'Starter Project',
    ])
  })

  test('a role that is only called Owner is given to nobody who creates something', async () => {
    const hal = await createUser(gate, root, 'hal')
    await gate.db.batch([
      "UPDATE role SET name = 'Owner of old' WHERE name = 'Owner'",
      "INSERT INTO role (id, name, is_system_role, created_at) VALUES ('fake', 'Owner', 0, '2026')",
    ])
    await createProject(hal, 'whose')
    const { rows } = await gate.db.execute(
      "SELECT 1 FROM userroleassignment WHERE role_id = 'fake'",
    )
    expect(rows).toEqual([])
    await gate.db.batch([
      "DELETE FROM role WHERE id = 'fake'",
      "UPDATE role SET name = 'Owner' WHERE name = 'Owner of old'",
    ])
  })
})
