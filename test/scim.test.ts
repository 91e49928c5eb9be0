// SCIM 2.0 as the directories speak it: the requests that Microsoft Entra ID and Okta document, in their order; pages,
// filters, ETags. What is not theirs is not there for them: test/scim-walls.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Directory,
  directoryOf,
  GROUP,
  refusal,
  SCIM_TOKEN,
  USER,
} from './support/directory.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { missingId } from './support/random-worlds.ts'
import { mintToken, sessionsOfAll } from './support/tokens.ts'
import { type Api, as, call, createFlow, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let scim: Directory
beforeAll(async () => {
  gate = await startFlowgate({ bindings: { SCIM_TOKEN } })
  root = await signIn(gate)
  scim = directoryOf(gate)
})
afterAll(() => gate?.stop())

const hex = (id: string) => id.replaceAll('-', '')
/** Nobody whom a directory makes has a password. */
const signedInAs = async (id: string) => {
  await gate.db.execute({
    sql: sessionsOfAll.replace('FROM user', 'FROM user WHERE id = ?'),
    args: [hex(id)],
  })
  return as(gate, await mintToken(hex(id)))
}
const rows = async (statement: string, ...args: string[]) =>
  (await gate.db.execute({ sql: statement, args })).rows
const auditOf = async (id: string) =>
  (
    await rows(
      'SELECT action, actor_id FROM flowgate_audit WHERE target_id = ? ORDER BY seq',
      hex(id),
    )
  ).map(({ action, actor_id }) => [action, actor_id])
const membersOf = async (id: string): Promise<string[]> =>
  (await scim.get(`/Groups/${id}`)).body.members.map(({ value }: { value: string }) => value).sort()
const empty = { totalResults: 0, itemsPerPage: 0, startIndex: 1, Resources: [] }

describe('Entra ID', () => {
  const sent = {
    schemas: [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
    externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
    userName: 'Test_User_ab6490ee',
    active: true,
    emails: [{ primary: true, type: 'work', value: 'test_fd0ea19b@testuser.com' }],
    meta: { resourceType: 'User' },
    name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
    roles: [],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'R&D' },
  }
  let id: string

  test('looks a user up, makes them, and finds them by name, id and externalId', async () => {
    expect(await scim.search('Users', 'userName eq "Test_User_ab6490ee"')).toMatchObject(empty)
    gate.proxy.reset()
    const { status, headers, body } = await scim.post('/Users', sent)
    expect([status, gate.proxy.count]).toEqual([201, 1])
    id = body.id
    const {
      meta,
      roles,
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': _,
      ...kept
    } = sent
    expect(body).toMatchObject({ ...kept, schemas: [USER], groups: [] })
    expect(body.meta).toMatchObject({
      resourceType: 'User',
      location: `${gate.url}/scim/v2/Users/${id}`,
      version: headers.get('etag'),
    })
    expect(body.meta.created).toBe(body.meta.lastModified)
    expect(headers.get('location')).toBe(body.meta.location)
    expect((await scim.get(`/Users/${id}`)).body).toEqual(body)
    for (const filter of [
      'userName eq "test_USER_ab6490ee"',
      `externalId eq "${sent.externalId}"`,
      `id eq "${id}"`,
      `id eq "${id}" and active eq true`,
      'emails[type eq "work"].value eq "test_fd0ea19b@testuser.com"',
      'emails[type eq "work" and value eq "test_fd0ea19b@testuser.com"]',
    ])
      expect(await scim.search('Users', filter), filter).toMatchObject({
        totalResults: 1,
        itemsPerPage: 1,
        Resources: [body],
      })
    expect(await auditOf(id)).toEqual([
      ['user.create', null],
      ['binding.create', null],
    ])
  })

  test('a made user is one of flowgate: a Starter Project, and no password at all', async () => {
    const { body } = await root.get(`/api/v1/users/?user_id=${id}`)
    expect(body.users[0]).toMatchObject({
      username: sent.userName,
      is_active: true,
      is_superuser: false,
    })
    const me = await signedInAs(id)
    expect((await me.get('/api/v1/projects/')).body[0].name).toContain('Starter Project')
    for (const password of ['!', '', 'password'])
      expect(
        (
          await gate.fetch('/api/v1/login', {
            method: 'POST',
            body: new URLSearchParams({ username: sent.userName, password }),
          })
        ).status,
      ).not.toBe(200)
  })

  test('changes one value of several, and a single one', async () => {
    const { status, body } = await scim.patch(`/Users/${id}`, [
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@microsoft.com' },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
    ])
    expect(status).toBe(200)
    expect(body.emails).toEqual([{ ...sent.emails[0], value: 'updatedEmail@microsoft.com' }])
    expect(body.name).toEqual({ ...sent.name, familyName: 'updatedFamilyName' })
    const renamed = await scim.patch(`/Users/${id}`, [
      { op: 'Replace', path: 'userName', value: '5b50642d@testuser.com' },
    ])
    expect(renamed.body).toMatchObject({ userName: '5b50642d@testuser.com', emails: body.emails })
    expect((await auditOf(id)).slice(-2)).toEqual([
      ['binding.update', null],
      ['user.update', null],
    ])
  })

  test('adds what is not there by its kind, and sends dotted names in one value', async () => {
    const { body } = await scim.patch(`/Users/${id}`, [
      { op: 'Add', path: 'emails[type eq "home"].value', value: 'home@example.com' },
      {
        op: 'replace',
        value: {
          displayName: 'Shown',
          'name.givenName': 'Given',
          'emails[type eq "work"].value': 'dotted@example.com',
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': 'Sales',
        },
      },
    ])
    expect(body.emails).toEqual([
      { ...sent.emails[0], value: 'dotted@example.com' },
      { type: 'home', value: 'home@example.com' },
    ])
    expect(body).toMatchObject({ displayName: 'Shown', name: { givenName: 'Given' } })
    const removed = await scim.patch(`/Users/${id}`, [
      { op: 'Remove', path: 'emails[type eq "home"]' },
      { op: 'Remove', path: 'displayName' },
    ])
    expect(removed.body.emails).toHaveLength(1)
    expect(removed.body).not.toHaveProperty('displayName')
  })

  test('disables a user in both of its ways, enables them, and deletes them', async () => {
    for (const value of [false, 'False']) {
      const off = await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value }])
      expect([off.status, off.body.active]).toEqual([200, false])
      expect((await scim.get(`/Users/${id}`)).body.active).toBe(false)
      const on = await scim.patch(`/Users/${id}`, [
        { op: 'Replace', path: 'active', value: 'True' },
      ])
      expect([on.status, on.body.active]).toEqual([200, true])
    }
    expect((await scim.remove(`/Users/${id}`)).status).toBe(204)
    expect(refusal(await scim.get(`/Users/${id}`))).toEqual([404, undefined, 'User not found'])
    expect((await scim.remove(`/Users/${id}`)).status).toBe(404)
    expect(await rows('SELECT * FROM flowgate_binding WHERE user_id = ?', hex(id))).toEqual([])
  })

  test('groups: made, looked up without members, renamed, filled, emptied, deleted', async () => {
    const [ann, bob] = [await scim.user('entra-ann'), await scim.user('entra-bob')]
    const made = await scim.post('/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'Entra group',
      meta: { resourceType: 'Group' },
    })
    expect([made.status, made.body.members]).toEqual([201, []])
    const { id } = made.body
    const read = await scim.get(`/Groups/${id}?excludedAttributes=members`)
    const { members, ...bare } = made.body
    expect(read.body).toEqual(bare)
    const found = await scim.search(
      'Groups',
      'displayName eq "ENTRA group"',
      '&excludedAttributes=members',
    )
    expect(found).toMatchObject({ totalResults: 1, Resources: [bare] })
    expect((await scim.search('Groups', `externalId eq "${bare.externalId}"`)).totalResults).toBe(1)

    const at = `/Groups/${id}`
    const renamed = await scim.patch(at, [
      { op: 'Replace', path: 'displayName', value: 'Entra renamed' },
    ])
    expect([renamed.status, renamed.body]).toEqual([204, ''])
    const added = [
      { op: 'Add', path: 'members', value: [{ $ref: null, value: ann }, { value: bob }] },
    ]
    gate.proxy.reset()
    expect((await scim.patch(at, added)).status).toBe(204)
    expect(gate.proxy.count).toBe(2)
    expect(await membersOf(id)).toEqual([ann, bob].sort())
    expect((await scim.get(`/Users/${ann}`)).body.groups).toEqual([
      {
        value: id,
        $ref: `${gate.url}/scim/v2/Groups/${id}`,
        display: 'Entra renamed',
        type: 'direct',
      },
    ])
    const holds = `id eq "${id}" and members eq "${ann}"`
    expect((await scim.search('Groups', holds, '&attributes=id')).Resources).toEqual([
      { schemas: [GROUP], id },
    ])
    await scim.patch(at, [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: ann }] }])
    expect(await membersOf(id)).toEqual([bob])
    expect((await scim.search('Groups', holds)).totalResults).toBe(0)
    expect(await auditOf(id)).toEqual([
      ['team.create', null],
      ['team.update', null],
      ['member.create', null],
      ['member.create', null],
      ['member.delete', null],
    ])
    expect((await scim.patch(at, added)).status).toBe(204)
    expect((await scim.remove(at)).status).toBe(204)
    expect((await scim.get(at)).status).toBe(404)
    expect(await rows('SELECT * FROM flowgate_team WHERE id = ?', hex(id))).toEqual([])
  })
})

