// Finds a person, or a team, by a part of the name.
import { read, v1 } from './api.ts'
import type { Named } from './bodies.ts'
import { Combobox, type Options } from './combobox.tsx'
import { t } from './texts.ts'

/** Who was found. */
export type Receiver = { kind: 'user' | 'team'; id: string; name: string }

type PickerProps = {
  label: string
  withTeams: boolean
  chosen: Receiver | undefined
  choose: (receiver: Receiver | undefined) => void
}

export const Picker = ({ withTeams, ...props }: PickerProps) => (
  <Combobox
    hint={t.combobox.hint}
    find={(text, signal) => find(text, withTeams, signal)}
    {...props}
  />
)

async function find(
  text: string,
  withTeams: boolean,
  signal: AbortSignal,
): Promise<Options<Receiver>> {
  const init = { init: { signal } }
  const [users, teams] = await Promise.all([
    read<Named[]>(v1.users.search.$get({ query: { q: text } }, init)),
    withTeams ? read<{ id: string; name: string }[]>(v1.teams.index.$get({}, init)) : [],
  ])
  const wanted = text.toLowerCase()
  const fitting = teams.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 10)
  const options = [
    ...fitting.map(({ id, name }) => ({ kind: 'team' as const, id, name: t.access.team(name) })),
    ...users.map(({ id, username }) => ({ kind: 'user' as const, id, name: username })),
  ]
  return { options, more: 0 }
}
