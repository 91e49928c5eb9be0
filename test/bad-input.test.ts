// Nothing that a caller sends makes a fault of ours: on every route, fuzzed bodies, queries, paths and
// headers give an answer below 500, a refusal is a problem body, and no secret is ever in it.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../src/reference/document.ts'
import { cases } from './support/cases.ts'
import { description } from './support/described.ts'
import { type Flowgate, SECRET_KEY, SUPERUSER_PASSWORD, startFlowgate } from './support/flowgate.ts'
import { putMatrix, sendText } from './support/matrix.ts'
import { paperProvider } from './support/paper-provider.ts'
import { missingId } from './support/random-worlds.ts'
import { type Answer, type Api, signIn } from './support/world.ts'

/** Requests per route; more of them with FC_RUNS. */
const RUNS = Number(process.env.FC_RUNS ?? 15)

let gate: Flowgate
let root: Api
let document: Document
beforeAll(async () => {
  gate = await startFlowgate({ direct: true, bindings: paperProvider })
  root = await signIn(gate)
  document = await description()
})
afterAll(() => gate.stop())

const long = 'x'.repeat(1_000_000)
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
const wrong = { code: 1, nodes: 'not a list', edges: [[[{}]]], __proto__: null }

/** Values as JSON text, so that what JSON.stringify would repair stays broken. */
const values = fc.oneof(
  fc.constantFrom(
    ...[
      '""',
      'null',
      'true',
      '0',
      '-1',
      '1e308',
      '1e400',
      '9007199254740993',
      '[]',
      '{}',
      '[null]',
    ],
    ...['{"__proto__":{"is_superuser":true}}', '{"constructor":{"prototype":1}}', '"__proto__"'],
    ...[
      '"\\u0000"',
      '"a\\u0000b"',
      '"\\ud800"',
      '"\\udc00x"',
      '"%"',
      '"_"',
      '"\\\\"',
      `"' OR 1=1 --"`,
    ],
    ...[
      '"\\"; DROP TABLE flow; --"',
      '"2026-99-99"',
      '"99999-01-01T00:00:00Z"',
      '"Global"',
      '"Flow"',
    ],
    ...[deep(5_000), `"${long}"`, `[${'0,'.repeat(5_000)}0]`, `{"nodes":${deep(600)},"edges":[]}`],
    ...[`"${missingId}"`, `["${missingId}","${missingId}"]`, JSON.stringify(wrong)],
  ),
  fc.json({ maxDepth: 3 }),
)
const bodies = fc.oneof(
  values,
  fc.constantFrom(
    '',
    '{',
    '[1,',
    'undefined',
    '{"name":',
    `${deep(100_000)}`,
    '\u0000',
    '{"a":1}{"b":2}',
  ),
  fc.uint8Array({ maxLength: 40 }),
)
const texts = fc.constantFrom(
  ...['', '%00', 'a%00b', '%FF%FE', '%ED%A0%80', '%', '%25', '_', '%27%20OR%201=1--', '%22;DROP'],
  ...[
    '__proto__',
    '-1',
    '0',
    '1e9',
    '99999999999999999999',
    'NaN',
    'null',
    '[]',
    'true',
    missingId,
  ],
  ...['%F0%9F%99%82', 'x'.repeat(4_000), '2026-01-01', 'Flow', 'Project', 'Read', 'actions', 'all'],
)
const headers = fc.dictionary(
  fc.constantFrom(
    ...['x-api-key', 'cookie', 'content-type', 'x-request-id', 'if-none-match', 'accept'],
  ),
  fc.constantFrom(
    ...['', "' OR 1=1 --", 'sha256:', '\u00ff\u00fe', 'refresh_token_lf=x; refresh_token_lf=y'],
    ...[
      'application/json; charset=nonsense',
      'application/merge-patch+json',
      'multipart/form-data',
      'text/plain',
      'a'.repeat(3_000),
    ],
    ...['multipart/form-data; boundary=', '"*"', '*', 'W/"', `refresh_token_lf=${'a.'.repeat(99)}`],
  ),
  { maxKeys: 2, noNullPrototype: true },
)

describe.each(Object.keys(cases))('%s', (route) => {
  const [method = '', pattern = ''] = route.split(' ')

  test('answers whatever it is sent', async () => {
    await putMatrix(gate, [cases[route] ?? []].flat()[0] ?? { needs: 'nothing' })
    const operation = document.paths[pattern.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    const accepted = Object.values(operation?.requestBody?.content ?? {})[0]
    const fields = Object.keys(accepted?.schema.properties ?? { '': 1 })
    const parameters = (operation?.parameters ?? []).map(({ name }) => name)
    const requests = fc.record({
      id: fc.oneof({ weight: 3, arbitrary: fc.constant(missingId) }, texts),
      query: fc.array(fc.tuple(fc.constantFrom(...parameters, 'x-api-key', '__proto__'), texts), {
        maxLength: 3,
      }),
      headers,
      signedIn: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      body: fc.oneof(
        bodies,
        fc.tuple(fc.constantFrom(...fields), values).map(([field, value]) => {
          const rest = Object.entries((accepted?.example ?? {}) as object)
            .filter(([key]) => key !== field)
            .map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`)
          return `{${[...rest, `${JSON.stringify(field)}:${value}`].join(',')}}`
        }),
      ),
    })
    const answers = fc.asyncProperty(requests, async ({ id, query, headers, signedIn, body }) => {
      const asked = query.map(([name, value]) => `${name}=${value}`).join('&')
      const path = pattern.replace(/:\w+/g, id || missingId) + (asked ? `?${asked}` : '')
      const sent = {
        'content-type': 'application/json',
        ...(signedIn ? { authorization: `Bearer ${root.token}` } : {}),
        ...headers,
      }
      const answer = await (method === 'GET'
        ? read(path, sent)
        : sendText(gate, method, path, body as string, sent)
      ).catch((error) => answeredEarly(error, body.length))
      if (answer) expectDecent(answer)
    })
    await fc.assert(answers, { numRuns: RUNS })
  })
})

test('what a fault says is in the log, and even there no secret is', () => {
  const log = JSON.stringify(gate.logs)
  for (const secret of [SECRET_KEY, SUPERUSER_PASSWORD]) expect(log).not.toContain(secret)
  expect(gate.logs.filter((line) => line.event === 'error' && line.code === 'internal')).toEqual([])
})

/** An answer that comes before a large body has been read may close the connection under it. */
async function answeredEarly(error: Error, length: number): Promise<undefined> {
  if (length < 1_000 || !/ECONNRESET|EPIPE/.test(String(error.cause))) throw error
  expect((await read('/health', {})).status).toBe(200)
}

async function read(path: string, headers: Record<string, string>): Promise<Answer> {
  const response = await gate.fetch(path, { headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text }
}

function expectDecent({ status, headers, body }: Answer) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  expect(status, text.slice(0, 300)).toBeLessThan(500)
  for (const secret of [SECRET_KEY, SUPERUSER_PASSWORD, '$scrypt$', 'SQLITE_', 'SELECT '])
    expect(text).not.toContain(secret)
  if (status < 400) return
  expect(headers.get('content-type')).toBe('application/problem+json')
  const problem = JSON.parse(text)
  expect(problem).toMatchObject({
    status,
    code: expect.any(String),
    request_id: expect.any(String),
  })
  if (status !== 422 || typeof problem.detail === 'string') return
  for (const issue of problem.detail)
    expect(issue).toMatchObject({ type: expect.any(String), loc: expect.any(Array) })
}
