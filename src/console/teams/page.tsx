// The teams that the caller is in; for admins all of them.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Team } from '../bodies.ts'
import { type Caller, useCaller } from '../caller.ts'
import { Turn } from '../paging.tsx'
import { Columns, Empty, Moment, Pending, pageIn } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { changeQuery, go, Link } from '../router.tsx'
import { askSettings } from '../settings.ts'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { TeamActions } from './actions.tsx'
import { NewTeam } from './dialogs.tsx'

const SIZE = 50

/** The API gives all of them at once: what is looked for is found here. */
function matching(teams: Team[], text: string): Team[] {
  const wanted = text.trim().normalize('NFKC').toLowerCase()
  return teams.filter(({ name, description }) =>
    `${name}\n${description ?? ''}`.toLowerCase().includes(wanted),
  )
}

export function TeamsPage({ query }: { query: URLSearchParams }) {
  const search = query.get('search') ?? ''
  const page = pageIn(query.get('page'))
  const list = useQuery('teams', (signal) =>
    read<Team[]>(v1.teams.index.$get({}, { init: { signal } })),
  )
  const caller = useCaller()
  const settings = useQuery('settings', askSettings)
  const [isMaking, setMaking] = useState(false)
  const mayMake = caller?.isAdmin || settings.data?.teams === 'open'
  const found = list.data && matching(list.data, search)
  return (
    <>
      <div class="head">
        <h1>{t.teams.title}</h1>
        <p class="total" role="status">
          {found ? t.teams.total(found.length) : ''}
        </p>
        {mayMake ? (
          <button type="button" onClick={() => setMaking(true)}>
            {t.teams.create}
          </button>
        ) : null}
      </div>
      <p>{t.teams.purpose}</p>
      <Pending query={list} />
      {found && list.data && list.data.length > 0 ? (
        <search class="filters">
          <Sought
            name="search"
            label={t.flows.search}
            value={search}
            maxlength={100}
            hint={t.teams.searchHint}
          />
        </search>
      ) : null}
      {found && found.length > 0 ? (
        <TeamTable
          teams={found.slice((page - 1) * SIZE, page * SIZE)}
          caller={caller}
          again={list.again}
        />
      ) : null}
      {found?.length === 0 ? (
        <NoTeams isSearched={search !== ''} mayMake={Boolean(mayMake)} />
      ) : null}
      <Turn
        label={t.teams.title}
        page={page}
        pages={Math.ceil((found?.length ?? 0) / SIZE)}
        of={list}
        turn={(to, isInstead) => changeQuery({ page: String(to) }, isInstead)}
      />
      {isMaking && caller ? <NewTeam caller={caller} onClose={() => setMaking(false)} /> : null}
    </>
  )
}

type TableProps = { teams: Team[]; caller: Caller | undefined; again: () => void }

function TeamTable({ teams, caller, again }: TableProps) {
  const { columns, parts, noPart } = t.teams
  return (
    <table class="rows">
      <Columns titles={[t.flows.columns.name, columns.part, columns.made]} acts={t.flows.more} />
      <tbody>
        {teams.map((team) => (
          <tr key={team.id}>
            <th scope="row" class="name">
              <Link to={`/teams/${team.id}`} class="words">
                {team.name}
              </Link>
              {team.description ? <p class="faint cut">{team.description}</p> : null}
            </th>
            <td data-label={columns.part}>{team.role ? parts[team.role] : noPart}</td>
            <td data-label={columns.made}>
              <Moment at={team.created_at} />
            </td>
            <td class="act">
              <TeamActions team={team} caller={caller} again={again} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function NoTeams({ isSearched, mayMake }: { isSearched: boolean; mayMake: boolean }) {
  if (isSearched)
    return (
      <Empty title={t.teams.noMatch}>
        <button type="button" onClick={() => go('/teams')}>
          {t.teams.clear}
        </button>
      </Empty>
    )
  return (
    <Empty title={mayMake ? t.teams.none : t.teams.noneOfYours}>
      <p>{mayMake ? t.teams.noneHint : t.teams.noneOfYoursHint}</p>
    </Empty>
  )
}
