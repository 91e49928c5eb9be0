// Who there is: found by name, created, and let in where they signed up. Global Admins find people, superusers see all.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Named, Users } from '../bodies.ts'
import { type Caller, useCaller } from '../caller.ts'
import { Turn } from '../paging.tsx'
import { Empty, Failure, pageIn, valueIn } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { changeQuery, go, Link } from '../router.tsx'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { Create } from './create.tsx'
import { type Listed, PeopleTable } from './table.tsx'

const SIZE = 50

type Filter = { search: string; isWaiting: boolean; page: number }
/** Of those whom only a search finds it is not known how many there are. */
type Found = { people: Listed[]; total?: number }

export function PeoplePage({ query }: { query: URLSearchParams }) {
  const caller = useCaller()
  if (!caller) return <p aria-busy="true">{t.loading}</p>
  if (!caller.isAdmin)
    return (
      <>
        <h1>{t.people.title}</h1>
        <Empty title={t.people.onlyAdmins}>
          <p>{t.people.onlyAdminsHint}</p>
          <Link to="/flows">{t.toFlows}</Link>
        </Empty>
      </>
    )
  return <People caller={caller} filter={readFilter(query, caller)} />
}

/** Anything may stand in an address. */
const readFilter = (query: URLSearchParams, caller: Caller): Filter => ({
  search: query.get('search')?.slice(0, 255) ?? '',
  isWaiting: caller.is_superuser && query.has('waiting'),
  page: pageIn(query.get('page')),
})

/** What the API takes for a part of a name. */
const isPart = (search: string) => [...search.trim()].length >= 2

async function find(caller: Caller, filter: Filter, signal: AbortSignal): Promise<Found> {
  const { search, isWaiting, page } = filter
  const init = { init: { signal } }
  const q = isPart(search) ? { q: search } : undefined
  if (caller.is_superuser) {
    const { users, total_count } = await read<Users>(
      v1.users.index.$get({ query: { ...q, ...ofPage(page), waiting: String(isWaiting) } }, init),
    )
    return { people: users, total: total_count }
  }
  return { people: q ? await read<Named[]>(v1.users.search.$get({ query: q }, init)) : [] }
}

const ofPage = (page: number) => ({ skip: String((page - 1) * SIZE), limit: String(SIZE) })

/** How many wait: it stands in the choice, for whoever is not looking at them. */
async function countWaiting(caller: Caller, signal: AbortSignal): Promise<number | undefined> {
  if (!caller.is_superuser) return undefined
  const asked = v1.users.index.$get(
    { query: { limit: '0', waiting: 'true' } },
    { init: { signal } },
  )
  return (await read<Users>(asked)).total_count
}

function People({ caller, filter }: { caller: Caller; filter: Filter }) {
  const found = useQuery(JSON.stringify(filter), (signal) => find(caller, filter, signal))
  const waiting = useQuery('waiting', (signal) => countWaiting(caller, signal))
  const [isMaking, setMaking] = useState(false)
  const again = () => {
    found.again()
    waiting.again()
  }
  const { people = [], total } = found.data ?? {}
  return (
    <>
      <div class="head">
        <h1>{t.people.title}</h1>
        <p class="total" role="status">
          {total === undefined ? '' : t.people.total(total)}
        </p>
        {caller.is_superuser ? (
          <button type="button" onClick={() => setMaking(true)}>
            {t.people.create}
          </button>
        ) : null}
      </div>
      <search>
        <form class="filters" onSubmit={(event: Event) => event.preventDefault()}>
          <Sought
            name="search"
            label={t.people.search}
            value={filter.search}
            maxlength={255}
            hint={t.people.searchHint}
          />
          {caller.is_superuser ? <Show filter={filter} count={waiting.data} /> : null}
        </form>
      </search>
      {found.problem ? <Failure problem={found.problem} again={found.again} /> : null}
      {people.length > 0 ? (
        <PeopleTable
          people={people}
          isWaiting={filter.isWaiting}
          isOld={found.isLoading}
          again={again}
        />
      ) : null}
      {found.data && people.length === 0 && !total && !found.isLoading ? (
        <Nobody filter={filter} isBlind={total === undefined} />
      ) : null}
      {!found.data && found.isLoading ? <p aria-busy="true">{t.loading}</p> : null}
      <Turn
        label={t.people.title}
        page={filter.page}
        pages={Math.ceil((total ?? 0) / SIZE)}
        of={found}
        turn={(to, isInstead) => changeQuery({ page: String(to) }, isInstead)}
      />
      {isMaking ? <Create onClose={() => setMaking(false)} /> : null}
    </>
  )
}

function Show({ filter, count }: { filter: Filter; count: number | undefined }) {
  const choose = (event: Event) => changeQuery({ waiting: valueIn(event), page: undefined })
  return (
    <label>
      {t.people.show}
      <select name="waiting" value={filter.isWaiting ? '1' : ''} onChange={choose}>
        <option value="">{t.people.everybody}</option>
        <option value="1">{t.people.waiting(count)}</option>
      </select>
    </label>
  )
}

/** `isBlind`: nobody is listed but whom a search finds. */
function Nobody({ filter: { search, isWaiting }, isBlind }: { filter: Filter; isBlind: boolean }) {
  if (isBlind && !isPart(search))
    return (
      <Empty title={t.people.begin}>
        <p>{t.people.beginHint}</p>
      </Empty>
    )
  const isOnlyWaiting = isWaiting && !isPart(search)
  return (
    <Empty title={isOnlyWaiting ? t.people.noneWaiting : t.people.noMatch}>
      <p>{isOnlyWaiting ? t.people.noneWaitingHint : t.people.noMatchHint}</p>
      <button type="button" onClick={() => go('/people')}>
        {t.people.clear}
      </button>
    </Empty>
  )
}
