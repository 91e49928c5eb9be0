// Secrets of every kind, in flows, groups and groups of groups, looked for in all that leaves the house.
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { description } from './support/described.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { plantGraph } from './support/planted.ts'
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
let ann: Api
let bob: Api
let project: string
let flow: string
let other: string
const { graph, gone, kept } = plantGraph()
const ARCHIVE = 'application/x-zip-compressed'
const contentOf = (answer: { content?: object } | undefined) => answer?.content ?? {}
const EXAMPLES = 'e'.repeat(32)

beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  project = await createProject(ann, 'p')
  const told = (where: string) =>
    `https://ann:gone${where}Url@x.test keeps API_KEY=gone${where}Key and kept${where}Words`
  const texts = { description: told('Description'), action_description: told('Action') }
  for (const where of ['Description', 'Action']) {
    gone.push(`gone${where}Url`, `gone${where}Key`)
    kept.push(`kept${where}Words`)
  }
  flow = await createFlow(ann, 'planted', project, {
    ...texts,
    data: graph,
    access_type: 'PUBLIC',
  })
  other = await createFlow(ann, 'other', project, { data: graph })
  await grant(root, bob, 'Viewer', 'Project', project)
  await gate.db.batch([
    `INSERT INTO folder (id, name, is_starter_project) VALUES ('${EXAMPLES}', 'Starter Projects', 0)`,
    `UPDATE flowgate_examples SET folder_id = '${EXAMPLES}'`, // as adoption does
    {
      sql: `INSERT INTO flow (id, name, data, updated_at, folder_id, user_id, description, action_description)
        VALUES (?, 'example', ?, '2026-01-01 00:00:00.000000', '${EXAMPLES}', ?, ?, ?)`,
      args: [
        'f'.repeat(32),
        JSON.stringify(graph),
        ann.userId.replaceAll('-', ''),
        texts.description,
        texts.action_description,
      ],
    },
  ])
})
afterAll(() => gate?.stop())

/** The routes that let graphs out of the house, and how each is asked for these flows. */
const exporting: Record<string, (api: Api | undefined) => Promise<Response>> = {
  'GET /api/v1/flows/public_flow/:flow_id': (api) => ask(api, `/flows/public_flow/${flow}`),
  'GET /api/v1/flows/basic_examples/': (api) => ask(api, '/flows/basic_examples/'),
  'POST /api/v1/flows/download/': (api) => ask(api, '/flows/download/', [flow]),
  'GET /api/v1/projects/download/:project_id': (api) => ask(api, `/projects/download/${project}`),
}

function ask(api: Api | undefined, path: string, body?: unknown): Promise<Response> {
  return gate.fetch(`/api/v1${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(api ? { authorization: `Bearer ${api.token}` } : {}),
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

/** Everything in it as text, unpacked. */
async function textOf(response: Response): Promise<string> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (!response.headers.get('content-type')?.includes('zip')) return new TextDecoder().decode(bytes)
  return Object.values(unzipSync(bytes))
    .map((file) => new TextDecoder().decode(file))
    .join('\n')
}

test('every route that is open to strangers or gives files is looked at here', async () => {
  const { paths } = await description()
  const routes = Object.entries(paths)
    .filter(([path]) => /^\/api\/v1\/(flows|projects)\//.test(path))
    .flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { security, responses }]) => !security || ARCHIVE in contentOf(responses[200]))
        .map(([method]) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
  expect(routes.sort()).toEqual(Object.keys(exporting).sort())
})

test('no export and no public answer holds a planted secret, whoever asks, and all else is there', async () => {
  for (const [route, send] of Object.entries(exporting))
    for (const api of [undefined, bob, ann, root]) {
      const response = await send(api)
      const text = await textOf(response)
      expect([route, gone.filter((marker) => text.includes(marker))]).toEqual([route, []])
      if (response.status !== 200) expect([route, api]).toEqual([route, undefined])
      else expect([route, kept.filter((marker) => !text.includes(marker))]).toEqual([route, []])
    }
  const several = await textOf(await ask(bob, '/flows/download/', [flow, other]))
  expect(gone.filter((marker) => several.includes(marker))).toEqual([])
  expect(kept.filter((marker) => !several.includes(marker))).toEqual([])
})

test('whoever may read a flow reads it whole, as the contract says', async () => {
  for (const path of [
    `/api/v1/flows/${flow}`,
    `/api/v1/flows/?get_all=false&folder_id=${project}`,
    `/api/v1/projects/${project}`,
  ]) {
    const { body } = await expectStatus(200, bob.get(path))
    const text = JSON.stringify(body)
    expect([path, [...gone, ...kept].filter((m) => !text.includes(m))]).toEqual([path, []])
  }
})

test('strangers see neither owner nor project of a public flow, and no owner of an example', async () => {
  const open = (await (await ask(undefined, `/flows/public_flow/${flow}`)).json()) as object
  expect(open).toMatchObject({ id: flow, user_id: null, folder_id: null })
  const examples = (await (await ask(undefined, '/flows/basic_examples/')).json()) as object[]
  expect(examples[0]).toMatchObject({ name: 'example', user_id: null })
  const all = JSON.stringify([open, examples])
  expect([ann.userId, project].filter((id) => all.includes(id))).toEqual([])
})
