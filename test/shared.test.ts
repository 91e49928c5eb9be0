// "Shared with me": what somebody may read outside of any project that they may read is listed, paged, searched
// and downloaded like a project, and is none. Random worlds compare it with the rule (access.test.ts, visible.test.ts).
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHARED_PROJECT } from '../src/access/shared.ts'
import { dashed } from '../src/db/values.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { sendFile } from './support/matrix.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

type Named = { id: string; name: string }
const ID = String(dashed(SHARED_PROJECT))

let gate: Flowgate
let root: Api
let ann: Api
let vera: Api
let project: string
let own: string
let flows: string[]

beforeAll(async () => {
  gate = await startFlowgate()
  ;({ root, ann, vera, project, flows } = await furnish(gate))
  own = (await vera.get('/api/v1/projects/')).body[0].id
})
afterAll(() => gate.stop())

/** A project of ann's with six flows, of which vera may read five and a component, one by one. */
async function furnish(gate: Flowgate) {
  const root = await signIn(gate)
  const ann = await createUser(gate, root, 'ann')
  const vera = await createUser(gate, root, 'vera')
  const project = await createProject(ann, 'secret project')
  const flows: string[] = []
  for (let n = 0; n < 7; n++) {
    const flow = { data: { nodes: [], edges: [] }, is_component: n === 5 }
    flows[n] = await createFlow(ann, `flow ${n}`, project, flow)
    if (n < 6) await grant(root, vera, n === 0 ? 'Owner' : 'Viewer', 'Flow', flows[n])
  }
  return { root, ann, vera, project, flows }
}

const body = async (api: Api, path: string) =>
  (await expectStatus(200, api.get(`/api/v1${path}`))).body
const names = (rows: Named[]) => rows.map(({ name }) => name)
const newestFirst = ['flow 5', 'flow 4', 'flow 3', 'flow 2', 'flow 1', 'flow 0']

describe('in the list of projects', () => {
  test('it stands behind the own Starter Project for whoever asks, in one round trip', async () => {
    gate.proxy.reset()
    const rows = await body(vera, '/projects/?include=shared,actions,owner')
    expect(gate.proxy.count).toBe(1)
    expect(rows.map(({ id }: Named) => id)).toEqual([own, ID])
    expect(rows[1]).toEqual({
      id: ID,
      name: 'Shared with me',
      description: expect.any(String),
      auth_settings: null,
      is_starter_project: false,
      parent_id: null,
      actions: ['Read'],
      scope: 'Flow',
      owner: null,
    })
    expect(names(await body(root, '/projects/?include=shared'))).toEqual([
      'Starter Project',
      'Shared with me',
      'Starter Project',
      'Starter Project',
      'secret project',
    ])
  })

  test('nobody else sees it: the plain list is what it was', async () => {
    expect(names(await body(vera, '/projects/'))).toEqual(['Starter Project'])
    expect(names(await body(vera, '/projects/?include=actions,owner'))).toEqual(['Starter Project'])
  })

  test('SHARED_PROJECT=on lists it for whoever has something in it', async () => {
    const gate = await flowgateForTest({ bindings: { SHARED_PROJECT: 'on' } })
    const { root, ann, vera } = await furnish(gate)
    gate.proxy.reset()
    expect(names(await body(vera, '/projects/'))).toEqual(['Starter Project', 'Shared with me'])
    expect(gate.proxy.count).toBe(1)
    expect(names(await body(ann, '/projects/'))).not.toContain('Shared with me')
    expect(names(await body(root, '/projects/'))).not.toContain('Shared with me')
    expect(names(await body(root, '/projects/?include=shared'))[1]).toBe('Shared with me')
  })

  test('its place holds from one slice of a long list to the next', async () => {
    const reader = await createUser(gate, root, 'reader')
    const { rows } = await gate.db.execute("SELECT id FROM role WHERE name = 'Viewer'")
    const user = reader.userId.replaceAll('-', '')
    await gate.db.batch([
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
       INSERT INTO folder (id, name, is_starter_project) SELECT printf('%032x', i), printf('p%04d', i), 0 FROM n`,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
       INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
       SELECT printf('%032x', i), '${user}', '${rows[0]?.id}', 'Project', printf('%032x', i), 0, '2026' FROM n`,
    ])
    const listed = names(await body(reader, '/projects/?include=shared'))
    expect(listed.slice(0, 3)).toEqual(['Starter Project', 'Shared with me', 'p0001'])
    expect([listed.length, new Set(listed).size]).toEqual([2102, 2102])
    await gate.db.batch([
      `DELETE FROM userroleassignment WHERE user_id = '${user}'`,
      `DELETE FROM folder WHERE name LIKE 'p____'`,
    ])
  })
})

