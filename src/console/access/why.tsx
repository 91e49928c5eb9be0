// May they, and which grant says so: a sentence, and every grant that had a say.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Explanation, Me } from '../bodies.ts'
import { Failure, Moment, valueIn } from '../parts.tsx'
import { Picker, type Receiver } from '../picker.tsx'
import { useQuery } from '../query.ts'
import { t } from '../texts.ts'
import { wordsOfGrant } from './people.tsx'
import type { Thing } from './sharing.ts'

const permissions = ['Read', 'Update', 'Delete', 'Create'] as const
type Permission = (typeof permissions)[number]

/** Without a person it is about oneself. */
export function Why({ thing, me }: { thing: Thing; me: Me | undefined }) {
  const [who, setWho] = useState<Receiver | undefined>(undefined)
  const [permission, setPermission] = useState<Permission>('Read')
  const found = useQuery(`${who?.id} ${permission}`, (signal) =>
    read<Explanation>(
      v1.rbac.explain.$get(
        {
          query: {
            permission,
            scope_type: thing.scope,
            scope_id: thing.id,
            ...(who ? { user_id: who.id } : {}),
          },
        },
        { init: { signal } },
      ),
    ),
  )
  const choose = (event: Event) =>
    setPermission(permissions.find((one) => one === valueIn(event)) ?? 'Read')
  const isMe = !who || who.id === me?.id
  return (
    <section class="box" aria-labelledby="why">
      <h2 id="why">{t.access.why}</h2>
      <Picker label={t.access.whyPerson} withTeams={false} chosen={who} choose={setWho} />
      <label>
        {t.access.whyAction}
        <select name="permission" value={permission} onChange={choose}>
          {permissions.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div aria-live="polite" aria-busy={found.isLoading ? 'true' : undefined}>
        {found.problem ? <Failure problem={found.problem} /> : null}
        {found.data && !found.isLoading && !found.problem ? (
          <Because
            who={isMe ? t.access.you : (who?.name ?? '')}
            permission={permission}
            explained={found.data}
          />
        ) : null}
      </div>
    </section>
  )
}

type BecauseProps = { who: string; permission: Permission; explained: Explanation }

export function Because({ who, permission, explained }: BecauseProps) {
  const { allowed, decided_by, grants } = explained
  const say = allowed ? t.access.yes : t.access.no
  return (
    <>
      <p class={allowed ? 'answer yes' : 'answer no'}>{say(who, permission.toLowerCase())}</p>
      <p>{t.access.reasons[decided_by] ?? decided_by}</p>
      <ul class="grants">
        {grants.map(({ id, role, status, holds_permission, ...grant }) => (
          <li key={id} class={status}>
            {wordsOfGrant({ ...grant, id, role_name: role.name })}
            {': '}
            <strong>{t.access.status[status] ?? status}</strong>
            {`, ${holds_permission ? t.access.holds : t.access.holdsNot}`}
            {grant.expires_at ? (
              <span class="faint">
                {' '}
                ({t.access.columns.until} <Moment at={grant.expires_at} />)
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}
