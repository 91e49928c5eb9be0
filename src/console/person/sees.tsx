// Every flow that somebody may see, as they see it, and on demand which grant says so.
import { useState } from 'hono/jsx/dom'
import { Because } from '../access/why.tsx'
import { read, v1 } from '../api.ts'
import type { Explanation, Flow, FlowPage } from '../bodies.ts'
import { Paging, useLostCursor } from '../paging.tsx'
import { Empty, Failure, wordsOfActions } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { Link } from '../router.tsx'
import { Sought } from '../sought.tsx'
import { t } from '../texts.ts'
import { Who } from '../who.tsx'

const SIZE = '10'

type SeesProps = {
  id: string
  name: string
  isMe: boolean
  /** The account is known not to be active. */
  isOff: boolean
  search: string
  cursor: string
  round: number
}

const askSeen = ({ id, isMe, search, cursor }: SeesProps, signal: AbortSignal) =>
  read<FlowPage>(
    v1.flows.index.$get(
      {
        query: {
          paged: 'all',
          header_flows: 'true',
          include: 'actions,owner',
          size: SIZE,
          ...(isMe ? {} : { as: id }),
          ...(search ? { search } : {}),
          ...(cursor ? { cursor } : {}),
        },
      },
      { init: { signal } },
    ),
  )

export function Sees(props: SeesProps) {
  const { search, cursor, round, isOff } = props
  const found = useQuery(`${search} ${cursor} ${round}`, (signal) => askSeen(props, signal))
  const page = found.data
  const isLost = useLostCursor(cursor, found)
  return (
    <section aria-labelledby="sees">
      <div class="head">
        <h2 id="sees">{t.person.sees}</h2>
        <p class="total" role="status">
          {page ? t.flows.total(page.total, page.total_is === 'exact') : ''}
        </p>
      </div>
      <search class="filters">
        <Sought name="search" label={t.flows.search} value={search} hint={t.flows.searchHint} />
      </search>
      {found.problem && !isLost ? <Failure problem={found.problem} again={found.again} /> : null}
      {page && page.items.length > 0 ? (
        <Seen {...props} flows={page.items} isOld={found.isLoading} />
      ) : null}
      {page?.items.length === 0 && !isLost && !found.isLoading ? (
        <Empty title={search ? t.person.seesNoMatch : t.person.seesNothing}>
          <p>
            {search
              ? t.flows.noMatchHint
              : isOff
                ? t.access.reasons.inactive
                : t.person.seesNothingHint}
          </p>
        </Empty>
      ) : null}
      {!page && found.isLoading ? <p aria-busy="true">{t.loading}</p> : null}
      {page ? <Paging page={page} /> : null}
    </section>
  )
}

type SeenProps = Pick<SeesProps, 'id' | 'name' | 'round'> & { flows: Flow[]; isOld: boolean }

function Seen({ id, name, flows, isOld, round }: SeenProps) {
  const { seesColumns: columns } = t.person
  return (
    <table class="rows" aria-busy={isOld ? 'true' : undefined}>
      <thead>
        <tr>
          {Object.entries(columns).map(([key, title]) => (
            <th key={key} scope="col">
              {title}
            </th>
          ))}
          <th scope="col">
            <span class="unseen">{t.person.why}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {flows.map((flow) => (
          <SeenRow key={flow.id} id={id} name={name} flow={flow} round={round} />
        ))}
      </tbody>
    </table>
  )
}

type RowProps = Pick<SeesProps, 'id' | 'name' | 'round'> & { flow: Flow }

function SeenRow({ id, name, flow, round }: RowProps) {
  const [isOpen, setOpen] = useState(false)
  const { seesColumns: columns } = t.person
  return (
    <>
      <tr>
        <th scope="row" class="name">
          <Link to={`/access/flow/${flow.id}`} name={flow.name}>
            {flow.name}
          </Link>
        </th>
        <td data-label={columns.owner}>
          {flow.owner ? <Who id={flow.owner.id} name={flow.owner.username} /> : t.flows.nobody}
        </td>
        <td data-label={columns.may}>{wordsOfActions(flow.actions)}</td>
        <td data-label={columns.by}>{t.access.scopes[flow.scope ?? ''] ?? flow.scope}</td>
        <td class="act">
          <button
            type="button"
            aria-expanded={isOpen ? 'true' : 'false'}
            aria-label={t.person.whyOne(flow.name)}
            onClick={() => setOpen(!isOpen)}
          >
            {t.person.why}
          </button>
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td colspan={5}>
            <Explained id={id} name={name} flow={flow} round={round} />
          </td>
        </tr>
      ) : null}
    </>
  )
}

function Explained({ id, name, flow, round }: RowProps) {
  const found = useQuery(`${flow.id} ${round}`, (signal) =>
    read<Explanation>(
      v1.rbac.explain.$get(
        { query: { user_id: id, permission: 'Read', scope_type: 'Flow', scope_id: flow.id } },
        { init: { signal } },
      ),
    ),
  )
  return (
    <div aria-live="polite" aria-busy={found.isLoading ? 'true' : undefined}>
      {found.problem ? <Failure problem={found.problem} again={found.again} /> : null}
      {found.data ? <Because who={name} permission="Read" explained={found.data} /> : null}
      {!found.data && found.isLoading ? t.loading : null}
    </div>
  )
}
