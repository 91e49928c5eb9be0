// What may stand where in a request, walked over every route and every field of the API description: types of bodies,
// booleans, objects, times and ids.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../src/reference/document.ts'
import { description } from './support/described.ts'
import { type Flowgate, SUPERUSER_PASSWORD, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { type JsonRoute, jsonRoutes, type Place, placesOf } from './support/places.ts'
import { statusOfInvalid } from './support/routes.ts'
import { type Answer, type Api, call, login, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
let document: Document
beforeAll(async () => {
  gate = await startFlowgate({ bindings: paperProvider })
  root = await signIn(gate)
  document = await description()
})
afterAll(() => gate.stop())

const auth = () => ({ authorization: `Bearer ${root.token}` })

/** Bytes, to which nobody adds a type of their own. */
async function send({ method, path, body }: JsonRoute, type?: string): Promise<Answer> {
  const response = await gate.fetch(path, {
    method,
    headers: { ...auth(), ...(type === undefined ? {} : { 'content-type': type }) },
    body: new TextEncoder().encode(JSON.stringify(body)),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

/** Every row of every table of ours. */
async function everything(): Promise<string> {
  const { rows } = await gate.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
  const tables = await Promise.all(
    rows.map(async ({ name }) => [name, (await gate.db.execute(`SELECT * FROM "${name}"`)).rows]),
  )
  return JSON.stringify(tables)
}

const routes = () => {
  const found = jsonRoutes(document)
  expect(found.length).toBeGreaterThanOrEqual(20)
  return found
}

describe('the type of a body', () => {
  test('another one than JSON is the contract’s 422, or the standard’s 400, on every JSON route, and does nothing', async () => {
    const before = await everything()
    for (const route of routes())
      for (const type of [
        ...[
          'text/plain',
          'text/plain;charset=UTF-8',
          'application/x-www-form-urlencoded',
          'text/json',
        ],
        ...[
          'multipart/form-data; boundary=x',
          'application/octet-stream',
          'application/jsonp',
          'json',
        ],
      ]) {
        const { status, body } = await send(route, type)
        const detail = [
          {
            type: 'model_attributes_type',
            loc: ['body'],
            msg: 'Input should be a valid dictionary or object to extract fields from',
          },
        ]
        const refused = statusOfInvalid(route.name)
        expect([route.name, type, status, body.detail]).toEqual([route.name, type, refused, detail])
      }
    expect(await everything()).toBe(before)
  })

  test('none at all is JSON on every JSON route', async () => {
    for (const route of routes().filter(({ type }) => type === 'application/json')) {
      const { status } = await send(route)
      expect([route.name, status]).not.toEqual([route.name, statusOfInvalid(route.name)])
      const { body: refused } = await send({ ...route, body: 'no object' })
      expect([route.name, refused.detail[0].loc]).toEqual([route.name, ['body']])
    }
    const made = await send({ ...flow('typeless'), path: '/api/v1/flows/' })
    expect([made.status, made.body.name]).toEqual([201, 'typeless'])
    const key = await send({ ...flow('of no type'), path: '/api/v1/api_key/' })
    expect([key.status, key.body.name]).toEqual([200, 'of no type'])
  })

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.x+json', ''])(
    '%j is JSON',
    async (type) => {
      expect((await send({ ...flow('typed'), path: '/api/v1/flows/' }, type)).status).toBe(201)
    },
  )

  test('an empty body is missing, and what is no JSON is said to be none', async () => {
    for (const route of routes())
      for (const type of ['application/json', '']) {
        const asked = (text: string) =>
          gate.fetch(route.path, {
            method: route.method,
            headers: { ...auth(), 'content-type': type },
            body: text,
          })
        const types = await Promise.all(
          ['', '{', 'x=1'].map(async (text) => (await (await asked(text)).json()) as Problem),
        )
        expect([route.name, ...types.map(({ detail }) => detail[0]?.type)]).toEqual([
          route.name,
          ...['missing', 'json_invalid', 'json_invalid'],
        ])
      }
  })
})

type Problem = { detail: { type: string; loc: unknown[]; input?: unknown }[] }
const flow = (name: string): JsonRoute => ({
  name,
  method: 'POST',
  path: '',
  type: '',
  body: { name },
})

/** Sends the request with this value at the place. */
async function put(place: Place, value: unknown): Promise<Answer> {
  const { path, type, body } = place.request(value)
  return call(gate, place.method, path, body, {
    ...auth(),
    ...(type ? { 'content-type': type } : {}),
  })
}

/** The issue that is said of the place. */
async function issueAt(place: Place, value: unknown) {
  const { status, body } = await put(place, value)
  const issues = status === statusOfInvalid(place.name) ? (body as Problem).detail : []
  return issues.find(({ loc }) => JSON.stringify(loc) === JSON.stringify(place.loc))
}

function places(isOfKind: Parameters<typeof placesOf>[1], atLeast: number): Place[] {
  const found = placesOf(document, isOfKind)
  expect(found.length).toBeGreaterThanOrEqual(atLeast)
  return found
}

test('a boolean is read as pydantic reads it, in every body and every query', async () => {
  // src/fields.test.ts has every word; what is accepted is done, and some of it is dear.
  const words = ['YES', 'on', 't', '1', 'False', 'n', '0']
  for (const [n, place] of places(({ type }) => type === 'boolean', 20).entries()) {
    const isInBody = place.loc[0] === 'body'
    for (const value of [words[n % words.length], ...(isInBody ? [n % 2, true] : [])])
      expect([place.name, value, await issueAt(place, value)]).toEqual([
        place.name,
        value,
        undefined,
      ])
    const wrong = ['', 'maybe', '2', 'truee', ' true', 'x'.repeat(5000)]
    for (const value of [...wrong, ...(isInBody ? [2, -1, 0.5, [], {}] : [])])
      expect([place.name, value, (await issueAt(place, value))?.type]).toEqual([
        place.name,
        value,
        'bool_parsing',
      ])
  }
  const { body } = await root.post('/api/v1/flows/', {
    name: 'lax',
    locked: 'on',
    webhook: 1,
    mcp_enabled: '0',
  })
  expect(body).toMatchObject({ locked: true, webhook: true, mcp_enabled: false })
})

test('a list is not taken where an object belongs', async () => {
  for (const place of places(({ type }) => type === 'object', 25)) {
    for (const value of [[], [{}], 'text', 1])
      expect([place.name, value, (await issueAt(place, value))?.type]).toEqual([
        place.name,
        value,
        'dict_type',
      ])
  }
})

test('a date that there is not is refused wherever a time is taken', async () => {
  for (const place of places(({ format }) => format === 'date-time', 6)) {
    for (const value of ['2024-02-29', '2024-12-31T23:59:59.999999Z', '2024-02-29T00:00:00+02:00'])
      expect([place.name, value, await issueAt(place, value)]).toEqual([
        place.name,
        value,
        undefined,
      ])
    for (const value of [
      ...['2024-02-30', '2023-02-29T00:00:00Z', '2024-04-31 12:00', '2024-13-01', '2024-00-01'],
      ...[
        '2024-01-01T24:61:00Z',
        '2024-01-01T24:00:00',
        '2024-01-01T12:60:00',
        '2024-01-01T12:00:60',
      ],
      ...[
        '2024-01-01T12:00:00+24:00',
        '2024-01-01T12:00:00+01:60',
        '0000-01-01',
        'yesterday',
        '1700000000',
      ],
    ])
      expect([place.name, await issueAt(place, value)]).toEqual([
        place.name,
        {
          type: 'datetime_parsing',
          loc: place.loc,
          msg: 'Input should be a valid datetime',
          input: value,
        },
      ])
  }
})

test('a bad id is said again as it was sent, unless the place is a secret one', async () => {
  for (const place of places(({ format }) => format === 'uuid', 40))
    for (const value of ['NOT-A-UUID', '00000000-0000-4000-8000-00000000000G', '{0}']) {
      const issue = await issueAt(place, value)
      const isSecret = place.loc.join().includes('key')
      expect([place.name, issue]).toEqual([
        place.name,
        {
          type: 'uuid_parsing',
          loc: place.loc,
          msg: 'Input should be a valid UUID',
          ...(isSecret ? {} : { input: value }),
        },
      ])
    }
})

test('no password and no key is ever said again', async () => {
  const secretive = /password|api_key$/
  const secret = 'hush'.repeat(300)
  const found = jsonRoutes(document).flatMap((route) =>
    Object.keys(route.body as object)
      .filter((field) => secretive.test(field))
      .map((field) => ({ ...route, field, body: { ...(route.body as object), [field]: secret } })),
  )
  expect(found.length).toBeGreaterThanOrEqual(5)
  for (const route of found)
    for (const type of [route.type, 'text/plain']) {
      const { status, body } = await send(route, type)
      expect([route.name, type, status]).toEqual([route.name, type, 422])
      expect(JSON.stringify(body)).not.toContain('hush')
    }
})

test('a grant type other than password is none', async () => {
  const asked = (grant_type: string) =>
    gate.fetch('/api/v1/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        username: 'root',
        password: SUPERUSER_PASSWORD,
        grant_type,
      }).toString(),
    })
  for (const grant_type of ['client_credentials', 'Password', 'refresh_token', ' password']) {
    const response = await asked(grant_type)
    const { detail } = (await response.json()) as Problem
    expect([response.status, detail]).toEqual([
      422,
      [
        {
          type: 'string_pattern_mismatch',
          loc: ['body', 'grant_type'],
          msg: "String should match pattern '^password$'",
          input: grant_type,
        },
      ],
    ])
  }
  for (const grant_type of ['password', '']) expect((await asked(grant_type)).status).toBe(200)
  expect((await login(gate, 'root', SUPERUSER_PASSWORD)).status).toBe(200)
})
