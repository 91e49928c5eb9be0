// What may be done with one flow. What the caller may not do is not offered.
import { useEffect, useRef } from 'hono/jsx/dom'
import type { Flow } from '../bodies.ts'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import type { Question } from './dialogs.tsx'

/** Asked of the page, which shows the question or does it. */
export type Ask = (what: Question['kind'] | 'duplicate' | 'download', flows: Flow[]) => void

const everything = ['Create', 'Read', 'Update', 'Delete']
export const mayAll = ({ actions }: Pick<Flow, 'actions'>) =>
  everything.every((action) => actions.includes(action))

type MenuProps = { flow: Flow; langbuilder: string | null; ask: Ask }

export function RowMenu({ flow, langbuilder, ask }: MenuProps) {
  const element = useRef<HTMLDetailsElement>(null)
  const close = () => {
    if (element.current) element.current.open = false
  }
  useEffect(() => {
    const outside = ({ target }: Event) => {
      if (target instanceof Node && !element.current?.contains(target)) close()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [])
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    close()
    element.current?.querySelector('summary')?.focus()
  }
  const may = (action: string) => flow.actions.includes(action)
  const item = (what: Parameters<Ask>[0], words: string, isOffered: boolean) =>
    isOffered ? (
      <li>
        <button
          type="button"
          onClick={() => {
            close()
            element.current?.querySelector('summary')?.focus()
            ask(what, [flow])
          }}
        >
          {words}
        </button>
      </li>
    ) : null
  return (
    <details class="menu" ref={element} onKeyDown={leave}>
      <summary aria-label={t.flows.actions(flow.name)}>{t.flows.more}</summary>
      <ul>
        {langbuilder ? (
          <li>
            <a href={`${langbuilder}/flow/${flow.id}`} target="_blank" rel="noopener noreferrer">
              {t.flows.open}
            </a>
          </li>
        ) : null}
        {mayAll(flow) ? (
          <li>
            <Link to={`/access/flow/${flow.id}`} name={flow.name}>
              {t.flows.whoHasAccess}
            </Link>
          </li>
        ) : null}
        {item('rename', t.flows.rename, may('Update'))}
        {item('move', t.flows.move, mayAll(flow))}
        {item('duplicate', t.flows.duplicate, may('Read'))}
        {item('download', t.flows.download, may('Read'))}
        {item('remove', t.flows.remove, may('Delete'))}
      </ul>
    </details>
  )
}
