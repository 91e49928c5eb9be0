// Who is in a team, those who lead it first.
import type { Member, Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { Turn } from '../paging.tsx'
import { Columns, Empty, Moment, Pending, pageIn } from '../parts.tsx'
import type { Query } from '../query.ts'
import { changeQuery } from '../router.tsx'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { Who } from '../who.tsx'
import { mayLead } from './actions.tsx'
import { Myself, Somebody } from './member-actions.tsx'

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
      <Pending query={members} />
      {all ? <p class="faint">{t.access.peopleTotal(all.length)}</p> : null}
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
          {find ? null : (
            <p>{team.external_name === null ? t.teams.noMembersHint : t.teams.noneMirrored}</p>
          )}
        </Empty>
      ) : null}
      <Turn
        label={t.teams.members}
        page={page}
        pages={Math.ceil((found?.length ?? 0) / SIZE)}
        of={members}
        turn={(to, isInstead) => changeQuery({ page: String(to) }, isInstead)}
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
      <Columns titles={[t.access.whyPerson, t.teams.role, t.teams.since]} acts={t.flows.more} />
      <tbody>
        {members.map((member) => (
          <tr key={member.user_id}>
            <th scope="row" class="name">
              <span class="words">
                <Who id={member.user_id} name={member.username} />
              </span>
              {member.is_active ? null : <span class="badge">{t.teams.inactive}</span>}
            </th>
            <td data-label={t.teams.role}>{t.teams.roles[member.role]}</td>
            <td data-label={t.teams.since}>
              <Moment at={member.created_at} />
            </td>
            <td class="act">
              {team.external_name !== null ? null : member.role === 'admin' && isLast(member) ? (
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
