// What is looked for, and the same in the address bar.
import type { Project } from '../bodies.ts'
import { valueIn } from '../parts.tsx'
import { changeQuery } from '../router.tsx'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { type Filter, SHARED } from './filter.ts'
import { ProjectPicker } from './project-picker.tsx'

export function Filters({ filter, projects }: { filter: Filter; projects: Project[] }) {
  const sort = (event: Event) => changeQuery({ order: valueIn(event), cursor: undefined })
  const places = [
    { id: '', name: t.flows.anyProject },
    { id: SHARED, name: t.flows.shared },
    ...projects,
  ]
  const unknown = { id: filter.project, name: projects.length > 0 ? t.flows.hiddenProject : '…' }
  const orders = Object.entries(t.flows.orders).filter(
    ([order]) => order !== 'relevance' || filter.search,
  )
  return (
    <search>
      <form class="filters" onSubmit={(event: Event) => event.preventDefault()}>
        <Sought
          name="search"
          label={t.flows.search}
          value={filter.search}
          hint={t.flows.searchHint}
        />
        <Sought name="tag" label={t.flows.tag} value={filter.tag} maxlength={200} />
        <ProjectPicker
          keeps
          label={t.flows.project}
          from={places}
          chosen={places.find(({ id }) => id === filter.project) ?? unknown}
          choose={(project) => changeQuery({ project, cursor: undefined })}
        />
        <label>
          {t.flows.order}
          <select name="order" value={filter.order} onChange={sort}>
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
