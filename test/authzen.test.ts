// The decision API beyond its standard: who may ask about whom, what a key for decisions is good for, and what answers cost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cases } from './support/cases.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { missingId } from './support/random-worlds.ts'
import { listRoutes } from './support/routes.ts'
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

const MEMBERS = 4000

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let gina: Api
let project: string
let flow: string
let key: string

const makeKey = async (api: Api, body: object) =>
  String((await expectStatus(200, api.post('/api/v1/api_key/', body))).body.api_key)

beforeAll(async () => {
  gate = await startFlowgate({ bindings: paperProvider })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  gina = await createUser(gate, root, 'gina')
  await grant(root, gina, 'Admin', 'Global')
  project = await createProject(ann, 'Project')
  flow = await createFlow(ann, 'flow', project)
  key = await makeKey(root, { name: 'gateway', decisions: true })
})
afterAll(() => gate?.stop())

const user = (id: string) => ({ type: 'user', id })
const theFlow = () => ({ type: 'flow', id: flow })
const read = { name: 'Read' }
const about = (id: string) => ({ subject: user(id), action: read, resource: theFlow() })
const by = (x: string) => ({ 'x-api-key': x })
const bearer = ({ token }: Api) => ({ authorization: `Bearer ${token}` })
const post = (path: string, body: unknown, headers: Record<string, string> = by(key)) =>
  call(gate, 'POST', `/access/v1/${path}`, body, headers)

/** Every question that there is, about this user. */
const questions = (id: string): [string, unknown][] => [
  ['evaluation', about(id)],
  ['evaluations', about(id)],
  ['evaluations', { evaluations: [about(id)] }],
  ['search/resource', { ...about(id), resource: { type: 'flow' } }],
  ['search/resource', { ...about(id), resource: { type: 'project' } }],
  ['search/resource', { ...about(id), action: { name: 'fly' }, resource: { type: 'flow' } }],
  ['search/action', about(id)],
]

