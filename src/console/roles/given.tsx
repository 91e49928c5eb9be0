// The grants of one role: who has it, where, until when.
import { useEffect, useRef } from 'hono/jsx/dom'
import type { Role } from '../bodies.ts'
import { GrantTable } from '../grant-table.tsx'
import { Turn } from '../paging.tsx'
import { Pending } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { changeQuery } from '../router.tsx'
import { t } from '../texts.ts'
import { Holder } from '../who.tsx'
import { askGrants } from './doing.ts'

const SIZE = 50

export function Given({ role, page }: { role: Role | undefined; page: number }) {
  return role ? <GivenOf key={role.id} role={role} page={page} /> : null
}

function GivenOf({ role, page }: { role: Role; page: number }) {
  const found = useQuery(`${page}`, (signal) => askGrants(role.name, page, SIZE, signal))
  const grants = found.data
  const section = useRef<HTMLElement>(null)
  // It stands below the grid, where what opens it may be the last that is seen.
  useEffect(() => {
    section.current?.scrollIntoView()
  }, [grants === undefined])
  return (
    <section aria-labelledby="given" ref={section}>
      <div class="head">
        <h2 id="given">{t.roles.grantsOf(role.name)}</h2>
        <button type="button" onClick={() => changeQuery({ of: undefined, n: undefined })}>
          {t.roles.hide}
        </button>
      </div>
      <Pending query={found} />
      {grants ? (
        <>
          <p class="faint">{t.grants.total(grants.total)}</p>
          <GrantTable
            shows="who"
            grants={grants.items.map((grant) => ({
              ...grant,
              who: <Holder {...grant} team={grant.team_name} />,
              role: grant.role_name,
              name: grant.scope_name,
            }))}
          />
          <Turn
            label={t.roles.grantsOf(role.name)}
            page={page}
            pages={grants.pages}
            of={found}
            turn={(to, isInstead) => changeQuery({ n: String(to) }, isInstead)}
          />
        </>
      ) : null}
    </section>
  )
}
