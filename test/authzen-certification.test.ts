// The certification scenario of OpenID AuthZEN 1.0, case by case under its own numbers (certification/
// authorization-api-1_0-scenario.md of openid/authzen): Basic Core, Batch Core, Search Core and Discovery, with a flow for
// its record, Read for read and Update for write. Asked with a key that an admin made for decisions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { sendText } from './support/matrix.ts'
import { missingId } from './support/random-worlds.ts'
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

let gate: Flowgate
let key: Record<string, string>
let alice: Api
let bob: Api
let record: { type: string; id: string }
let other: { type: string; id: string }

beforeAll(async () => {
  gate = await startFlowgate()
  const root = await signIn(gate)
  alice = await createUser(gate, root, 'alice')
  bob = await createUser(gate, root, 'bob')
  const project = await createProject(alice, 'records')
  record = { type: 'flow', id: await createFlow(alice, 'record-1', project) }
  other = { type: 'flow', id: await createFlow(alice, 'record-2', project) }
  await grant(root, bob, 'Viewer', 'Flow', record.id)
  const made = root.post('/api/v1/api_key/', { name: 'gateway', decisions: true })
  key = { 'x-api-key': (await expectStatus(200, made)).body.api_key }
})
afterAll(() => gate?.stop())

const user = (id: string) => ({ type: 'user', id })
const [read, write] = [{ name: 'read' }, { name: 'write' }].map(({ name }) => ({
  name: name === 'write' ? 'update' : name,
})) as [{ name: string }, { name: string }]
const post = (path: string, body?: unknown, headers = {}) =>
  call(gate, 'POST', `/access/v1/${path}`, body, { ...key, ...headers })
const evaluate = (body: unknown) => post('evaluation', body)
const permit = () => ({ subject: user('alice'), action: read, resource: record })
const without = (name: string, body: object = permit()) =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

describe('2 Basic Core', () => {
  test.each([
    ['2.2.1 permits', () => permit(), true],
    ['1.4 rule 2', () => ({ ...permit(), action: write }), true],
    ['1.4 rule 3', () => ({ ...permit(), subject: user('bob') }), true],
    ['2.2.2 denies', () => ({ subject: user('bob'), action: write, resource: record }), false],
    ['2.2.3 takes a context', () => ({ ...permit(), context: { ip: '192.168.1.1' } }), true],
    [
      '2.2.8 takes properties',
      () => ({
        subject: { ...user('alice'), properties: { department: 'Sales', role: 'manager' } },
        action: { ...read, properties: { method: 'GET' } },
        resource: { ...record, properties: { status: 'active', owner: 'bob' } },
      }),
      true,
    ],
    [
      '2.2.9 passes over what it does not know',
      () => ({ ...permit(), foo: 'bar', future: {} }),
      true,
    ],
  ])('%s', async (_, body, decision) => {
    const answer = await evaluate(body())
    expect([answer.status, answer.body.decision]).toEqual([200, decision])
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  })

  test('2.3.1 the decision is a boolean, 2.3.2 its context an object', async () => {
    const { body } = await evaluate(permit())
    expect(body).toEqual({ decision: true, context: { reason: 'flow_grant' } })
  })

  test.each(['subject', 'action', 'resource'])('2.4.1 without %s: 400', async (name) => {
    const { status, body } = await evaluate(without(name))
    expect([status, body.code, body.detail[0].loc]).toEqual([400, 'bad_request', ['body', name]])
  })

  test.each([
    ['subject', 'type'],
    ['subject', 'id'],
    ['action', 'name'],
    ['resource', 'type'],
    ['resource', 'id'],
  ] as const)('2.4.2 without %s.%s: 400', async (name, part) => {
    const { status, body } = await evaluate({ ...permit(), [name]: without(part, permit()[name]) })
    expect([status, body.detail[0].loc]).toEqual([400, ['body', name, part]])
  })

  const raw = (text: string, type: string) =>
    sendText(gate, 'POST', '/access/v1/evaluation', text, { ...key, 'content-type': type })

  test('2.4.3 another content type, 2.4.4 no JSON, 2.4.5 an empty body: 400', async () => {
    const json = 'application/json'
    const answers = [
      await raw(JSON.stringify(permit()), 'text/plain'),
      await raw('{"subject":', json),
      await raw('', json),
    ]
    for (const { status, body } of answers)
      expect([status, body.code]).toEqual([400, 'bad_request'])
  })

  test.each([
    ['a subject that is a text', () => ({ ...permit(), subject: 'alice' })],
    ['a name that is a number', () => ({ ...permit(), action: { name: 123 } })],
    ['a context that is a list', () => ({ ...permit(), context: [] })],
  ])('2.4.6 %s: 400', async (_, body) => {
    expect((await evaluate(body())).status).toBe(400)
  })

  test.each(['bfe9eb29-ab87-4ca3-be83-a1d5d8305716', 'any text / it likes: {"a":1}'])(
    '2.5.1 a request with the id %s is answered with it, also where it is refused',
    async (id) => {
      for (const body of [permit(), {}]) {
        const { headers } = await post('evaluation', body, { 'x-request-id': id })
        expect(headers.get('x-request-id')).toBe(id)
      }
      const stranger = await call(gate, 'POST', '/access/v1/evaluation', permit(), {
        'x-request-id': id,
      })
      expect([stranger.status, stranger.headers.get('x-request-id')]).toEqual([401, id])
    },
  )

  test('2.5.2 without an id it gets one, 2.6 the same question has the same answer', async () => {
    const answers = [await evaluate(permit()), await evaluate(permit()), await evaluate(permit())]
    expect(answers.map(({ body }) => body.decision)).toEqual([true, true, true])
    expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(3)
  })
})

