// The demo world: alive, in the form that an editor reads, and the same however often it is seeded.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedDemo } from '../src/cli/demo.ts'
import type { toGraph } from '../src/cli/demo-graph.ts'
import { PASSWORD } from '../src/cli/demo-world.ts'
import { type Flowgate, SUPERUSER, SUPERUSER_PASSWORD, startFlowgate } from './support/flowgate.ts'
import { type Api, signIn } from './support/world.ts'

type Graph = ReturnType<typeof toGraph>
type Flow = {
  name: string
  folder_id: string | null
  is_component: boolean
  access_type: string
  data: Graph
}

let gate: Flowgate
let root: Api
let flows: Flow[]
beforeAll(async () => {
  gate = await startFlowgate({ direct: true })
  await seed()
  root = await signIn(gate)
  flows = (await root.get('/api/v1/flows/')).body
})
afterAll(() => gate.stop())

/** With a marker of its own: a run that has not seen the end of one before. */
async function seed() {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-demo-'))
  try {
    const superuser = { username: SUPERUSER, password: SUPERUSER_PASSWORD }
    await seedDemo(gate.url, superuser, join(directory, 'seeded'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const namesFor = async (username: string, query = '') => {
  const api = await signIn(gate, username, PASSWORD)
  return ((await api.get(`/api/v1/flows/?header_flows=true${query}`)).body as Flow[])
    .map(({ name }) => name)
    .sort()
}

test('it has 40 flows in six projects, two components and a public flow', () => {
  const components = flows.filter((flow) => flow.is_component)
  expect(flows.length - components.length).toBe(40)
  expect(components).toHaveLength(2)
  expect(new Set(flows.map((flow) => flow.folder_id)).size).toBe(6)
  expect(flows.filter((flow) => flow.access_type === 'PUBLIC')).toHaveLength(1)
})

test('everybody sees what the table of logins says of them', async () => {
  expect(await namesFor('gina')).toHaveLength(42)
  expect(await namesFor('eddy')).toHaveLength(9)
  expect(await namesFor('eddy')).toContain('Call notes')
  expect(await namesFor('vera')).toEqual(['Invoice extraction'])
  expect(await namesFor('theo')).toHaveLength(7)
  expect(await namesFor('nils')).toEqual([])
})

test('one grant ends by itself', async () => {
  const { body } = await root.get('/api/v1/rbac/assignments')
  const ends = body.flatMap((one: { expires_at?: string }) => one.expires_at ?? [])
  expect(ends).toHaveLength(1)
  expect(Date.parse(ends[0])).toBeGreaterThan(Date.now())
})

describe('each graph', () => {
  test('has nodes with a template, which know the names of their own fields', () => {
    for (const { id, type, data } of flows.flatMap((flow) => flow.data.nodes)) {
      expect([type, data.id]).toEqual(['genericNode', id])
      const { _type, ...fields } = data.node.template as Record<string, unknown>
      expect(_type).toBe('Component')
      expect(data.node.field_order).toEqual(Object.keys(fields))
      for (const [name, field] of Object.entries(fields))
        expect(field).toMatchObject({ name, type: 'str', show: true })
    }
  })

  test('has edges between ports that are there and fit', () => {
    const edges = flows.flatMap(({ data }) => data.edges.map((edge) => ({ edge, data })))
    expect(edges.length).toBeGreaterThan(100)
    for (const { edge, data } of edges) {
      const source = JSON.parse(edge.sourceHandle.replaceAll('œ', '"'))
      const target = JSON.parse(edge.targetHandle.replaceAll('œ', '"'))
      expect(edge.data).toEqual({ sourceHandle: source, targetHandle: target })
      const [from, to] = [edge.source, edge.target].map((id) =>
        data.nodes.find((node) => node.id === id),
      )
      expect([source.id, source.dataType]).toEqual([from?.id, from?.data.type])
      const output = from?.data.node.outputs.find(({ name }) => name === source.name)
      expect(output?.types).toEqual(source.output_types)
      const template = to?.data.node.template as Record<string, { input_types?: string[] }>
      expect(template[target.fieldName]?.input_types).toEqual(target.inputTypes)
      expect(target.inputTypes).toEqual(expect.arrayContaining(source.output_types))
    }
  })

  test('has one node where it is a component, and ids of its own', () => {
    for (const { data, is_component } of flows) {
      const ids = data.nodes.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.length === 1).toBe(is_component)
      expect(data.edges).toHaveLength(ids.length - 1)
    }
  })
})

test('seeding again adds nothing, and what is missing comes back', async () => {
  const count = async () => (await root.get('/api/v1/flows/?header_flows=true')).body.length
  const counts = async () => ({
    flows: await count(),
    projects: (await root.get('/api/v1/projects/')).body.length,
    grants: (await root.get('/api/v1/rbac/assignments')).body.length,
    users: (await root.get('/api/v1/users/')).body.total_count,
  })
  const before = await counts()
  await seed()
  expect(await counts()).toEqual(before)

  const [lost] = (await root.get('/api/v1/flows/?header_flows=true')).body
  await root.delete(`/api/v1/flows/${lost.id}`)
  expect(await count()).toBe(before.flows - 1)
  await seed()
  expect(await count()).toBe(before.flows)
})
