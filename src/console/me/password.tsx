// Another password: what was, what shall be, and what becomes of everything that the old one opened.
import { useState } from 'hono/jsx/dom'
import type { Caller } from '../caller.ts'
import { Failure, valueIn } from '../parts.tsx'
import { asProblem, type Problem } from '../problem.ts'
import { t } from '../texts.ts'
import { changePassword } from './account.ts'

const nothing = { current: '', next: '', repeated: '' }

export function Password({ me, again }: { me: Caller; again: () => void }) {
  const [typed, setTyped] = useState(nothing)
  const [withKeys, setWithKeys] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const differs = typed.repeated !== '' && typed.repeated !== typed.next
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy || differs) return
    setBusy(true)
    setProblem(undefined)
    try {
      await changePassword(me, { ...typed, withKeys })
      setTyped(nothing)
      setWithKeys(false)
      again()
    } catch (error) {
      setProblem(asProblem(error))
    }
    setBusy(false)
  }
  const field = (name: keyof typeof nothing, autocomplete: string, bounds: object) => (
    <label>
      {t.me.passwords[name]}
      <input
        name={`${name}-password`}
        type="password"
        autocomplete={autocomplete}
        required
        {...bounds}
        value={typed[name]}
        onInput={(event: Event) => setTyped({ ...typed, [name]: valueIn(event) })}
      />
    </label>
  )
  const bounds = { minlength: 8, maxlength: 128 }
  return (
    <form class="box" aria-labelledby="password" onSubmit={submit}>
      <h2 id="password">{t.me.password}</h2>
      <p class="faint">{t.me.passwordHint}</p>
      {/* For what keeps passwords: whose this is. */}
      <input hidden readonly autocomplete="username" value={me.username} />
      {field('current', 'current-password', {})}
      {field('next', 'new-password', bounds)}
      {field('repeated', 'new-password', bounds)}
      <p class="warning" role="status" hidden={!differs}>
        {differs ? t.me.differs : ''}
      </p>
      <label class="tickbox">
        <input type="checkbox" checked={withKeys} onChange={() => setWithKeys(!withKeys)} />
        {t.me.keysToo}
      </label>
      {problem ? <Failure problem={problem} /> : null}
      <button type="submit" disabled={isBusy || differs}>
        {isBusy ? t.working : t.me.change}
      </button>
    </form>
  )
}
