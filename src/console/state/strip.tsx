// On every page, while something is wrong that everybody should know of; and while the service has asked for patience.
import { waitingRequests } from '../api.ts'
import { Link } from '../router.tsx'
import { useStore } from '../store.ts'
import { t } from '../texts.ts'
import { trouble } from './trouble.ts'
import { linesOf } from './unfit.tsx'

export function Strip() {
  const wrong = useStore(trouble)
  const waiting = useStore(waitingRequests)
  return (
    <div role="status">
      {wrong ? (
        <p class="strip">
          {linesOf(wrong.code)[0]} <Link to="/state">{t.state.more}</Link>
        </p>
      ) : waiting > 0 ? (
        <p class="strip">{t.patience}</p>
      ) : null}
    </div>
  )
}
