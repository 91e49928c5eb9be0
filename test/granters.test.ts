// Who may give, change and take which grants: every write of grants and of what roles hold, by every kind of
// granter. Each write finds the world as it was; whoever may not changes nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Answer,
  type Api,
  call,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

const ASSIGNMENTS = '/api/v1/rbac/assignments'
const ROLES = '/api/v1/rbac/roles'
const SOON = '2998-01-01T00:00:00.000000+00:00'
const MY_END = '2998-06-01T00:00:00.000000+00:00'
const LATER = '2999-01-01T00:00:00.000000+00:00'

/** Everybody who may stand before these routes; a key is as good as whoever made it, and no better. */
const granters = [
  'superuser',
  'superuser by key',
  'Global Admin',
  'Global Admin by key',
  'Global Admin for a time',
  'Global Admin once',
  'Global holder of everything',
  'Owner of the project',
  'Admin of the project',
  'nobody',
] as const
type Granter = (typeof granters)[number]

const superusers: Granter[] = ['superuser', 'superuser by key']
const lasting: Granter[] = [...superusers, 'Global Admin', 'Global Admin by key']
const admins: Granter[] = [...lasting, 'Global Admin for a time']

let gate: Flowgate
let root: Api
let project: string
const people = new Map<Granter, { id: string; headers: Record<string, string> }>()
let other: Api
let otherAdmin: Api
let roles: Record<string, string>
/** Of the world that each write finds: grants by what they are. */
let grants: Record<string, string>
let rows: Record<string, unknown>[]

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  other = await createUser(gate, root, 'other')
  otherAdmin = await createUser(gate, root, 'other admin')
  project = await createProject(root, 'project')
  await expectStatus(
    201,
    root.post(ROLES, {
      name: 'Everything',
      permissions: ['Flow', 'Project'].flatMap((scope) =>
        ['Create', 'Read', 'Update', 'Delete'].map((name) => `${scope}:${name}`),
      ),
    }),
  )
  for (const name of ['Of the other', 'Of the other for a time', 'Of nobody', 'Mine'])
    await expectStatus(201, root.post(ROLES, { name }))
  const listed = (await root.get(ROLES)).body as { name: string; id: string }[]
  roles = Object.fromEntries(listed.map(({ name, id }) => [name, id]))
  for (const name of granters) {
    if (name.endsWith('by key')) continue
    const api = name === 'superuser' ? root : await createUser(gate, root, `the ${name}`)
    people.set(name, { id: api.userId, headers: { authorization: `Bearer ${api.token}` } })
    if (name !== 'superuser' && name !== 'Global Admin') continue
    const { body } = await api.post('/api/v1/api_key/', {})
    people.set(`${name} by key`, { id: api.userId, headers: { 'x-api-key': body.api_key } })
  }
  const give = (name: Granter, role_name: string, more: object) =>
    expectStatus(201, root.post(ASSIGNMENTS, { user_id: one(name).id, role_name, ...more }))
  const global = { scope_type: 'Global' }
  await give('Global Admin', 'Admin', global)
  await give('Global Admin for a time', 'Admin', { ...global, expires_at: MY_END })
  await give('Global Admin once', 'Admin', { ...global, expires_at: '2020-01-01' })
  await give('Global holder of everything', 'Everything', global)
  await give('Owner of the project', 'Owner', { scope_type: 'Project', scope_id: project })
  await give('Admin of the project', 'Admin', { scope_type: 'Project', scope_id: project })
  for (const name of granters)
    if (!name.endsWith('by key'))
      await give(name, 'Mine', { scope_type: 'Project', scope_id: project })
  await grant(root, otherAdmin, 'Admin', 'Global')
  await grant(root, other, 'Of the other', 'Global')
  await root.post(ASSIGNMENTS, {
    user_id: other.userId,
    role_name: 'Of the other for a time',
    ...global,
    expires_at: SOON,
  })
  await grant(root, other, 'Viewer', 'Project', project)
  await gate.db.executeMultiple(`
    CREATE TABLE kept AS SELECT * FROM userroleassignment;
    CREATE TABLE held AS SELECT * FROM rolepermission;`)
})
afterAll(() => gate?.stop())

