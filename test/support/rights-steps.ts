// What insiders try: every write on flows and projects, and grants that are not theirs to give. Numbers are
// places in the lists of what there is at that moment, so that a step also meets what an earlier one made.
import fc from 'fast-check'
import { flowId, missingId, userId } from './random-worlds.ts'
import type { State } from './rights-world.ts'

export type Step = { actor: number } & (
  | { kind: 'change flow'; flow: number; to?: number | null; name?: number; access?: string }
  | { kind: 'delete flow' | 'delete flows'; flow: number }
  | { kind: 'make flow' | 'make flows' | 'upload flow'; to: number | null; access: string }
  | { kind: 'make project'; flows: number[]; components: number[] }
  | {
      kind: 'change project'
      project: number
      flows?: number[]
      components?: number[]
      parent?: number
      name?: number
    }
  | { kind: 'delete project'; project: number }
  | { kind: 'take' | 'give up'; scope: 'Flow' | 'Project'; target: number }
  | {
      kind: 'share'
      scope: 'Flow' | 'Project'
      target: number
      to: number
      role: string
      ends: boolean
    }
  | {
      kind: 'change share'
      scope: 'Flow' | 'Project'
      target: number
      grant: number
      role?: string
      ends?: boolean
    }
  | {
      kind: 'end share'
      scope: 'Flow' | 'Project'
      target: number
      grant: number
      ofTeam?: boolean
    }
)

export type Sent = { method: string; path: string; body?: unknown; file?: unknown }

const place = fc.integer({ min: 0, max: 5 })
const places = fc.oneof(fc.constant([]), fc.array(place, { maxLength: 2 }))
const access = fc.constantFrom('PRIVATE', 'PUBLIC')
const seldom = <T>(some: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 2 })
const role = fc.constantFrom('Viewer', 'Editor', 'Owner', 'Custom 0', 'Custom 1')
const actor = fc.integer({ min: 0, max: 1 })

