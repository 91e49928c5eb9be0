// The bar at the foot of the page: what has just been done, and the way back. It stays until it is closed or
// something else is done, so that nobody has to hurry.
import { useState } from 'hono/jsx/dom'
import { asProblem } from './problem.ts'
import { session } from './session.ts'
import { storeOf, useStore } from './store.ts'
import { t } from './texts.ts'

type Notice = {
  text: string
  tone: 'done' | 'failed'
  requestId?: string | undefined
  undo?: (() => Promise<unknown>) | undefined
}

const notice = storeOf<Notice | undefined>(undefined)

/** What somebody did is nobody's to read, or to take back, once they have signed out: not even what ends later. */
const say = (said: Notice) => session.get() !== 'out' && notice.set(said)
session.watch(() => session.get() === 'out' && hush())

/** Says what was done; `undo` takes it back, and may resolve to what is said then. */
export function tell(text: string, undo?: () => Promise<unknown>): void {
  say({ text, tone: 'done', undo })
}

/** Says what went wrong, in place of what is said now. */
export function tellProblem(error: unknown): void {
  const problem = asProblem(error)
  if (problem) say({ text: problem.message, tone: 'failed', requestId: problem.requestId })
}

export const hush = () => notice.set(undefined)

export function NoticeBar() {
  const shown = useStore(notice)
  const [isUndoing, setUndoing] = useState(false)
  const takeBack = async () => {
    setUndoing(true)
    try {
      const said = await shown?.undo?.()
      tell(typeof said === 'string' ? said : t.undone)
    } catch (error) {
      tellProblem(error)
    }
    setUndoing(false)
  }
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown ? (
        <div class={`notice ${shown.tone}`}>
          <p id="told">
            {shown.text}
            {shown.requestId ? <small> {t.requestId(shown.requestId)}</small> : null}
          </p>
          {shown.undo ? (
            <button type="button" aria-describedby="told" disabled={isUndoing} onClick={takeBack}>
              {t.undo}
            </button>
          ) : null}
          <button type="button" class="quiet" onClick={hush}>
            {t.close}
          </button>
        </div>
      ) : null}
    </div>
  )
}
