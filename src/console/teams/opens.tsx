// What a team opens to whoever is in it: the grants that it holds.
import type { Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { GrantTable } from '../grant-table.tsx'
import { Turn } from '../paging.tsx'
import { Empty, Pending, pageIn, valueIn } from '../parts.tsx'
import { type Query, useQuery } from '../query.ts'
import { changeQuery } from '../router.tsx'
import { t } from '../texts.ts'
import { askOpens, type Found } from './opening.ts'

type OpensProps = { team: Team; caller: Caller; query: URLSearchParams }

export function Opens({ team, caller, query }: OpensProps) {
  const kinds = Object.entries(t.teams.kinds).filter(
    // Of what counts everywhere the API tells admins alone.
    ([kind]) => caller.isAdmin || kind !== 'Global',
  )
  const scope = kinds.find(([kind]) => kind === query.get('show'))?.[0] ?? ''
  const page = pageIn(query.get('grants'))
  const found: Query<Found> = useQuery(`${scope} ${page} ${team.role}`, (signal) =>
    askOpens(team, caller, { scope, page }, () => found.again(), signal),
  )
  const opens = found.data
  return (
    <section aria-labelledby="opens">
      <h2 id="opens">{t.teams.opens}</h2>
      {caller.isAdmin ? null : <p class="faint">{t.teams.opensToYou}</p>}
      {opens && (opens.total > 0 || scope) ? (
        <>
          <p class="faint">{t.grants.total(opens.total)}</p>
          <div class="filters">
            <label>
              {t.teams.kind}
              <select
                name="show"
                value={scope}
                onChange={(event: Event) =>
                  changeQuery({ show: valueIn(event), grants: undefined })
                }
              >
                {kinds.map(([kind, words]) => (
                  <option key={kind} value={kind}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
          </div>
        </>
      ) : null}
      <Pending query={found} />
      {opens && opens.items.length > 0 ? <GrantTable grants={opens.items} shows="role" /> : null}
      {opens?.pages === 0 ? (
        <Empty title={scope ? t.teams.opensNoMatch : t.teams.opensNothing}>
          {scope ? null : <p>{t.teams.opensNothingHint}</p>}
        </Empty>
      ) : null}
      <Turn
        label={t.teams.opens}
        page={page}
        pages={opens?.pages ?? 0}
        of={found}
        turn={(to, isInstead) => changeQuery({ grants: String(to) }, isInstead)}
      />
    </section>
  )
}
