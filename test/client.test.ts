// The typed client: hono's `hc` over the app's own type. What is asserted by `expectTypeOf` fails to
// compile when a route, a parameter or a body loses its type.
import { hc } from 'hono/client'
import { expect, expectTypeOf, test } from 'vitest'
import type { AppType } from '../src/app.ts'
import { flowgateForTest, SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'

test('a typed client signs in, creates a flow and lists it', async () => {
  const gate = await flowgateForTest()
  // As fetch does it: hc drops the final slash of `/flows/`, and the redirect puts it back.
  const send = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    const { method, headers } = request
    const body = request.body && (await request.arrayBuffer())
    const response = await gate.fetch(pathname + search, { method, headers, body })
    const location = response.headers.get('location')
    return response.status === 307 && location
      ? gate.fetch(location, { method, headers, body })
      : response
  }
  const stranger = hc<AppType>('http://flowgate.test', { fetch: send })
  const form = { username: SUPERUSER, password: SUPERUSER_PASSWORD }
  const tokens = await (await stranger.api.v1.login.$post({ form })).json()
  expectTypeOf(tokens.access_token).toEqualTypeOf<string>()

  const { api } = hc<AppType>('http://flowgate.test', {
    fetch: send,
    headers: { authorization: `Bearer ${tokens.access_token}` },
  })
  const created = await api.v1.flows.index.$post({ json: { name: 'made by type', tags: ['t'] } })
  expect(created.status).toBe(201)
  const flow = await created.json()
  expectTypeOf(flow.id).toEqualTypeOf<string>()
  expectTypeOf(flow.description).toEqualTypeOf<string | null>()
  expectTypeOf(flow.is_component).toEqualTypeOf<boolean>()
  expect(flow).toMatchObject({ name: 'made by type', tags: ['t'], access_type: 'PRIVATE' })

  const read = await api.v1.flows[':flow_id'].$get({ param: { flow_id: flow.id }, query: {} })
  expect((await read.json()).name).toBe('made by type')
  const page = await api.v1.flows.index.$get({ query: { get_all: 'false', size: '10' } })
  const listed = await page.json()
  if (Array.isArray(listed)) throw new Error('a page is no array')
  expectTypeOf(listed.items.map(({ name }) => name)).toEqualTypeOf<string[]>()
  expect(listed).toMatchObject({ total: 1, items: [{ id: flow.id }] })

  // @ts-expect-error a flow needs a name
  const refused = await api.v1.flows.index.$post({ json: { description: 'nameless' } })
  expect(refused.status).toBe(422)
  await refused.text()
})
