// LangBuilder's front end, as its browser was heard to talk: the conversation of five people, row by row, over HTTP.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, openBrowser } from './support/browser.ts'
import {
  type Flowgate,
  flowgateForTest,
  SUPERUSER_PASSWORD,
  startFlowgate,
} from './support/flowgate.ts'
import { kinds, type Walker } from './support/frontend-requests.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let support: string
let shared: string

/** Two nodes as the front end draws them, with what its export needs: templates, handles. */
const graph = {
  nodes: ['Webhook-0', 'Summarizer-1'].map((id, n) => ({
    id,
    type: 'genericNode',
    position: { x: n * 320, y: 0 },
    data: {
      id,
      type: id.split('-')[0],
      node: { template: { code: { type: 'code', value: 'x = 1' } } },
    },
  })),
  edges: [
    {
      id: 'edge-0',
      source: 'Webhook-0',
      target: 'Summarizer-1',
      sourceHandle: '{œidœ:œWebhook-0œ}',
      targetHandle: '{œidœ:œSummarizer-1œ}',
    },
  ],
  viewport: { x: 0, y: 0, zoom: 1 },
}

beforeAll(async () => {
  gate = await startFlowgate({ bindings: { SUPERUSER: 'admin' } })
  root = await signIn(gate, 'admin')
  support = await createProject(root, 'Customer Support')
  shared = await createFlow(root, 'Escalation summary', support, { data: graph })
  await grant(root, await createUser(gate, root, 'eddy'), 'Editor', 'Project', support)
  await grant(root, await createUser(gate, root, 'vera'), 'Viewer', 'Project', support)
  await createUser(gate, root, 'nils')
})
afterAll(() => gate?.stop())

const passwordOf = (name: string) => (name === 'admin' ? SUPERUSER_PASSWORD : `${name}-password`)

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const requestsOf = ({ notes }: Browser) =>
  new Set(notes.map(({ method, path }) => `${method} ${path.replace(UUID, ':id')}`))

/** What was recorded of this person, and not sent here. */
const unsent = (browser: Browser, by: Walker, which: (request: string) => boolean) =>
  kinds
    .filter((kind) => kind.by.includes(by) && which(kind.request))
    .filter(({ request }) => !requestsOf(browser).has(request))
    .map(({ request }) => request)
/** The tab for roles is of a later test. */
const isOfRoles = (request: string) => request.includes('/rbac/assignments')

/** A request that must be answered so; gives the body. */
async function ask(browser: Browser, status: number, method: string, path: string, body?: unknown) {
  const answer = await browser.ask(method, path, body)
  expect([method, path, answer.status, answer.body]).toEqual([method, path, status, answer.body])
  return answer.body
}

/** From the front door to the list of one's own flows; gives the id of the project that counts as one's home. */
async function comeIn(browser: Browser, name: string): Promise<string> {
  const open = async (path: string) => {
    const { status, body, headers } = await browser.fetch('GET', path)
    return { status, body, type: headers.get('content-type') }
  }
  expect((await open('/health_check')).body).toEqual({ status: 'ok', chat: 'ok', db: 'ok' })
  expect(await open('/api/v1/auto_login')).toMatchObject({
    status: 400,
    body: { detail: { auto_login: false } },
  })
  for (const path of ['config', 'version']) expect((await open(`/api/v1/${path}`)).status).toBe(200)
  expect((await open('/api/v1/store/tags')).body).toEqual([])
  expect((await open('/api/v1/flows/basic_examples/')).body).toEqual([])
  expect((await browser.signIn(name, passwordOf(name))).status).toBe(200)

  expect(await ask(browser, 200, 'GET', '/api/v1/users/whoami')).toMatchObject({ username: name })
  expect(await ask(browser, 200, 'GET', '/api/v1/store/check/')).toEqual({ enabled: false })
  expect(await ask(browser, 200, 'GET', '/api/v1/store/check/api_key')).toEqual({
    has_api_key: false,
    is_valid: false,
  })
  expect(await ask(browser, 200, 'GET', '/api/v1/variables/')).toEqual([])
  expect(await open('/api/v1/files/profile_pictures/Space/046-rocket.svg')).toMatchObject({
    status: 200,
    type: 'image/svg+xml',
    body: expect.stringMatching(/^<svg /),
  })
  await ask(browser, 200, 'GET', '/api/v1/flows/?get_all=true&header_flows=true')
  await ask(browser, 200, 'GET', '/api/v1/flows/?components_only=true&get_all=true')
  const projects = await ask(browser, 200, 'GET', '/api/v1/projects/')
  expect(projects[0].name).toBe('Starter Project')
  await ask(browser, 200, 'POST', '/api/v1/refresh')
  return projects[0].id
}

