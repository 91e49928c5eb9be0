// What every role allows, as a grid of ticks; how often each is given; two of them side by side. For admins.
import { useState } from 'hono/jsx/dom'
import type { Role } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { Turn } from '../paging.tsx'
import { Failure, pageIn, valueIn } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { changeQuery } from '../router.tsx'
import { t } from '../texts.ts'
import { RoleDialog } from './dialog.tsx'
import { askRoles, askWhole, type Whole } from './doing.ts'
import { Given } from './given.tsx'
import { Grid } from './grid.tsx'

/** As many as stand side by side and are asked about at once. */
const SIZE = 8

export function RolesPage({ query }: { query: URLSearchParams }) {
  const caller = useCaller()
  const list = useQuery('roles', askRoles)
  const all = list.data ?? []
  const page = pageIn(query.get('page'))
  const pair = ['a', 'b'].map((key) => all.find(({ id }) => id === query.get(key)))
  const two = pair.filter((role) => role !== undefined)
  const compares = two.length === 2
  const shown = compares ? two : all.slice((page - 1) * SIZE, page * SIZE)
  // Grants are asked for by the name of their role: another name is another question.
  const whole = useQuery(JSON.stringify(shown.map(({ id, name }) => [id, name])), (signal) =>
    askWhole(shown, signal),
  )
  const [edited, setEdited] = useState<Whole | 'new' | undefined>(undefined)
  const again = () => {
    list.again()
    whole.again()
  }
  const roles = whole.data ?? []
  const problem = list.problem ?? whole.problem
  return (
    <>
      <div class="head">
        <h1>{t.roles.title}</h1>
        {caller?.isAdmin ? (
          <button type="button" onClick={() => setEdited('new')}>
            {t.roles.create}
          </button>
        ) : null}
      </div>
      <p>{t.roles.purpose}</p>
      {problem ? <Failure problem={problem} again={again} /> : null}
      {all.length > 0 ? <Compare all={all} pair={pair} /> : null}
      {compares && roles.length === 2 ? (
        <p role="status">{t.roles.differ(differences(roles))}</p>
      ) : null}
      {roles.length > 0 ? (
        <Grid
          roles={roles}
          compares={compares && roles.length === 2}
          isOld={whole.isLoading}
          edit={setEdited}
          again={again}
        />
      ) : problem ? null : (
        <p aria-busy="true">{t.loading}</p>
      )}
      {compares ? null : (
        <Turn
          label={t.roles.paging}
          page={page}
          pages={Math.ceil(all.length / SIZE)}
          of={list}
          turn={(to, isInstead) => changeQuery({ page: String(to) }, isInstead)}
        />
      )}
      <Given role={all.find(({ id }) => id === query.get('of'))} page={pageIn(query.get('n'))} />
      {edited ? (
        <RoleDialog
          role={edited === 'new' ? undefined : edited}
          again={again}
          onClose={() => setEdited(undefined)}
        />
      ) : null}
    </>
  )
}

const differences = ([a, b]: Whole[]): number =>
  new Set([...(a?.permissions ?? []), ...(b?.permissions ?? [])]).size * 2 -
  (a?.permissions.length ?? 0) -
  (b?.permissions.length ?? 0)

function Compare({ all, pair }: { all: Role[]; pair: (Role | undefined)[] }) {
  return (
    <div class="filters">
      {['a', 'b'].map((key, n) => (
        <label key={key}>
          {n === 0 ? t.roles.compare : t.roles.compareWith}
          <select
            name={key}
            value={pair[n]?.id ?? ''}
            onChange={(event: Event) => changeQuery({ [key]: valueIn(event) })}
          >
            <option value="">{t.roles.compareNone}</option>
            {all
              .filter(({ id }) => id !== pair[1 - n]?.id)
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </select>
        </label>
      ))}
    </div>
  )
}