describe('who may ask', () => {
  test('about oneself, by id in any spelling or by name, anybody who is signed in, also with a key', async () => {
    const spellings = [
      ann.userId,
      ann.userId.replaceAll('-', ''),
      ann.userId.toUpperCase(),
      'ann',
      'ANN',
    ]
    const keys = [await makeKey(ann, { name: 'any' }), await makeKey(ann, { read_only: true })]
    for (const id of spellings)
      for (const [path, body] of questions(id))
        for (const headers of [bearer(ann), ...keys.map(by)])
          expect([path, id, (await post(path, body, headers)).status]).toEqual([path, id, 200])
    expect((await post('evaluation', about('ann'), bearer(ann))).body.decision).toBe(true)
  })

  test('about others only admins: not who may do everything with it, nor with any key of theirs', async () => {
    const others = [root.userId, 'root', 'bob', missingId, 'nobody', bob.userId]
    const plain = by(await makeKey(ann, { name: 'plain' }))
    for (const id of others)
      for (const [path, body] of questions(id)) {
        for (const headers of [bearer(ann), plain]) {
          const { status, body: problem } = await post(path, body, headers)
          expect([path, id, status, problem.code]).toEqual([path, id, 403, 'forbidden'])
        }
        for (const headers of [bearer(gina), bearer(root)])
          expect([path, id, (await post(path, body, headers)).status]).toEqual([path, id, 200])
      }
    const search = { subject: { type: 'user' }, action: read, resource: theFlow() }
    expect((await post('search/subject', search, bearer(ann))).status).toBe(403)
    expect((await post('search/subject', search, bearer(gina))).status).toBe(200)
    const mixed = { evaluations: [about('ann'), about('bob')] }
    expect((await post('evaluations', mixed, bearer(ann))).status).toBe(403)
    const team = { ...about('ann'), subject: { type: 'team', id: missingId } }
    expect((await post('evaluation', team, bearer(ann))).status).toBe(403)
  })

  test('a key of an admin asks about others only if it was made for decisions', async () => {
    const plain = await makeKey(root, { name: 'plain' })
    for (const [path, body] of questions('bob')) {
      expect([path, (await post(path, body, by(plain))).status]).toEqual([path, 403])
      expect([path, (await post(path, body)).status]).toEqual([path, 200])
    }
  })

  test('strangers are 401, and so is a bad token and a key that is none', async () => {
    for (const [path, body] of questions('ann'))
      for (const headers of [{}, by('sk-none'), { authorization: 'Bearer x' }]) {
        const answer = await post(path, body, headers as Record<string, string>)
        expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'invalid_credentials'])
        expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      }
  })

  test('what is hidden from whoever asks looks as if it were not there', async () => {
    const missing = (type: string) => ({ type, id: missingId })
    const hidden = { flow: theFlow(), project: { type: 'project', id: project } }
    const unknown = { decision: false, context: { reason: 'unknown_resource' } }
    const role = { name: 'Creators', permissions: ['Flow:Create'] }
    await expectStatus(201, root.post('/api/v1/rbac/roles', role))
    const viewer = ['Viewer', 'Global'] as const
    const blind = ['Creators', 'Project', project] as const
    for (const grants of [
      [],
      [blind],
      [viewer, blind],
      [viewer, ['Creators', 'Flow', flow]],
    ] as const) {
      const made: string[] = []
      for (const [role, scope, id] of grants) made.push(await grant(root, bob, role, scope, id))
      const isReader = grants.some(([role]) => role === 'Viewer')
      for (const name of ['Read', 'Update', 'Share'])
        for (const resource of [hidden.flow, missing('flow'), missing('project')]) {
          const { body } = await post(
            'evaluation',
            { ...about('bob'), action: { name }, resource },
            bearer(bob),
          )
          expect([grants, name, resource, body]).toEqual([grants, name, resource, unknown])
        }
      if (!isReader)
        expect(
          (await post('evaluation', { ...about('bob'), resource: hidden.project }, bearer(bob)))
            .body,
        ).toEqual(unknown)
      for (const id of made) await root.delete(`/api/v1/rbac/assignments/${id}`)
    }
    const admins = { ...about('root'), resource: missing('flow') }
    expect((await post('evaluation', admins)).body).toEqual(unknown)
  })

  test('who may read it hears why they may not change it', async () => {
    const made = await grant(root, bob, 'Viewer', 'Project', project)
    const update = { ...about('bob'), action: { name: 'update' } }
    const { body } = await post('evaluation', update, bearer(bob))
    expect(body).toEqual({ decision: false, context: { reason: 'project_grant' } })
    await root.delete(`/api/v1/rbac/assignments/${made}`)
  })

  test('nobody is asked about by a name that looks like the id of somebody', async () => {
    await gate.db.execute(`UPDATE user SET username = '${missingId}' WHERE username = 'bob'`)
    const { body } = await post('evaluation', about(missingId))
    await gate.db.execute(`UPDATE user SET username = 'bob' WHERE username = '${missingId}'`)
    expect(body.context.reason).toBe('unknown_subject')
  })
})

