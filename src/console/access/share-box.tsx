// Gives somebody a role here, and says beforehand what that takes the place of.
import { useState } from 'hono/jsx/dom'
import type { Person } from '../bodies.ts'
import { Failure, valueIn, wordsOfActions } from '../parts.tsx'
import { Picker, type Receiver } from '../picker.tsx'
import { asProblem, type Problem } from '../problem.ts'
import { t } from '../texts.ts'
import { give, type Thing } from './sharing.ts'

/** The roles that every database has, the least first. */
const roles = ['Viewer', 'Editor', 'Owner']

/** Rights that come from further away, of which a share takes the place. */
const inherited = ['project_grant', 'global_grant']

type BoxProps = { thing: Thing; people: Person[]; again: () => void }

export function ShareBox({ thing, people, again }: BoxProps) {
  const [to, setTo] = useState<Receiver | undefined>(undefined)
  const [role, setRole] = useState(roles[0] ?? '')
  const [until, setUntil] = useState('')
  const [round, setRound] = useState(0)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const known = people.find(({ user_id }) => to?.kind === 'user' && user_id === to.id)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!to || isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await give(thing, to, { role, until }, again)
      setTo(undefined)
      setUntil('')
      setRound(round + 1)
    } catch (error) {
      setProblem(asProblem(error))
    }
    setBusy(false)
  }
  return (
    <form class="box" aria-labelledby="share" onSubmit={submit}>
      <h2 id="share">{t.access.share}</h2>
      <Picker key={round} label={t.access.who} withTeams chosen={to} choose={setTo} />
      <label>
        {t.access.role}
        <select name="role" value={role} onChange={(event: Event) => setRole(valueIn(event))}>
          {roles.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.access.until}
        <input
          type="date"
          name="until"
          min={new Date().toISOString().slice(0, 10)}
          value={until}
          onInput={(event: Event) => setUntil(valueIn(event))}
        />
      </label>
      {known && inherited.includes(known.decided_by) ? (
        <p class="warning" role="status">
          {t.access.replaces(
            known.username,
            wordsOfActions(known.actions),
            t.access.through[known.decided_by] ?? known.decided_by,
          )}
        </p>
      ) : null}
      {problem ? <Failure problem={problem} /> : null}
      <button type="submit" class="main" disabled={!to || isBusy}>
        {isBusy ? t.working : t.access.share}
      </button>
    </form>
  )
}
