// Every time in every answer says that it is UTC, whatever is stored: to a browser, a time without an offset is one of
// its own place.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { paperProvider } from './support/paper-provider.ts'
import { listRoutes } from './support/routes.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
const ids: Record<string, string> = {}
const hex = (id: string | undefined) => (id ?? '').replaceAll('-', '')

beforeAll(async () => {
  gate = await startFlowgate({ bindings: paperProvider })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  ids.user_id = ann.userId
  ids.project_id = await createProject(root, 'p')
  ids.flow_id = await createFlow(root, 'f', ids.project_id, { access_type: 'PUBLIC' })
  const expires_at = '2999-01-01T00:00:00+02:00'
  await expectStatus(200, root.post('/api/v1/api_key/', { name: 'k', expires_at }))
  const { body: grant } = await root.post('/api/v1/rbac/assignments', {
    user_id: ann.userId,
    role_name: 'Viewer',
    scope_type: 'Flow',
    scope_id: ids.flow_id,
    expires_at,
  })
  ids.assignment_id = grant.id
  ids.role_id = grant.role_id
})
afterAll(() => gate.stop())

const asked: Record<string, string> = {
  'GET /api/v1/rbac/check-permission': '?permission=Read&scope_type=Flow',
  'GET /api/v1/rbac/explain': '?permission=Read&scope_type=Flow&scope_id=:flow_id&user_id=:user_id',
  'GET /api/v1/rbac/access': '?scope_type=Flow&scope_id=:flow_id',
  'GET /api/v1/sessions': '',
}

/** Everything in a body that looks like a time, by where it stands. What the audit quotes is as it was stored. */
function timesIn(value: unknown, at = ''): [at: string, time: string][] {
  if (/\.(before|after)$/.test(at)) return []
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\d[T ]/.test(value) ? [[at, value]] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => timesIn(one, `${at}.${key}`))
}

async function allTimes(): Promise<[at: string, time: string][]> {
  const routes = listRoutes().filter(
    (route) => route.startsWith('GET ') && !/download|docs|openapi/.test(route),
  )
  const answers = await Promise.all(
    routes.map(async (route) => {
      const path = `${route.slice(4)}${asked[route] ?? ''}`.replace(
        /:(\w+)/g,
        (_, name) => ids[name] ?? name,
      )
      return timesIn((await root.get(path)).body, route.slice(4))
    }),
  )
  return answers.flat()
}

test('every time in every answer has the offset of UTC', async () => {
  const found = await allTimes()
  const places = new Set(found.map(([at]) => at.replace(/\.\d+/g, '')))
  expect(places.size).toBeGreaterThanOrEqual(20)
  for (const [at, time] of found)
    expect([at, time]).toEqual([
      at,
      expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/),
    ])
})

test('what is given with an offset is the same moment in every answer', async () => {
  const ends = (await allTimes()).filter(
    ([at]) => at.endsWith('expires_at') && !at.includes('session'),
  )
  expect(ends.length).toBeGreaterThanOrEqual(4)
  for (const end of ends) expect(end).toEqual([end[0], '2998-12-31T22:00:00.000000+00:00'])
})

test.each([
  ['1700000000', '2023-11-14T22:13:20.000000+00:00', '2023-11-14T22:13:20.000000+00:00'],
  [
    `'2024-01-01T12:00:00+02:00'`,
    '2024-01-01T10:00:00.000000+00:00',
    '2024-01-01T10:00:00.000000+00:00',
  ],
  [`'2024-01-01 12:00:00'`, '2024-01-01T12:00:00.000000+00:00', '2024-01-01T12:00:00.000000+00:00'],
  [`'yesterday'`, '1970-01-01T00:00:00.000000+00:00', null],
  [`x'ff'`, '1970-01-01T00:00:00.000000+00:00', null],
])(
  '%s, as others stored it for a user, is shown as the moment that it means',
  async (stored, time, orNull) => {
    await gate.db.execute(
      `UPDATE user SET create_at = ${stored}, updated_at = ${stored}, last_login_at = ${stored} WHERE id = '${hex(ann.userId)}'`,
    )
    const { body } = await expectStatus(200, ann.get('/api/v1/users/whoami'))
    expect([body.create_at, body.updated_at, body.last_login_at]).toEqual([time, time, orNull])
    // As LangBuilder's front end shows and sends it.
    expect(new Date(body.create_at).toISOString()).toBe(`${time.slice(0, 23)}Z`)
    await expectStatus(200, root.patch(`/api/v1/users/${ann.userId}`, body))
    const { users } = (await expectStatus(200, root.get('/api/v1/users/'))).body
    expect(users.find(({ id }: { id: string }) => id === ann.userId).create_at).toBe(time)
  },
)
