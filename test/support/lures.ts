// What tempts somebody to a step that chance would hardly ever choose: a world, and the step that it invites to.
import type { Grant, World } from '../oracle.ts'
import { everything, flowId, projectId, teamId, userId } from './random-worlds.ts'
import type { Step } from './rights-steps.ts'

/** A world, and the steps that it invites to, which chance would hardly ever choose. */
export type Temptation = { world: World; invited: Step[] }

export const lureNames = ['parent', 'project', 'name', 'team', 'end'] as const

const byFirst = { actor: 0 }
export const lures: Record<(typeof lureNames)[number], (world: World) => Temptation> = {
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
  // One that is theirs by their team alone, whose grant they may not end.
  team: (world) => {
    const { user: member, ...held } = grant('Owner', 'Project', projectId(0))
    const isThere = world.projects.some(({ id }) => id === held.target)
    return {
      world: {
        ...world,
        grants: world.grants.filter(
          ({ user, target }) => user !== member || target !== held.target,
        ),
        teams: [{ id: teamId(0), members: [member], grants: isThere ? [held] : [] }],
      },
      invited: [
        { ...byFirst, kind: 'end share', scope: 'Project', target: 0, grant: 0, ofTeam: true },
      ],
    }
  },
  // A flow that is theirs for a time.
  end: (world) => ({
    world: holding(world, { ...grant('Owner', 'Flow', flowId(0)), ends: 'in the future' }),
    invited: [
      { ...byFirst, kind: 'share', scope: 'Flow', target: 0, to: 1, role: 'Viewer', ends: false },
    ],
  }),
}

/** What the first user holds, for ever. */
export const grant = (role: string, scope: Grant['scope'], target: string): Grant => ({
  user: userId(0),
  role,
  scope,
  target,
  ends: 'never',
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