describe('Okta', () => {
  const sent = {
    schemas: [USER],
    userName: 'test.user@okta.local',
    name: { givenName: 'Test', familyName: 'User' },
    emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
    displayName: 'Test User',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  }
  let id: string

  test('looks up, makes, reads and lists a user; the password that it sends is none', async () => {
    const found = await scim.search(
      'Users',
      'userName eq "test.user@okta.local"',
      '&startIndex=1&count=100',
    )
    expect(found).toMatchObject(empty)
    const { status, body } = await scim.post('/Users', sent)
    id = body.id
    const { password, locale, ...kept } = sent
    expect([status, body]).toEqual([201, expect.objectContaining(kept)])
    expect((await scim.get(`/Users/${id}`)).body).toEqual(body)
    expect((await scim.get('/Users?startIndex=1&count=100')).body.Resources).toContainEqual(body)
    expect(refusal(await scim.post('/Users', sent)).slice(0, 2)).toEqual([409, 'uniqueness'])
    expect(JSON.stringify(await rows('SELECT * FROM user'))).not.toContain('1mz050nq')
  })

  test('replaces a user by what it read, without an externalId', async () => {
    const { externalId, ...read } = (await scim.get(`/Users/${id}`)).body
    const { status, body } = await scim.put(`/Users/${id}`, {
      ...read,
      name: { givenName: 'Another', middleName: 'Excited', familyName: 'User' },
      displayName: undefined,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ externalId, name: { givenName: 'Another', familyName: 'User' } })
    expect(body).not.toHaveProperty('displayName')
    expect(body.meta.version).not.toBe(read.meta.version)
  })

  test('deactivates and reactivates, by PATCH without a path and by PUT', async () => {
    const active = async (value: boolean) =>
      (await scim.patch(`/Users/${id}`, [{ op: 'replace', value: { active: value } }])).body.active
    expect([await active(false), await active(true)]).toEqual([false, true])
    const { body } = await scim.get(`/Users/${id}`)
    expect((await scim.put(`/Users/${id}`, { ...body, active: false })).body.active).toBe(false)
    expect((await scim.put(`/Users/${id}`, { ...body, active: undefined })).body.active).toBe(false)
    expect((await scim.put(`/Users/${id}`, { ...body, active: true })).body.active).toBe(true)
  })

  test('pushes a group: its name with its id, members out and in at once, all of them, unlinked', async () => {
    const [ann, bob] = [await scim.user('okta-ann'), await scim.user('okta-bob')]
    const { body } = await scim.post('/Groups', {
      schemas: [GROUP],
      displayName: 'Test SCIMv2',
      members: [],
    })
    expect(body).not.toHaveProperty('externalId')
    const at = `/Groups/${body.id}`
    const rename = { op: 'replace', value: { id: body.id, displayName: 'Test SCIMv20' } }
    expect((await scim.patch(at, [rename])).status).toBe(204)
    expect((await scim.get(at)).body.displayName).toBe('Test SCIMv20')
    await scim.patch(at, [{ op: 'add', path: 'members', value: [{ value: ann, display: 'x' }] }])
    await scim.patch(at, [
      { op: 'remove', path: `members[value eq "${ann}"]` },
      { op: 'add', path: 'members', value: [{ value: id, display: 'test.user@okta.local' }] },
    ])
    expect(await membersOf(body.id)).toEqual([id])
    const all = { op: 'replace', path: 'members', value: [{ value: ann }, { value: bob }] }
    await scim.patch(at, [all])
    expect(await membersOf(body.id)).toEqual([ann, bob].sort())
    const put = await scim.put(at, { displayName: 'Test PUT', members: [{ value: bob }] })
    expect([put.status, put.body.members.map(({ value }: { value: string }) => value)]).toEqual([
      200,
      [bob],
    ])
    expect(await membersOf(body.id)).toEqual([bob])
    expect((await scim.remove(at)).status).toBe(204)
  })
})

