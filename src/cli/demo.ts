// A small world to look at, built over HTTP as an admin would build it.
import { existsSync, writeFileSync } from 'node:fs'
import { toGraph } from './demo-graph.ts'
import { type DemoGrant, PASSWORD, world } from './demo-world.ts'

type Login = { username: string; password: string }
type Body = Record<string, unknown>

const DAY_MS = 24 * 3600 * 1000

/** Builds the demo world unless `marker` says that it is complete; a half-built one is completed. */
export async function seedDemo(url: string, superuser: Login, marker: string): Promise<void> {
  if (existsSync(marker)) return
  process.stdout.write('Seeding a demo world ')
  const root = await login(url, superuser)
  const ids = await buildProjects(url, root)
  for (const { username, grants } of world.users) {
    const id = await ensureUser(url, root, username)
    await send(url, 'PATCH', `/api/v1/users/${id}`, { is_active: true }, root, [304])
    for (const grant of grants) await ensureGrant(url, root, id, grant, ids)
    process.stdout.write('.')
  }
  writeFileSync(marker, new Date().toISOString())
  process.stdout.write(' done\n')
}

/** Ids of projects and flows by name. */
async function buildProjects(url: string, root: string): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const list of ['/api/v1/projects/', '/api/v1/flows/?header_flows=true']) {
    const rows = (await send(url, 'GET', list, undefined, root)) as unknown as Body[]
    for (const row of rows) ids.set(String(row.name), String(row.id))
  }
  const ensure = async (path: string, name: string, more: Body = {}) => {
    if (!ids.has(name))
      ids.set(name, String((await send(url, 'POST', path, { name, ...more }, root)).id))
  }
  for (const [project, flows] of Object.entries(world.projects)) {
    await ensure('/api/v1/projects/', project)
    const folder_id = ids.get(project)
    for (const { name, description, nodes, more } of flows) {
      const data = toGraph(nodes)
      await ensure('/api/v1/flows/', name, { description, folder_id, data, ...more })
    }
    process.stdout.write('.')
  }
  return ids
}

async function ensureUser(url: string, root: string, username: string): Promise<string> {
  const made = await send(
    url,
    'POST',
    '/api/v1/users/',
    { username, password: PASSWORD },
    undefined,
    [400],
  )
  if (made.id) return String(made.id)
  const { users } = await send(url, 'GET', '/api/v1/users/?limit=100', undefined, root)
  const known = (users as Body[]).find((user) => user.username === username)
  if (!known) throw new Error(`user ${username} is there and is not: delete .data/ and start again`)
  return String(known.id)
}

/** One that is there already stays as it is. */
async function ensureGrant(
  url: string,
  root: string,
  user_id: string,
  { on, days, ...role }: DemoGrant,
  ids: Map<string, string>,
): Promise<void> {
  const scope_id = on === undefined ? null : ids.get(on)
  const expires_at = days === undefined ? null : new Date(Date.now() + days * DAY_MS).toISOString()
  const body = { user_id, ...role, scope_id, expires_at }
  await send(url, 'POST', '/api/v1/rbac/assignments', body, root, [409])
}

/** The logins, and what the listing really answers to each of them, as a table; then a curl to paste. */
export async function describeDemo(url: string, superuser: Login): Promise<string> {
  const people = [
    { ...superuser, about: 'superuser' },
    ...world.users.map(({ username, about }) => ({ username, about, password: PASSWORD })),
  ]
  const rows = [['user', 'password', 'is', 'sees']]
  let curl = ''
  for (const { username, password, about } of people) {
    const token = await login(url, { username, password }).catch(() => undefined)
    if (!token) continue
    rows.push([username, password, about, describeFlows(await listNames(url, token))])
    if (username === 'vera')
      curl = `curl -s '${url}/api/v1/flows/?header_flows=true' -H 'authorization: Bearer ${token}'`
  }
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd(),
  )
  return `${table.join('\n')}\n\nWhat vera sees (the token lives for an hour):\n\n${curl}\n`
}

function describeFlows(names: string[]): string {
  if (names.length === 0) return 'no flow'
  if (names.length <= 4) return names.join(', ')
  return `${names.length} flows: ${names.slice(0, 2).join(', ')} ...`
}

async function listNames(url: string, token: string): Promise<string[]> {
  const flows = (await send(
    url,
    'GET',
    '/api/v1/flows/?header_flows=true',
    undefined,
    token,
  )) as unknown as Body[]
  return flows.map((flow) => String(flow.name)).sort()
}

async function login(url: string, { username, password }: Login): Promise<string> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    body: new URLSearchParams({ username, password }),
  })
  const body = (await response.json()) as Body
  if (!response.ok)
    throw new Error(`login of ${username}: ${response.status} ${JSON.stringify(body.detail)}`)
  return String(body.access_token)
}

/** Throws unless the answer is a success or one of the `expected` refusals. */
async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
  expected: number[] = [],
): Promise<Body> {
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok && !expected.includes(response.status)) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
  const text = await response.text()
  return text === '' ? {} : JSON.parse(text)
}
