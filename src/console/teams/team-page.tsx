// One team: who is in it, and what that opens to them.
import { read, v1 } from '../api.ts'
import type { Member, Team } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { Pending } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import { mayFill, TeamActions } from './actions.tsx'
import { AddMember } from './add-member.tsx'
import { Members } from './members.tsx'
import { Opens } from './opens.tsx'

export function TeamPage({ id, query }: { id: string; query: URLSearchParams }) {
  const caller = useCaller()
  const of = { param: { team_id: id } }
  const team = useQuery('team', (signal) =>
    read<Team>(v1.teams[':team_id'].$get(of, { init: { signal } })),
  )
  const members = useQuery('members', (signal) =>
    read<Member[]>(v1.teams[':team_id'].members.$get(of, { init: { signal } })),
  )
  const again = () => {
    team.again()
    members.again()
  }
  const found = team.data
  return (
    <>
      <p>
        <Link to="/teams">{t.teams.all}</Link>
      </p>
      <div class="head">
        <h1>
          {t.teams.team} {found?.name ?? '…'}
        </h1>
        {found ? <TeamActions team={found} caller={caller} again={again} /> : null}
      </div>
      {found?.description ? <p class="what">{found.description}</p> : null}
      {found?.external_name ? <p class="what">{t.teams.mirrored(found.external_name)}</p> : null}
      <Pending query={team} again={again} />
      {found && caller ? (
        <div class={mayFill(found, caller) ? 'sides' : undefined}>
          <div>
            <Members team={found} members={members} caller={caller} query={query} again={again} />
            <Opens team={found} caller={caller} query={query} />
          </div>
          {mayFill(found, caller) ? (
            <aside>
              <AddMember team={found} caller={caller} again={again} />
            </aside>
          ) : null}
        </div>
      ) : null}
    </>
  )
}
