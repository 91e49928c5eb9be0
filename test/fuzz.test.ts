// What /openapi.json promises holds for requests made of it: as superuser, as somebody with little and as a
// stranger, every operation answers what it describes, and never with a fault of ours. FC_SEED and FC_PATH repeat
// what a failure names, FC_RUNS sends more.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { createApp } from '../src/app.ts'
import { describeApp, type Operation } from '../src/reference/document.ts'
import type { Schema } from '../src/wire.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import type { Ids } from './support/from-schema.ts'
import { paperProvider } from './support/paper-provider.ts'
import { takeDeviations } from './support/recorder.ts'
import { type Request, requestsOf } from './support/requests-of.ts'
import {
  type Api,
  as,
  call,
  createFlow,
  createProject,
  createUser,
  grant,
  signIn,
} from './support/world.ts'

/** Requests per operation. */
const RUNS = Number(process.env.FC_RUNS ?? 24)
const { FC_SEED, FC_PATH } = process.env

const callers = ['superuser', 'superuser', 'user', 'user', 'stranger'] as const

let gate: Flowgate
let tokens: { superuser: string; user: string }
const succeeded = new Set<string>()

const { paths } = describeApp(createApp(revisions).routes)
/** Of a company's directory, which nobody here is, the walls are in test/scim-walls.test.ts. */
const asked = Object.entries(paths).filter(([path]) => !path.startsWith('/scim/'))
const operations = asked.flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
)
/** What a file of an upload may hold is what creating a flow takes. */
const file = paths['/api/v1/flows/']?.post?.requestBody?.content['application/json']
  ?.schema as Schema

beforeAll(async () => {
  gate = await startFlowgate({ direct: true, bindings: paperProvider })
  const root = await signIn(gate)
  const user = await createUser(gate, root, 'fuzzer')
  tokens = { superuser: root.token, user: user.token }
})
afterAll(() => gate.stop())

test.each(operations)(
  '$name answers what it describes',
  async ({ name, method, path, operation }) => {
    const ids = await furnish()
    const asked = fc.tuple(fc.constantFrom(...callers), requestsOf(path, operation, file, ids))
    const isDescribed = fc.asyncProperty(asked, async ([caller, request]) => {
      const { status, text } = await send(method, caller, request)
      expect(status, text.slice(0, 300)).toBeLessThan(500)
      expect(takeDeviations()).toEqual([])
      if (status < 400) succeeded.add(name)
    })
    await fc.assert(isDescribed, {
      numRuns: RUNS,
      ...(FC_SEED ? { seed: Number(FC_SEED) } : {}),
      ...(FC_PATH ? { path: FC_PATH } : {}),
    })
  },
)

test('most operations were asked in a way that they take', () => {
  const possible = operations.filter(({ operation }) => hasSuccess(operation))
  const never = possible.filter(({ name }) => !succeeded.has(name)).map(({ name }) => name)
  expect(never.length, never.join(', ')).toBeLessThan(possible.length / 5)
})

const hasSuccess = ({ responses }: Operation) =>
  Object.keys(responses).some((status) => status < '300')

async function send(
  method: string,
  caller: (typeof callers)[number],
  { path, headers, body }: Request,
) {
  const bearer = caller === 'stranger' ? {} : { authorization: `Bearer ${tokens[caller]}` }
  const init = {
    method,
    headers: { ...headers, ...bearer },
    ...(body === undefined ? {} : { body }),
  }
  const response = await gate.fetch(path, init as RequestInit)
  return { status: response.status, text: await response.text() }
}

let furnished = 0
/** One thing of each kind to ask about, the caller's own where they may have some. An earlier operation may have signed somebody out. */
async function furnish(): Promise<Ids> {
  const root = await stillSignedIn('superuser', undefined)
  const user = await stillSignedIn('user', 'fuzzer')
  const n = ++furnished
  const project_id = await createProject(user, `project ${n}`)
  const flow_id = await createFlow(user, `flow ${n}`, project_id, { access_type: 'PUBLIC' })
  const person = { username: `person ${n}`, password: 'a long password' }
  const { body: victim } = await call(gate, 'POST', '/api/v1/users/', person)
  const { body: role } = await root.post('/api/v1/rbac/roles', { name: `role ${n}` })
  const { body: key } = await user.post('/api/v1/api_key/', { name: `key ${n}` })
  await signIn(gate, 'fuzzer', 'fuzzer-password')
  const { body } = await user.get('/api/v1/sessions')
  const other = body.sessions.find((one: { current: boolean }) => !one.current)
  const team_id = (await root.post('/api/v1/teams/', { name: `team ${n}` })).body.id
  const assignment_id = await grant(root, as(gate, '', victim.id), 'Viewer', 'Flow', flow_id)
  return {
    team_id,
    share_id: assignment_id,
    project_id,
    flow_id,
    user_id: victim.id,
    role_id: role.id,
    api_key_id: key.id,
    session_id: other.id,
    assignment_id,
  }
}

async function stillSignedIn(who: keyof typeof tokens, username: string | undefined): Promise<Api> {
  const api = as(gate, tokens[who])
  const { status } = await api.get('/api/v1/users/whoami')
  if (status === 200) return api
  const again = await (username ? signIn(gate, username, `${username}-password`) : signIn(gate))
  tokens = { ...tokens, [who]: again.token }
  return again
}
