// Asks a running flowgate everything about a world and compares each answer with the oracle.
import fc from 'fast-check'
import { SHARED_PROJECT } from '../../src/access/shared.ts'
import { isAdmin, may, type World } from '../oracle.ts'
import { type Flowgate, SUPERUSER } from './flowgate.ts'
import { missingId, permissions, putWorld, userId, worlds } from './random-worlds.ts'
import { mintToken } from './tokens.ts'
import { type Answer, call, signIn } from './world.ts'

type Ask = (path: string, body?: unknown) => Promise<Answer>
type Send = (method: string, path: string, body?: unknown) => Promise<Answer>

/**
 * Throws with the smallest world found where flowgate and the oracle differ; the message names seed
 * and path, and FC_SEED and FC_PATH replay it. `shrink: false` stops at the first difference.
 */
export async function expectAgreement(gate: Flowgate, numRuns: number, { shrink = true } = {}) {
  await signIn(gate) // brings the database to head
  const tokens = await Promise.all([0, 1, 2].map((n) => mintToken(userId(n))))
  const { FC_SEED: seed, FC_PATH: path } = process.env
  const agrees = fc.asyncProperty(worlds, async (world) => {
    await putWorld(gate.db, world)
    const people = world.users.map(({ id, active }, n) => {
      const headers = { authorization: `Bearer ${tokens[n]}` }
      const send: Send = (method, path, body) => call(gate, method, `/api/v1${path}`, body, headers)
      const ask: Ask = (path, body) => send(body === undefined ? 'GET' : 'POST', path, body)
      return { id, active, send, ask }
    })
    const users = people.map(({ id, active, ask }) =>
      active ? compareAnswers(world, id, ask) : compareRefusals(ask),
    )
    const differences = (await Promise.all(users)).flat()
    for (const { id, send } of people.filter(({ active }) => active).slice(0, 1))
      differences.push(...(await compareDeletion(world, id, send)))
    if (differences.length > 0) throw new Error(differences.join('\n'))
  })
  await fc.assert(agrees, {
    numRuns,
    endOnFailure: !shrink,
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path ? { path } : {}),
  })
}

/** All flows of a world are described so, the second time with an accent that does not count. */
const searches = [
  'search=flow',
  `search=${encodeURIComponent('ροή')}&order=relevance&header_flows=true`,
]

/** What one active user gets from every listing and every single read. */
async function compareAnswers(world: World, user: string, ask: Ask): Promise<string[]> {
  const reads = (scope: 'Flow' | 'Project', id: string) => may(world, user, 'Read', scope, id)
  const flows = world.flows
    .filter(({ id }) => reads('Flow', id))
    .sort((a, b) => (`${a.updated}${a.id}` < `${b.updated}${b.id}` ? 1 : -1))
  const inProject = (project: string) => flows.filter((flow) => flow.project === project)
  const projects = world.projects.filter(({ id }) => reads('Project', id))
  const listed = projects.filter(({ examples }) => !examples)
  const outside = flows.filter(({ project }) => !project || !reads('Project', project))
  const shared = isAdmin(world, user) ? [] : outside

  const differences: string[] = []
  const compare = async (path: string, expected: unknown, seen: (answer: Answer) => unknown) => {
    const answer = await ask(path)
    const got = JSON.stringify(seen(answer))
    if (got !== JSON.stringify(expected))
      differences.push(`${user} ${path}: ${answer.status} ${got}, not ${JSON.stringify(expected)}`)
  }
  const ids = (rows: { id: string }[]) => (Array.isArray(rows) ? rows.map(({ id }) => id) : rows)
  const page = ({ body }: Answer) => [body.total, ids(body.items)]

  const single = (path: string, scope: 'Flow' | 'Project', rows: { id: string }[]) =>
    [...rows, { id: missingId }].map(({ id }) => {
      const found = id === missingId ? 404 : 200
      return compare(`${path}${id}`, reads(scope, id) ? found : 403, ({ status }) => status)
    })

  const mayDo = (scope: 'Flow' | 'Project', id: string) =>
    permissions.filter((permission) => may(world, user, permission, scope, id))
  const withActions = (scope: 'Flow' | 'Project', rows: { id: string }[]) =>
    rows.map(({ id }) => [id, mayDo(scope, id)])
  const actions = (rows: { id: string; actions: string[] }[]) =>
    rows.map((row) => [row.id, row.actions])

  /** A few of them, other ones in other worlds: asking everything of every world takes too long. */
  const pick = <T>(list: T[], some: number): T[] =>
    list.length <= some
      ? list
      : Array.from(
          { length: some },
          (_, n) => list[(world.grants.length * 7 + n * 5) % list.length] as T,
        )

  const search = (query: string) =>
    compare(`/flows/?paged=all&${query}`, [flows.length, ids(flows).sort()], ({ body }) => [
      body.total,
      Array.isArray(body.items) && ids(body.items).sort(),
    ])
  const firstPage = () =>
    compare('/flows/?paged=all&size=1', [flows.length, ids(flows.slice(0, 1))], page)
  // By the first answer it is known how to ask for the others: each kind of them comes first in some worlds.
  for (const first of pick([firstPage, ...searches.map((query) => () => search(query))], 1))
    await first()
  await Promise.all([
    compare('/flows/', ids(flows), ({ body }) => ids(body)),
    compare('/flows/?header_flows=true', ids(flows), ({ body }) => ids(body)),
    compare(
      '/flows/?paged=all&size=2&include=actions',
      [flows.length, withActions('Flow', flows.slice(0, 2))],
      ({ body }) => [body.total, actions(body.items)],
    ),
    compare(
      '/flows/?paged=all&size=1&header_flows=true',
      [flows.length, ids(flows.slice(0, 1))],
      page,
    ),
    firstPage(),
    ...searches.map(search),
    ...pick(world.projects, 1).map(({ id }) => {
      const here = ids(inProject(id))
      return compare(
        `/flows/?paged=all&search=flow&order=relevance&folder_id=${id}`,
        [here.length, here.toSorted()],
        ({ body }) => [body.total, Array.isArray(body.items) && ids(body.items).sort()],
      )
    }),
    compare('/projects/', ids(listed), ({ body }) => Array.isArray(body) && ids(body).sort()),
    compare('/projects/?include=actions', withActions('Project', listed), ({ body }) =>
      actions(body).sort(),
    ),
    compare(`/projects/${SHARED_PROJECT}`, ids(shared), ({ body }) => ids(body.flows)),
    compare(
      `/flows/?paged=all&folder_id=${SHARED_PROJECT}&size=2`,
      [shared.length, ids(shared.slice(0, 2))],
      page,
    ),
    ...single('/flows/', 'Flow', pick(world.flows, 1)),
    ...single('/projects/', 'Project', pick(world.projects, 1)),
    ...pick(world.projects, 1).map(({ id }) => {
      const here = ids(inProject(id))
      const paged = `/flows/?get_all=false&folder_id=${id}&size=1&page=2`
      return compare(paged, [here.length, here.slice(1, 2)], page)
    }),
    ...pick(projects, 1).flatMap(({ id }) => {
      const here = ids(inProject(id))
      return [
        compare(`/projects/${id}`, here, ({ body }) => ids(body.flows)),
        compare(`/projects/${id}?size=2`, [here.length, here.slice(0, 2)], ({ body }) => [
          body.flows.total,
          ids(body.flows.items),
        ]),
      ]
    }),
    ...pick(questions(world), 2).map(({ action, resource_type, resource_id }) =>
      compare(
        `/rbac/explain?permission=${action}&scope_type=${resource_type}&scope_id=${resource_id}`,
        may(world, user, action, resource_type, resource_id),
        ({ body }) => body.allowed,
      ),
    ),
    ...pick(things(world), 1).map(([scope, id]) =>
      compare(
        `/rbac/access?scope_type=${scope}&scope_id=${id}`,
        whoMay(world, user, scope, id),
        seenOf,
      ),
    ),
    compareChecks(world, user, ask).then((found) => differences.push(...found)),
  ])
  return differences
}

