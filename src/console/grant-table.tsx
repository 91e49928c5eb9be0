// Grants as a table: whose, of which role, where, until when.
import type { Child } from 'hono/jsx'
import { useState } from 'hono/jsx/dom'
import { useCaller } from './caller.ts'
import { tellProblem } from './notices.tsx'
import { Columns, Moment } from './parts.tsx'
import { Link } from './router.tsx'
import { t } from './texts.ts'

export type Held = {
  id: string
  /** A link to them, or their name. */
  who?: Child
  role: string
  scope_type: string
  scope_id: string | null
  /** Null where the caller may not read what it stands on, or where that is gone. */
  name: string | null
  expires_at?: string | undefined
  /** Takes it away; left out where the caller may not, and `fixed` says why. */
  end?: (() => Promise<unknown>) | undefined
  fixed?: string | undefined
}

/** `shows`: is it said whose they are, or of which role? The other is what they have in common. */
export function GrantTable({ grants, shows }: { grants: Held[]; shows: 'who' | 'role' }) {
  const columns = t.access.columns
  return (
    <table class="rows">
      <Columns
        titles={[
          ...(shows === 'who' ? [columns.who, t.grants.where] : [t.grants.where, columns.role]),
          columns.until,
        ]}
        acts={t.access.end}
      />
      <tbody>
        {grants.map((grant) => (
          <tr key={grant.id}>
            <th scope="row" class="name">
              {shows === 'who' ? grant.who : <Where {...grant} />}
            </th>
            <td class="few" data-label={shows === 'who' ? t.grants.where : columns.role}>
              {shows === 'who' ? <Where {...grant} /> : grant.role}
            </td>
            <td class="few" data-label={columns.until}>
              <Until at={grant.expires_at} />
            </td>
            <td class="act">
              <End grant={grant} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What a grant stands on, and who else can do something there for whoever may ask that. */
function Where({ scope_type, scope_id, name }: Held) {
  const isAdmin = useCaller()?.isAdmin
  if (scope_type === 'Global') return <>{t.grants.everywhere}</>
  const isFlow = scope_type === 'Flow'
  if (name === null) return <span class="faint">{isFlow ? t.grants.aFlow : t.grants.aProject}</span>
  const list = isFlow ? `search=${encodeURIComponent(name)}` : `project=${scope_id}`
  return (
    <>
      {t.access.of(scope_type)}{' '}
      <Link to={`/flows?${list}`} class="words">
        {name}
      </Link>
      {isAdmin ? (
        <Link to={`/access/${isFlow ? 'flow' : 'project'}/${scope_id}`} name={name}>
          {t.flows.whoHasAccess}
        </Link>
      ) : null}
    </>
  )
}

function Until({ at }: { at: string | undefined }) {
  if (!at) return <>{t.access.forever}</>
  const isOver = Date.parse(at) <= Date.now()
  return (
    <>
      <Moment at={at} /> {isOver ? <span class="badge">{t.grants.over}</span> : null}
    </>
  )
}

function End({ grant: { role, name, end, fixed } }: { grant: Held }) {
  const [isEnding, setEnding] = useState(false)
  if (!end) return fixed ? <span class="faint">{fixed}</span> : null
  const stop = () => {
    setEnding(true)
    end().catch((error: unknown) => {
      setEnding(false)
      tellProblem(error)
    })
  }
  const of = t.grants.endOf(role, name ?? t.grants.everywhere)
  return (
    <button type="button" aria-label={of} disabled={isEnding} onClick={stop}>
      {t.access.end}
    </button>
  )
}