beforeEach(async () => {
  await gate.db.migrate([
    'DELETE FROM userroleassignment',
    'INSERT INTO userroleassignment SELECT * FROM kept',
    'DELETE FROM rolepermission',
    'INSERT INTO rolepermission SELECT * FROM held',
  ])
  rows = await snapshot()
  grants = Object.fromEntries(
    rows.map((row) => [`${row.user_id} ${row.name} ${row.scope_type}`, String(row.id)]),
  )
})

async function snapshot() {
  const { rows } = await gate.db.execute(
    `SELECT a.*, r.name, (SELECT group_concat(permission_id) FROM rolepermission WHERE role_id = r.id) AS holds
     FROM role r LEFT JOIN userroleassignment a ON a.role_id = r.id ORDER BY a.id, r.id`,
  )
  return rows.map((row) => ({ ...row }))
}

function one(name: Granter) {
  const person = people.get(name)
  if (!person) throw new Error(`Nobody is ${name}`)
  return person
}

const hex = (id: string) => id.replaceAll('-', '')
type Send = (method: string, path: string, body?: unknown) => Promise<Answer>
type Write = (send: Send, me: string) => Promise<Answer>

const give =
  (whom: 'me' | 'other', role_name: string, scope_type: string, expires_at?: string): Write =>
  (send, me) =>
    send('POST', ASSIGNMENTS, {
      user_id: whom === 'me' ? me : other.userId,
      role_name,
      scope_type,
      ...(scope_type === 'Global' ? {} : { scope_id: project }),
      ...(expires_at === undefined ? {} : { expires_at }),
    })

/** The grant of a user, by its role and scope; of the granter's own the one that makes them what they are. */
const grantOf = (user: string, role: string, scope: string) =>
  grants[`${hex(user)} ${role} ${scope}`] ?? '0'.repeat(32)

const change =
  (find: (me: string) => string, wish: object): Write =>
  (send, me) =>
    send('PATCH', `${ASSIGNMENTS}/${find(me)}`, wish)
const take =
  (find: (me: string) => string): Write =>
  (send, me) =>
    send('DELETE', `${ASSIGNMENTS}/${find(me)}`)

const mine = (me: string) => grantOf(me, 'Mine', 'Project')
const myAdmin = (me: string) => grantOf(me, 'Admin', 'Global')
const theirAdmin = () => grantOf(otherAdmin.userId, 'Admin', 'Global')
const theirs = () => grantOf(other.userId, 'Viewer', 'Project')
const theirGlobal = () => grantOf(other.userId, 'Of the other', 'Global')
const theirStarter = () => {
  const row = rows.find((row) => row.user_id === hex(other.userId) && row.is_immutable)
  return String(row?.id)
}
const widen =
  (role: string): Write =>
  (send) =>
    send('PATCH', `${ROLES}/${roles[role]}`, { permissions: ['Flow:Read', 'Flow:Delete'] })