/** Every permission on everything that there is, and on what there is not, in one batch. */
async function compareChecks(world: World, user: string, ask: Ask): Promise<string[]> {
  const checks = questions(world)
  const { body, status } = await ask('/rbac/check-permissions', { checks })
  return checks.flatMap(({ action, resource_type, resource_id }, n) => {
    const expected = may(world, user, action, resource_type, resource_id)
    const got = body.results?.[n]?.allowed
    if (got === expected) return []
    return [`${user} ${action} ${resource_type} ${resource_id}: ${status} ${got}, not ${expected}`]
  })
}

type Thing = ['Flow' | 'Project', string]
const things = ({ flows, projects }: World): Thing[] => [
  ...flows.map(({ id }): Thing => ['Flow', id]),
  ...projects.map(({ id }): Thing => ['Project', id]),
]

/** Who may do what with it, as far as this user is told: nobody, the admins as a number, or everybody. */
function whoMay(world: World, user: string, ...thing: Thing): unknown {
  const mayDo = (id: string) => permissions.filter((p) => may(world, id, p, ...thing))
  if (mayDo(user).length < permissions.length) return 403
  const able = world.users.filter(({ id }) => mayDo(id).length > 0).map(({ id }) => id)
  const admins = able.filter((id) => isAdmin(world, id))
  const told = isAdmin(world, user) ? able : able.filter((id) => !admins.includes(id))
  return [told.length, admins.length, told.map((id) => [id, mayDo(id)])]
}

/** The same of an answer, without the superuser who brought the database to head and is in no world. */
function seenOf({ status, body }: Answer): unknown {
  if (status !== 200) return status
  const items = body.items as { user_id: string; username: string; actions: string[] }[]
  const told = items.filter(({ username }) => username !== SUPERUSER)
  const total = body.total - (items.length - told.length)
  return [total, body.admins - 1, told.map(({ user_id, actions }) => [user_id, actions])]
}

function questions({ flows, projects }: World) {
  const about = (resource_type: 'Flow' | 'Project', rows: { id: string }[]) =>
    [...rows.map(({ id }) => id), missingId].flatMap((resource_id) =>
      permissions.map((action) => ({ action, resource_type, resource_id })),
    )
  return [...about('Flow', flows), ...about('Project', projects)]
}

/** What bulk deletion takes is what the user may delete; it changes the world, so it comes last. */
async function compareDeletion(world: World, user: string, send: Send): Promise<string[]> {
  const ids = world.flows.map(({ id }) => id)
  const { body } = await send('DELETE', '/flows/', ids)
  const expected = ids.filter((id) => may(world, user, 'Delete', 'Flow', id)).length
  return body.deleted === expected ? [] : [`${user} deleted ${body.deleted}, not ${expected}`]
}

/** A deactivated user gets nothing, whatever the grants say. */
async function compareRefusals(ask: Ask): Promise<string[]> {
  const paths = ['/flows/', '/flows/?get_all=false', '/projects/', `/flows/${missingId}`]
  const answers = await Promise.all(paths.map((path) => ask(path)))
  return answers.flatMap(({ status }, n) =>
    status === 401 ? [] : [`inactive ${paths[n]}: ${status}, not 401`],
  )
}
