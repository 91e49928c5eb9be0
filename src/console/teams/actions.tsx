// What whoever leads a team, and an admin, may do with it as a whole.
import { useState } from 'hono/jsx/dom'
import type { Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { t } from '../texts.ts'
import { ChangeTeam, RemoveTeam } from './dialogs.tsx'

export const mayLead = ({ role }: Team, caller: Caller | undefined): boolean =>
  role === 'admin' || caller?.isAdmin === true

/** Where a directory says who is in a team, nobody is put in or taken out by hand. */
export const mayFill = (team: Team, caller: Caller | undefined): boolean =>
  team.external_name === null && mayLead(team, caller)

type ActionsProps = { team: Team; caller: Caller | undefined; again: () => void }

export function TeamActions({ team, caller, again }: ActionsProps) {
  const [asked, setAsked] = useState<'change' | 'remove' | undefined>(undefined)
  if (!caller || !mayLead(team, caller)) return null
  const onClose = () => setAsked(undefined)
  return (
    <span class="both">
      <button
        type="button"
        aria-label={t.teams.changeOf(team.name)}
        onClick={() => setAsked('change')}
      >
        {t.flows.rename}
      </button>
      <button
        type="button"
        aria-label={t.teams.removeOf(team.name)}
        onClick={() => setAsked('remove')}
      >
        {t.flows.remove}
      </button>
      {asked === 'change' ? (
        <ChangeTeam team={team} isSuperuser={caller.is_superuser} again={again} onClose={onClose} />
      ) : null}
      {asked === 'remove' ? (
        <RemoveTeam team={team} caller={caller} again={again} onClose={onClose} />
      ) : null}
    </span>
  )
}