describe('who is deactivated', () => {
  test('has no session and no key at the next request, and gets back what they had', async () => {
    const id = await scim.user('leaver')
    const group = await scim.group('Leavers', [id])
    const me = await signedInAs(id)
    const flow = await createFlow(me, 'kept')
    const { body: made } = await me.post('/api/v1/api_key/', { name: 'k' })
    const key = () =>
      call(gate, 'GET', '/api/v1/users/whoami', undefined, { 'x-api-key': made.api_key })
    expect([(await me.get('/api/v1/users/whoami')).status, (await key()).status]).toEqual([
      200, 200,
    ])
    await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }])
    expect([(await me.get('/api/v1/users/whoami')).status, (await key()).status]).toEqual([
      401, 403,
    ])
    const ended = await rows(
      "SELECT before, actor_id FROM flowgate_audit WHERE action = 'session.delete' ORDER BY seq DESC LIMIT 1",
    )
    expect(JSON.parse(String(ended[0]?.before))).toEqual({
      user_id: hex(id),
      reason: 'deactivation',
    })
    expect(await membersOf(group)).toEqual([id])
    await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: true }])
    expect([(await me.get('/api/v1/users/whoami')).status, (await key()).status]).toEqual([
      401, 403,
    ])
    const again = await signedInAs(id)
    expect((await again.get(`/api/v1/flows/${flow}`)).status).toBe(200)
    expect(await membersOf(group)).toEqual([id])
  })

  test('and deleted leaves flows to others, and no membership', async () => {
    const id = await scim.user('gone')
    const group = await scim.group('Gone', [id])
    const me = await signedInAs(id)
    const flow = await createFlow(me, 'stays')
    expect((await scim.remove(`/Users/${id}`)).status).toBe(204)
    expect((await root.get(`/api/v1/flows/${flow}`)).body.user_id).toBeNull()
    expect(await membersOf(group)).toEqual([])
    expect((await auditOf(id)).at(-1)).toEqual(['user.delete', null])
  })

  test('is never the last active superuser; another one is', async () => {
    const subject = 'ext-root'
    await gate.db.execute({
      sql: "INSERT INTO flowgate_binding (issuer, subject, user_id, created_at) VALUES ('scim', ?, ?, '2026-01-01 00:00:00.000000')",
      args: [subject, hex(root.userId)],
    })
    const at = `/Users/${root.userId}`
    const off = [{ op: 'replace', value: { active: false } }]
    expect(refusal(await scim.patch(at, off))).toEqual([
      409,
      undefined,
      expect.stringContaining('last active superuser'),
    ])
    expect(refusal(await scim.remove(at))).toEqual([
      409,
      undefined,
      expect.stringContaining('last active superuser'),
    ])
    expect((await root.get('/api/v1/users/whoami')).status).toBe(200)
    const other = await scim.user('second root')
    await root.patch(`/api/v1/users/${other}`, { is_superuser: true })
    expect((await scim.patch(`/Users/${other}`, off)).body.active).toBe(false)
    await gate.db.execute("DELETE FROM flowgate_binding WHERE subject = 'ext-root'")
  })
})

