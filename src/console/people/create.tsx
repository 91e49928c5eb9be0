// Makes a person, who can sign in at once.
import { useState } from 'hono/jsx/dom'
import { once } from '../api.ts'
import { Dialog } from '../dialog.tsx'
import { tell } from '../notices.tsx'
import { valueIn } from '../parts.tsx'
import { go } from '../router.tsx'
import { t } from '../texts.ts'
import { create, remove, suggestPassword } from './doing.ts'
import { isLongEnough, Secret } from './secret.tsx'

export function Create({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState(suggestPassword)
  const [headers, setHeaders] = useState(once)
  // Another name or password is another wish.
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setHeaders(once())
    }
  const make = async () => {
    const made = await create({ username, password }, headers)
    go(`/people/${made.id}`, { name: made.username })
    tell(t.people.created(made.username), async () => {
      await remove(made.id)
      go('/people')
    })
  }
  return (
    <Dialog
      title={t.people.create}
      act={t.people.create}
      isReady={username.trim() !== '' && isLongEnough(password)}
      onAct={make}
      onClose={onClose}
    >
      <label>
        {t.people.search}
        <input
          name="new-person"
          autocomplete="off"
          maxlength={255}
          required
          value={username}
          onInput={(event: Event) => changed(setUsername)(valueIn(event))}
        />
      </label>
      <Secret value={password} change={changed(setPassword)} />
    </Dialog>
  )
}