/** One thing that somebody tries; what moves something comes most often. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  step(6, 'change flow', {
    flow: place,
    to: maybe(fc.option(place)),
    name: seldom(place),
    access: maybe(access),
  }),
  step(1, 'delete flow', { flow: place }),
  step(1, 'delete flows', { flow: place }),
  step(1, 'make flow', { to: fc.option(place), access }),
  step(1, 'make flows', { to: fc.option(place), access }),
  step(1, 'upload flow', { to: fc.option(place), access }),
  step(3, 'make project', { flows: places, components: places }),
  step(4, 'change project', {
    project: place,
    flows: maybe(places),
    components: maybe(places),
    parent: maybe(place),
    name: seldom(place),
  }),
  step(3, 'delete project', { project: place }),
  step(5, 'share', {
    scope: fc.constantFrom('Flow', 'Project'),
    target: place,
    to: place,
    role,
    ends: fc.boolean(),
  }),
  step(3, 'change share', {
    scope: fc.constantFrom('Flow', 'Project'),
    target: place,
    grant: place,
    role: maybe(role),
    ends: maybe(fc.boolean()),
  }),
  step(3, 'end share', { scope: fc.constantFrom('Flow', 'Project'), target: place, grant: place }),
  step(1, 'take', { scope: fc.constantFrom('Flow', 'Project'), target: place }),
  step(1, 'give up', { scope: fc.constantFrom('Flow', 'Project'), target: place }),
)

function step(weight: number, kind: Step['kind'], rest: Record<string, fc.Arbitrary<unknown>>) {
  const arbitrary = fc.record({ kind: fc.constant(kind), actor, ...rest })
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Step> } // each kind with its own fields
}

/** The request of a step. */
export function toRequest(
  step: Step,
  { flows, projects, grants, teams }: State,
  actor: string,
): Sent {
  const flow = (n: number) => flows[n % (flows.length + 1)]?.id ?? missingId
  const project = (n: number) => projects[n % (projects.length + 1)]?.id ?? missingId
  const to = (n: number | null | undefined) => (typeof n === 'number' ? project(n) : n)
  const all = (some: number[] | undefined) => some?.map(flow)
  /** The names of what there was at first: some of them hidden, some taken, some free by now. */
  const name = (n: number | undefined, id: (n: number) => string) =>
    n === undefined ? undefined : n > 3 ? `name ${n}` : id(n).replaceAll('-', '')
  const target = (step: { scope: 'Flow' | 'Project'; target: number }) =>
    step.scope === 'Flow' ? flow(step.target) : project(step.target)
  const shares = (step: { scope: 'Flow' | 'Project'; target: number }) =>
    `${step.scope.toLowerCase()}s/${target(step)}/shares`
  /** One of the grants, now and then as if it stood on something else. */
  const share = (step: {
    scope: 'Flow' | 'Project'
    target: number
    grant: number
    ofTeam?: boolean
  }) => {
    const all = [...(step.ofTeam ? [] : grants), ...teams.flatMap((team) => team.grants)]
    const some = all.filter(({ scope }) => scope === step.scope)
    const one = some[(6 * step.grant + step.target) % (some.length + 1)]
    const path =
      step.target < 5 && one ? `${step.scope.toLowerCase()}s/${one.target}/shares` : shares(step)
    return `${path}/${one?.id ?? missingId}`
  }
  const until = (ends: boolean | undefined) => ends && '2999-01-01'
  switch (step.kind) {
    case 'change flow': {
      const body = {
        folder_id: to(step.to),
        name: name(step.name, flowId),
        access_type: step.access,
        description: 'changed',
      }
      return { method: 'PATCH', path: `flows/${flow(step.flow)}`, body }
    }
    case 'delete flow':
      return { method: 'DELETE', path: `flows/${flow(step.flow)}` }
    case 'delete flows':
      return { method: 'DELETE', path: 'flows/', body: [flow(step.flow), flow(step.flow + 1)] }
    case 'make flow':
      return { method: 'POST', path: 'flows/', body: made(step.access, to(step.to)) }
    case 'make flows':
      return {
        method: 'POST',
        path: 'flows/batch/',
        body: { flows: [made(step.access, to(step.to))] },
      }
    case 'upload flow': {
      const query = step.to === null ? '' : `?folder_id=${to(step.to)}`
      return { method: 'POST', path: `flows/upload/${query}`, file: made(step.access, undefined) }
    }
    case 'make project': {
      const lists = { flows_list: all(step.flows), components_list: all(step.components) }
      return { method: 'POST', path: 'projects/', body: { name: 'made', ...lists } }
    }
    case 'change project': {
      const body = {
        flows: all(step.flows),
        components: all(step.components),
        parent_id: to(step.parent),
        name: step.name === undefined ? undefined : `Project ${step.name}`,
        description: 'changed',
      }
      return { method: 'PATCH', path: `projects/${project(step.project)}`, body }
    }
    case 'delete project':
      return { method: 'DELETE', path: `projects/${project(step.project)}` }
    case 'share': {
      const team = step.to > 2 ? teams[step.to % (teams.length + 1)]?.id : undefined
      const receiver = team === undefined ? { user_id: userId(step.to % 2) } : { team_id: team }
      const body = { ...receiver, role: step.role, expires_at: until(step.ends) || null }
      return { method: 'POST', path: shares(step), body }
    }
    case 'change share': {
      const ends = step.ends === undefined ? {} : { expires_at: until(step.ends) || null }
      return { method: 'PATCH', path: share(step), body: { role: step.role, ...ends } }
    }
    case 'end share':
      return { method: 'DELETE', path: share(step) }
    case 'take': {
      const body = {
        user_id: actor,
        role_name: 'Owner',
        scope_type: step.scope,
        scope_id: target(step),
      }
      return { method: 'POST', path: 'rbac/assignments', body }
    }
    case 'give up':
      return {
        method: 'DELETE',
        path: `rbac/assignments/${grants[step.target % (grants.length + 1)]?.id ?? missingId}`,
      }
  }
}

const made = (access_type: string, folder_id: string | null | undefined) => ({
  name: 'made',
  access_type,
  folder_id,
})