/** write -> who may; everybody else is refused, and nothing has changed. */
const writes: [what: string, write: Write, who: readonly Granter[]][] = [
  ['makes an admin', give('other', 'Admin', 'Global'), superusers],
  ['makes an admin for a time', give('other', 'Admin', 'Global', SOON), superusers],
  [
    'makes an admin of a user by a change of role',
    change(theirGlobal, { role_name: 'Admin' }),
    superusers,
  ],
  ['lengthens an admin', change(theirAdmin, { expires_at: LATER }), superusers],
  ['demotes an admin', change(theirAdmin, { role_name: 'Viewer' }), superusers],
  ['takes an admin away', take(theirAdmin), superusers],
  ['lengthens the own Admin', change(myAdmin, { expires_at: null }), []],
  ['gives themselves Admin', give('me', 'Admin', 'Global'), ['superuser', 'superuser by key']],
  ['takes the own Admin away', take(myAdmin), []],
  ['gives themselves everything, globally', give('me', 'Owner', 'Global'), superusers],
  ['gives themselves a role on a project', give('me', 'Editor', 'Project'), superusers],
  ['changes an own grant', change(mine, { role_name: 'Viewer' }), superusers],
  ['lengthens an own grant', change(mine, { expires_at: LATER }), superusers],
  ['takes an own grant away', take(mine), superusers],
  ['gives everything, globally, for ever', give('other', 'Everything', 'Global'), lasting],
  [
    'gives everything, globally, beyond their own end',
    give('other', 'Everything', 'Global', LATER),
    lasting,
  ],
  ['gives everything, globally, within it', give('other', 'Everything', 'Global', SOON), admins],
  ['gives a role on a project to the very end', give('other', 'Owner', 'Project', MY_END), admins],
  ['gives a role on a project for ever', give('other', 'Owner', 'Project'), lasting],
  ['gives Admin on a project', give('other', 'Admin', 'Project', SOON), admins],
  ['gives another role for ever', change(theirs, { role_name: 'Owner' }), lasting],
  [
    'gives another role within their own end',
    change(theirs, { role_name: 'Owner', expires_at: SOON }),
    admins,
  ],
  ['lengthens beyond their own end', change(theirs, { expires_at: LATER }), lasting],
  ['takes a grant away', take(theirs), admins],
  ['takes a Global grant away that makes no admin', take(theirGlobal), admins],
  ['changes an immutable grant', change(theirStarter, { role_name: 'Viewer' }), []],
  ['takes an immutable grant away', take(theirStarter), []],
  ['widens a role that nobody holds', widen('Of nobody'), admins],
  ['widens a role held for ever', widen('Of the other'), lasting],
  ['widens a role held within their own end', widen('Of the other for a time'), admins],
  ['widens a role they hold themselves', widen('Mine'), superusers],
  ['widens a role of the system', widen('Viewer'), []],
]

describe.each(writes)('%s', (what, write, who) => {
  test.each(granters)('%s', async (granter) => {
    const { id, headers } = one(granter)
    const answer = await write((method, path, body) => call(gate, method, path, body, headers), id)
    const label = `${granter} ${what}: ${JSON.stringify(answer.body)}`
    if (who.includes(granter)) {
      expect(answer.status, label).toBeLessThan(300)
      expect(await snapshot(), label).not.toEqual(rows)
      return
    }
    // 400 and 404: it is immutable, of the system, or there is no such grant of theirs.
    expect([400, 403, 404], label).toContain(answer.status)
    if (!admins.includes(granter)) expect(answer.body.detail).toBe('Admin access required')
    expect(await snapshot(), label).toEqual(rows)
  })
})

test('an admin is told why not', async () => {
  const { id, headers } = one('Global Admin for a time')
  const send: Send = (method, path, body) => call(gate, method, path, body, headers)
  for (const [write, why] of [
    [give('me', 'Viewer', 'Global'), /of your own/],
    [change(myAdmin, { expires_at: null }), /of your own/],
    [give('other', 'Admin', 'Global', SOON), /Only superusers/],
    [give('other', 'Viewer', 'Global'), /beyond the end of your own right/],
    [widen('Of the other'), /beyond the end of your own right/],
  ] as const) {
    const { status, body } = await write(send, id)
    expect([status, body.detail]).toEqual([403, expect.stringMatching(why)])
  }
})

test('a grant that has ended is not put in the place of an admin by whoever may not', async () => {
  const once = one('Global Admin once')
  const body = { user_id: once.id, role_name: 'Admin', scope_type: 'Global' }
  const refused = await call(gate, 'POST', ASSIGNMENTS, body, one('Global Admin').headers)
  expect(refused.status).toBe(403)
  expect(await snapshot()).toEqual(rows)
  expect((await root.post(ASSIGNMENTS, body)).status).toBe(201)
})
