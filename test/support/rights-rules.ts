// What must hold whatever somebody tries, said about the world before and after. It asks the decision rule of
// the oracle and nothing else; which route did it, and what flowgate thinks of it, plays no part.
import type { Held, World } from '../oracle.ts'
import { permissions } from './random-worlds.ts'
import type { Sent } from './rights-steps.ts'
import type { State, Thing } from './rights-world.ts'
import type { Answer } from './world.ts'

export type Tried = {
  world: World
  actor: string
  sent: Sent
  answer: Answer
  before: State
  after: State
}

const find = <T extends Thing>(list: T[], id: string | null) => list.find((one) => one.id === id)
const both = <T extends Thing>(before: T[], after: T[]) =>
  before.flatMap((was) => {
    const is = find(after, was.id)
    return is ? [{ was, is }] : []
  })
const gone = <T extends Thing>(before: T[], after: T[]) =>
  before.filter(({ id }) => !find(after, id))

/** Every rule that was broken, in words. */
export function broken(tried: Tried): string[] {
  const { answer, world, actor } = tried
  if (answer.status >= 500) return [`answered ${answer.status}`]
  const user = world.users.find(({ id }) => id === actor)
  // Whoever may do everything with everything may give and take what they like; what shows is asked of all.
  const { grants, teams } = tried.before
  const ofTeams = teams.filter(({ members }) => members.includes(actor)).flatMap((t) => t.grants)
  const held = [...grants.filter((g) => g.user === actor), ...ofTeams]
  const isAdmin = user?.superuser || held.some(isAdminGrant)
  const rules = isAdmin && user?.active ? [shows] : [rights, changes, grantsStay, shows, taken]
  return rules.flatMap((rule) => rule(tried))
}

const isAdminGrant = (g: Held) =>
  g.scope === 'Global' && g.role === 'Admin' && g.ends !== 'in the past'

/**
 * Nobody gains but what somebody who has all of it hands on; nobody loses what the actor may not take. Whoever has all
 * of a project hands on what they hold for the flows in it.
 */
function rights({ world, actor, before, after }: Tried): string[] {
  const found: string[] = []
  for (const { id: user } of world.users)
    for (const permission of permissions) {
      for (const { was } of both(before.flows, after.flows)) {
        const had = before.may(user, permission, 'Flow', was.id)
        const has = after.may(user, permission, 'Flow', was.id)
        const { project } = was
        const byProject =
          project !== null &&
          before.entitled(actor, 'Project', project) &&
          before.mayInside(actor, permission, project)
        const isFree = before.everything(actor, was.id) || byProject
        if (has && !had && (user === actor || !isFree))
          found.push(`${user} gained ${permission} on ${was.id}`)
        if (had && !has && !isFree) found.push(`${user} lost ${permission} on ${was.id}`)
      }
      for (const { was } of both(before.projects, after.projects)) {
        const had = before.may(user, permission, 'Project', was.id)
        const has = after.may(user, permission, 'Project', was.id)
        const isFree = before.entitled(actor, 'Project', was.id)
        if (had !== has && (!isFree || (has && user === actor)))
          found.push(`${permission} of ${user} on project ${was.id} changed`)
      }
    }
  for (const { id } of gone(before.flows, after.flows))
    if (!before.may(actor, 'Delete', 'Flow', id)) found.push(`flow ${id} is gone`)
  for (const { id } of gone(before.projects, after.projects))
    if (!before.may(actor, 'Delete', 'Project', id)) found.push(`project ${id} is gone`)
  return found
}

/** What changed is what the actor may change. */
function changes({ actor, before, after }: Tried): string[] {
  const found: string[] = []
  const allow = (isAllowed: boolean, what: string) => isAllowed || found.push(what)
  for (const { was, is } of both(before.flows, after.flows)) {
    const mayUpdate = before.may(actor, 'Update', 'Flow', was.id)
    const columns = ['name', 'endpoint_name', 'description', 'access'].filter(
      (c) => was[c] !== is[c],
    )
    allow(columns.length === 0 || mayUpdate, `${columns} of ${was.id} changed`)
    if (was.access !== is.access && is.access === 'PUBLIC')
      allow(before.everything(actor, was.id), `${was.id} was made public`)
    if (was.project !== is.project) {
      const enters = is.project === null || after.may(actor, 'Create', 'Project', is.project)
      allow(before.everything(actor, was.id) && enters, `${was.id} was moved to ${is.project}`)
    }
  }
  for (const { was, is } of both(before.projects, after.projects)) {
    const mayUpdate = before.may(actor, 'Update', 'Project', was.id)
    allow(
      (was.name === is.name && was.description === is.description) || mayUpdate,
      `${was.id} changed`,
    )
    if (was.parent === is.parent || (is.parent === null && !find(after.projects, was.parent)))
      continue
    const mayHang = is.parent === null || before.may(actor, 'Update', 'Project', is.parent)
    allow(mayUpdate && mayHang, `${was.id} was hung under ${is.parent}`)
  }
  return found
}