describe('3 Batch Core', () => {
  const evaluateAll = (body: unknown) => post('evaluations', body)
  const decisionsOf = async (body: unknown) => {
    const answer = await expectStatus(200, evaluateAll(body))
    expect(Object.keys(answer.body)).toEqual(['evaluations']) // 3.3.4
    return answer.body.evaluations.map((one: { decision: unknown }) => one.decision)
  }

  test('3.2.1 evaluations under common parts', async () => {
    const evaluations = [{ resource: record }, { resource: other }]
    const body = { subject: user('alice'), action: read, evaluations }
    expect(await decisionsOf(body)).toEqual([true, true])
  })

  test('3.2.2, 3.3.2 in the order in which they are asked', async () => {
    const common = { subject: user('bob'), resource: record }
    const [first, second] = [{ action: read }, { action: write }]
    expect(await decisionsOf({ ...common, evaluations: [first, second] })).toEqual([true, false])
    expect(await decisionsOf({ ...common, evaluations: [second, first] })).toEqual([false, true])
  })

  test('3.2.5 each whole by itself', async () => {
    const second = { subject: user('bob'), action: write, resource: record }
    expect(await decisionsOf({ evaluations: [permit(), second] })).toEqual([true, false])
  })

  test('3.2.6 a context for all and one of its own, 3.3.1, 3.3.3 as many decisions', async () => {
    const context = { time: '2025-06-27T18:03-07:00' }
    const evaluations = [{ resource: record }, { resource: other, context: { source: 'own' } }]
    const body = { subject: user('alice'), action: read, context, evaluations }
    expect(await decisionsOf(body)).toEqual([true, true])
  })

  test('3.2.7 (Properties) a part that an evaluation leaves out of an entity is the common one', async () => {
    const evaluations = [{ resource: { id: record.id } }, { resource: other }]
    const common = { subject: user('bob'), action: read, resource: { type: 'flow' } }
    expect(await decisionsOf({ ...common, evaluations })).toEqual([true, false])
  })

  test('3.4.1 a fault in one is its own', async () => {
    const body = {
      subject: user('alice'),
      action: read,
      evaluations: [{ resource: record }, {}, { resource: 'no object' }],
    }
    const { evaluations } = (await expectStatus(200, evaluateAll(body))).body
    const error = (message: string) => ({
      decision: false,
      context: { error: { status: 400, message } },
    })
    expect(evaluations.slice(1)).toEqual([
      error('resource: Field required'),
      error('resource: Input should be a valid dictionary'),
    ])
    expect(evaluations[0].decision).toBe(true)
  })

  test.each([
    ['3.4.2 no', undefined],
    ['3.4.3 an empty', []],
  ])('%s array is a single evaluation', async (_, evaluations) => {
    const { body } = await expectStatus(200, evaluateAll({ ...permit(), evaluations }))
    expect(body.decision).toBe(true)
    expect((await evaluateAll({ ...without('resource'), evaluations })).status).toBe(400)
  })

  test('the three semantics end where they should', async () => {
    const asks = (...does: { name: string }[]) => does.map((action) => ({ action }))
    const common = { subject: user('bob'), resource: record }
    const ended = (semantic: string, evaluations: unknown[]) =>
      decisionsOf({ ...common, evaluations, options: { evaluations_semantic: semantic } })
    expect(await ended('execute_all', asks(read, write, read))).toEqual([true, false, true])
    expect(await ended('deny_on_first_deny', asks(read, write, read))).toEqual([true, false])
    expect(await ended('deny_on_first_deny', [{ action: {} }, ...asks(read)])).toEqual([false])
    expect(await ended('permit_on_first_permit', asks(write, read, read))).toEqual([false, true])
    expect(await ended('permit_on_first_permit', asks(write, write))).toEqual([false, false])
    const odd = { ...common, evaluations: asks(read), options: { evaluations_semantic: 'some' } }
    expect((await evaluateAll(odd)).status).toBe(400)
  })
})

