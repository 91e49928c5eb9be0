// Puts somebody into a team, who may do at once what it may.
import { useState } from 'hono/jsx/dom'
import type { Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { Failure } from '../parts.tsx'
import { Picker, type Receiver } from '../picker.tsx'
import { asProblem, type Problem } from '../problem.ts'
import { t } from '../texts.ts'
import { add } from './doing.ts'

type AddProps = { team: Team; caller: Caller; again: () => void }

export function AddMember({ team, caller, again }: AddProps) {
  const [who, setWho] = useState<Receiver | undefined>(undefined)
  const [leads, setLeads] = useState(false)
  const [round, setRound] = useState(0)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  // What they hold by being an admin is not theirs by a team.
  const isMyself = who?.id === caller.id && !caller.is_superuser
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!who || isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const role = leads ? 'admin' : 'member'
      await add(team, { user_id: who.id, username: who.name, role }, again)
      setWho(undefined)
      setLeads(false)
      setRound(round + 1)
    } catch (error) {
      setProblem(asProblem(error))
    }
    setBusy(false)
  }
  return (
    <form class="box" aria-labelledby="add" onSubmit={submit}>
      <h2 id="add">{t.teams.addTitle}</h2>
      <Picker key={round} label={t.teams.who} withTeams={false} chosen={who} choose={setWho} />
      <label class="beside">
        <input type="checkbox" name="leads" checked={leads} onChange={() => setLeads(!leads)} />
        {t.teams.leads}
      </label>
      {isMyself ? (
        <p class="warning" role="status">
          {t.teams.notMyself}
        </p>
      ) : null}
      {problem ? <Failure problem={problem} /> : null}
      <button type="submit" class="main" disabled={!who || isMyself || isBusy}>
        {isBusy ? t.working : t.teams.add}
      </button>
    </form>
  )
}