describe('ETags', () => {
  test('304 for what is known, 412 for what is not any more, in every way to change it', async () => {
    const id = await scim.user('tagged')
    const at = `/Users/${id}`
    const { headers, body } = await scim.get(at)
    const tag = String(headers.get('etag'))
    expect(tag).toMatch(/^W\/"[\w-]+"$/)
    const known = await scim.get(at, { 'if-none-match': `"other", ${tag}` })
    expect([known.status, known.body, known.headers.get('etag')]).toEqual([304, '', tag])
    expect((await scim.get(at, { 'if-none-match': '"other"' })).status).toBe(200)
    const change = (value: string) => [{ op: 'replace', path: 'displayName', value }]
    expect((await scim.patch(at, change('one'), { 'if-match': tag })).status).toBe(200)
    const stale = { 'if-match': tag }
    for (const answer of [
      await scim.patch(at, change('two'), stale),
      await scim.put(at, body, stale),
      await scim.remove(at, stale),
    ])
      expect(refusal(answer)[0]).toBe(412)
    expect((await scim.get(at)).body.displayName).toBe('one')
    expect((await scim.patch(at, change('three'), { 'if-match': '*' })).status).toBe(200)
    const now = String((await scim.get(at)).headers.get('etag'))
    expect((await scim.remove(at, { 'if-match': now })).status).toBe(204)
  })

  test('of a group changes with its members', async () => {
    const id = await scim.user('in a tagged group')
    const at = `/Groups/${await scim.group('tagged')}`
    const before = String((await scim.get(at)).headers.get('etag'))
    const add = [{ op: 'add', path: 'members', value: [{ value: id }] }]
    const { status, headers } = await scim.patch(at, add, { 'if-match': before })
    expect(status).toBe(204)
    const after = String((await scim.get(`${at}?excludedAttributes=members`)).headers.get('etag'))
    expect([headers.get('etag'), after === before]).toEqual([after, false])
    for (const answer of [
      await scim.patch(at, add, { 'if-match': before }),
      await scim.put(at, { displayName: 'x' }, { 'if-match': before }),
      await scim.remove(at, { 'if-match': before }),
    ])
      expect(refusal(answer)[0]).toBe(412)
    expect((await scim.remove(at, { 'if-match': after })).status).toBe(204)
  })

  test('a change that changes nothing leaves no trace', async () => {
    const id = await scim.user('still')
    const group = await scim.group('still', [id])
    const user = (await scim.get(`/Users/${id}`)).body
    const audit = async () => (await rows('SELECT count(*) AS n FROM flowgate_audit'))[0]?.n
    const before = await audit()
    expect((await scim.put(`/Users/${id}`, user)).body).toEqual(user)
    await scim.patch(`/Users/${id}`, [
      { op: 'replace', value: { active: 'True', userName: 'still' } },
    ])
    await scim.patch(`/Groups/${group}`, [
      { op: 'add', path: 'members', value: [{ value: id }] },
      { op: 'remove', path: `members[value eq "${missingId}"]` },
    ])
    expect(await audit()).toBe(before)
    expect((await scim.get(`/Users/${id}`)).body).toEqual(user)
  })
})

