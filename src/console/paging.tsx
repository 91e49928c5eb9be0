// The pages of a list that goes by cursor: where one is stands in the address.
import type { FlowPage } from './bodies.ts'
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