/** A page of a project, of its flows alone or of whatever is in it. */
const pageOf = (id: string, kind: 'flow' | 'any' = 'flow') =>
  `/api/v1/projects/${id}?id=${id}&page=1&size=12&is_component=false&is_flow=${kind === 'flow'}&search=`
const mayI = async (browser: Browser, permission: string, scope: string, id: string) => {
  const query = `permission=${permission}&scope_type=${scope}&scope_id=${id}`
  const { has_permission } = await ask(
    browser,
    200,
    'GET',
    `/api/v1/rbac/check-permission?${query}`,
  )
  return has_permission
}
const newFlow = (name: string, folder_id: string, data: object = graph) => ({
  ...{ name, data, description: 'Language Architect at Work!', is_component: false, folder_id },
  ...{ icon: null, gradient: null, endpoint_name: null, tags: [], mcp_enabled: true },
})
const namesIn = (page: { flows: { items: { name: string }[] } }) =>
  page.flows.items.map(({ name }) => name)

/** Everything that somebody with a home does there. */
async function organise(browser: Browser, name: string, home: string): Promise<void> {
  const flow = await ask(
    browser,
    201,
    'POST',
    '/api/v1/flows/',
    newFlow(`New Flow of ${name}`, home),
  )
  for (const permission of ['Update', 'Delete'])
    expect(await mayI(browser, permission, 'Flow', flow.id)).toBe(true)
  const details = {
    ...{ name: `Renamed by ${name}`, data: graph, description: 'x' },
    ...{ folder_id: home, endpoint_name: null },
  }
  await ask(browser, 200, 'PATCH', `/api/v1/flows/${flow.id}`, details)
  const exported = await ask(browser, 200, 'GET', `/api/v1/flows/${flow.id}`)
  expect(exported).toMatchObject({ name: details.name, data: graph })
  const imported = newFlow(`Imported by ${name}`, home, exported.data)
  const again = await ask(browser, 201, 'POST', '/api/v1/flows/', imported)
  expect(again.data).toEqual(graph)

  const made = { name: 'New Project', description: '', flows_list: [], components_list: [] }
  const { id: box } = await ask(browser, 201, 'POST', '/api/v1/projects/', made)
  await ask(browser, 200, 'PATCH', `/api/v1/flows/${flow.id}`, { ...details, folder_id: box })
  await ask(browser, 200, 'PATCH', `/api/v1/projects/${box}`, { ...made, name: `Box of ${name}` })
  const renamed = await ask(browser, 200, 'GET', pageOf(box))
  expect([renamed.folder.name, namesIn(renamed)]).toEqual([`Box of ${name}`, [details.name]])

  expect(await ask(browser, 200, 'DELETE', '/api/v1/flows/', [again.id])).toEqual({ deleted: 1 })
  const { headers } = await browser.ask('GET', `/api/v1/projects/download/${box}`)
  expect(headers.get('content-disposition')).toMatch(/_flows\.zip$/)
  await ask(browser, 204, 'DELETE', `/api/v1/projects/${box}`)
  const gone = await browser.ask('GET', `/api/v1/projects/${box}`)
  expect([403, 404]).toContain(gone.status)
}

/** The pages beside the flows, and a flow that is opened: what is not here says so. */
async function lookAround(browser: Browser): Promise<void> {
  await ask(browser, 200, 'POST', '/api/v1/api_key/', { name: 'from the ui' })
  expect((await ask(browser, 200, 'GET', '/api/v1/api_key/')).api_keys).toHaveLength(1)
  expect(await ask(browser, 200, 'GET', '/api/v1/files/profile_pictures/list')).toEqual({
    files: [],
  })
  for (const path of [
    ...['/api/v1/monitor/messages', `/api/v1/monitor/builds?flow_id=${shared}`],
    ...['/api/v2/files', '/api/v2/mcp/servers?action_count=false'],
    ...[`/api/v1/mcp/project/${support}?mcp_enabled=false`],
    ...[`/api/v1/mcp/project/${support}/installed`],
  ])
    await ask(browser, 404, 'GET', path)
}

