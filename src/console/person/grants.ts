// What somebody owns, holds and gave, as the API tells admins.
import { read, v1 } from '../api.ts'
import type { Assignment, Assignments } from '../bodies.ts'
import { t } from '../texts.ts'

export const lists = ['holds', 'owns', 'gave'] as const
export type List = (typeof lists)[number]

/** How many there are of each, and the names of some that are owned. */
export type Standing = Record<List, number> & { names: string[] }

const of: Record<List, (id: string) => Record<string, string>> = {
  holds: (id) => ({ user_id: id, teams: 'true' }),
  owns: (id) => ({ user_id: id, role_name: 'Owner' }),
  gave: (id) => ({ created_by: id }),
}

export const askGrants = (
  list: List,
  id: string,
  { page, size }: { page: number; size: number },
  signal: AbortSignal,
): Promise<Assignments> => {
  const query = { ...of[list](id), page: String(page), size: String(size) }
  return read(v1.rbac.assignments.$get({ query }, { init: { signal } }))
}

const NAMES = 5

export async function askStanding(id: string, signal: AbortSignal): Promise<Standing> {
  const first = (list: List, size: number) => askGrants(list, id, { page: 1, size }, signal)
  const [holds, owns, gave] = await Promise.all([
    first('holds', 1),
    first('owns', NAMES),
    first('gave', 1),
  ])
  return {
    holds: holds.total,
    owns: owns.total,
    gave: gave.total,
    names: owns.items.map(nameOf),
  }
}

export const nameOf = ({ scope_type, scope_name }: Assignment): string =>
  scope_type === 'Global' ? t.person.everywhere : (scope_name ?? t.person.goneThing)

/** What is said before somebody is let go. */
export const linesOf = (name: string, standing: Standing): string[] => [
  t.person.before(name, standing),
  ...(standing.names.length > 0
    ? [t.person.ownNames(standing.names, standing.owns - standing.names.length)]
    : []),
]
