// Who can do what with one flow or project, through which grant, until when; the box to share it; and why.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { AccessPage as Everybody, Share } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { Turn } from '../paging.tsx'
import { Failure } from '../parts.tsx'
import { type Query, useQuery } from '../query.ts'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import { People } from './people.tsx'
import { ShareBox } from './share-box.tsx'
import { Shares } from './shares.tsx'
import { askShares, type Scope, type Thing } from './sharing.ts'
import { Why } from './why.tsx'

const SIZE = '100'

/** `known`: its name, where the page before has shown it. */
export function AccessPage({ scope, id, known }: Thing & { known: string | undefined }) {
  const thing = { scope, id }
  const name = useName(thing, known)
  const [page, setPage] = useState(1)
  const shares = useQuery(`shares ${id}`, (signal) => read<Share[]>(askShares(thing, signal)))
  const people = useQuery(`people ${id} ${page}`, (signal) =>
    read<Everybody>(
      v1.rbac.access.$get(
        { query: { scope_type: scope, scope_id: id, page: String(page), size: SIZE } },
        { init: { signal } },
      ),
    ),
  )
  const me = useCaller()
  const again = () => {
    shares.again()
    people.again()
  }
  return (
    <>
      <p>
        <Link to="/flows">{t.access.back}</Link>
      </p>
      <h1>{t.access.title}</h1>
      <p class="what">
        {t.access.of(scope)} <strong>{name ?? '…'}</strong>
      </p>
      {shares.problem ? <Failure problem={shares.problem} again={again} /> : null}
      {shares.data ? (
        <div class="sides">
          <div>
            <Shares thing={thing} shares={shares.data} me={me?.id} again={again} />
            <Reachable people={people} page={page} turn={setPage} />
          </div>
          <aside>
            <ShareBox
              thing={thing}
              people={people.data?.items ?? []}
              shares={shares.data}
              again={again}
            />
            <Why thing={thing} me={me} />
          </aside>
        </div>
      ) : shares.isLoading ? (
        <p aria-busy="true">{t.loading}</p>
      ) : (
        <Why thing={thing} me={me} />
      )}
    </>
  )
}

type ReachableProps = { people: Query<Everybody>; page: number; turn: (page: number) => void }

function Reachable({ people, page, turn }: ReachableProps) {
  const found = people.data
  if (people.problem) return <Failure problem={people.problem} again={people.again} />
  if (!found) return <p aria-busy="true">{t.loading}</p>
  return (
    <section aria-labelledby="people">
      <h2 id="people">{t.access.people}</h2>
      <p class="faint">
        {t.access.peopleTotal(found.total)}. {t.access.admins(found.admins)}
      </p>
      {found.items.length > 0 ? <People people={found.items} /> : null}
      {found.pages === 0 ? <p>{t.access.noPeople}</p> : null}
      <Turn label={t.access.people} page={page} pages={found.pages} of={people} turn={turn} />
    </section>
  )
}

/** As the page before knew it, else as the API says. */
function useName({ scope, id }: Thing, known: string | undefined): string | undefined {
  const found = useQuery(`name ${id}`, async (signal) =>
    known === undefined ? (await askName(scope, id, signal)).name : known,
  )
  return found.data
}

async function askName(scope: Scope, id: string, signal: AbortSignal): Promise<{ name: string }> {
  const init = { init: { signal } }
  if (scope === 'Flow')
    return read(v1.flows[':flow_id'].$get({ param: { flow_id: id }, query: {} }, init))
  const { folder } = await read<{ folder: { name: string } }>(
    v1.projects[':project_id'].$get(
      { param: { project_id: id }, query: { page: '1', size: '1' } },
      init,
    ),
  )
  return folder
}
