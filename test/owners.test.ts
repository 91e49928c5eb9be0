// Whose things are: the caller's own Starter Project comes first, and who asks for owners gets them, in one
// round trip; nobody else's bodies change.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import {
  type Api,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  signIn,
} from './support/world.ts'

type Thing = { id: string; name: string; owner?: { id: string; username: string } | null }

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let project: string
let flow: string
let orphan: string
let nameless: string
const hex = (id: string) => id.replaceAll('-', '')

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  project = await createProject(ann, 'p')
  flow = await createFlow(ann, 'of ann', project)
  await grant(root, bob, 'Owner', 'Project', project)
  await createFlow(bob, 'of bob', project)
  orphan = await createFlow(ann, 'of nobody', project)
  nameless = await createFlow(ann, 'of somebody gone', project)
  await gate.db.executeMultiple(`PRAGMA foreign_keys = off;
    UPDATE flow SET user_id = NULL WHERE id = '${hex(orphan)}';
    UPDATE flow SET user_id = '${'9'.repeat(32)}' WHERE id = '${hex(nameless)}';`)
})
afterAll(() => gate.stop())

const ownersOf = (things: Thing[]) =>
  Object.fromEntries(things.map(({ name, owner }) => [name, owner]))
const whose = (api: Api, username: string) => ({ id: api.userId, username })
const inProject = () => ({
  'of ann': whose(ann, 'ann'),
  'of bob': whose(bob, 'bob'),
  'of nobody': null,
  'of somebody gone': null,
})

/** The answer with owners, in one round trip; without them it is the same but for them. */
async function withOwners(api: Api, path: string) {
  gate.proxy.reset()
  const { body } = await expectStatus(
    200,
    api.get(`${path}${path.includes('?') ? '&' : '?'}include=owner`),
  )
  expect(gate.proxy.count).toBe(1)
  const { body: plain } = await expectStatus(200, api.get(path))
  expect(JSON.stringify(plain)).not.toContain('"owner"')
  expect(
    JSON.parse(JSON.stringify(body, (key, value) => (key === 'owner' ? undefined : value))),
  ).toEqual(plain)
  return body
}

describe('flows carry their owner where that is asked for', () => {
  test.each([
    ['/api/v1/flows/', (body: Thing[]) => body],
    ['/api/v1/flows/?header_flows=true', (body: Thing[]) => body],
    ['/api/v1/flows/?paged=all', ({ items }: { items: Thing[] }) => items],
    ['/api/v1/flows/?paged=all&order=name&size=100', ({ items }: { items: Thing[] }) => items],
  ])('%s', async (path, items) => {
    expect(ownersOf(items(await withOwners(ann, path)))).toEqual(inProject())
  })

  test('a page of one project', async () => {
    const path = `/api/v1/flows/?get_all=false&folder_id=${project}`
    expect(ownersOf((await withOwners(bob, path)).items)).toEqual(inProject())
  })

  test('a single flow', async () => {
    expect((await withOwners(bob, `/api/v1/flows/${flow}`)).owner).toEqual(whose(ann, 'ann'))
    expect((await withOwners(bob, `/api/v1/flows/${orphan}`)).owner).toBe(null)
    expect((await withOwners(bob, `/api/v1/flows/${nameless}`)).owner).toBe(null)
  })

  test('together with the time of the last change, which headers leave out', async () => {
    const times = (flows: { updated_at?: string }[]) => flows.map(({ updated_at }) => updated_at)
    const { body: whole } = await bob.get('/api/v1/flows/')
    expect(times(whole).every(Boolean)).toBe(true)
    const { body } = await bob.get('/api/v1/flows/?header_flows=true&include=owner,updated')
    expect([times(body), ownersOf(body)]).toEqual([times(whole), inProject()])
    const { body: bare } = await bob.get('/api/v1/flows/?header_flows=true&include=owner')
    expect(times(bare).some(Boolean)).toBe(false)
  })

  test('together with actions', async () => {
    const { body } = await bob.get('/api/v1/flows/?include=actions,owner')
    expect(ownersOf(body)).toEqual(inProject())
    expect(body[0].actions).toEqual(['Create', 'Read', 'Update', 'Delete'])
  })
})

describe('so do projects, and the flows in them', () => {
  test('the list', async () => {
    const body: Thing[] = await withOwners(bob, '/api/v1/projects/')
    expect(body.map(({ name, owner }) => [name, owner])).toEqual([
      ['Starter Project', whose(bob, 'bob')],
      ['p', whose(ann, 'ann')],
    ])
    const { body: all } = await bob.get('/api/v1/projects/?include=owner,actions')
    expect(all[1]).toMatchObject({ owner: whose(ann, 'ann'), scope: 'Project' })
  })

  test('one project, whole and by the page', async () => {
    const body = await withOwners(bob, `/api/v1/projects/${project}`)
    expect(body.owner).toEqual(whose(ann, 'ann'))
    expect(ownersOf(body.flows)).toEqual(inProject())
    const page = await withOwners(bob, `/api/v1/projects/${project}?page=2&size=3`)
    expect(page.folder.owner).toEqual(whose(ann, 'ann'))
    expect(ownersOf(page.flows.items)).toEqual({ 'of ann': whose(ann, 'ann') })
  })
})

test('what cannot be included is refused by name', async () => {
  for (const path of ['/flows/', `/flows/${flow}`, '/projects/', `/projects/${project}`])
    for (const wrong of ['everything', 'owner,', ''])
      expect((await bob.get(`/api/v1${path}?include=${wrong}`)).body.detail).toMatchObject([
        { loc: ['query', 'include'] },
      ])
})

describe('the own Starter Project comes first', () => {
  const names = async (api: Api) =>
    (await expectStatus(200, api.get('/api/v1/projects/'))).body.map(({ id, name }: Thing) => [
      name,
      id,
    ])
  const ownOf = async (api: Api) => {
    const { rows } = await gate.db.execute({
      sql: 'SELECT id FROM folder WHERE is_starter_project AND user_id = ?',
      args: [hex(api.userId)],
    })
    return String(rows[0]?.id)
  }

  test('for everybody, a superuser and a Global Admin too, whatever it is called', async () => {
    const gina = await createUser(gate, root, 'gina')
    await grant(root, gina, 'Admin', 'Global')
    await grant(root, bob, 'Viewer', 'Global')
    const renamed = await createUser(gate, root, 'aaron')
    await gate.db.execute(`UPDATE folder SET name = 'zzz' WHERE id = '${await ownOf(renamed)}'`)
    await grant(root, renamed, 'Viewer', 'Global')
    for (const api of [root, gina, bob, renamed]) {
      const [[, first] = [], ...others] = await names(api)
      expect(hex(String(first))).toBe(await ownOf(api))
      // Then the Starter Projects of others, then the rest.
      expect(others.slice(-1)[0]?.[0]).toBe('p')
      expect(others.length).toBe(5)
    }
  })

  test('a project that only bears the name is not it', async () => {
    const { body } = await ann.post('/api/v1/projects/', { name: 'Starter Project' })
    await gate.db.execute(
      `UPDATE folder SET name = ' Starter Project' WHERE id = '${hex(body.id)}'`,
    )
    const [[, first] = []] = await names(ann)
    expect(hex(String(first))).toBe(await ownOf(ann))
  })
})
