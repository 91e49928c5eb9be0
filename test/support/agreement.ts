// Asks a running flowgate everything about a world and compares each answer with the oracle.
import fc from 'fast-check'
import { may, type World } from '../oracle.ts'
import type { Flowgate } from './flowgate.ts'
import { missingId, putWorld, userId, worlds } from './random-worlds.ts'
import { mintToken } from './tokens.ts'
import { type Answer, call, signIn } from './world.ts'

type Ask = (path: string) => Promise<Answer>

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
    const users = world.users.map(({ id, active }, n) => {
      const headers = { authorization: `Bearer ${tokens[n]}` }
      const ask: Ask = (path) => call(gate, 'GET', `/api/v1${path}`, undefined, headers)
      return active ? compareAnswers(world, id, ask) : compareRefusals(ask)
    })
    const differences = (await Promise.all(users)).flat()
    if (differences.length > 0) throw new Error(differences.join('\n'))
  })
  await fc.assert(agrees, {
    numRuns,
    endOnFailure: !shrink,
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path ? { path } : {}),
  })
}

/** What one active user gets from every listing and every single read. */
async function compareAnswers(world: World, user: string, ask: Ask): Promise<string[]> {
  const reads = (scope: 'Flow' | 'Project', id: string) => may(world, user, 'Read', scope, id)
  const flows = world.flows
    .filter(({ id }) => reads('Flow', id))
    .sort((a, b) => (`${a.updated}${a.id}` < `${b.updated}${b.id}` ? 1 : -1))
  const inProject = (project: string) => flows.filter((flow) => flow.project === project)
  const projects = world.projects.filter(({ id }) => reads('Project', id))
  const listed = projects.filter(({ name }) => name !== 'Starter Projects')

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

  await Promise.all([
    compare('/flows/', ids(flows), ({ body }) => ids(body)),
    compare('/flows/?header_flows=true', ids(flows), ({ body }) => ids(body)),
    compare('/projects/', ids(listed), ({ body }) => Array.isArray(body) && ids(body).sort()),
    ...single('/flows/', 'Flow', world.flows),
    ...single('/projects/', 'Project', world.projects),
    ...world.projects.flatMap(({ id }) => {
      const here = ids(inProject(id))
      const paged = `/flows/?get_all=false&folder_id=${id}`
      return [
        compare(`${paged}&size=100`, [here.length, here], page),
        compare(`${paged}&size=1&page=2`, [here.length, here.slice(1, 2)], page),
      ]
    }),
    ...projects.map(({ id }) =>
      compare(`/projects/${id}`, ids(inProject(id)), ({ body }) => ids(body.flows)),
    ),
  ])
  return differences
}

/** A deactivated user gets nothing, whatever the grants say. */
async function compareRefusals(ask: Ask): Promise<string[]> {
  const paths = ['/flows/', '/flows/?get_all=false', '/projects/', `/flows/${missingId}`]
  const answers = await Promise.all(paths.map(ask))
  return answers.flatMap(({ status }, n) =>
    status === 401 ? [] : [`inactive ${paths[n]}: ${status}, not 401`],
  )
}
