// What was changed, by whom and when: for admins.
import { useEffect, useState } from 'hono/jsx/dom'
import { read } from '../api.ts'
import type { AuditPage as Found } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { Empty, Failure } from '../parts.tsx'
import type { Receiver } from '../picker.tsx'
import { useQuery } from '../query.ts'
import { changeQuery, go } from '../router.tsx'
import { t } from '../texts.ts'
import { Export } from './export.tsx'
import { askAudit, type Filter, isFiltered, readFilter } from './filter.ts'
import { Filters } from './filters.tsx'
import { bare, find, namesOf, targetOf } from './names.ts'
import { Timeline } from './timeline.tsx'
import { textOf } from './words.ts'

const SIZE = 50

export function AuditPage({ query }: { query: URLSearchParams }) {
  const caller = useCaller()
  return (
    <>
      <h1>{t.audit.title}</h1>
      {caller === undefined ? <p aria-busy="true">{t.loading}</p> : null}
      {caller && !caller.isAdmin ? (
        <Empty title={t.audit.refused}>
          <p>{t.audit.refusedHint}</p>
        </Empty>
      ) : null}
      {caller?.isAdmin ? <Audit filter={readFilter(query)} /> : null}
    </>
  )
}

function Audit({ filter }: { filter: Filter }) {
  const list = useQuery(JSON.stringify(filter), (signal) =>
    read<Found>(askAudit(filter, SIZE, signal)),
  )
  const [chosen, setChosen] = useState<Receiver | undefined>(undefined)
  const isLost = list.problem?.code === 'cursor_invalid'
  useEffect(() => {
    if (isLost) changeQuery({ cursor: undefined }, true)
  }, [isLost])
  const page = list.data
  const names = page ? namesOf(page) : new Map()
  const known = filter.person ? names.get(bare(filter.person))?.name : undefined
  const person: Receiver | undefined = !filter.person
    ? undefined
    : chosen?.id === filter.person
      ? chosen
      : { kind: 'user', id: filter.person, name: known ?? (page ? t.audit.unknown('user') : '…') }
  return (
    <>
      <p class="faint">{t.audit.purpose}</p>
      <Filters
        filter={filter}
        person={person}
        choosePerson={setChosen}
        about={aboutOf(filter, page)}
      />
      {list.problem && !isLost ? <Failure problem={list.problem} again={list.again} /> : null}
      {!page && list.isLoading ? <p aria-busy="true">{t.loading}</p> : null}
      {page && page.items.length > 0 ? (
        <>
          <Export filter={filter} />
          <Timeline entries={page.items} names={names} isOld={list.isLoading} />
        </>
      ) : null}
      {page?.items.length === 0 && !list.isLoading ? <Nothing filter={filter} /> : null}
      {page ? <Paging filter={filter} next={page.next_cursor} /> : null}
    </>
  )
}

/** `Flow Invoices`: as the entries call it, which are all about it. */
function aboutOf({ about }: Filter, page: Found | undefined): string {
  const [kind = '', id = ''] = about.split(':')
  const names = page ? namesOf(page) : new Map()
  const named = page?.items.map((entry) => targetOf(entry, names)).find(Boolean)
  const part = find(names, kind, id) ?? named
  const what = t.audit.things[kind] ?? kind
  return part ? `${what} ${textOf([part])}` : what
}

function Nothing({ filter }: { filter: Filter }) {
  if (!isFiltered(filter) && !filter.cursor)
    return (
      <Empty title={t.audit.none}>
        <p>{t.audit.noneHint}</p>
      </Empty>
    )
  return (
    <Empty title={t.audit.noMatch}>
      <p>{t.audit.noMatchHint}</p>
      <button type="button" onClick={() => go('/audit')}>
        {t.audit.clear}
      </button>
    </Empty>
  )
}

/** The way back to a newer page is the browser's. */
function Paging({ filter, next }: { filter: Filter; next: string | null }) {
  if (!filter.cursor && !next) return null
  const turn = (cursor: string | undefined) => () => {
    changeQuery({ cursor })
    window.scrollTo(0, 0)
  }
  return (
    <nav class="paging" aria-label={t.audit.paging}>
      <button type="button" disabled={!filter.cursor} onClick={turn(undefined)}>
        {t.audit.newest}
      </button>
      <button type="button" disabled={!next} onClick={turn(next ?? undefined)}>
        {t.audit.older}
      </button>
    </nav>
  )
}
