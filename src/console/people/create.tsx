// Makes a person, who can sign in at once.
import { useState } from 'hono/jsx/dom'
import { once } from '../api.ts'
import type { User } from '../bodies.ts'
import { Dialog } from '../dialog.tsx'
import { tell } from '../notices.tsx'
import { OnlyLook } from '../only-look.tsx'
import { valueIn } from '../parts.tsx'
import { go } from '../router.tsx'
import { t } from '../texts.ts'
import { create, suggestPassword, unmake } from './doing.ts'
import { isLongEnough, Secret } from './secret.tsx'

export function Create({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState(suggestPassword)
  const [headers, setHeaders] = useState(once)
  /** With the password that was sent, whatever is typed meanwhile. */
  const [made, setMade] = useState<{ user: User; secret: string } | undefined>(undefined)
  // Another name or password is another wish.
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setHeaders(once())
    }
  const make = async () =>
    setMade({ user: await create({ username, password }, headers), secret: password })
  const lead = (user: User) => {
    onClose()
    go(`/people/${user.id}`, { name: user.username })
    tell(t.people.created(user.username), async () => {
      await unmake(user)
      go('/people')
    })
  }
  if (made)
    return (
      <OnlyLook
        title={t.people.secretTitle(made.user.username)}
        hint={t.people.secretOnce}
        label={t.people.secret}
        name="secret"
        value={made.secret}
        onClose={() => lead(made.user)}
      />
    )
  return (
    <Dialog
      title={t.people.create}
      act={t.people.create}
      isReady={username.trim() !== '' && isLongEnough(password)}
      staysOpen
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