/**
 * Grants come with what is new and go with what is gone. Others are given and taken by whoever has all of what they are
 * on: to others, of a role that holds no more than they do there, and not beyond the end of their own right. Nobody takes
 * or changes what makes them one of those.
 */
function grantsStay({ actor, before, after }: Tried): string[] {
  const exists = ({ flows, projects }: State, id: string | null) =>
    find(flows, id) !== undefined || find(projects, id) !== undefined
  const all = ({ grants, teams }: State) => [
    ...grants,
    ...teams.flatMap((team) => team.grants.map((grant) => ({ ...grant, user: grant.team }))),
  ]
  type Given = ReturnType<typeof all>[number]
  const key = ({ id, role, ends }: Given) => `${id} ${role} ${ends}`
  const keys = (state: State) => new Set(all(state).map(key))
  const [old, now] = [keys(before), keys(after)]
  const mayTouch = ({ user, role, scope, target }: Given, state: State) =>
    user !== actor &&
    target !== null &&
    scope !== 'Global' &&
    state.entitled(actor, scope, target) &&
    state.holds(actor, role, scope, target)
  /** What a team holds is its member's own, unless they may do everything there without it. */
  const isOwn = ({ id, user, scope, target }: Given) =>
    target !== null &&
    scope !== 'Global' &&
    before.teams.some((team) => team.id === user && team.members.includes(actor)) &&
    !before.without(id).entitled(actor, scope, target)
  const mayGive = (given: Given) =>
    mayTouch(given, before) && (given.ends !== 'never' || mayTouch(given, before.later()))
  return [
    ...all(after)
      .filter((g) => !old.has(key(g)) && (g.target === null || exists(before, g.target)))
      .filter((g) => !mayGive(g))
      .map(({ user, role, target }) => `${user} got ${role} on ${target}`),
    ...all(before)
      .filter((g) => !now.has(key(g)) && (g.target === null || exists(after, g.target)))
      .filter((g) => !mayTouch(g, before) || isOwn(g))
      .map(({ user, role, target }) => `${user} lost the role ${role} on ${target}`),
    ...all(after)
      .filter(({ scope, target }) => scope !== 'Global' && !exists(after, target))
      .map(({ user, role, target }) => `${user} still has ${role} on ${target}`),
  ]
}

/** An answer has nothing of what its reader could not read before and cannot read now. */
function shows({ actor, sent, answer, before, after }: Tried): string[] {
  const reads = (scope: 'Flow' | 'Project', id: string) =>
    before.may(actor, 'Read', scope, id) || after.may(actor, 'Read', scope, id)
  const things = ({ flows, projects }: State) => [
    ...flows.map(({ id, name }) => ({ id, name, isRead: reads('Flow', id) })),
    ...projects.map(({ id, name }) => ({ id, name, isRead: reads('Project', id) })),
  ]
  const all = [...things(before), ...things(after)]
  const isKnown = (name: string) =>
    all.some((one) => one.isRead && one.name === name) || JSON.stringify(sent).includes(name)
  const text = JSON.stringify(answer.body)
  const tells = (name: string) => text.includes(`"${name}"`) || text.includes(`'${name}'`)
  const hidden = all.filter(({ isRead }) => !isRead)
  // The Starter Project is called by its name where it is not known either: everybody has one.
  const told = hidden.filter(
    ({ name }) => name !== 'Starter Project' && !isKnown(name) && tells(name),
  )
  const blind = hidden.some(({ id }) => sent.path.split('?')[0]?.endsWith(id))
  return [
    ...told.map(({ name }) => `'${name}' was told`),
    ...(blind && answer.status < 300 && answer.body !== '' ? [`the answer shows ${text}`] : []),
  ]
}

/** That a name is taken is told to who can read what has it, and what they wanted to give it to. */
function taken({ actor, sent, answer, before }: Tried): string[] {
  const [, scope] =
    /^(Project n|N|Endpoint n)ame must be unique/.exec(answer.body.detail ?? '') ?? []
  if (!scope) return []
  const { name } = sent.body as { name: string }
  const [where, things] =
    scope === 'Project n'
      ? (['Project', before.projects] as const)
      : (['Flow', before.flows] as const)
  const readable = things.filter(({ id }) => before.may(actor, 'Read', where, id))
  const isSeen =
    readable.some((one) => one.name === name) && readable.some(({ id }) => sent.path.includes(id))
  return isSeen ? [] : [`'${name}' was said to be taken`]
}
