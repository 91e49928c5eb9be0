// The grants that somebody holds, by themselves and through teams, owns, and gave to others; one list at a time.
import type { Assignment } from '../bodies.ts'
import { Turn } from '../paging.tsx'
import { Empty, Failure, Moment } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { changeQuery, Link } from '../router.tsx'
import { t } from '../texts.ts'
import { Who } from '../who.tsx'
import { askGrants, type List, lists, nameOf, type Standing } from './grants.ts'

const SIZE = 10

type HoldingsProps = {
  id: string
  list: List
  page: number
  standing: Standing | undefined
  /** Another one: it is asked anew. */
  round: number
}

export function Holdings({ id, list, page, standing, round }: HoldingsProps) {
  const found = useQuery(`${list} ${page} ${round}`, (signal) =>
    askGrants(list, id, { page, size: SIZE }, signal),
  )
  const { data } = found
  return (
    <section aria-labelledby="grants">
      <h2 id="grants">{t.person.lists.label}</h2>
      <nav class="tabs" aria-label={t.person.lists.label}>
        {lists.map((one) => (
          <button
            key={one}
            type="button"
            aria-current={one === list ? 'true' : undefined}
            onClick={() => changeQuery({ list: one, page: undefined })}
          >
            {standing ? t.person.lists[one](standing[one]) : '…'}
          </button>
        ))}
      </nav>
      {found.problem ? <Failure problem={found.problem} again={found.again} /> : null}
      {data && data.items.length > 0 ? (
        <Grants list={list} grants={data.items} isOld={found.isLoading} />
      ) : null}
      {data?.pages === 0 && !found.isLoading ? (
        <Empty title={t.person.noGrants[list]}>
          <p>{t.person.noGrantsHint}</p>
        </Empty>
      ) : null}
      {!data && found.isLoading ? <p aria-busy="true">{t.loading}</p> : null}
      <Turn
        label={t.person.lists.label}
        page={page}
        pages={data?.pages ?? 0}
        of={found}
        turn={(to, isInstead) => changeQuery({ page: String(to) }, isInstead)}
      />
    </section>
  )
}

const isOver = ({ expires_at }: Assignment) =>
  expires_at !== undefined && new Date(expires_at).getTime() < Date.now()

type GrantsProps = { list: List; grants: Assignment[]; isOld: boolean }

function Grants({ list, grants, isOld }: GrantsProps) {
  const { columns } = t.person
  const who = list === 'gave' ? columns.to : columns.through
  return (
    <table class="rows" aria-busy={isOld ? 'true' : undefined}>
      <thead>
        <tr>
          {[columns.what, columns.role, who, columns.until, columns.since].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {grants.map((grant) => (
          <tr key={grant.id}>
            <th scope="row" class="name">
              <Thing grant={grant} />
            </th>
            <td data-label={columns.role}>{grant.role_name}</td>
            <td data-label={who}>
              <Holder grant={grant} isOwn={list !== 'gave'} />
            </td>
            <td data-label={columns.until}>
              {grant.expires_at ? <Moment at={grant.expires_at} /> : t.access.forever}{' '}
              {isOver(grant) ? <span class="badge">{t.access.status.expired}</span> : null}
            </td>
            <td data-label={columns.since}>
              <Moment at={grant.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Thing({ grant }: { grant: Assignment }) {
  const { scope_type: scope, scope_id: id, scope_name } = grant
  if (!id || scope_name === null) return <>{nameOf(grant)}</>
  return (
    <>
      <Link to={`/access/${scope.toLowerCase()}/${id}`} name={scope_name}>
        {scope_name}
      </Link>{' '}
      <span class="faint">{t.access.of(scope)}</span>
    </>
  )
}

function Holder({ grant, isOwn }: { grant: Assignment; isOwn: boolean }) {
  const { team_id, team_name, user_id, username } = grant
  if (team_id)
    return (
      <Link to={`/teams/${team_id}`} {...(team_name ? { name: team_name } : {})}>
        {t.access.team(team_name ?? '')}
      </Link>
    )
  if (isOwn) return <>{t.person.direct}</>
  if (!user_id || !username) return <>{t.flows.nobody}</>
  return <Who id={user_id} name={username} />
}
