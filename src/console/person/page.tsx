// One person: what the account is like, everything they may see and why, what they own, hold and gave; where they are
// signed in, and what a superuser does about it.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { User, Users } from '../bodies.ts'
import { type Caller, useCaller } from '../caller.ts'
import { Empty, Failure, Moment, pageIn } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import { Account } from './account.tsx'
import { Credentials } from './credentials.tsx'
import { askGrants, askStanding, lists } from './grants.ts'
import { Holdings } from './holdings.tsx'
import { type Question, QuestionDialog } from './question.tsx'
import { Sees } from './sees.tsx'

type PersonProps = { id: string; known: string | undefined; query: URLSearchParams }

export function PersonPage(props: PersonProps) {
  const caller = useCaller()
  if (!caller) return <p aria-busy="true">{t.loading}</p>
  if (caller.isAdmin) return <Person caller={caller} {...props} />
  if (caller.id === props.id)
    return (
      <>
        <h1>{caller.username}</h1>
        <SeesOf caller={caller} name={caller.username} isOff={false} round={0} {...props} />
      </>
    )
  return (
    <>
      <h1>{t.person.title}</h1>
      <Empty title={t.people.onlyAdmins}>
        <p>{t.people.onlyAdminsHint}</p>
        <Link to="/flows">{t.toFlows}</Link>
      </Empty>
    </>
  )
}

/** What is known of the account, for superusers; for other admins a name where a grant of theirs says it. */
type Found = { user?: User | undefined; name: string | undefined }

async function askPerson(
  { id, known, caller }: PersonProps & { caller: Caller },
  signal: AbortSignal,
): Promise<Found> {
  if (caller.is_superuser) {
    const asked = v1.users.index.$get({ query: { user_id: id } }, { init: { signal } })
    const [user] = (await read<Users>(asked)).users
    return { user, name: user?.username }
  }
  if (known !== undefined) return { name: known }
  const { items } = await askGrants('owns', id, { page: 1, size: 1 }, signal)
  return { name: items[0]?.username ?? undefined }
}

function Person(props: PersonProps & { caller: Caller }) {
  const { id, query, caller } = props
  const [round, setRound] = useState(0)
  const found = useQuery(`person ${round}`, (signal) => askPerson(props, signal))
  const standing = useQuery(`standing ${round}`, (signal) => askStanding(id, signal))
  const [question, setQuestion] = useState<Question | undefined>(undefined)
  const again = () => setRound((last) => last + 1)
  const user = found.data?.user
  const name = found.data?.name ?? t.person.someone
  if (found.data && caller.is_superuser && !user) return <Gone />
  const shown = found.data ? (
    <>
      <SeesOf {...props} name={name} isOff={user?.is_active === false} round={round} />
      <Holdings
        id={id}
        list={lists.find((one) => one === query.get('list')) ?? 'holds'}
        page={pageIn(query.get('page'))}
        standing={standing.data}
        round={round}
      />
    </>
  ) : null
  return (
    <>
      <Back />
      <h1 class="what">{found.data ? name : '…'}</h1>
      {found.problem ? <Failure problem={found.problem} again={found.again} /> : null}
      {standing.problem ? <Failure problem={standing.problem} again={standing.again} /> : null}
      {user ? (
        <>
          <State user={user} />
          {user.id === caller.id ? (
            <p class="faint">{t.person.self}</p>
          ) : (
            <Account user={user} standing={standing.data} again={again} ask={setQuestion} />
          )}
          <div class="sides">
            <div>{shown}</div>
            <Credentials person={user} round={round} ask={setQuestion} />
          </div>
        </>
      ) : (
        <>
          {found.data ? <p class="faint">{t.person.notSuperuser}</p> : null}
          {shown}
        </>
      )}
      {question ? (
        <QuestionDialog question={question} onClose={() => setQuestion(undefined)} />
      ) : null}
    </>
  )
}

const Back = () => (
  <p>
    <Link to="/people">{t.person.back}</Link>
  </p>
)

const Gone = () => (
  <>
    <Back />
    <h1>{t.person.title}</h1>
    <Empty title={t.person.gone}>
      <p>{t.person.goneHint}</p>
    </Empty>
  </>
)

function State({ user }: { user: User }) {
  return (
    <p>
      {user.is_active ? t.people.active : <span class="badge">{t.people.inactive}</span>}
      {user.is_superuser ? <span class="badge">{t.people.superuser}</span> : null}
      <span class="faint">
        {' · '}
        {user.last_login_at ? (
          <>
            {t.person.lastSeen} <Moment at={user.last_login_at} />
          </>
        ) : (
          t.person.neverSeen
        )}
        {' · '}
        {t.person.since} <Moment at={user.create_at} />
      </span>
    </p>
  )
}

type SeesOfProps = PersonProps & { caller: Caller; name: string; isOff: boolean; round: number }

const SeesOf = ({ id, query, caller, name, isOff, round }: SeesOfProps) => (
  <Sees
    id={id}
    name={name}
    isMe={caller.id === id}
    isOff={isOff}
    search={query.get('search')?.slice(0, 500) ?? ''}
    cursor={query.get('cursor') ?? ''}
    round={round}
  />
)