describe('4 Search Core', () => {
  const subjects = () => ({ subject: { type: 'user' }, action: read, resource: record })
  const resources = () => ({ subject: user('alice'), action: read, resource: { type: 'flow' } })
  const ids = (results: { id: string }[]) => results.map(({ id }) => id)
  const search = async (what: string, body: unknown) =>
    (await expectStatus(200, post(`search/${what}`, body))).body

  test('4.2.1, 4.2.2, 4.2.3 subjects, with a context, and with an id that does not count', async () => {
    const bodies = [
      subjects(),
      { ...subjects(), context: { time: 'now' } },
      { ...subjects(), subject: user('nobody') },
    ]
    for (const body of bodies) {
      const { results, page } = await search('subject', body)
      expect(ids(results)).toEqual(expect.arrayContaining([alice.userId, bob.userId]))
      expect(new Set(results.map((one: { type: string }) => one.type))).toEqual(new Set(['user']))
      expect(page).toEqual({ next_token: '', count: results.length })
    }
  })

  test('4.3.1, 4.3.2 resources, also with an id that does not count', async () => {
    for (const body of [resources(), { ...resources(), resource: other }]) {
      const { results, page } = await search('resource', body)
      expect(ids(results)).toEqual([other.id, record.id])
      expect(results[0].type).toBe('flow')
      expect(page).toEqual({ next_token: '', count: 2, total: 2 })
    }
  })

  test('4.4.1, 4.4.2 actions, with a context', async () => {
    const body = { subject: user('alice'), resource: record }
    const names = ['Create', 'Read', 'Update', 'Delete', 'Share'].map((name) => ({ name }))
    expect(await search('action', body)).toEqual({ results: names })
    expect(await search('action', { ...body, context: {} })).toEqual({ results: names })
    expect(await search('action', { ...body, subject: user('bob') })).toEqual({
      results: [{ name: 'Read' }],
    })
  })

  test.each([
    ['subject', subjects],
    ['resource', resources],
  ])('4.5.1, 4.5.2, 4.5.3 %ss page by page are all of them, once', async (what, body) => {
    const whole = ids((await search(what, body())).results)
    const walked: string[] = []
    let token = ''
    do {
      const { results, page } = await search(what, { ...body(), page: { limit: 1, token } })
      walked.push(...ids(results))
      expect(page.count).toBe(results.length)
      expect(results.length).toBeLessThanOrEqual(1)
      token = page.next_token
    } while (token !== '')
    expect(walked).toEqual(whole)
    const { page } = await search(what, { ...body(), page: { limit: 1 } })
    const rest = await search(what, { ...body(), page: { token: page.next_token } })
    expect(ids(rest.results)).toEqual(whole.slice(1))
    const none = await search(what, { ...body(), page: { limit: 0 } })
    expect([none.results, none.page.count]).toEqual([[], 0])
    const all = await search(what, { ...body(), page: { token: none.page.next_token } })
    expect(ids(all.results)).toEqual(whole)
  })

  test('a token of another search, or of nobody, is 400', async () => {
    for (const [what, body] of [
      ['subject', subjects()],
      ['resource', resources()],
    ] as const) {
      const { page } = await search(what, { ...body, page: { limit: 1 } })
      for (const token of [page.next_token, 'made up']) {
        const asked = { ...body, action: token === 'made up' ? read : write, page: { token } }
        const { status, body: problem } = await post(`search/${what}`, asked)
        expect([status, problem.code]).toEqual([400, 'cursor_invalid'])
      }
    }
  })

  test('4.5.4 an action search takes a page, and is whole', async () => {
    const body = { subject: user('alice'), resource: record, page: { limit: 1, token: 'any' } }
    expect((await search('action', body)).results).toHaveLength(5)
  })

  test('4.6.1, 4.6.2 who or what is not known finds nothing, and may nothing', async () => {
    const unknown = [user('nonexistent-user'), user(missingId), { type: 'spaceship', id: 'x' }]
    for (const subject of unknown) {
      expect(await search('action', { subject, resource: record })).toEqual({ results: [] })
      const found = await search('resource', { ...resources(), subject })
      expect(found).toEqual({ page: { next_token: '', count: 0, total: 0 }, results: [] })
      const { body } = await evaluate({ ...permit(), subject })
      expect(body).toEqual({ decision: false, context: { reason: 'unknown_subject' } })
    }
    for (const body of [
      { ...subjects(), subject: { type: 'spaceship' } },
      { ...subjects(), action: { name: 'fly' } },
      { ...subjects(), resource: { type: 'flow', id: missingId } },
      { ...subjects(), resource: { type: 'moon', id: record.id } },
    ])
      expect((await search('subject', body)).results).toEqual([])
    for (const resource of [
      { type: 'flow', id: 'no id' },
      { type: 'moon', id: record.id },
    ])
      expect((await evaluate({ ...permit(), resource })).body.context.reason).toBe(
        'unknown_resource',
      )
    const { body } = await evaluate({ ...permit(), action: { name: 'fly' } })
    expect(body).toEqual({ decision: false, context: { reason: 'unknown_action' } })
  })

  test.each([
    ['4.7.1', 'subject', () => without('action', subjects())],
    ['4.7.1', 'resource', () => without('subject', resources())],
    ['4.7.1', 'action', () => ({ subject: user('alice') })],
    ['4.7.2', 'subject', () => ({ ...subjects(), resource: { type: 'flow' } })],
    ['4.7.2', 'resource', () => ({ ...resources(), subject: { type: 'user' } })],
  ])('%s a %s search without what it needs: 400', async (_, what, body) => {
    expect((await post(`search/${what}`, body())).status).toBe(400)
  })
})

