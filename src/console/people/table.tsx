// People in rows: a name, and for superusers what the account is like.
import { useState } from 'hono/jsx/dom'
import type { Named, User } from '../bodies.ts'
import { Dialog } from '../dialog.tsx'
import { tell, tellProblem } from '../notices.tsx'
import { Moment } from '../parts.tsx'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import { approve, remove } from './doing.ts'

/** Others than superusers learn of a person the name alone. */
export type Listed = Named & Partial<User>

type TableProps = { people: Listed[]; isWaiting: boolean; isOld: boolean; again: () => void }

export function PeopleTable({ people, isWaiting, isOld, again }: TableProps) {
  const { name, ...more } = t.people.columns
  const columns = people.some(({ create_at }) => create_at) ? Object.entries(more) : []
  return (
    <table class="rows" aria-busy={isOld ? 'true' : undefined}>
      <thead>
        <tr>
          <th scope="col">{name}</th>
          {columns.map(([key, title]) => (
            <th key={key} scope="col">
              {title}
            </th>
          ))}
          {isWaiting ? (
            <th scope="col">
              <span class="unseen">{t.people.more}</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <tr key={person.id}>
            <th scope="row" class="name">
              <Link to={`/people/${person.id}`} name={person.username}>
                {person.username}
              </Link>
            </th>
            {person.create_at ? <State person={person} /> : null}
            {isWaiting ? (
              <td class="act">
                <Sentence person={person} again={again} />
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function State({ person }: { person: Listed }) {
  const { columns } = t.people
  return (
    <>
      <td data-label={columns.state}>
        {person.is_active ? t.people.active : <span class="badge">{t.people.inactive}</span>}{' '}
        {person.is_superuser ? <span class="badge">{t.people.superuser}</span> : null}
      </td>
      <td data-label={columns.seen}>
        {person.last_login_at ? <Moment at={person.last_login_at} /> : t.people.never}
      </td>
      <td data-label={columns.since}>
        <Moment at={person.create_at} />
      </td>
    </>
  )
}

/** Whoever signed up is let in, or not. */
function Sentence({ person, again }: { person: Listed; again: () => void }) {
  const [isAsked, setAsked] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const { username } = person
  const admit = () => {
    setBusy(true)
    approve(person, again).catch((error: unknown) => {
      setBusy(false)
      tellProblem(error)
    })
  }
  const refuse = async () => {
    await remove(person.id)
    again()
    tell(t.people.refused(username))
  }
  return (
    <>
      <span class="acts">
        <button
          type="button"
          aria-label={t.people.approveOne(username)}
          disabled={isBusy}
          onClick={admit}
        >
          {t.people.approve}
        </button>
        <button
          type="button"
          aria-label={t.people.refuseOne(username)}
          onClick={() => setAsked(true)}
        >
          {t.people.refuse}
        </button>
      </span>
      {isAsked ? (
        <Dialog
          title={t.people.refuseTitle(username)}
          act={t.people.refuse}
          isDanger
          onAct={refuse}
          onClose={() => setAsked(false)}
        >
          <p>{t.people.refuseHint}</p>
        </Dialog>
      ) : null}
    </>
  )
}
