// Finds a person, or a team, by a part of the name: a text box with a list below it, as screen readers know it.
import { useId, useState } from 'hono/jsx/dom'
import { read, v1 } from './api.ts'
import type { Named } from './bodies.ts'
import { valueIn } from './parts.tsx'
import { useQuery, useRested } from './query.ts'
import { t } from './texts.ts'

/** Who was found. */
export type Receiver = { kind: 'user' | 'team'; id: string; name: string }

const REST_MS = 200

type PickerProps = {
  label: string
  withTeams: boolean
  chosen: Receiver | undefined
  choose: (receiver: Receiver | undefined) => void
}

async function find(text: string, withTeams: boolean, signal: AbortSignal): Promise<Receiver[]> {
  if (text === '') return []
  const init = { init: { signal } }
  const [users, teams] = await Promise.all([
    read<Named[]>(v1.users.search.$get({ query: { q: text } }, init)),
    withTeams ? read<{ id: string; name: string }[]>(v1.teams.index.$get({}, init)) : [],
  ])
  const wanted = text.toLowerCase()
  const fitting = teams.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 10)
  return [
    ...fitting.map(({ id, name }) => ({ kind: 'team' as const, id, name: t.access.team(name) })),
    ...users.map(({ id, username }) => ({ kind: 'user' as const, id, name: username })),
  ]
}

export function Picker({ label, withTeams, chosen, choose }: PickerProps) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(-1)
  const [isOpen, setOpen] = useState(false)
  const sought = useRested(text.trim(), REST_MS)
  const found = useQuery(`${withTeams} ${sought}`, (signal) => find(sought, withTeams, signal))
  const list = useId()
  const all = found.data ?? []
  const shows = isOpen && text.trim() !== '' && !chosen
  const pick = (receiver: Receiver) => {
    choose(receiver)
    setText(receiver.name)
    setOpen(false)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return setOpen(false)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && all.length > 0) {
      event.preventDefault()
      setOpen(true)
      setAt((at + step + all.length) % all.length)
    }
    const here = all[at]
    if (event.key === 'Enter' && shows && here) {
      event.preventDefault()
      pick(here)
    }
  }
  return (
    <div class="picker">
      <label>
        {label}
        <input
          role="combobox"
          autocomplete="off"
          aria-expanded={shows ? 'true' : 'false'}
          aria-controls={list}
          aria-activedescendant={shows && at >= 0 ? `${list}-${at}` : undefined}
          placeholder={t.access.whoHint}
          maxlength={255}
          value={chosen ? chosen.name : text}
          onInput={(event: Event) => {
            choose(undefined)
            setText(valueIn(event))
            setAt(-1)
            setOpen(true)
          }}
          onKeyDown={press}
          onBlur={() => setOpen(false)}
        />
      </label>
      <div id={list} class="found" role="listbox" aria-label={label} hidden={!shows}>
        {all.map((receiver, n) => (
          <div
            key={receiver.id}
            id={`${list}-${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === at ? 'true' : 'false'}
            onPointerDown={(event: Event) => {
              event.preventDefault()
              pick(receiver)
            }}
          >
            {receiver.name}
          </div>
        ))}
      </div>
      <p class="faint" role="status">
        {shows && !found.isLoading && sought === text.trim()
          ? (found.problem?.message ?? t.access.found(all.length))
          : ''}
      </p>
    </div>
  )
}