describe('pages', () => {
  const MANY = 2000
  beforeAll(async () => {
    const n = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})`
    const at = "'2026-01-01 00:00:00.000000'"
    await gate.db.batch(
      [
        `${n} INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
          SELECT printf('cc%030x', i), 'many ' || i, 'many ' || i, '!', 1, 0, ${at}, ${at} FROM n`,
        `${n} INSERT INTO flowgate_binding (issuer, subject, user_id, created_at, profile)
          SELECT 'scim', printf('many-%05d', i), printf('cc%030x', i), ${at}, '{"displayName":"Many"}' FROM n`,
        `INSERT INTO flowgate_team (id, name, name_key, external_name, created_at) VALUES ('${'d'.repeat(32)}', 'many', 'many', 'scim:many', ${at})`,
        `${n} INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
          SELECT '${'d'.repeat(32)}', printf('cc%030x', i), 'member', ${at} FROM n`,
      ],
      'write',
    )
  })

  test('all of many, once each, in one order, with exact totals, at one round trip a page', async () => {
    const seen: string[] = []
    let total = 0
    gate.proxy.reset()
    let pages = 0
    do {
      const { body } = await scim.get(`/Users?startIndex=${seen.length + 1}&count=100`)
      pages++
      expect([body.startIndex, body.itemsPerPage]).toEqual([seen.length + 1, body.Resources.length])
      total = body.totalResults
      seen.push(...body.Resources.map(({ id }: { id: string }) => id))
    } while (seen.length < total)
    expect(gate.proxy.count).toBe(pages)
    expect(new Set(seen).size).toBe(total)
    expect(total).toBeGreaterThanOrEqual(MANY)
    const [bound] = await rows("SELECT count(*) AS n FROM flowgate_binding WHERE issuer = 'scim'")
    expect(total).toBe(Number(bound?.n))
  })

  test.each([
    ['count=0', 0, 1],
    ['count=-5', 0, 1],
    ['count=100000', 100, 1],
    ['startIndex=0&count=3', 3, 1],
    ['startIndex=-7&count=3', 3, 1],
    ['startIndex=900000', 0, 900_000],
    ['', 100, 1],
  ])('%s', async (query, items, startIndex) => {
    const filter = encodeURIComponent('displayName eq "MANY"')
    const { body } = await scim.get(`/Users?filter=${filter}&${query}`)
    expect(body).toMatchObject({ totalResults: MANY, startIndex, itemsPerPage: items })
    expect(body.Resources).toHaveLength(items)
  })

  test('a group of many shows them all, and a filter by name reads next to nothing', async () => {
    const { body } = await scim.get(`/Groups/${'d'.repeat(32)}`)
    expect(body.members).toHaveLength(MANY)
    const list = await scim.get('/Groups?excludedAttributes=members')
    expect(list.body.Resources.some(({ members }: { members?: unknown }) => members)).toBe(false)
    const one = await scim.search('Users', 'userName eq "many 77"')
    expect([one.totalResults, one.Resources[0].externalId]).toEqual([1, 'many-00077'])
  })
})

describe('what is shown', () => {
  test('attributes and excludedAttributes, by name or a part of it, in any case', async () => {
    const id = await scim.user('shown', {
      name: { givenName: 'G', familyName: 'F' },
      emails: [{ value: 'a@b.example', type: 'work' }],
    })
    const keys = async (query: string) =>
      Object.keys((await scim.get(`/Users/${id}?${query}`)).body).sort()
    expect(await keys('attributes=USERNAME')).toEqual(['id', 'schemas', 'userName'])
    expect(await keys(`attributes=${USER}:active,name.givenName`)).toEqual([
      'active',
      'id',
      'name',
      'schemas',
    ])
    expect((await scim.get(`/Users/${id}?attributes=name.givenName`)).body.name).toEqual({
      givenName: 'G',
    })
    expect(await keys('excludedAttributes=id,meta,emails,groups,active,name')).toEqual([
      'externalId',
      'id',
      'schemas',
      'userName',
    ])
    const part = (await scim.get(`/Users/${id}?excludedAttributes=emails.type`)).body
    expect(part.emails).toEqual([{ value: 'a@b.example' }])
  })

  test('the service describes itself, and asks no database for it', async () => {
    gate.proxy.reset()
    const config = (await scim.get('/ServiceProviderConfig')).body
    expect(config).toMatchObject({
      patch: { supported: true },
      filter: { supported: true, maxResults: 100 },
      etag: { supported: true },
      bulk: { supported: false },
    })
    const types = (await scim.get('/ResourceTypes')).body
    expect(types.Resources.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual([
      '/Users',
      '/Groups',
    ])
    const schemas = (await scim.get('/Schemas')).body
    expect(schemas.totalResults).toBe(2)
    for (const { id } of schemas.Resources)
      expect((await scim.get(`/Schemas/${id}`)).body.id).toBe(id)
    expect((await scim.get('/ResourceTypes/User')).body.schema).toBe(USER)
    expect(refusal(await scim.get('/Schemas/urn:none'))[0]).toBe(404)
    expect(gate.proxy.count).toBe(0)
  })
})
