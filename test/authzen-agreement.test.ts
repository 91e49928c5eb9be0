// In random worlds, whatever the decision API says of anybody is what the oracle says: every evaluation, every search, page
// by page, with nothing missing and nothing twice. So every result of a search evaluates to true.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { may, type World } from './oracle.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { missingId, permissions, putWorld, worlds } from './support/random-worlds.ts'
import { type Api, expectStatus, signIn } from './support/world.ts'

/** Worlds; more of them with FC_RUNS. */
const RUNS = Number(process.env.FC_RUNS ?? 25)

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate({ direct: true })
  root = await signIn(gate)
})
afterAll(() => gate?.stop())

const actions = [...permissions, 'Share'] as const
type Action = (typeof actions)[number]
type Entity = { type: string; id: string }
const scopes = { flow: 'Flow', project: 'Project' } as const

/** A team may what somebody may who holds nothing but its grants. */
function asTeam(world: World, id: string): World {
  const grants = world.teams
    .filter((team) => team.id === id)
    .flatMap((team) => team.grants.map((grant) => ({ ...grant, user: id })))
  return { ...world, users: [{ id, superuser: false, active: true }], grants, teams: [] }
}

function mayDo(world: World, subject: Entity, action: Action, resource: Entity): boolean {
  const isThere = [...world.flows, ...world.projects].some(({ id }) => id === resource.id)
  const seen = subject.type === 'team' ? asTeam(world, subject.id) : world
  const needed = action === 'Share' ? permissions : [action]
  const scope = scopes[resource.type as keyof typeof scopes]
  return isThere && needed.every((one) => may(seen, subject.id, one, scope, resource.id))
}

const post = async (path: string, body: unknown) =>
  (await expectStatus(200, root.post(`/access/v1/${path}`, body))).body

/** All pages of a search, in small ones. */
async function walk(what: string, body: object): Promise<{ ids: string[]; total: number }> {
  const ids: string[] = []
  let token = ''
  let total = 0
  do {
    const { results, page } = await post(`search/${what}`, { ...body, page: { limit: 2, token } })
    ids.push(...results.map(({ id }: Entity) => id))
    total = page.total
    token = page.next_token
  } while (token !== '')
  return { ids, total }
}

test('evaluations and searches say what the decision rule says', async () => {
  const agrees = fc.asyncProperty(worlds, async (world) => {
    await putWorld(gate.db, world)
    const entities = (type: string, rows: { id: string }[]) =>
      rows.map(({ id }): Entity => ({ type, id }))
    const subjects = [...entities('user', world.users), ...entities('team', world.teams)]
    const there = [...entities('flow', world.flows), ...entities('project', world.projects)]
    const resources = [
      ...there,
      { type: 'flow', id: missingId },
      { type: 'project', id: missingId },
    ]
    for (const subject of subjects) {
      const asked = resources.flatMap((resource) =>
        actions.map((name) => ({ resource, action: { name } })),
      )
      const { evaluations } = await post('evaluations', { subject, evaluations: asked })
      expect(evaluations.map((one: { decision: boolean }) => one.decision)).toEqual(
        asked.map(({ resource, action }) => mayDo(world, subject, action.name, resource)),
      )
      for (const action of actions)
        for (const type of ['flow', 'project']) {
          const able = there.filter(
            (one) => one.type === type && mayDo(world, subject, action, one),
          )
          const body = { subject, action: { name: action }, resource: { type } }
          const { ids, total } = await walk('resource', body)
          const what = JSON.stringify(body)
          expect([what, ids.toSorted()]).toEqual([what, able.map(({ id }) => id).toSorted()])
          expect([what, total]).toEqual([what, able.length])
        }
      const [resource] = there
      if (resource) {
        const { results } = await post('search/action', { subject, resource })
        const names = actions.filter((action) => mayDo(world, subject, action, resource))
        expect(results).toEqual(names.map((name) => ({ name })))
      }
    }
    for (const resource of there)
      for (const action of actions)
        for (const type of ['user', 'team']) {
          const able = subjects.filter(
            (one) => one.type === type && mayDo(world, one, action, resource),
          )
          const body = { subject: { type }, action: { name: action }, resource }
          const { ids } = await walk('subject', body)
          const found = ids.filter((id) => id !== root.userId)
          const what = JSON.stringify(body)
          expect([what, found.toSorted()]).toEqual([what, able.map(({ id }) => id).toSorted()])
          if (type === 'user') expect(ids).toContain(root.userId)
        }
    await compareReasons(world)
  })
  await fc.assert(agrees, {
    numRuns: RUNS,
    ...(process.env.FC_SEED ? { seed: Number(process.env.FC_SEED) } : {}),
    ...(process.env.FC_PATH ? { path: process.env.FC_PATH } : {}),
  })
})

/** The reason of a decision is that of an explanation. */
async function compareReasons({ users, flows }: World): Promise<void> {
  for (const { id } of users)
    for (const flow of flows.slice(0, 2)) {
      const path = `/api/v1/rbac/explain?user_id=${id}&permission=Update&scope_type=Flow&scope_id=${flow.id}`
      const { body: explained } = await expectStatus(200, root.get(path))
      const { decision, context } = await post('evaluation', {
        subject: { type: 'user', id },
        action: { name: 'update' },
        resource: { type: 'flow', id: flow.id.replaceAll('-', '').toUpperCase() },
      })
      expect([decision, context.reason]).toEqual([explained.allowed, explained.decided_by])
    }
}
