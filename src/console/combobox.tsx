// Chooses one of many by a part of its name: a text box with a list below it, as keyboards and screen readers know it.
import { useEffect, useId, useState } from 'hono/jsx/dom'
import { valueIn } from './parts.tsx'
import { useQuery, useRested } from './query.ts'
import { t } from './texts.ts'

const REST_MS = 200

export type Option = { id: string; name: string }
/** `more`: how many fit beyond these. */
export type Options<T extends Option> = { options: T[]; more: number }

/** Which option is marked, of which answer: in a newer one another stands there. */
type Mark = { at: number; of?: unknown }

type ComboboxProps<T extends Option> = {
  label: string
  hint?: string
  chosen: T | undefined
  /** Undefined as soon as what was chosen is typed over, unless the box keeps it. */
  choose: (option: T | undefined) => void
  /** An empty text finds what there is. */
  isList?: boolean
  /** What was chosen stays until another is, also while it is typed over. */
  keeps?: boolean
  find: (text: string, signal: AbortSignal) => Promise<Options<T>>
  /** Where it changes, what was found is looked for anew. */
  among?: number
}

export function Combobox<T extends Option>(props: ComboboxProps<T>) {
  const { label, hint, chosen, choose, isList, keeps, find, among } = props
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const [mark, setMark] = useState<Mark>({ at: -1 })
  const [isOpen, setOpen] = useState(false)
  const text = typed?.trim() ?? ''
  const sought = useRested(text, REST_MS)
  const isAsked = isOpen && (isList || text !== '')
  const found = useQuery(`${isAsked} ${among} ${sought}`, async (signal) =>
    isAsked ? find(sought, signal) : undefined,
  )
  const list = useId()
  const all = isAsked ? (found.data?.options ?? []) : []
  const at = mark.of === found.data ? mark.at : -1
  const setAt = (to: number) => setMark({ at: to, of: found.data })
  const said =
    isAsked && !found.isLoading && sought === text
      ? (found.problem?.message ?? t.combobox.found(all.length, found.data?.more ?? 0))
      : ''
  useEffect(() => {
    document.getElementById(`${list}-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const close = () => {
    setOpen(false)
    setAt(-1)
    if (isList) setTyped(undefined)
  }
  const pick = (option: T) => {
    choose(option)
    setTyped(undefined)
    setOpen(false)
    setAt(-1)
  }
  const press = (event: KeyboardEvent) => {
    const here = all[at]
    if (event.key === 'Escape' && isAsked) close()
    // With the list open it is meant for the list, also where nothing in it is marked: nothing is sent unseen.
    else if (event.key === 'Enter' && isAsked) here && pick(here)
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      setOpen(true)
      const step = event.key === 'ArrowDown' ? 1 : at < 0 ? 0 : -1
      if (all.length > 0) setAt((at + step + all.length) % all.length)
    } else return
    // A dialog or form around it must not take it for its own.
    event.preventDefault()
  }
  return (
    <div class="picker">
      <label>
        {label}
        <input
          role="combobox"
          autocomplete="off"
          aria-expanded={isAsked ? 'true' : 'false'}
          aria-controls={list}
          aria-activedescendant={at >= 0 ? `${list}-${at}` : undefined}
          placeholder={hint}
          maxlength={255}
          value={typed ?? chosen?.name ?? ''}
          onInput={(event: Event) => {
            if (!keeps) choose(undefined)
            setTyped(valueIn(event))
            setAt(-1)
            setOpen(true)
          }}
          onClick={(event: Event) => {
            setOpen(true)
            if (typed === undefined) selectAll(event)
          }}
          onFocus={selectAll}
          onKeyDown={press}
          onBlur={close}
        />
      </label>
      <div class="found" hidden={!isAsked}>
        <div
          id={list}
          role="listbox"
          aria-label={label}
          hidden={all.length === 0}
          // The focus stays in the box: without it the list would close before anything is taken.
          onMouseDown={(event: Event) => event.preventDefault()}
        >
          {all.map((option, n) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's, where the focus stays
            <div
              key={option.id}
              id={`${list}-${n}`}
              role="option"
              tabIndex={-1}
              aria-selected={n === at ? 'true' : 'false'}
              onClick={() => pick(option)}
            >
              {option.name}
            </div>
          ))}
        </div>
        <p class="faint" aria-hidden="true">
          {said || '…'}
        </p>
      </div>
      <p class="unseen" role="status">
        {said}
      </p>
    </div>
  )
}

/** What is chosen is typed over, not added to. */
function selectAll({ target }: Event) {
  if (target instanceof HTMLInputElement) target.select()
}
