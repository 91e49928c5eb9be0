// API keys: what programs come in with on one's behalf.
import { useState } from 'hono/jsx/dom'
import type { Key } from '../bodies.ts'
import { Dialog } from '../dialog.tsx'
import { Empty, Moment } from '../parts.tsx'
import { t } from '../texts.ts'
import { revokeKey } from './account.ts'

/** The newest first. */
const newestFirst = (keys: Key[]) => [...keys].reverse()

const isOver = ({ expires_at }: Key) => expires_at !== null && Date.parse(expires_at) < Date.now()

function wordsOfKey(key: Key): string {
  if (key.decisions) return t.me.may.decide
  return key.read_only ? t.me.may.read : t.me.may.all
}

export function Keys({ keys, again }: { keys: Key[]; again: () => void }) {
  const [asked, setAsked] = useState<Key | undefined>(undefined)
  const { keyColumns } = t.me
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">{t.me.keys}</h2>
      {keys.length === 0 ? (
        <Empty title={t.me.noKeys}>
          <p>{t.me.noKeysHint}</p>
        </Empty>
      ) : (
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">{keyColumns.name}</th>
              <th scope="col">{keyColumns.may}</th>
              <th scope="col">{keyColumns.used}</th>
              <th scope="col">{keyColumns.made}</th>
              <th scope="col">{keyColumns.until}</th>
              <th scope="col">
                <span class="unseen">{t.me.revoke}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {newestFirst(keys).map((key) => (
              <KeyRow key={key.id} apiKey={key} revoke={() => setAsked(key)} />
            ))}
          </tbody>
        </table>
      )}
      {asked ? (
        <Dialog
          title={t.me.revokeTitle(asked.name ?? t.me.unnamed)}
          act={t.me.revoke}
          isDanger
          onAct={() => revokeKey(asked).finally(again)}
          onClose={() => setAsked(undefined)}
        >
          <p>{t.me.revokeHint}</p>
        </Dialog>
      ) : null}
    </section>
  )
}

function KeyRow({ apiKey, revoke }: { apiKey: Key; revoke: () => void }) {
  const { keyColumns } = t.me
  const name = apiKey.name ?? t.me.unnamed
  return (
    <tr>
      <th scope="row" class="name">
        <span class="words">{name}</span>
        {isOver(apiKey) ? <span class="badge">{t.me.over}</span> : null}
        {apiKey.is_active ? null : <span class="badge">{t.me.off}</span>}
        <p class="faint cut">{t.me.beginsWith(apiKey.api_key.slice(0, 8))}</p>
      </th>
      <td data-label={keyColumns.may}>{wordsOfKey(apiKey)}</td>
      <td data-label={keyColumns.used}>
        {apiKey.last_used_at ? (
          <>
            <Moment at={apiKey.last_used_at} />, {t.me.times(apiKey.total_uses)}
          </>
        ) : (
          t.me.never
        )}
      </td>
      <td data-label={keyColumns.made}>
        <Moment at={apiKey.created_at} />
      </td>
      <td data-label={keyColumns.until}>
        {apiKey.expires_at ? <Moment at={apiKey.expires_at} /> : t.me.forever}
      </td>
      <td class="act">
        <button type="button" aria-label={t.me.revokeThat(name)} onClick={revoke}>
          {t.me.revoke}
        </button>
      </td>
    </tr>
  )
}
