// Several flows at once: what may be done with each of them.
import type { Flow } from '../bodies.ts'
import { t } from '../texts.ts'
import { type Ask, mayAll } from './menu.tsx'

export function Chosen({ flows, ask, onNone }: { flows: Flow[]; ask: Ask; onNone: () => void }) {
  const mayDelete = flows.every(({ actions }) => actions.includes('Delete'))
  return (
    <div class="chosen" role="toolbar" aria-label={t.flows.selected(flows.length)}>
      <strong>{t.flows.selected(flows.length)}</strong>
      <button type="button" disabled={!flows.every(mayAll)} onClick={() => ask('move', flows)}>
        {t.flows.move}
      </button>
      <button type="button" onClick={() => ask('download', flows)}>
        {t.flows.download}
      </button>
      <button type="button" disabled={!mayDelete} onClick={() => ask('remove', flows)}>
        {t.flows.remove}
      </button>
      <button type="button" class="quiet" onClick={onNone}>
        {t.flows.deselect}
      </button>
    </div>
  )
}