describe('somebody walks through the front end', () => {
  test('as superuser', async () => {
    const browser = openBrowser(gate)
    const home = await comeIn(browser, 'admin')
    await organise(browser, 'admin', home)
    await lookAround(browser)
    await ask(browser, 404, 'GET', '/api/v1/all?force_refresh=true')
    expect(await mayI(browser, 'Create', 'Project', support)).toBe(true)
    expect(namesIn(await ask(browser, 200, 'GET', pageOf(support, 'any')))).toEqual([
      'Escalation summary',
    ])

    const walter = { username: 'walter', password: 'walter-password' }
    const made = { ...walter, is_active: true, is_superuser: false }
    const { id } = await ask(browser, 201, 'POST', '/api/v1/users/', made)
    const flags = { is_active: true, is_superuser: false }
    await ask(browser, 200, 'PATCH', `/api/v1/users/${id}`, flags)
    const { users } = await ask(browser, 200, 'GET', '/api/v1/users/?skip=0&limit=12')
    expect(users.map(({ username }: { username: string }) => username)).toContain('walter')
    // Without their slash, as the dialog for a new assignment asks: sent on to the object that the peer answers too.
    expect(await ask(browser, 200, 'GET', '/api/v1/users')).toHaveProperty('total_count')
    await ask(browser, 200, 'GET', '/api/v1/users/')
    await ask(browser, 200, 'GET', '/api/v1/folders')
    await ask(browser, 200, 'DELETE', `/api/v1/users/${id}`)
    expect(unsent(browser, 'admin', (request) => !isOfRoles(request))).toEqual([])
  })

  test('as Editor of a project', async () => {
    const browser = openBrowser(gate)
    const home = await comeIn(browser, 'eddy')
    await organise(browser, 'eddy', home)
    await lookAround(browser)
    expect(namesIn(await ask(browser, 200, 'GET', pageOf(support)))).toEqual(['Escalation summary'])
    expect(await mayI(browser, 'Create', 'Project', support)).toBe(true)
    expect(await mayI(browser, 'Update', 'Flow', shared)).toBe(true)
    expect(await mayI(browser, 'Delete', 'Flow', shared)).toBe(false)
    const copy = newFlow('Escalation summary', support)
    const duplicate = await ask(browser, 201, 'POST', '/api/v1/flows/', copy)
    await ask(browser, 200, 'DELETE', '/api/v1/flows/', [duplicate.id])
    await ask(browser, 404, 'GET', '/api/v1/all?force_refresh=true')

    await browser.fetch('POST', '/api/v1/logout')
    expect(browser.cookie('access_token_lf')).toBe(undefined)
    expect((await browser.ask('GET', '/api/v1/users/whoami')).status).toBe(403)
    expect(unsent(browser, 'eddy', () => true)).toEqual([])
  })

  test('as Viewer of a project', async () => {
    const browser = openBrowser(gate)
    const home = await comeIn(browser, 'vera')
    await organise(browser, 'vera', home)
    await lookAround(browser)
    expect(namesIn(await ask(browser, 200, 'GET', pageOf(support)))).toEqual(['Escalation summary'])
    expect(await ask(browser, 200, 'GET', `/api/v1/flows/${shared}`)).toMatchObject({ data: graph })
    expect(await mayI(browser, 'Create', 'Project', support)).toBe(false)
    for (const permission of ['Update', 'Delete'])
      expect(await mayI(browser, permission, 'Flow', shared)).toBe(false)
    await ask(browser, 403, 'POST', '/api/v1/flows/', newFlow('Mine', support))
    await ask(browser, 404, 'GET', '/api/v1/all?force_refresh=true')
    expect(unsent(browser, 'vera', () => true)).toEqual([])
  })

  test('with nothing granted', async () => {
    const browser = openBrowser(gate)
    const home = await comeIn(browser, 'nils')
    expect(namesIn(await ask(browser, 200, 'GET', pageOf(home)))).toEqual([])
    expect(await mayI(browser, 'Create', 'Project', home)).toBe(true)
    await ask(browser, 201, 'POST', '/api/v1/flows/', newFlow('First flow', home))
    expect(namesIn(await ask(browser, 200, 'GET', pageOf(home)))).toEqual(['First flow'])
    await ask(browser, 404, 'GET', '/api/v1/all?force_refresh=true')
    // Somebody else's flow by its address.
    expect(await mayI(browser, 'Update', 'Flow', shared)).toBe(false)
    await ask(browser, 403, 'GET', `/api/v1/flows/${shared}`)
    expect(unsent(browser, 'nils', () => true)).toEqual([])
  })

  test('as a newcomer, who waits until somebody lets them in', async () => {
    const browser = openBrowser(gate)
    const body = { username: 'nora', password: 'nora-password' }
    const { body: nora } = await browser.fetch('POST', '/api/v1/users/', { body })
    const waiting = await browser.signIn('nora', 'nora-password')
    expect([waiting.status, waiting.body.detail]).toEqual([400, 'Waiting for approval'])
    await expectStatus(200, root.patch(`/api/v1/users/${nora.id}`, { is_active: true }))
    const home = await comeIn(browser, 'nora')
    expect(namesIn(await ask(browser, 200, 'GET', pageOf(home)))).toEqual([])
  })
})

