// What may be done with somebody in a team, and with oneself.
import { useState } from 'hono/jsx/dom'
import type { Member, Team } from '../bodies.ts'
import { Dialog } from '../dialog.tsx'
import { tellProblem } from '../notices.tsx'
import { t } from '../texts.ts'
import { leave, stepDown, takeAway, turn } from './doing.ts'

type SomebodyProps = { member: Member; team: Team; again: () => void }

export function Somebody({ member, team, again }: SomebodyProps) {
  const [isBusy, setBusy] = useState(false)
  const isLead = member.role === 'admin'
  const act = (doing: typeof turn) => () => {
    setBusy(true)
    doing(team, member, again)
      .catch(tellProblem)
      .then(() => setBusy(false))
  }
  return (
    <span class="both">
      <button
        type="button"
        disabled={isBusy}
        aria-label={(isLead ? t.teams.unleadOf : t.teams.leadOf)(member.username)}
        onClick={act(turn)}
      >
        {isLead ? t.teams.unlead : t.teams.lead}
      </button>
      <button
        type="button"
        disabled={isBusy}
        aria-label={t.teams.takeOutOf(member.username)}
        onClick={act(takeAway)}
      >
        {t.teams.takeOut}
      </button>
    </span>
  )
}

/** There is no way back for oneself, so both are asked about. */
export function Myself({ me, team, again }: { me: Member; team: Team; again: () => void }) {
  const [asked, setAsked] = useState<'leave' | 'stepDown' | undefined>(undefined)
  return (
    <span class="both">
      {me.role === 'admin' ? (
        <button type="button" onClick={() => setAsked('stepDown')}>
          {t.teams.stepDown}
        </button>
      ) : null}
      <button type="button" onClick={() => setAsked('leave')}>
        {t.teams.leave}
      </button>
      {asked ? (
        <Dialog
          title={t.teams[`${asked}Title`](team.name)}
          act={t.teams[asked]}
          isDanger
          onAct={() => (asked === 'leave' ? leave(team, me) : stepDown(team, me, again))}
          onClose={() => setAsked(undefined)}
        >
          <p>{t.teams[`${asked}Hint`]}</p>
        </Dialog>
      ) : null}
    </span>
  )
}
