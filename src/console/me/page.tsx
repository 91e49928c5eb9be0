// One's own account: where one is signed in, what programs come in with, and the password.
import { useCaller } from '../caller.ts'
import { Failure } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { t } from '../texts.ts'
import { askKeys, askSessions } from './account.ts'
import { CompanySignIn } from './company.tsx'
import { Keys } from './keys.tsx'
import { NewKey } from './new-key.tsx'
import { Password } from './password.tsx'
import { Sessions } from './sessions.tsx'

export function MePage() {
  const me = useCaller()
  const sessions = useQuery('sessions', askSessions)
  const keys = useQuery('keys', askKeys)
  const again = () => {
    sessions.again()
    keys.again()
  }
  return (
    <>
      <h1>{t.me.title}</h1>
      <p class="what">
        {t.me.signedInAs} <strong>{me?.username ?? '…'}</strong>
        {me ? `, ${t.me.rank(me)}` : ''}
      </p>
      <div class="sides">
        <div>
          {sessions.problem ? (
            <Failure problem={sessions.problem} again={sessions.again} />
          ) : sessions.data ? (
            <Sessions sessions={sessions.data.sessions} again={sessions.again} />
          ) : (
            <p aria-busy="true">{t.loading}</p>
          )}
          {keys.problem ? (
            <Failure problem={keys.problem} again={keys.again} />
          ) : keys.data ? (
            <Keys keys={keys.data.api_keys} again={keys.again} />
          ) : null}
          <CompanySignIn />
        </div>
        <aside aria-label={t.me.changes}>
          <NewKey mayDecide={me?.isAdmin ?? false} again={keys.again} />
          {me ? <Password me={me} again={again} /> : null}
        </aside>
      </div>
    </>
  )
}
