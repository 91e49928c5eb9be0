// The recorder that holds every answer of these tests against /openapi.json sees what deviates from it, and only that.
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Document } from '../src/reference/document.ts'
import { description, faultOfBody, faultsOfHead } from './support/described.ts'
import { flowgateForTest } from './support/flowgate.ts'
import { recorded, takeDeviations } from './support/recorder.ts'

const id = '00000000-0000-4000-8000-000000000000'
const json = 'application/json'
const base = { 'x-request-id': id, 'cache-control': 'private, no-store' }

let document: Document
beforeAll(async () => {
  document = await description()
})

const answered = (status: number, headers: Record<string, string> = {}) => ({
  status,
  headers: new Headers({ ...base, ...headers }),
})
const head = (method: string, path: string, ...answer: Parameters<typeof answered>) =>
  faultsOfHead(document, { method, path }, answered(...answer)).join()
const body = (path: string, value: unknown, status = 200, type = json) => {
  const answer = answered(status, { 'content-type': type })
  return faultOfBody(document, { method: 'GET', path }, answer, JSON.stringify(value)) ?? ''
}

describe('of the head', () => {
  test.each([
    ['a good one', 'GET', '/health', 200, { 'content-type': json }, ''],
    ['HEAD', 'HEAD', '/health', 200, { 'content-type': json }, ''],
    ['an unknown status', 'GET', '/health', 202, { 'content-type': json }, 'status 202'],
    ['another media type', 'GET', '/health', 200, { 'content-type': 'text/plain' }, 'text/plain'],
    ['no media type', 'GET', '/health', 200, {}, 'content type'],
    ['a header more', 'GET', '/health', 200, { 'content-type': json, 'x-new': '1' }, 'x-new'],
    ['a header less', 'POST', '/api/v1/login', 200, { 'content-type': json }, 'Set-Cookie is'],
    ['a wrong header', 'GET', '/health', 200, { 'content-type': json, ...wrongId() }, 'X-Request'],
    ['a path of no route', 'GET', '/api/v1/none', 200, {}, 'no such route'],
    ['a method of no route', 'PUT', '/health', 204, {}, 'no such route'],
  ])('%s', (_, method, path, status, headers, fault) => {
    const found = head(method, path, status, headers)
    if (fault === '') expect(found).toBe('')
    else expect(found).toContain(fault)
  })

  test('503 without Retry-After', () => {
    const type = { 'content-type': 'application/problem+json' }
    expect(head('GET', '/api/v1/flows/', 503, type)).toContain('Retry-After is missing')
    expect(head('GET', '/api/v1/flows/', 503, { ...type, 'retry-after': '1' })).toBe('')
  })
})

function wrongId() {
  return { 'x-request-id': 'seven' }
}

describe('of the body', () => {
  const example = (name: string) => {
    const content = document.paths['/api/v1/flows/']?.get?.responses[200]?.content?.[json]
    const [flow] = (content?.example ?? []) as object[]
    const { properties } = document.components.schemas[name] as { properties: object }
    return Object.fromEntries(
      Object.entries({ ...flow, actions: ['Read'], scope: null }).filter(
        ([key]) => key in properties,
      ),
    )
  }
  const pageOf = (items: unknown[]) => ({ items, total: 1, page: 1, size: 50, pages: 1 })
  const cursorPage = {
    total: 1,
    total_is: 'exact',
    size: 50,
    next_cursor: null,
    prev_cursor: null,
  }

  test('each form of the listing is one form, and a mixture is none', () => {
    const [flow, header] = ['ListedFlow', 'ListedFlowHeader'].map(example)
    const good = [[], [flow], [header], pageOf([flow]), pageOf([])]
    const pages = [[], [flow, flow], [header]].map((items) => ({ ...cursorPage, items }))
    for (const form of [...good, ...pages]) expect(body('/api/v1/flows/', form)).toBe('')
    const bad = [[flow, header], pageOf([header]), { items: [] }, {}, null, [{ ...flow, more: 1 }]]
    for (const form of bad) expect(body('/api/v1/flows/', form)).not.toBe('')
  })

  test('an error has a code that the route is said to give', () => {
    const problem = { type: 'urn:flowgate:problem:x', title: 'x', detail: 'x', request_id: id }
    const of = (status: number, code: string) =>
      body('/api/v1/flows/', { ...problem, status, code }, status, 'application/problem+json')
    expect(of(503, 'database_busy')).toBe('')
    expect(of(503, 'conflict')).toContain('/code')
    expect(of(400, 'bad_request')).toContain('/code')
  })
})

test('what is read of an answer that deviates is named, and what is read is what was sent', async () => {
  const gate = await flowgateForTest()
  onTestFinished(() => void takeDeviations())
  const text = '{"status":"ok","more":1}'
  const send = () => new Response(text, { headers: { ...base, 'content-type': json } })
  const url = `${gate.url}/health`
  expect(await (await recorded(url, 'GET', send())).json()).toEqual(JSON.parse(text))
  expect(takeDeviations()).toEqual([expect.stringContaining('GET /health -> 200')])
  const bytes = await (await recorded(url, 'GET', send())).arrayBuffer()
  expect(Buffer.from(bytes).toString()).toBe(text)
  expect(takeDeviations()).toHaveLength(1)
  await gate.fetch('/health').then((answer) => answer.text())
  await fetch(`${gate.url}/health`).then((answer) => answer.text())
  expect(takeDeviations()).toEqual([])
})
