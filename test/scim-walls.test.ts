// What the directory's door lets through: its own token, and nothing else; only what it has provisioned, and no input that
// breaks anything. What it may do: test/scim.test.ts.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cases } from './support/cases.ts'
import { type Directory, directoryOf, refusal, SCIM_TOKEN } from './support/directory.ts'
import { byName, type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { sendText } from './support/matrix.ts'
import { paperProvider } from './support/paper-provider.ts'
import { missingId } from './support/random-worlds.ts'
import { listRoutes } from './support/routes.ts'
import { type Answer, type Api, call, createUser, expectStatus, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let local: Api
let team: string
let scim: Directory
beforeAll(async () => {
  gate = await startFlowgate({ bindings: { ...paperProvider, SCIM_TOKEN } })
  root = await signIn(gate)
  local = await createUser(gate, root, 'local')
  team = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Local team' }))).body.id
  await root.post(`/api/v1/teams/${team}/members`, { user_id: local.userId })
  scim = directoryOf(gate)
})
afterAll(() => gate?.stop())

const routes = listRoutes().filter((route) => route.includes('/scim/v2/'))
const pathOf = (route: string) => route.replace(/^\S+ /, '').replace(':id', missingId)
const knock = (at: Flowgate, route: string, headers: Record<string, string> = {}) => {
  const [method = ''] = route.split(' ')
  return call(at, method, pathOf(route), method === 'GET' ? undefined : { userName: 'x' }, headers)
}
const hex = (id: string) => id.replaceAll('-', '')
let n = 0
const name = (of: string) => `${of} ${++n}`

/** Everything that a refused request must leave alone. */
async function readAll() {
  const tables = [
    'user',
    'folder',
    'flowgate_binding',
    'flowgate_team',
    'flowgate_team_member',
    'flowgate_audit',
  ]
  const all = await gate.db.batch(tables.map((table) => `SELECT * FROM ${table}`))
  return all.map(({ rows }) => JSON.stringify(rows))
}

describe('without a token in the settings', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s of any of its addresses is answered as of an unknown one',
    async (method) => {
      const off = await flowgateForTest()
      const seen = async (path: string, headers: Record<string, string> = {}) => {
        const response = await off.fetch(path, { method, headers })
        const { status, headers: got } = response
        const { request_id, ...rest } = JSON.parse((await response.text()) || '{}')
        const said = [...got].filter(([key]) => !/^(x-request-id|date)$/.test(key))
        return { status, said, rest }
      }
      const unknown = await seen('/scim/v3/nothing')
      expect(unknown.status).toBe(404)
      for (const path of new Set(routes.map(pathOf)))
        for (const headers of [
          {},
          { authorization: `Bearer ${SCIM_TOKEN}` },
          { 'x-api-key': 'sk-x' },
        ])
          expect([path, await seen(path, headers)]).toEqual([path, unknown])
      expect(off.proxy.count).toBe(0)
    },
  )
})

