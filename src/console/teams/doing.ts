// What can be done with teams and their members, and how it is taken back. Each throws the Problem of what was refused.
import { done, once, read, v1 } from '../api.ts'
import type { Member, Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { tell } from '../notices.tsx'
import { Problem } from '../problem.ts'
import { go } from '../router.tsx'
import { t } from '../texts.ts'
import { askOpens } from './opening.ts'

export type Words = Pick<Team, 'name' | 'description' | 'external_name'>

/** Leads to the new team. */
export async function create(words: Words, caller: Caller): Promise<void> {
  const { external_name, ...plain } = words
  const json = external_name === null ? plain : words
  const team = await read<Team>(v1.teams.index.$post({ json }, once()))
  go(`/teams/${team.id}`)
  tell(t.teams.created(team.name), async () => {
    await mustBeUnused(team, caller)
    await erase(team)
    go('/teams')
  })
}

const membersOf = ({ id }: Team) =>
  read<Member[]>(v1.teams[':team_id'].members.$get({ param: { team_id: id } }))

/** Nobody has been put into it but whoever leads it from the start, and nothing is shared with it. */
async function mustBeUnused(team: Team, caller: Caller): Promise<void> {
  const [members, opens] = await Promise.all([
    membersOf(team),
    askOpens(team, caller, { scope: '', page: 1 }, () => {}, new AbortController().signal),
  ])
  if (members.length > (team.role === null ? 0 : 1) || opens.total > 0)
    throw new Problem(t.teams.usedSince(team.name), { status: 409, code: 'in_use' })
}

/** What is the same on both sides is not sent: somebody else may have changed it meanwhile. */
const put = ({ id }: Team, from: Words, to: Words) =>
  done(
    v1.teams[':team_id'].$patch({
      param: { team_id: id },
      json: {
        ...(to.name === from.name ? {} : { name: to.name }),
        ...(to.description === from.description ? {} : { description: to.description }),
        ...(to.external_name === from.external_name ? {} : { external_name: to.external_name }),
      },
    }),
  )

export async function change(team: Team, words: Words, again: () => void): Promise<void> {
  await put(team, team, words)
  again()
  tell(t.teams.changed(words.name), () => put(team, words, team).then(again))
}

const erase = ({ id }: Team) => done(v1.teams[':team_id'].$delete({ param: { team_id: id } }))

export async function remove(team: Team): Promise<void> {
  await erase(team)
  go('/teams', { replace: true })
  tell(t.teams.removed(team.name))
}

type Role = Member['role']

const putIn = (team: Team, user_id: string, role: Role) =>
  done(
    v1.teams[':team_id'].members.$post(
      { param: { team_id: team.id }, json: { user_id, role } },
      once(),
    ),
  )

const takeOut = (team: Team, user_id: string) =>
  done(v1.teams[':team_id'].members[':user_id'].$delete({ param: { team_id: team.id, user_id } }))

type Somebody = Pick<Member, 'user_id' | 'username' | 'role'>

export async function add(team: Team, who: Somebody, again: () => void): Promise<void> {
  await putIn(team, who.user_id, who.role)
  again()
  tell(t.teams.added(who.username, team.name), () => takeOut(team, who.user_id).then(again))
}

/** The way back gives what they were by now, which is not always what the page still shows. */
export async function takeAway(team: Team, who: Somebody, again: () => void): Promise<void> {
  const role = await roleOf(team, who)
  await takeOut(team, who.user_id)
  again()
  tell(t.teams.taken(who.username, team.name), () => putIn(team, who.user_id, role).then(again))
}

async function roleOf(team: Team, who: Somebody): Promise<Role> {
  const members = await membersOf(team)
  return members.find(({ user_id }) => user_id === who.user_id)?.role ?? who.role
}

const make = (team: Team, { user_id }: Somebody, role: Role) =>
  done(
    v1.teams[':team_id'].members[':user_id'].$patch({
      param: { team_id: team.id, user_id },
      json: { role },
    }),
  )

const other = (role: Role): Role => (role === 'admin' ? 'member' : 'admin')

export async function turn(team: Team, who: Somebody, again: () => void): Promise<void> {
  await make(team, who, other(who.role))
  again()
  tell(t.teams.turned(who.username, other(who.role)), () => make(team, who, who.role).then(again))
}

/** Of oneself, with no way back: out of the team, or no longer leading it. */
export async function leave(team: Team, me: Somebody): Promise<void> {
  await takeOut(team, me.user_id)
  go('/teams', { replace: true })
  tell(t.teams.left(team.name))
}

export async function stepDown(team: Team, me: Somebody, again: () => void): Promise<void> {
  await make(team, me, 'member')
  again()
  tell(t.teams.turned(me.username, 'member'))
}