describe('a key for decisions', () => {
  test('is made by admins alone, only reads, and says what it is, in the audit too', async () => {
    const refused = await ann.post('/api/v1/api_key/', { name: 'mine', decisions: true })
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden'])
    const { body } = await root.get('/api/v1/api_key/')
    const made = body.api_keys.find((one: { name: string }) => one.name === 'gateway')
    expect([made.decisions, made.read_only]).toEqual([true, true])
    const { body: audit } = await root.get(`/api/v1/audit?target_id=${made.id}`)
    expect(audit.items).toMatchObject([{ action: 'apikey.create', after: { decisions: 1 } }])
    const { rows } = await gate.db.execute("SELECT name FROM apikey WHERE name = 'mine'")
    expect(rows).toEqual([])
  })

  test('is refused by every other route, whether it writes or reads', async () => {
    const closed = listRoutes().filter((route) =>
      [cases[route]].flat().some((one) => one && one.needs !== 'nothing'),
    )
    for (const route of closed.filter((one) => !one.includes('/access/v1/'))) {
      const [method = '', pattern = ''] = route.split(' ')
      const path = pattern.replace(/:\w+/g, missingId)
      const { status } = await call(gate, method, path, method === 'GET' ? undefined : {}, by(key))
      expect([route, status]).toEqual([route, 403])
    }
    expect((await post('evaluation', about('ann'))).status).toBe(200)
  })

  test('asks about nobody any more once its owner is no admin', async () => {
    const carl = await createUser(gate, root, 'carl')
    const id = await grant(root, carl, 'Admin', 'Global')
    const his = by(await makeKey(carl, { decisions: true }))
    expect((await post('evaluation', about('ann'), his)).status).toBe(200)
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${id}`))
    expect((await post('evaluation', about('ann'), his)).status).toBe(403)
    expect((await post('evaluation', about('carl'), his)).status).toBe(200)
  })
})

describe('a team', () => {
  test('may what its grants allow, and its members may it too', async () => {
    const { body: team } = await expectStatus(201, root.post('/api/v1/teams/', { name: 'Team' }))
    await expectStatus(201, root.post(`/api/v1/teams/${team.id}/members`, { user_id: bob.userId }))
    const held = { team_id: team.id, role_name: 'Editor', scope_type: 'Project', scope_id: project }
    const { body: made } = await expectStatus(201, root.post('/api/v1/rbac/assignments', held))
    for (const subject of [user('bob'), { type: 'team', id: team.id }]) {
      const { body } = await post('search/action', { subject, resource: theFlow() })
      expect(body.results.map(({ name }: { name: string }) => name)).toEqual([
        'Create',
        'Read',
        'Update',
      ])
      const { body: evaluated } = await post('evaluation', { ...about(''), subject })
      expect(evaluated).toEqual({ decision: true, context: { reason: 'project_grant' } })
    }
    const teams = { subject: { type: 'team' }, action: read, resource: theFlow() }
    expect((await post('search/subject', teams)).body.results).toEqual([
      { type: 'team', id: team.id },
    ])
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${made.id}`))
    expect((await post('search/subject', teams)).body.results).toEqual([])
  })
})

/** One request of the API, and what it costs. */
async function cost(path: string, body: unknown) {
  gate.proxy.reset()
  const { body: answer } = await expectStatus(200, post(path, body, bearer(root)))
  return { answer, trips: gate.proxy.count, rows: rowsRead(gate.proxy.answers) }
}

