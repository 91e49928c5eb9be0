// HTTP as every client may rely on it, walked over all routes: HEAD is GET without a body, and `Allow` names the
// methods of the very route that was asked for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cases } from './support/cases.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { listRoutes } from './support/routes.ts'
import { type Api, createFlow, createProject, signIn } from './support/world.ts'

const ORIGIN = 'https://app.test'
const MISSING = '00000000-0000-4000-8000-000000000000'
let gate: Flowgate
let root: Api
let ids: Record<string, string>

beforeAll(async () => {
  gate = await startFlowgate({ bindings: paperProvider })
  root = await signIn(gate)
  const project_id = await createProject(root, 'walked')
  const flow_id = await createFlow(root, 'walked', project_id, { access_type: 'PUBLIC' })
  ids = { project_id, flow_id, user_id: root.userId }
})
afterAll(() => gate?.stop())

const routes = listRoutes().map((route) => {
  const [method = '', pattern = ''] = route.split(' ')
  return { route, method, pattern }
})
const patterns = [...new Set(routes.map(({ pattern }) => pattern))]
const methodsOf = (pattern: string) =>
  routes
    .filter((route) => route.pattern === pattern)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
const pathOf = (pattern: string) =>
  pattern.replace(/:(\w+)/g, (_, name) => (name in ids ? String(ids[name]) : MISSING))
/**
 * Another route takes it: `DELETE users/whoami` is about a user of that name, and no such id. Variables are written on
 * LangBuilder, which a 404 says.
 */
const isTaken = (method: string, pattern: string) =>
  pattern === '/api/v1/variables/' ||
  routes.some(
    (route) =>
      route.method === method &&
      new RegExp(`^${route.pattern.replace(/:\w+/g, '[^/]+')}$`).test(pathOf(pattern)),
  )

const send = (method: string, path: string, headers: Record<string, string> = {}) =>
  gate.fetch(path, { method, headers })

describe('HEAD', () => {
  /** All that differs from one request to the next. */
  const own = ['x-request-id', 'date', 'content-length', 'transfer-encoding']
  const seen = ({ status, headers }: Response) => ({
    status,
    headers: [...headers].filter(([name]) => !own.includes(name)),
  })

  test.each(routes.filter(({ method }) => method === 'GET').map(({ pattern }) => pattern))(
    '%s answers as to GET, without a body',
    async (pattern) => {
      const query = [cases[`GET ${pattern}`]].flat()[0]?.send?.(MISSING).query ?? ''
      for (const headers of [{}, { authorization: `Bearer ${root.token}` }]) {
        const path = pathOf(pattern) + query
        const get = await send('GET', path, headers)
        await get.text()
        const head = await send('HEAD', path, headers)
        expect(seen(head)).toEqual(seen(get))
        expect(await head.text()).toBe('')
      }
    },
  )

  test('of the other spelling of a path redirects as GET does', async () => {
    for (const path of ['/api/v1/flows', '/api/v1/users/whoami/', '/api/v1/folders/']) {
      const get = await send('GET', path)
      const head = await send('HEAD', path)
      expect([path, head.status, head.headers.get('location')]).toEqual([
        path,
        307,
        get.headers.get('location'),
      ])
    }
  })
})

describe('Allow', () => {
  // Those of the directory say it only to whoever knows its token: test/scim-walls.test.ts.
  const open = patterns.filter((pattern) => !pattern.startsWith('/scim/'))
  test.each(open)('of %s are its own methods, on 405 and on OPTIONS', async (pattern) => {
    const known = methodsOf(pattern)
    const path = pathOf(pattern)
    const options = await send('OPTIONS', path)
    expect([options.status, options.headers.get('allow'), await options.text()]).toEqual([
      204,
      known.join(', '),
      '',
    ])
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      if (known.includes(method) || isTaken(method === 'HEAD' ? 'GET' : method, pattern)) continue
      const refused = await send(method, path)
      expect([method, refused.status, refused.headers.get('allow')]).toEqual([
        method,
        405,
        known.join(', '),
      ])
      if (method !== 'HEAD')
        expect(await refused.json()).toMatchObject({ code: 'method_not_allowed' })
    }
  })

  test('of what is nowhere, or only on LangBuilder, is nothing', async () => {
    for (const path of ['/api/v1/nothing', '/nothing', '/api/v1/run/x', '/api/v1/flows/a/b'])
      for (const method of ['OPTIONS', 'PUT']) {
        const { status, headers } = await send(method, path)
        expect([path, status, headers.get('allow')]).toEqual([path, 404, null])
      }
  })
})

test('a page of an allowed origin may read what answers say beside their bodies', async () => {
  const open = await flowgateForTest({ bindings: { CORS_ORIGINS: ORIGIN } })
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(open.url + path, { ...init, headers: { origin: ORIGIN, ...init.headers } })
  const admin = await signIn(open)
  const flow = await createFlow(admin, 'one', await createProject(admin, 'p'))
  const { folder_id } = (await admin.get(`/api/v1/flows/${flow}`)).body
  const authorization = `Bearer ${admin.token}`
  const answers = [
    await ask(`/api/v1/projects/download/${folder_id}`, { headers: { authorization } }),
    await ask('/api/v1/flows/?paged=all', { headers: { authorization } }),
    await ask('/api/v1/flows/', { headers: { 'x-request-id': 'mine' } }),
    await ask('/api/v1/flows/', { method: 'PUT' }),
    await ask('/api/v1/flows/', { method: 'OPTIONS' }),
    await ask('/health_check'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 405, 204, 200])
  // What a browser shows anyway, what is for it and for proxies alone, and what is of the connection.
  const unshown =
    /^(access-control-|cache-control$|content-(language|length|type|security-policy)$|vary$|x-(content|dns|download|frame|permitted|xss)-|cross-origin-|strict-transport|referrer-policy|date$|connection$|keep-alive$|transfer-encoding$)/
  for (const { headers } of answers) {
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, ?/) ?? []
    expect(exposed).toEqual(expect.arrayContaining(['content-disposition', 'x-request-id']))
    const said = [...headers.keys()].filter((name) => !unshown.test(name))
    expect(said.filter((name) => !exposed.includes(name))).toEqual([])
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN)
  }
  expect(answers[0]?.headers.get('content-disposition')).toMatch(/_flows\.zip$/)
  expect(answers[4]?.headers.get('allow')).toBe('GET, HEAD, POST, DELETE')
})
