// What is looked for, and the same in the address bar.
import type { Project } from '../bodies.ts'
import { valueIn } from '../parts.tsx'
import { changeQuery } from '../router.tsx'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { type Filter, SHARED } from './filter.ts'

export function Filters({ filter, projects }: { filter: Filter; projects: Project[] }) {
  const choose = (name: string) => (event: Event) =>
    changeQuery({ [name]: valueIn(event), cursor: undefined })
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
