// The API description is complete and true: every route of the app, valid OpenAPI, examples that pass
// the very schemas they illustrate.
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document, Operation } from '../src/reference/document.ts'
import { description, faultOfBody } from './support/described.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { listRoutes, statusOfNobody } from './support/routes.ts'
import { call, signIn } from './support/world.ts'

let gate: Flowgate
let document: Document
beforeAll(async () => {
  gate = await startFlowgate({ files: true, bindings: paperProvider })
  document = (await (await gate.fetch('/openapi.json')).json()) as Document
  expect(document).toEqual(await description())
})
afterAll(() => gate.stop())

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      operation,
    ]),
  )

describe('the API description', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(document.openapi).toBe('3.1.0')
  })

  test('has every route of the app, and no other', () => {
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual(listRoutes().sort())
  })

  test('names every operation once, says what it is for and which errors it has', () => {
    const ids = operations().map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [name, { summary, responses }] of operations()) {
      expect(summary, name).toMatch(/^[A-Z].{5,}/)
      expect(
        Object.keys(responses).some((status) => status >= '400'),
        name,
      ).toBe(true)
    }
  })

  test('gives an example of every body, in and out', () => {
    for (const [name, { requestBody, responses }] of operations()) {
      const all = [...Object.values(responses), ...(requestBody ? [requestBody] : [])]
      for (const content of all.flatMap((answer) => Object.values(answer.content ?? {})))
        expect('example' in content || 'examples' in content, name).toBe(true)
    }
  })

  test('shows answers that its own schemas allow', () => {
    for (const [name, { responses }] of operations()) {
      const [method = '', path = ''] = name.split(' ')
      const asked = { method, path: path.replace(/:\w+/g, 'x') }
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, { example, examples = {} }] of Object.entries(content)) {
          const answered = {
            status: Number(status),
            headers: new Headers({ 'content-type': type }),
          }
          const codes = Object.keys(examples).map(
            (code) => document.components.examples[code]?.value,
          )
          for (const one of example === undefined ? codes : [example])
            expect(faultOfBody(document, asked, answered, JSON.stringify(one)), name).toBe(
              undefined,
            )
        }
    }
  })

  test('asks for a caller exactly where the app does', async () => {
    for (const [name, { security }] of operations()) {
      const [method = '', path = ''] = name.split(' ')
      const id = '00000000-0000-4000-8000-000000000000'
      const { body, status } = await call(gate, method, path.replace(/:\w+/g, id))
      const isNobody = body?.code === 'not_authenticated' || /^\/(access\/v1|scim\/v2)\//.test(path)
      expect(isNobody, name).toBe(Boolean(security))
      if (security) expect([name, status]).toEqual([name, statusOfNobody(name)])
    }
  })

  test('shows bodies that the app accepts', async () => {
    const root = await signIn(gate)
    for (const [name, { requestBody }] of operations()) {
      const content = requestBody?.content['application/json']
      if (!content) continue
      const [method = '', path = ''] = name.split(' ')
      const id = '00000000-0000-4000-8000-000000000000'
      const { status } = await call(gate, method, path.replace(/:\w+/g, id), content.example, {
        authorization: `Bearer ${root.token}`,
      })
      expect([200, 201, 400, 404, 409], `${name}: ${status}`).toContain(status)
    }
  })
})