describe('5 Transport', () => {
  // 5.1 to 5.5 are 2.2.1, 2.3.1, 2.4.1, 2.5.1 and 2.2.9; HTTPS is what a Worker is asked by.
  test('5.2 every answer is JSON', async () => {
    const { headers } = await post('search/action', { subject: user('bob'), resource: record })
    expect(headers.get('content-type')).toMatch(/^application\/json/)
  })
})

describe('6 Discovery', () => {
  const path = '/.well-known/authzen-configuration'
  const endpoints = (base: string) => ({
    policy_decision_point: base,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
    search_subject_endpoint: `${base}/access/v1/search/subject`,
    search_resource_endpoint: `${base}/access/v1/search/resource`,
    search_action_endpoint: `${base}/access/v1/search/action`,
  })

  test('6.1 to 6.6 a stranger finds every endpoint under the base that was asked, by https', async () => {
    const response = await gate.fetchByName(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toEqual(endpoints('https://flowgate.test'))
    const here = await call(gate, 'GET', path)
    expect(here.body).toEqual(endpoints(gate.url))
  })

  test('any cache may keep it, and ask whether it still holds', async () => {
    const { headers } = await call(gate, 'GET', path)
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    const known = { 'if-none-match': headers.get('etag') ?? '' }
    expect((await call(gate, 'GET', path, undefined, known)).status).toBe(304)
  })
})
