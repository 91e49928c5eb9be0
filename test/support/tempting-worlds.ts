// Random worlds in which there is something to be gained: chance alone seldom puts a flow that one may not
// delete into a project that one may, or gives somebody a say in a project that belongs to nobody.
import fc from 'fast-check'
import type { Grant, World } from '../oracle.ts'
import { grant, lureNames, lures, type Temptation } from './lures.ts'
import { flowId, projectId, userId, worlds } from './random-worlds.ts'

const flags = fc.record({
  guest: fc.boolean(),
  heir: fc.constantFrom(undefined, null, userId(0), userId(1)),
  blind: fc.boolean(),
  lure: fc.constantFrom(undefined, ...lureNames),
})

export const temptations: fc.Arbitrary<Temptation> = fc
  .tuple(worlds, flags)
  .map(([world, { guest, heir, blind, lure }]) => {
    const tempting = tempt(world, { guest, heir, blind })
    return lure ? lures[lure](tempting) : { world: tempting, invited: [] }
  })

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
