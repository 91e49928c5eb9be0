// The grants that stand on this very thing, each with its end.
import { useState } from 'hono/jsx/dom'
import type { Share } from '../bodies.ts'
import { tellProblem } from '../notices.tsx'
import { Columns, Empty, Moment } from '../parts.tsx'
import { t } from '../texts.ts'
import { Holder } from '../who.tsx'
import { end, nameOf, type Thing } from './sharing.ts'

type SharesProps = { thing: Thing; shares: Share[]; me: string | undefined; again: () => void }

export function Shares({ thing, shares, me, again }: SharesProps) {
  const { columns } = t.access
  return (
    <section aria-labelledby="shares">
      <h2 id="shares">{t.access.shares}</h2>
      {shares.length === 0 ? (
        <Empty title={t.access.noShares}>
          <p>{t.access.noSharesHint}</p>
        </Empty>
      ) : (
        <table class="rows">
          <Columns
            titles={[columns.who, columns.role, columns.until, columns.by]}
            acts={t.access.end}
          />
          <tbody>
            {shares.map((share) => (
              <ShareRow
                key={share.id}
                thing={thing}
                share={share}
                isMine={share.user_id !== null && share.user_id === me}
                again={again}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

type RowProps = { thing: Thing; share: Share; isMine: boolean; again: () => void }

/** Nobody ends what is their own, and nobody an immutable one. */
function ShareRow({ thing, share, isMine, again }: RowProps) {
  const [isEnding, setEnding] = useState(false)
  const { columns } = t.access
  const stop = () => {
    setEnding(true)
    end(thing, share, again).catch((error: unknown) => {
      setEnding(false)
      tellProblem(error)
    })
  }
  return (
    <tr>
      <th scope="row" class="name">
        <Holder {...share} />
      </th>
      <td data-label={columns.role}>{share.role}</td>
      <td data-label={columns.until}>
        {share.expires_at ? <Moment at={share.expires_at} /> : t.access.forever}
      </td>
      <td data-label={columns.by}>{share.by_username ?? t.flows.nobody}</td>
      <td class="act">
        {share.is_immutable || isMine ? (
          <span class="faint">{isMine ? t.access.yours : t.access.fixed}</span>
        ) : (
          <button
            type="button"
            aria-label={t.access.endFor(nameOf(share))}
            disabled={isEnding}
            onClick={stop}
          >
            {t.access.end}
          </button>
        )}
      </td>
    </tr>
  )
}