describe('what it costs', () => {
  const names = (n: number) => `member ${String(n).padStart(5, '0')}`
  let team: string

  beforeAll(async () => {
    team = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Everybody' }))).body.id
    await addMembers(1, MEMBERS / 2)
    const held = { team_id: team, role_name: 'Viewer', scope_type: 'Project', scope_id: project }
    await expectStatus(201, root.post('/api/v1/rbac/assignments', held))
  })

  /** Many of them also hold something of their own there, or everywhere. */
  async function addMembers(from: number, to: number) {
    const numbers = `WITH RECURSIVE t(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM t WHERE n < ${to})`
    const [teamId, projectId] = [team, project].map((id) => id.replaceAll('-', ''))
    await gate.db.batch(
      [
        `${numbers} INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
          SELECT printf('0ce4%028x', n), printf('member %05d', n), printf('member %05d', n), '!', 1, 0, '2026-01-01', '2026-01-01' FROM t`,
        `${numbers} INSERT INTO flowgate_team_member (team_id, user_id, role, created_at)
          SELECT '${teamId}', printf('0ce4%028x', n), 'member', '2026-01-01' FROM t`,
        `${numbers} INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
          SELECT printf('0ce5%028x', n), printf('0ce4%028x', n), (SELECT id FROM role WHERE name = 'Viewer'), 'Project', '${projectId}', 0, '2026-01-01' FROM t WHERE n % 2`,
        `${numbers} INSERT INTO userroleassignment (id, user_id, role_id, scope_type, is_immutable, created_at)
          SELECT printf('0ce6%028x', n), printf('0ce4%028x', n), (SELECT id FROM role WHERE name = 'Viewer'), 'Global', 0, '2026-01-01' FROM t WHERE n % 3 = 0`,
      ],
      'write',
    )
  }

  test('a hundred evaluations are one round trip and at most 1,200 rows, whoever and whatever they are about', async () => {
    const flows: string[] = []
    for (let n = 0; n < 20; n++) flows.push(await createFlow(ann, `f${n}`, project))
    const mixed = Array.from({ length: 100 }, (_, n) => ({
      subject: user(n % 2 ? names(1 + n) : `0ce4${(1 + n).toString(16).padStart(28, '0')}`),
      action: { name: ['Share', 'read', 'Update', 'DELETE', 'create'][n % 5] },
      resource: n % 7 ? { type: 'flow', id: flows[n % 20] } : { type: 'project', id: project },
    }))
    const shares = Array.from({ length: 100 }, (_, n) => ({
      subject: user('ann'),
      action: { name: 'Share' },
      resource: { type: 'flow', id: flows[n % 20] },
    }))
    for (const evaluations of [mixed, shares]) {
      const { answer, trips, rows } = await cost('evaluations', { evaluations })
      expect(answer.evaluations).toHaveLength(100)
      expect([trips, rows <= 1200 ? 'few' : rows]).toEqual([1, 'few'])
    }
    const { answer } = await cost('evaluations', { evaluations: shares })
    expect(answer.evaluations.every((one: { decision: boolean }) => one.decision)).toBe(true)
  })

  test('a page of subjects is one round trip, and costs no more among twice as many users', async () => {
    const body = { subject: { type: 'user' }, action: read, resource: theFlow() }
    const walk = async () => {
      const found: string[] = []
      const costs: number[] = []
      for (let token: string | undefined; token !== ''; ) {
        const page: { limit: number; token?: string | undefined } = { limit: 100, token }
        const { answer, trips, rows } = await cost('search/subject', { ...body, page })
        expect(trips).toBe(1)
        found.push(...answer.results.map(({ id }: { id: string }) => id))
        costs.push(rows)
        token = answer.page.next_token as string
      }
      return { found, most: Math.max(...costs), pages: costs.length }
    }
    const half = await walk()
    await addMembers(MEMBERS / 2 + 1, MEMBERS)
    const all = await walk()
    // All members, ann, and the admins: root and gina.
    expect([new Set(all.found).size, all.found.length]).toEqual([MEMBERS + 3, MEMBERS + 3])
    expect(half.found).toHaveLength(MEMBERS / 2 + 3)
    expect(all.most).toBeLessThanOrEqual(half.most + 50)
    expect(all.most).toBeLessThanOrEqual(4500)
  })

  test('what somebody may read is a page of the listing, with its number, in one round trip', async () => {
    const body = { subject: user('bob'), action: read, resource: { type: 'flow' } }
    const { trips } = await cost('search/resource', body)
    expect(trips).toBe(1)
    const own = { ...body, subject: user('ann') }
    const { answer, rows } = await cost('search/resource', { ...own, page: { limit: 5 } })
    const { body: listed } = await ann.get('/api/v1/flows/?paged=all&size=5')
    expect(answer.results.map(({ id }: { id: string }) => id)).toEqual(
      listed.items.map(({ id }: { id: string }) => id),
    )
    expect(answer.page.total).toBe(listed.total)
    // She holds a grant on each flow: it costs what these cost.
    expect(rows).toBeLessThanOrEqual(25 * answer.page.total)
  })
})