describe('its flows', () => {
  test('are shown whole, and by the page', async () => {
    const whole = await body(vera, `/projects/${ID}`)
    expect([whole.id, whole.name, names(whole.flows)]).toEqual([ID, 'Shared with me', newestFirst])
    // Each says where it really is.
    expect(new Set(whole.flows.map((flow: { folder_id: string }) => flow.folder_id))).toEqual(
      new Set([project]),
    )
    gate.proxy.reset()
    const { folder, flows } = await body(vera, `/projects/${ID}?page=2&size=4`)
    expect(gate.proxy.count).toBe(1)
    expect(folder.id).toBe(ID)
    expect(names(flows.items)).toEqual(newestFirst.slice(4))
    expect(flows).toMatchObject({ total: 6, page: 2, size: 4, pages: 2 })
  })

  test('are searched and told from components', async () => {
    const found = async (query: string) =>
      names((await body(vera, `/projects/${ID}?page=1&${query}`)).flows.items)
    expect(await found('search=FLOW%203')).toEqual(['flow 3'])
    expect(await found('search=%25')).toEqual([])
    expect(await found('is_component=true&is_flow=false')).toEqual(['flow 5'])
    expect(await found('is_flow=true&search=')).toEqual(newestFirst.slice(1))
  })

  test('are listed by both kinds of page, in every order, with owners and actions', async () => {
    const path = `/flows/?get_all=false&folder_id=${ID}`
    const page = await body(vera, `${path}&page=2&size=4&include=actions,owner`)
    expect(names(page.items)).toEqual(newestFirst.slice(4))
    expect(page).toMatchObject({ total: 6, pages: 2 })
    expect(page.items[1]).toMatchObject({
      actions: ['Create', 'Read', 'Update', 'Delete'],
      owner: { id: ann.userId, username: 'ann' },
    })
    const seen: string[] = []
    for (let cursor = ''; cursor !== 'none'; ) {
      const next = await body(vera, `/flows/?paged=all&folder_id=${ID}&order=name&size=4${cursor}`)
      seen.push(...names(next.items))
      expect(next.total).toBe(6)
      cursor = next.next_cursor ? `&cursor=${encodeURIComponent(next.next_cursor)}` : 'none'
    }
    expect(seen).toEqual(newestFirst.toReversed())
    expect(names((await body(vera, `${path}&components_only=true`)).items)).toEqual(['flow 5'])
  })

  test('are downloaded together', async () => {
    const response = await gate.fetch(`/api/v1/projects/download/${ID}`, {
      headers: { authorization: `Bearer ${vera.token}` },
    })
    expect(response.headers.get('content-disposition')).toContain('Shared%20with%20me_flows.zip')
    const files = Object.values(unzipSync(new Uint8Array(await response.arrayBuffer())))
    expect(files.map((file) => JSON.parse(strFromU8(file)).name).sort()).toEqual(
      newestFirst.toReversed(),
    )
    await expectStatus(404, ann.get(`/api/v1/projects/download/${ID}`))
  })

  test('are none for admins and for whoever reads the projects they are in', async () => {
    for (const api of [root, ann]) {
      expect((await body(api, `/projects/${ID}`)).flows).toEqual([])
      expect((await body(api, `/flows/?get_all=false&folder_id=${ID}`)).total).toBe(0)
    }
    const role = await grant(root, vera, 'Viewer', 'Project', project)
    expect((await body(vera, `/projects/${ID}?page=1`)).flows.total).toBe(0)
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${role}`))
    expect((await body(vera, `/projects/${ID}?page=1`)).flows.total).toBe(6)
  })

  test('are gone with the grant, at once', async () => {
    const { body: held } = await root.get(
      `/api/v1/rbac/assignments?user_id=${vera.userId}&scope_type=Flow`,
    )
    const last = held.find((one: { scope_id: string }) => one.scope_id === flows[4])
    await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${last.id}`))
    expect(names((await body(vera, `/projects/${ID}`)).flows)).not.toContain('flow 4')
    await grant(root, vera, 'Viewer', 'Flow', flows[4])
  })
})

test('nobody can change it, delete it, or put anything into it, and is told why', async () => {
  const why = "'Shared with me' shows flows of other projects and is none"
  const flow = await createFlow(vera, 'mine')
  const file = { name: 'x', data: null }
  for (const api of [vera, root]) {
    const auth = { authorization: `Bearer ${api.token}` }
    const refused: [number, Promise<{ status: number; body: unknown }>][] = [
      [422, api.patch(`/api/v1/projects/${ID}`, { name: 'mine' })],
      [422, api.delete(`/api/v1/projects/${ID}`)],
      [422, api.patch(`/api/v1/projects/${api === vera ? own : project}`, { parent_id: ID })],
      [400, api.post('/api/v1/flows/', { name: 'x', folder_id: ID })],
      [400, api.post('/api/v1/flows/batch/', { flows: [{ name: 'x', folder_id: ID }] })],
      [400, api.patch(`/api/v1/flows/${flow}`, { folder_id: ID })],
      [400, sendFile(gate, 'POST', `/api/v1/flows/upload/?folder_id=${ID}`, file, auth)],
    ]
    for (const [status, answer] of refused) {
      const { status: got, body } = await answer
      expect([got, JSON.stringify(body)]).toEqual([status, expect.stringContaining(why)])
    }
    for (const permission of ['Create', 'Read', 'Update', 'Delete']) {
      const asked = `permission=${permission}&scope_type=Project&scope_id=${ID}`
      expect((await body(api, `/rbac/check-permission?${asked}`)).has_permission).toBe(
        permission === 'Read',
      )
    }
  }
  const given = { user_id: ann.userId, role_name: 'Owner', scope_type: 'Project', scope_id: ID }
  await expectStatus(404, root.post('/api/v1/rbac/assignments', given))
  expect((await body(vera, `/flows/${flow}`)).folder_id).toBe(own)
  const { rows } = await gate.db.execute({
    sql: 'SELECT (SELECT count(*) FROM folder WHERE id = ?1) + (SELECT count(*) FROM flow WHERE folder_id = ?1) AS n',
    args: [SHARED_PROJECT],
  })
  expect(rows[0]?.n).toBe(0)
})

test('its id is none that a generator of random ids makes', () => {
  expect(ID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(crypto.randomUUID()[14]).toBe('4')
})
