// Where somebody is signed in, and the keys that programs use in their name: superusers end both.
import { done, read, v1 } from '../api.ts'
import type { Key, Named, Session } from '../bodies.ts'
import { deviceOf } from '../device.ts'
import { tell } from '../notices.tsx'
import { Failure, Moment } from '../parts.tsx'
import { type Query, useQuery } from '../query.ts'
import { t } from '../texts.ts'
import { Company } from './company.tsx'
import type { AskFirst } from './question.tsx'

type CredentialsProps = { person: Named; round: number; ask: AskFirst }

export function Credentials({ person, round, ask }: CredentialsProps) {
  const query = { user_id: person.id }
  const sessions = useQuery(`sessions ${round}`, (signal) =>
    read<{ sessions: Session[] }>(v1.sessions.$get({ query }, { init: { signal } })),
  )
  const keys = useQuery(`keys ${round}`, (signal) =>
    read<{ api_keys: Key[] }>(v1.api_key.index.$get({ query }, { init: { signal } })),
  )
  return (
    <aside>
      <Sessions person={person} sessions={sessions} keys={keys} ask={ask} />
      <Keys keys={keys} ask={ask} />
      <Company person={person} round={round} ask={ask} />
    </aside>
  )
}

type Sessions = Query<{ sessions: Session[] }>
type Keys = Query<{ api_keys: Key[] }>
type SessionsProps = { person: Named; sessions: Sessions; keys: Keys; ask: AskFirst }

function Sessions({ person, sessions, keys, ask }: SessionsProps) {
  const found = sessions.data?.sessions ?? []
  const { username } = person
  const endAll = () =>
    ask({
      title: t.person.endAllTitle(username),
      lines: [t.person.endHint],
      act: t.person.endAll,
      withKeys: true,
      run: async (withKeys) => {
        const query = { user_id: person.id, keys: String(withKeys) }
        await done(v1.sessions.$delete({ query }))
        sessions.again()
        keys.again()
        tell(t.person.allEnded(username))
      },
    })
  return (
    <section class="box" aria-labelledby="sessions">
      <div class="head">
        <h2 id="sessions">{t.person.sessions}</h2>
        {found.length > 0 ? (
          <button type="button" onClick={endAll}>
            {t.person.endAll}
          </button>
        ) : null}
      </div>
      {sessions.problem ? <Failure problem={sessions.problem} again={sessions.again} /> : null}
      {sessions.data && found.length === 0 ? <p>{t.person.noSessions}</p> : null}
      <ul class="plain parted">
        {found.map((session) => (
          <SessionItem key={session.id} session={session} again={sessions.again} ask={ask} />
        ))}
      </ul>
    </section>
  )
}

type ItemProps = { again: () => void; ask: AskFirst }

function SessionItem({ session, again, ask }: ItemProps & { session: Session }) {
  const agent = deviceOf(session.user_agent) ?? t.person.unknownAgent
  const end = () =>
    ask({
      title: t.person.endTitle,
      lines: [agent, t.person.endHint],
      act: t.person.end,
      run: async () => {
        await done(v1.sessions[':session_id'].$delete({ param: { session_id: session.id } }))
        again()
        tell(t.person.ended)
      },
    })
  return (
    <li>
      <div>
        <p class="cut">{agent}</p>
        <p class="faint">
          {t.person.began} <Moment at={session.created_at} />, {t.person.used}{' '}
          <Moment at={session.renewed_at} />
        </p>
      </div>
      {session.current ? (
        <span class="badge">{t.person.thisOne}</span>
      ) : (
        <button type="button" aria-label={t.person.endOne(agent)} onClick={end}>
          {t.person.end}
        </button>
      )}
    </li>
  )
}

function Keys({ keys, ask }: { keys: Keys; ask: AskFirst }) {
  const found = keys.data?.api_keys ?? []
  return (
    <section class="box" aria-labelledby="keys">
      <h2 id="keys">{t.person.keys}</h2>
      {keys.problem ? <Failure problem={keys.problem} again={keys.again} /> : null}
      {keys.data && found.length === 0 ? <p>{t.person.noKeys}</p> : null}
      <ul class="plain parted">
        {found.map((key) => (
          <KeyItem key={key.id} one={key} again={keys.again} ask={ask} />
        ))}
      </ul>
    </section>
  )
}

function KeyItem({ one, again, ask }: ItemProps & { one: Key }) {
  const name = one.name || t.person.unnamedKey
  const revoke = () =>
    ask({
      title: t.person.revokeTitle(name),
      lines: [t.person.revokeHint],
      act: t.person.revoke,
      run: async () => {
        await done(v1.api_key[':api_key_id'].$delete({ param: { api_key_id: one.id } }))
        again()
        tell(t.person.revoked(name))
      },
    })
  return (
    <li>
      <div>
        <p>
          {name} <code class="faint">{one.api_key.slice(0, 8)}…</code>
        </p>
        <p class="faint">
          {one.last_used_at ? (
            <>
              {t.person.used} <Moment at={one.last_used_at} />
            </>
          ) : (
            t.person.neverUsed
          )}
          {one.expires_at ? (
            <>
              , {t.person.ends} <Moment at={one.expires_at} />
            </>
          ) : null}
        </p>
      </div>
      <button type="button" aria-label={t.person.revokeOne(name)} onClick={revoke}>
        {t.person.revoke}
      </button>
    </li>
  )
}
