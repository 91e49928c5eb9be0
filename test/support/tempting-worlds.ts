// Random worlds in which there is something to be gained: chance alone seldom puts a flow that one may not
// delete into a project that one may, or gives somebody a say in a project that belongs to nobody.
import fc from 'fast-check'
import type { Grant, World } from '../oracle.ts'
import { everything, flowId, projectId, userId, worlds } from './random-worlds.ts'
import type { Step } from './rights-steps.ts'

const flags = fc.record({
  guest: fc.boolean(),
  heir: fc.constantFrom(undefined, null, userId(0), userId(1)),
  blind: fc.boolean(),
  lure: fc.constantFrom(undefined, 'parent', 'project', 'name'),
})

/** A world, and the steps that it invites to, which chance would hardly ever choose. */
export type Temptation = { world: World; invited: Step[] }

export const temptations: fc.Arbitrary<Temptation> = fc
  .tuple(worlds, flags)
  .map(([world, { guest, heir, blind, lure }]) => {
    const tempting = tempt(world, { guest, heir, blind })
    return lure ? lures[lure](tempting) : { world: tempting, invited: [] }
  })

const byFirst = { actor: 0 }
const lures: Record<'parent' | 'project' | 'name', (world: World) => Temptation> = {
  // A project that they may change, and another that they may only read.
  parent: (world) => ({
    world: holding(
      world,
      grant('Editor', 'Project', projectId(0)),
      grant('Viewer', 'Project', projectId(1)),
    ),
    invited: [{ ...byFirst, kind: 'change project', project: 0, parent: 1 }],
  }),
  // One that they may do everything with, and nothing with the flows in it.
  project: (world) => ({
    world: {
      ...holding(world, grant('Custom 0', 'Project', projectId(0))),
      roles: { ...world.roles, 'Custom 0': everything.filter((one) => one.endsWith('Project')) },
    },
    invited: [
      {
        ...byFirst,
        kind: 'share',
        scope: 'Project',
        target: 0,
        to: 1,
        role: 'Editor',
        ends: false,
      },
    ],
  }),
  // A flow that they may change, and one of the same user that is hidden from them.
  name: (world) => ({
    world: {
      ...holding(
        ownedBy(world, userId(0), [flowId(0), flowId(1)]),
        grant('Editor', 'Flow', flowId(0)),
        grant('Custom 0', 'Flow', flowId(1)),
      ),
      roles: { ...world.roles, 'Custom 0': [] },
    },
    invited: [{ ...byFirst, kind: 'change flow', flow: 0, name: 1 }],
  }),
}

function tempt(
  world: World,
  { guest, heir, blind }: { guest: boolean; heir: string | null | undefined; blind: boolean },
): World {
  let tempting = withHomes(world)
  // A flow in the first user's home, on which the user holds less than on the home.
  if (guest)
    tempting = put(tempting, flowId(0), projectId(HOME), grant('Editor', 'Flow', flowId(0)))
  // A project that they may change and not delete, whoever it is said to belong to.
  if (heir !== undefined) {
    tempting = put(tempting, flowId(1), projectId(0), grant('Editor', 'Project', projectId(0)))
    tempting = leaveTo(
      tempting,
      projectId(0),
      world.users.some(({ id }) => id === heir) ? heir : null,
    )
  }
  // One that they may change, and the flows in it delete, without seeing any of it.
  if (!blind) return tempting
  const roles = { ...world.roles, 'Custom 0': ['Update Flow', 'Delete Flow', 'Update Project'] }
  return {
    ...put(tempting, flowId(2), projectId(1), grant('Custom 0', 'Project', projectId(1))),
    roles,
  }
}

const HOME = 3
const grant = (role: string, scope: Grant['scope'], target: string): Grant => ({
  user: userId(0),
  role,
  scope,
  target,
  ends: 'never',
})

/** Every user has a Starter Project, as everybody does who has signed in. */
function withHomes(world: World): World {
  const homes = world.users.map(({ id }, n) => ({
    id: projectId(HOME + n),
    name: 'Starter Project',
    owner: id,
  }))
  const owners = homes.map(({ id, owner }) => ({ ...grant('Owner', 'Project', id), user: owner }))
  return { ...world, projects: [...world.projects, ...homes], grants: [...world.grants, ...owners] }
}

/** The flow in this project, and this grant alone on what it is about, where both are there. */
function put(world: World, flow: string, project: string, given: Grant): World {
  const { flows, projects, grants } = world
  if (!flows.some(({ id }) => id === flow) || !projects.some(({ id }) => id === project))
    return world
  const isOther = (g: Grant) =>
    g.user !== given.user || (g.target !== given.target && g.target !== flow)
  return {
    ...world,
    flows: flows.map((one) => (one.id === flow ? { ...one, project } : one)),
    grants: [...grants.filter(isOther), given],
  }
}

const leaveTo = (world: World, project: string, owner: string | null): World => ({
  ...world,
  projects: world.projects.map((one) => (one.id === project ? { ...one, owner } : one)),
})

const ownedBy = (world: World, owner: string, ids: string[]): World => ({
  ...world,
  flows: world.flows.map((flow) => (ids.includes(flow.id) ? { ...flow, owner } : flow)),
})

/** These grants alone on what they are about, of what is there, for the first user and their teams. */
function holding(world: World, ...given: Grant[]): World {
  const there = [...world.flows, ...world.projects].map(({ id }) => id)
  const isOther = ({ target }: { target: string | null }) =>
    !given.some((grant) => grant.target === target)
  return {
    ...world,
    grants: [
      ...world.grants.filter((g) => g.user !== userId(0) || isOther(g)),
      ...given.filter(({ target }) => target !== null && there.includes(target)),
    ],
    teams: world.teams.map((team) => ({ ...team, grants: team.grants.filter(isOther) })),
  }
}
