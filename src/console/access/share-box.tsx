// Gives somebody a role here, and says beforehand what that takes the place of.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Person, Role, Share } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { Failure, valueIn, wordsOfActions } from '../parts.tsx'
import { Picker, type Receiver } from '../picker.tsx'
import { useQuery } from '../query.ts'
import { useSending } from '../sending.ts'
import { t } from '../texts.ts'
import { UntilField } from '../until.tsx'
import { give, type Thing } from './sharing.ts'

/** The roles that every database has, the least first. */
const roles = ['Viewer', 'Editor', 'Owner']

/** Besides these: for admins all that were made, for others those that stand here already, for the API tells of no more. */
function useRoles(shares: Share[]): string[] {
  const isAdmin = useCaller()?.isAdmin ?? false
  const found = useQuery(`${isAdmin}`, async (signal) =>
    isAdmin ? read<Role[]>(v1.rbac.roles.$get({}, { init: { signal } })) : [],
  )
  const made = (found.data ?? []).filter(({ is_system_role }) => !is_system_role)
  const known = [...made.map(({ name }) => name), ...shares.map(({ role }) => role)]
  return [...new Set([...roles, ...known])]
}

/** Rights that come from further away, of which a share takes the place. */
const inherited = ['project_grant', 'global_grant']

type BoxProps = { thing: Thing; people: Person[]; shares: Share[]; again: () => void }

export function ShareBox({ thing, people, shares, again }: BoxProps) {
  const offered = useRoles(shares)
  const [to, setTo] = useState<Receiver | undefined>(undefined)
  const [role, setRole] = useState(roles[0] ?? '')
  const [until, setUntil] = useState('')
  const [round, setRound] = useState(0)
  const known = people.find(({ user_id }) => to?.kind === 'user' && user_id === to.id)
  const { isBusy, problem, send } = useSending(async () => {
    if (!to) return
    await give(thing, to, { role, until }, again)
    setTo(undefined)
    setUntil('')
    setRound(round + 1)
  })
  return (
    <form class="box" aria-labelledby="share" onSubmit={send}>
      <h2 id="share">{t.access.share}</h2>
      <Picker key={round} label={t.access.who} withTeams chosen={to} choose={setTo} />
      <label>
        {t.access.role}
        <select name="role" value={role} onChange={(event: Event) => setRole(valueIn(event))}>
          {offered.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <UntilField name="until" value={until} set={setUntil} />
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
