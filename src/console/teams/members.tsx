// Who is in a team, those who lead it first.
import { useState } from 'hono/jsx/dom'
import type { Member, Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { Dialog } from '../dialog.tsx'
import { tellProblem } from '../notices.tsx'
import { Empty, Failure, Moment, pageIn, Turn } from '../parts.tsx'
import type { Query } from '../query.ts'
import { changeQuery, Link } from '../router.tsx'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { mayLead } from './actions.tsx'
import { leave, stepDown, takeAway, turn } from './doing.ts'

const SIZE = 50
/** So many are found at a glance. */
const FEW = 12

type MembersProps = {
  team: Team
  members: Query<Member[]>
  caller: Caller
  query: URLSearchParams
  again: () => void
}

const inOrder = (a: Member, b: Member) =>
  a.role === b.role ? a.username.localeCompare(b.username) : a.role === 'admin' ? -1 : 1

export function Members({ team, members, caller, query, again }: MembersProps) {
  const find = query.get('search') ?? ''
  const page = pageIn(query.get('page'))
  const all = members.data
  const wanted = find.trim().normalize('NFKC').toLowerCase()
  const found = all?.filter(({ username }) => username.toLowerCase().includes(wanted)).sort(inOrder)
  const leads = all?.filter(({ role, is_active }) => role === 'admin' && is_active) ?? []
  return (
    <section aria-labelledby="members">
      <h2 id="members">{t.teams.members}</h2>
      {members.problem ? <Failure problem={members.problem} again={members.again} /> : null}
      {all ? <p class="faint">{t.teams.memberTotal(all.length)}</p> : null}
      {all && (all.length > FEW || find) ? (
        <search class="filters">
          <Sought name="search" label={t.teams.findMember} value={find} maxlength={255} />
        </search>
      ) : null}
      {found && found.length > 0 ? (
        <MemberTable
          members={found.slice((page - 1) * SIZE, page * SIZE)}
          team={team}
          caller={caller}
          // An admin of the house may leave a team without a lead.
          isLast={({ user_id }) =>
            !caller.isAdmin && leads.every((lead) => lead.user_id === user_id)
          }
          again={again}
        />
      ) : null}
      {found?.length === 0 ? (
        <Empty title={find ? t.teams.noMemberMatch : t.teams.noMembers}>
          {find ? null : <p>{t.teams.noMembersHint}</p>}
        </Empty>
      ) : null}
      <Turn
        label={t.teams.members}
        page={page}
        pages={Math.ceil((found?.length ?? 0) / SIZE)}
        turn={(to) => changeQuery({ page: String(to) })}
      />
    </section>
  )
}

type TableProps = {
  members: Member[]
  team: Team
  caller: Caller
  isLast: (member: Member) => boolean
  again: () => void
}

function MemberTable({ members, isLast, ...more }: TableProps) {
  const { team, caller } = more
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{t.teams.who}</th>
          <th scope="col">{t.teams.role}</th>
          <th scope="col">{t.teams.since}</th>
          <th scope="col">
            <span class="unseen">{t.flows.more}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.user_id}>
            <th scope="row" class="name">
              <span class="words">
                {caller.isAdmin ? (
                  <Link to={`/people/${member.user_id}`} name={member.username}>
                    {member.username}
                  </Link>
                ) : (
                  member.username
                )}
              </span>
              {member.is_active ? null : <span class="badge">{t.teams.inactive}</span>}
            </th>
            <td data-label={t.teams.role}>{t.teams.roles[member.role]}</td>
            <td data-label={t.teams.since}>
              <Moment at={member.created_at} />
            </td>
            <td class="act">
              {member.role === 'admin' && isLast(member) ? (
                mayLead(team, caller) ? (
                  <span class="faint">{t.teams.lastLead}</span>
                ) : null
              ) : member.user_id === caller.id && !caller.is_superuser ? (
                <Myself me={member} {...more} />
              ) : mayLead(team, caller) ? (
                <Somebody member={member} {...more} />
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Somebody({ member, team, again }: { member: Member; team: Team; again: () => void }) {
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
function Myself({ me, team, again }: { me: Member; team: Team; again: () => void }) {
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
