// What is looked for, and the same in the address bar.
import { useEffect, useRef, useState } from 'hono/jsx/dom'
import type { Project } from '../bodies.ts'
import { valueIn } from '../parts.tsx'
import { useRested } from '../query.ts'
import { changeQuery } from '../router.tsx'
import { t } from '../texts.ts'
import { type Filter, SHARED } from './filter.ts'

/** Typing rests for so long before it is asked. */
const REST_MS = 200

/** A text whose changes go to the address bar once they rest, and which follows the address when that changes by itself. */
function Sought({ name, label, value }: { name: 'search' | 'tag'; label: string; value: string }) {
  const [text, setText] = useState(value)
  const rested = useRested(text, REST_MS)
  const said = useRef(value)
  useEffect(() => {
    if (rested === said.current) return
    said.current = rested
    changeQuery({ [name]: rested, cursor: undefined }, true)
  }, [rested])
  useEffect(() => {
    if (value === said.current) return
    said.current = value
    setText(value)
  }, [value])
  return (
    <label>
      {label}
      <input
        type="search"
        name={name}
        maxlength={name === 'search' ? 500 : 200}
        placeholder={name === 'search' ? t.flows.searchHint : undefined}
        value={text}
        onInput={(event: Event) => setText(valueIn(event))}
      />
    </label>
  )
}

export function Filters({ filter, projects }: { filter: Filter; projects: Project[] }) {
  const choose = (name: string) => (event: Event) =>
    changeQuery({ [name]: valueIn(event), cursor: undefined })
  const orders = Object.entries(t.flows.orders).filter(
    ([order]) => order !== 'relevance' || filter.search,
  )
  return (
    <search>
      <form class="filters" onSubmit={(event: Event) => event.preventDefault()}>
        <Sought name="search" label={t.flows.search} value={filter.search} />
        <Sought name="tag" label={t.flows.tag} value={filter.tag} />
        <label>
          {t.flows.project}
          <select name="project" value={filter.project} onChange={choose('project')}>
            <option value="">{t.flows.anyProject}</option>
            <option value={SHARED}>{t.flows.shared}</option>
            {projects.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t.flows.order}
          <select name="order" value={filter.order} onChange={choose('order')}>
            {orders.map(([order, words]) => (
              <option key={order} value={order}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </form>
    </search>
  )
}
