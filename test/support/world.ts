// Builds worlds over HTTP alone, as an admin would: users, projects, flows, grants.
import { type Flowgate, SUPERUSER, SUPERUSER_PASSWORD } from './flowgate.ts'

export type Api = {
  readonly token: string
  readonly userId: string
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  patch(path: string, body: unknown): Promise<Answer>
  delete(path: string, body?: unknown): Promise<Answer>
}
// biome-ignore lint/suspicious/noExplicitAny: bodies are asserted on field by field
export type Answer = { status: number; headers: Headers; body: any }

/** Sends a request as JSON and reads the answer as JSON where it is some. */
export async function call(
  gate: Flowgate,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  isolate = 0,
): Promise<Answer> {
  const init = {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const response = await gate.fetch(path, init, isolate)
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  }
}

export async function login(
  gate: Flowgate,
  username: string,
  password: string,
  isolate = 0,
): Promise<Answer> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username, password }).toString(),
  }
  const response = await gate.fetch('/api/v1/login', init, isolate)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** An API client for a bearer token. */
export function as(gate: Flowgate, token: string, userId = ''): Api {
  const headers = { authorization: `Bearer ${token}` }
  return {
    token,
    userId,
    get: (path) => call(gate, 'GET', path, undefined, headers),
    post: (path, body) => call(gate, 'POST', path, body, headers),
    patch: (path, body) => call(gate, 'PATCH', path, body, headers),
    delete: (path, body) => call(gate, 'DELETE', path, body, headers),
  }
}

export async function signIn(
  gate: Flowgate,
  username = SUPERUSER,
  password = SUPERUSER_PASSWORD,
): Promise<Api> {
  const { status, body } = await login(gate, username, password)
  if (status !== 200)
    throw new Error(
      `login of ${username}: ${status} ${JSON.stringify(body)} ${JSON.stringify(gate.logs)} ${gate.proxy.failures}`,
    )
  const api = as(gate, body.access_token)
  const me = await api.get('/api/v1/users/whoami')
  return as(gate, body.access_token, me.body.id)
}

/** Signs a user up, activates them, logs them in. */
export async function createUser(gate: Flowgate, root: Api, username: string): Promise<Api> {
  const { body: user } = await expectStatus(
    201,
    call(gate, 'POST', '/api/v1/users/', { username, password: `${username}-password` }),
  )
  await expectStatus(200, root.patch(`/api/v1/users/${user.id}`, { is_active: true }))
  return signIn(gate, username, `${username}-password`)
}

/** Changes something by a merge patch, in which a null clears. */
export const mergePatch = (
  gate: Flowgate,
  api: Api,
  path: string,
  body: unknown,
): Promise<Answer> =>
  call(gate, 'PATCH', path, body, { authorization: `Bearer ${api.token}`, ...MERGE_PATCH })
export const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' }

export async function createProject(api: Api, name: string): Promise<string> {
  return (await expectStatus(201, api.post('/api/v1/projects/', { name }))).body.id
}

export async function createFlow(
  api: Api,
  name: string,
  folder_id?: string,
  more: object = {},
): Promise<string> {
  return (await expectStatus(201, api.post('/api/v1/flows/', { name, folder_id, ...more }))).body.id
}

/** Grants a role; gives the assignment's id. */
export async function grant(
  root: Api,
  user: Api,
  role_name: string,
  scope_type: string,
  scope_id?: string,
): Promise<string> {
  const body = { user_id: user.userId, role_name, scope_type, scope_id }
  return (await expectStatus(201, root.post('/api/v1/rbac/assignments', body))).body.id
}

export async function expectStatus(status: number, answer: Promise<Answer>): Promise<Answer> {
  const got = await answer
  if (got.status !== status)
    throw new Error(`expected ${status}, got ${got.status}: ${JSON.stringify(got.body)}`)
  return got
}
