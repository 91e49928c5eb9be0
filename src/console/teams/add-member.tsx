// Puts somebody into a team, who may do at once what it may.
import { useState } from 'hono/jsx/dom'
import type { Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { Failure } from '../parts.tsx'
import { Picker, type Receiver } from '../picker.tsx'
import { useSending } from '../sending.ts'
import { t } from '../texts.ts'
import { add } from './doing.ts'

type AddProps = { team: Team; caller: Caller; again: () => void }

export function AddMember({ team, caller, again }: AddProps) {
  const [who, setWho] = useState<Receiver | undefined>(undefined)
  const [leads, setLeads] = useState(false)
  const [round, setRound] = useState(0)
  // What they hold by being an admin is not theirs by a team.
  const isMyself = who?.id === caller.id && !caller.is_superuser
  const { isBusy, problem, send } = useSending(async () => {
    if (!who) return
    const role = leads ? 'admin' : 'member'
    await add(team, { user_id: who.id, username: who.name, role }, again)
    setWho(undefined)
    setLeads(false)
    setRound(round + 1)
  })
  return (
    <form class="box" aria-labelledby="add" onSubmit={send}>
      <h2 id="add">{t.teams.addTitle}</h2>
      <Picker
        key={round}
        label={t.access.whyPerson}
        withTeams={false}
        chosen={who}
        choose={setWho}
      />
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
