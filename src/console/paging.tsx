// The pages of a list, by cursor or by number: where one is stands in the address.
import { useEffect } from 'hono/jsx/dom'
import type { FlowPage } from './bodies.ts'
import type { Query } from './query.ts'
import { changeQuery } from './router.tsx'
import { t } from './texts.ts'

type Cursors = Pick<FlowPage, 'prev_cursor' | 'next_cursor'>

/** Nothing where there is one page. */
export function Paging({ page: { prev_cursor, next_cursor } }: { page: Cursors }) {
  if (!prev_cursor && !next_cursor) return null
  const turn = (cursor: string | null) => () => {
    if (cursor) changeQuery({ cursor })
    window.scrollTo(0, 0)
  }
  return (
    <nav class="paging" aria-label={t.flows.paging}>
      <button type="button" disabled={!prev_cursor} onClick={turn(prev_cursor)}>
        {t.flows.previous}
      </button>
      <button type="button" disabled={!next_cursor} onClick={turn(next_cursor)}>
        {t.flows.next}
      </button>
    </nav>
  )
}

/** Begins a list anew whose cursor leads nowhere: it is too old, or what stood behind it is gone. True until that is done. */
export function useLostCursor(cursor: string, list: Query<FlowPage>): boolean {
  const { data, problem, isLoading } = list
  const isEmpty = !isLoading && !problem && cursor !== '' && data?.items.length === 0
  const isLost = problem?.code === 'cursor_invalid' || isEmpty
  useEffect(() => {
    if (isLost) changeQuery({ cursor: undefined }, true)
  }, [isLost])
  return isLost
}

type TurnProps = {
  label: string
  page: number
  pages: number
  /** Where `pages` comes from. */
  of: Query<unknown>
  /** `isInstead`: the page before is none to come back to. */
  turn: (page: number, isInstead?: boolean) => void
}

/** Pages that have numbers; nothing where there is one. A list that has grown shorter than its page shows its last. */
export function Turn({ label, page, pages, of, turn }: TurnProps) {
  const isPast = !of.isLoading && !of.problem && pages > 0 && page > pages
  useEffect(() => {
    if (isPast) turn(pages, true)
  }, [isPast])
  if (pages <= 1) return null
  return (
    <nav class="paging" aria-label={label}>
      <button type="button" disabled={page <= 1} onClick={() => turn(page - 1)}>
        {t.flows.previous}
      </button>
      <button type="button" disabled={page >= pages} onClick={() => turn(page + 1)}>
        {t.flows.next}
      </button>
    </nav>
  )
}