describe('a token', () => {
  const refreshed = ({ notes }: Browser) =>
    notes.filter(({ path }) => path === '/api/v1/refresh').map(({ status }) => status)

  test('that is gone is renewed, once for each of the requests that were under way', async () => {
    const browser = openBrowser(gate)
    await browser.signIn('vera', 'vera-password')
    expect(browser.setCookie('access_token_lf')).toBe(true)
    const paths = ['/api/v1/users/whoami', '/api/v1/projects/', '/api/v1/variables/']
    const answers = await Promise.all(paths.map((path) => browser.ask('GET', path)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(refreshed(browser)).toEqual([200, 200, 200])
    expect((await browser.ask('GET', '/api/v1/users/whoami')).status).toBe(200)
  })

  test('is renewed three times for what stays forbidden, and opens all else afterwards', async () => {
    const browser = openBrowser(gate)
    await browser.signIn('nils', 'nils-password')
    await ask(browser, 403, 'GET', `/api/v1/flows/${shared}`)
    expect(refreshed(browser)).toEqual([200, 200, 200])
    await ask(browser, 200, 'GET', '/api/v1/users/whoami')
  })

  test('of somebody who was deactivated opens nothing that is theirs alone', async () => {
    const zoe = await createUser(gate, root, 'zoe')
    await expectStatus(200, root.patch(`/api/v1/users/${zoe.userId}`, { is_active: false }))
    for (const path of ['/api/v1/variables/', '/api/v1/store/check/api_key'])
      expect((await zoe.get(path)).status).toBe(401)
  })

  test('is had in spite of three mistakes, each sent four times, by whoever sits in the same office', async () => {
    const limit = /LOGIN_LIMITER"[^[]*limit = (\d+)/.exec(
      readFileSync('wrangler.toml', 'utf8'),
    )?.[1]
    const office = await flowgateForTest({ rateLimit: Number(limit) })
    const admin = await signIn(office)
    for (const name of ['ann', 'bob']) await createUser(office, admin, name)
    const browser = openBrowser(office, { address: '192.0.2.7' })
    for (const mistake of ['ann-pasword', 'Ann-password', 'ann'])
      for (let n = 0; n < 4; n++) expect((await browser.signIn('ann', mistake)).status).toBe(401)
    expect((await browser.signIn('ann', 'ann-password')).status).toBe(200)
    const colleague = openBrowser(office, { address: '192.0.2.7' })
    expect((await colleague.signIn('bob', 'bob-password')).status).toBe(200)
  })
})

describe("dragging, one's own home and the tab for roles", () => {
  describe('a flow that is dragged to another project', () => {
    const dragged = (name: string, folder_id: string) => ({
      ...{ name, data: null, description: 'dragged', folder_id, endpoint_name: null },
    })

    test('keeps its graph, whoever drags it where they may, and loses its endpoint name', async () => {
      for (const name of ['admin', 'eddy', 'vera', 'nils']) {
        const browser = openBrowser(gate)
        await browser.signIn(name, passwordOf(name))
        const [{ id: home }] = await ask(browser, 200, 'GET', '/api/v1/projects/')
        const sent = { ...newFlow(`Draggable of ${name}`, home), endpoint_name: `drag-${name}` }
        const { id } = await ask(browser, 201, 'POST', '/api/v1/flows/', sent)
        const { id: box } = await ask(browser, 201, 'POST', '/api/v1/projects/', { name: 'Box' })
        await ask(browser, 200, 'PATCH', `/api/v1/flows/${id}`, dragged(sent.name, box))
        const flow = await ask(browser, 200, 'GET', `/api/v1/flows/${id}`)
        expect(flow).toMatchObject({ folder_id: box, description: 'dragged', endpoint_name: null })
        expect(JSON.stringify(flow.data)).toBe(JSON.stringify(graph))
        expect(namesIn(await ask(browser, 200, 'GET', pageOf(box)))).toEqual([sent.name])
      }
    })

    test('stays as it is where it may not leave', async () => {
      const before = (await root.get(`/api/v1/flows/${shared}`)).body
      for (const name of ['eddy', 'vera', 'nils']) {
        const browser = openBrowser(gate)
        await browser.signIn(name, passwordOf(name))
        const [{ id: home }] = await ask(browser, 200, 'GET', '/api/v1/projects/')
        await ask(browser, 403, 'PATCH', `/api/v1/flows/${shared}`, dragged('Mine', home))
      }
      expect((await root.get(`/api/v1/flows/${shared}`)).body).toEqual(before)
    })
  })

  test("the first row of the projects is the caller's own home, a superuser's too", async () => {
    for (const name of ['admin', 'eddy', 'vera', 'nils']) {
      const browser = openBrowser(gate)
      await browser.signIn(name, passwordOf(name))
      const rows = await ask(browser, 200, 'GET', '/api/v1/projects/')
      // Where flows without a project go is one's own.
      const { name: flow, data } = newFlow(`At home with ${name}`, '')
      const { folder_id } = await ask(browser, 201, 'POST', '/api/v1/flows/', { name: flow, data })
      expect([name, rows[0]?.id]).toEqual([name, folder_id])
      expect(rows.find((row: { name: string }) => row.name === 'Starter Project').id).toBe(
        folder_id,
      )
    }
  })

  test('the tab for roles lists, filters, makes, edits and deletes', async () => {
    const browser = openBrowser(gate)
    await browser.signIn('admin', passwordOf('admin'))
    const list = (query = '') => ask(browser, 200, 'GET', `/api/v1/rbac/assignments${query}`)
    const { users } = await ask(browser, 200, 'GET', '/api/v1/users/?skip=0&limit=12')
    const { id: nils } = users.find((user: { username: string }) => user.username === 'nils')
    const shown = (rows: Record<string, unknown>[]) =>
      rows.map(({ username, role_name, scope_name }) => [username, role_name, scope_name].join(' '))

    expect(shown(await list())).toEqual(
      expect.arrayContaining(['eddy Editor Customer Support', 'vera Viewer Customer Support']),
    )
    expect(shown(await list('?username=vera'))).toContain('vera Viewer Customer Support')
    for (const [name, value] of [
      ['username', 'vera'],
      ['role_name', 'Viewer'],
      ['scope_type', 'Project'],
    ] as const) {
      const rows = await list(`?${name}=${value}`)
      expect(rows.map((row: Record<string, string>) => row[name])).toContain(value)
      expect(rows.filter((row: Record<string, string>) => row[name] !== value)).toEqual([])
    }

    const body = { role_name: 'Viewer', scope_type: 'Project', scope_id: support }
    const made = await ask(browser, 201, 'POST', '/api/v1/rbac/assignments', {
      user_id: nils,
      ...body,
    })
    await ask(browser, 409, 'POST', '/api/v1/rbac/assignments', { user_id: nils, ...body })
    const one = `/api/v1/rbac/assignments/${made.id}`
    expect(await ask(browser, 200, 'GET', one)).toMatchObject({
      ...{ id: made.id, user_id: nils, username: 'nils', role_name: 'Viewer' },
      ...{ scope_type: 'Project', scope_id: support, scope_name: 'Customer Support' },
    })
    await ask(browser, 404, 'PATCH', one, { ...body, role_name: 'Boss' })
    await ask(browser, 200, 'PATCH', one, { ...body, role_name: 'Editor' })
    expect(shown(await list('?username=nils'))).toContain('nils Editor Customer Support')
    await ask(browser, 204, 'DELETE', one)
    expect(shown(await list('?username=nils'))).not.toContain('nils Editor Customer Support')
    expect(unsent(browser, 'admin', isOfRoles)).toEqual([])
  })
})
