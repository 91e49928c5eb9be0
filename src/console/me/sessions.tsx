// Where one is signed in, and the end of it there.
import { useState } from 'hono/jsx/dom'
import type { Session } from '../bodies.ts'
import { deviceOf } from '../device.ts'
import { Dialog } from '../dialog.tsx'
import { Moment } from '../parts.tsx'
import { t } from '../texts.ts'
import { endOthers, endSession } from './account.ts'

type SessionsProps = { sessions: Session[]; again: () => void }

export function Sessions({ sessions, again }: SessionsProps) {
  const [asked, setAsked] = useState<Session | 'others' | undefined>(undefined)
  const { columns } = t.me
  const hasOthers = sessions.some(({ current }) => !current)
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">{t.me.sessions}</h2>
      <p class="faint">{hasOthers ? t.me.sessionsHint : t.me.onlyHere}</p>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{columns.device}</th>
            <th scope="col">{columns.used}</th>
            <th scope="col">{columns.began}</th>
            <th scope="col">{columns.ends}</th>
            <th scope="col">
              <span class="unseen">{t.me.end}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <th scope="row" class="name" title={session.user_agent ?? undefined}>
                <span class="words">{deviceOf(session.user_agent) ?? t.me.unknownDevice}</span>
                {session.current ? <span class="badge">{t.me.here}</span> : null}
              </th>
              <td data-label={columns.used}>
                <Moment at={session.renewed_at} />
              </td>
              <td data-label={columns.began}>
                <Moment at={session.created_at} />
              </td>
              <td data-label={columns.ends}>
                <Moment at={session.expires_at} />
              </td>
              <td class="act">
                {session.current ? null : (
                  <button
                    type="button"
                    aria-label={t.me.endThat(deviceOf(session.user_agent) ?? t.me.unknownDevice)}
                    onClick={() => setAsked(session)}
                  >
                    {t.me.end}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasOthers ? (
        <p>
          <button type="button" onClick={() => setAsked('others')}>
            {t.me.endOthers}
          </button>
        </p>
      ) : null}
      {asked ? (
        <Dialog
          title={asked === 'others' ? t.me.endOthersTitle : t.me.endTitle}
          act={t.me.end}
          isDanger
          onAct={() => (asked === 'others' ? endOthers() : endSession(asked)).finally(again)}
          onClose={() => setAsked(undefined)}
        >
          <p>{asked === 'others' ? t.me.endOthersHint : t.me.endHint}</p>
        </Dialog>
      ) : null}
    </section>
  )
}