describe('the token', () => {
  test('is asked for by every address, known or not, before anything is read or asked', async () => {
    const { body: made } = await root.post('/api/v1/api_key/', { name: 'k' })
    const wrong: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${root.token}` },
      { authorization: `Bearer ${SCIM_TOKEN}x` },
      { authorization: `Bearer ${SCIM_TOKEN.slice(0, -1)}` },
      { authorization: `Basic ${SCIM_TOKEN}` },
      { authorization: SCIM_TOKEN },
      { 'x-api-key': made.api_key },
      { 'x-api-key': SCIM_TOKEN },
      { cookie: `access_token_lf=${root.token}; refresh_token_lf=${SCIM_TOKEN}` },
    ]
    const before = await readAll()
    gate.proxy.reset()
    for (const route of [...routes, 'GET /scim/v2/unknown', 'GET /scim/v2', 'POST /scim/v2/Bulk'])
      for (const headers of wrong) {
        const answer = await knock(gate, route, headers)
        expect([route, ...refusal(answer)]).toEqual([route, 401, undefined, expect.any(String)])
        expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      }
    expect(gate.proxy.count).toBe(0)
    expect(await readAll()).toEqual(before)
  })

  test('is in no query, and opens nothing else', async () => {
    const { status } = await call(
      gate,
      'GET',
      `/scim/v2/Users?access_token=${SCIM_TOKEN}&x-api-key=${SCIM_TOKEN}`,
    )
    expect(status).toBe(401)
    const closed = (route: string) =>
      [cases[route]].flat().some((one) => one && one.needs !== 'nothing')
    const others = listRoutes().filter((route) => !routes.includes(route) && closed(route))
    expect(others.length).toBeGreaterThan(50)
    for (const route of others) {
      const by = (headers: Record<string, string>) =>
        knock(gate, route.replace(/:\w+/g, missingId), headers)
      const bearer = await by({ authorization: `Bearer ${SCIM_TOKEN}` })
      const key = await by({ 'x-api-key': SCIM_TOKEN })
      expect([route, bearer.status]).toEqual([route, 401])
      expect([route, [401, 403].includes(key.status)]).toEqual([route, true])
    }
  })

  test('wrong ones are counted by address, and never stand in the way of the right one', async () => {
    const counted = await flowgateForTest({ bindings: { SCIM_TOKEN }, rateLimit: 3 })
    const from = (token: string) =>
      call(counted, 'GET', '/scim/v2/ServiceProviderConfig', undefined, {
        authorization: `Bearer ${token}`,
        'cf-connecting-ip': '203.0.113.9',
      })
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await from(`wrong-${i}`)).status)
    expect(statuses.slice(0, 3)).toEqual([401, 401, 401])
    expect(statuses.at(-1)).toBe(429)
    const late = await from('wrong')
    expect([refusal(late)[0], late.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await from(SCIM_TOKEN)).status).toBe(200)
  })

  test('too short, or with blanks, is refused by name and never said', async () => {
    for (const token of ['short', 'long enough but with blanks in between'.repeat(2)]) {
      const bad = await flowgateForTest({ bindings: { SCIM_TOKEN: token } })
      const { status, body } = await call(bad, 'GET', '/api/v1/config')
      expect([status, body.code]).toEqual([500, 'misconfigured'])
      expect(body.detail).toMatch(/SCIM_TOKEN must/)
      expect(JSON.stringify([body, bad.logs])).not.toContain(token)
    }
  })

  test('is in no log and in no description', async () => {
    await scim.get('/Users')
    expect(JSON.stringify(gate.logs)).not.toContain(SCIM_TOKEN)
    expect(await (await gate.fetch('/openapi.json')).text()).not.toContain(SCIM_TOKEN)
  })

  test('whoever has it is told the methods of an address', async () => {
    const answer = await scim.send('PATCH', '/Users', { userName: 'x' })
    expect(refusal(answer).slice(0, 2)).toEqual([405, undefined])
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST')
    expect(refusal(await scim.get('/unknown'))[0]).toBe(404)
  })
})

describe('whoever is not provisioned', () => {
  test('is not there: not by id, by name, in lists, nor in groups', async () => {
    for (const id of [local.userId, root.userId]) {
      expect((await scim.get(`/Users/${id}`)).status).toBe(404)
      expect((await scim.search('Users', `id eq "${id}"`)).totalResults).toBe(0)
    }
    expect((await scim.search('Users', 'userName eq "local"')).totalResults).toBe(0)
    expect((await scim.search('Groups', 'displayName eq "Local team"')).totalResults).toBe(0)
    expect((await scim.get(`/Groups/${team}`)).status).toBe(404)
  })

  test('is not touched, in any way', async () => {
    const group = await scim.group(name('Group'))
    const before = await readAll()
    const off = [{ op: 'replace', path: 'active', value: false }]
    const add = [{ op: 'add', path: 'members', value: [{ value: local.userId }] }]
    for (const [answer, status] of [
      [await scim.patch(`/Users/${local.userId}`, off), 404],
      [await scim.put(`/Users/${local.userId}`, { userName: 'taken over' }), 404],
      [await scim.remove(`/Users/${root.userId}`), 404],
      [
        await scim.patch(`/Groups/${team}`, [{ op: 'replace', path: 'displayName', value: 'x' }]),
        404,
      ],
      [await scim.put(`/Groups/${team}`, { displayName: 'x' }), 404],
      [await scim.remove(`/Groups/${team}`), 404],
      [await scim.patch(`/Groups/${group}`, add), 400],
      [await scim.post('/Groups', { displayName: 'x', members: [{ value: local.userId }] }), 400],
      [await scim.post('/Users', { userName: 'LOCAL' }), 409],
      [await scim.post('/Users', { userName: 'Root' }), 409],
      [await scim.post('/Groups', { displayName: 'LOCAL TEAM' }), 409],
    ] as [Answer, number][])
      expect(refusal(answer)[0]).toBe(status)
    expect(await readAll()).toEqual(before)
  })

  test('keeps their name; how to bind them is said', async () => {
    const [status, type, detail] = refusal(await scim.post('/Users', { userName: 'Local' }))
    expect([status, type]).toEqual([409, 'uniqueness'])
    expect(detail).toContain('POST /api/v1/bindings')
  })

  test('and is in a team that mirrors a group stays in it, unseen', async () => {
    const user = await scim.user(name('user'))
    const group = await scim.group(name('Mixed'), [user])
    await gate.db.execute({
      sql: "INSERT INTO flowgate_team_member (team_id, user_id, role, created_at) VALUES (?, ?, 'admin', '2026-01-01 00:00:00.000000')",
      args: [hex(group), hex(local.userId)],
    })
    const members = async () => (await scim.get(`/Groups/${group}`)).body.members
    expect(await members()).toHaveLength(1)
    await scim.put(`/Groups/${group}`, { displayName: name('Mixed'), members: [] })
    expect(await members()).toEqual([])
    const { rows } = await gate.db.execute({
      sql: 'SELECT user_id FROM flowgate_team_member WHERE team_id = ?',
      args: [hex(group)],
    })
    expect(rows.map(({ user_id }) => user_id)).toEqual([hex(local.userId)])
  })
})

describe('nothing is half done', () => {
  let user: string
  let group: string
  beforeEach(async () => {
    user = await scim.user(name('half'))
    group = await scim.group(name('Half'))
  })

  test('a member who is nobody is named, and nobody else joins either', async () => {
    const before = await readAll()
    const value = [{ value: user }, { value: missingId }]
    const refused = refusal(
      await scim.patch(`/Groups/${group}`, [
        { op: 'replace', path: 'displayName', value: 'renamed' },
        { op: 'add', path: 'members', value },
      ]),
    )
    expect(refused).toEqual([400, 'invalidValue', expect.stringContaining(missingId)])
    const put = await scim.put(`/Groups/${group}`, { displayName: 'renamed', members: value })
    expect(refusal(put)[2]).toContain(missingId)
    expect(await readAll()).toEqual(before)
  })

  test('a name that is taken changes nothing', async () => {
    const [other, displayName] = [await scim.user(name('other')), name('Other')]
    await scim.group(displayName)
    const userName = (await scim.get(`/Users/${other}`)).body.userName.toUpperCase()
    const before = await readAll()
    const rename = [{ op: 'replace', value: { userName, displayName: 'x', active: false } }]
    expect(refusal(await scim.patch(`/Users/${user}`, rename)).slice(0, 2)).toEqual([
      409,
      'uniqueness',
    ])
    const again = [
      { op: 'add', path: 'members', value: [{ value: user }] },
      { op: 'replace', path: 'displayName', value: displayName },
    ]
    expect(refusal(await scim.patch(`/Groups/${group}`, again)).slice(0, 2)).toEqual([
      409,
      'uniqueness',
    ])
    expect(await readAll()).toEqual(before)
  })

  test('nobody is put into more than 100 teams', async () => {
    const at = "'2026-01-01 00:00:00.000000'"
    const rows = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)'
    const prefix = hex(user).slice(0, 20)
    await gate.db.batch(
      [
        `${rows} INSERT INTO flowgate_team (id, name, name_key, created_at) SELECT printf('${prefix}%012d', i), '${prefix}' || i, '${prefix}' || i, ${at} FROM n`,
        `${rows} INSERT INTO flowgate_team_member (team_id, user_id, role, created_at) SELECT printf('${prefix}%012d', i), '${hex(user)}', 'member', ${at} FROM n`,
      ],
      'write',
    )
    const answer = await scim.patch(`/Groups/${group}`, [
      { op: 'add', path: 'members', value: [{ value: user }] },
    ])
    expect(refusal(answer)).toEqual([409, undefined, expect.stringContaining(user)])
  })

  test('of two at once that give the same name one wins, and changes of one user at once all arrive or say so', async () => {
    const userName = name('raced')
    const made = await Promise.all(
      Array.from({ length: 6 }, () => scim.post('/Users', { userName })),
    )
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409])
    const changed = await Promise.all(
      Array.from({ length: 3 }, (_, i) =>
        scim.patch(`/Users/${user}`, [
          { op: 'add', path: 'emails', value: [{ value: `${i}@x.example` }] },
        ]),
      ),
    )
    const done = changed.filter(({ status }) => status === 200).length
    expect(changed.filter(({ status }) => ![200, 503].includes(status))).toEqual([])
    expect((await scim.get(`/Users/${user}`)).body.emails).toHaveLength(done)
  })
})

describe('what is not understood', () => {
  test.each([
    'userName',
    'userName eq',
    'userName eq x',
    'userName eq "x" or userName eq "y"',
    'not (userName eq "x")',
    'userName co "x"',
    'userName pr',
    'password eq "x"',
    'constructor eq "x"',
    'name.givenName eq "x"',
    'emails[primary eq true].value eq "x"',
    'emails[type eq "work"',
    'userName eq "x" and',
    'userName eq "\\x"',
    '""',
    `${'id eq "x" and '.repeat(20)}id eq "x"`,
    '('.repeat(1000),
  ])('filter %s', async (filter) => {
    const answer = await scim.send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    expect(refusal(answer)).toEqual([400, 'invalidFilter', expect.stringMatching(/\w+/)])
  })

  test.each([
    ['no body at all', ''],
    ['no JSON', '{"userName":'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['no name', '{}'],
    ['an empty name', '{"userName":""}'],
    ['a name of no text', '{"userName":{"a":1}}'],
    ['an invisible name', '{"userName":"\\u200b"}'],
    ['a long name', JSON.stringify({ userName: 'x'.repeat(256) })],
    ['a NUL', '{"userName":"x","externalId":"a\\u0000b"}'],
    ['half a character', '{"userName":"x","displayName":"\\ud800"}'],
    ['active as a word', '{"userName":"x","active":"maybe"}'],
    ['emails of no list', '{"userName":"x","emails":7}'],
    [
      'two primary emails',
      '{"userName":"x","emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}',
    ],
    ['many emails', JSON.stringify({ userName: 'x', emails: Array(30).fill({ value: 'a' }) })],
    ['a deep one', `{"userName":"x","name":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ])('a user of %s', async (_, text) => {
    const before = await readAll()
    const headers = {
      authorization: `Bearer ${SCIM_TOKEN}`,
      'content-type': 'application/scim+json',
    }
    const answer = await sendText(gate, 'POST', '/scim/v2/Users', text, headers)
    expect(refusal(answer)[0]).toBe(400)
    expect(refusal(answer)[1]).toMatch(/^invalid(Value|Syntax)$/)
    expect(await readAll()).toEqual(before)
  })

  test('a body that is too large is 413, and so many members 400', async () => {
    const headers = {
      authorization: `Bearer ${SCIM_TOKEN}`,
      'content-type': 'application/scim+json',
    }
    const large = JSON.stringify({ userName: 'x'.repeat(600_000) })
    expect(refusal(await sendText(byName(gate), 'POST', '/scim/v2/Users', large, headers))[0]).toBe(
      413,
    )
    const group = await scim.group(name('Many'))
    const value = Array.from({ length: 5001 }, (_, i) => ({ value: String(i).padStart(32, '0') }))
    const answer = await scim.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value }])
    expect(refusal(answer).slice(0, 2)).toEqual([400, 'invalidValue'])
  })

  test.each([
    [{ op: 'move', path: 'userName', value: 'x' }, 'invalidValue'],
    [{ path: 'userName', value: 'x' }, 'invalidValue'],
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'replace', value: 'x' }, 'invalidValue'],
    [{ op: 'replace', value: null }, 'invalidValue'],
    [{ op: 'replace', path: 'userName', value: 7 }, 'invalidValue'],
    [{ op: 'remove', path: 'userName' }, 'invalidValue'],
    [{ op: 'replace', path: 'active', value: 'maybe' }, 'invalidValue'],
    [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    [{ op: 'add', path: 'groups', value: [{ value: missingId }] }, 'mutability'],
    [{ op: 'replace', path: 'userName[', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'name[type eq "x"].givenName', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'emails', value: [7] }, 'invalidValue'],
    [{ op: 'add', path: 'emails', value: [{ type: 'work' }] }, 'invalidValue'],
    [{ op: 'replace', path: 'emails[type eq "work"]', value: 7 }, 'invalidValue'],
    [{ op: 'replace', value: { name: { givenName: { deep: [] } } } }, 'invalidValue'],
    ['x', 'invalidValue'],
    [null, 'invalidValue'],
  ])('an operation %j', async (operation, type) => {
    const id = await scim.user(name('patched'))
    const before = await readAll()
    expect(refusal(await scim.patch(`/Users/${id}`, [operation])).slice(0, 2)).toEqual([400, type])
    expect(await readAll()).toEqual(before)
  })

  test.each([
    [{ op: 'add', path: 'members', value: [{ value: 'nobody' }] }, 'invalidValue'],
    [{ op: 'add', path: 'members', value: 7 }, 'invalidValue'],
    [{ op: 'replace', path: 'members', value: [{}] }, 'invalidValue'],
    [{ op: 'add', path: `members[value eq "${missingId}"]`, value: {} }, 'invalidPath'],
    [{ op: 'remove', path: 'members[display eq "x"]' }, 'invalidPath'],
    [{ op: 'replace', path: 'members.display', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'displayName', value: '' }, 'invalidValue'],
    [{ op: 'remove', path: 'displayName' }, 'invalidValue'],
  ])('an operation on a group %j', async (operation, type) => {
    const id = await scim.group(name('Patched'))
    const before = await readAll()
    expect(refusal(await scim.patch(`/Groups/${id}`, [operation])).slice(0, 2)).toEqual([400, type])
    expect(await readAll()).toEqual(before)
  })

  test('what is not kept is passed over, and members who are none leave nothing', async () => {
    const id = await scim.user(name('lenient'))
    const { status } = await scim.patch(`/Users/${id}`, [
      {
        op: 'add',
        path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
        value: 'x',
      },
      { op: 'replace', path: 'title', value: 'Dr' },
      { op: 'replace', path: 'name.middleName', value: 'M' },
      { op: 'replace', path: 'password', value: 'secret secret' },
    ])
    expect(status).toBe(200)
    const group = await scim.group(name('Lenient'), [id])
    const gone = [
      { op: 'Remove', path: 'members', value: [{ value: 'nobody' }, { value: missingId }] },
    ]
    expect((await scim.patch(`/Groups/${group}`, gone)).status).toBe(204)
    expect((await scim.get(`/Groups/${group}`)).body.members).toHaveLength(1)
  })

  test('pages and ids of no form', async () => {
    for (const query of [
      'count=x',
      'startIndex=1.5',
      'count=99999999999',
      `attributes=${'a,'.repeat(1000)}`,
    ])
      expect(refusal(await scim.get(`/Users?${query}`)).slice(0, 2)).toEqual([400, 'invalidValue'])
    for (const id of ['1', 'x'.repeat(200), '%00', '..%2f', missingId])
      for (const what of ['Users', 'Groups'])
        for (const method of ['GET', 'DELETE'])
          expect([400, 404]).toContain((await scim.send(method, `/${what}/${id}`)).status)
  })
})
