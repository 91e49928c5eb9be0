// What a superuser does with an account, each behind a question that first says what hangs on it.
import { useState } from 'hono/jsx/dom'
import type { User } from '../bodies.ts'
import { Dialog } from '../dialog.tsx'
import { tell, tellProblem } from '../notices.tsx'
import { OnlyLook } from '../only-look.tsx'
import { activate, change, remove, suggestPassword } from '../people/doing.ts'
import { isLongEnough, Secret } from '../people/secret.tsx'
import { go } from '../router.tsx'
import { t } from '../texts.ts'
import { linesOf, type Standing } from './grants.ts'
import { type AskFirst, type Question, WithKeys } from './question.tsx'

type AccountProps = {
  user: User
  standing: Standing | undefined
  again: () => void
  ask: AskFirst
}

export function Account({ user, standing, again, ask }: AccountProps) {
  const [isResetting, setResetting] = useState(false)
  const admit = () => activate(user, t.person.activated(user.username), again).catch(tellProblem)
  const standingKnown = (question: (standing: Standing) => Question) => () => {
    if (standing) ask(question(standing))
  }
  return (
    <div class="acts">
      {user.is_active ? (
        <button
          type="button"
          disabled={!standing}
          onClick={standingKnown((known) => deactivation(user, known, again))}
        >
          {t.person.deactivate}
        </button>
      ) : (
        <button type="button" class="main" onClick={admit}>
          {t.person.activate}
        </button>
      )}
      <button type="button" onClick={() => setResetting(true)}>
        {t.person.reset}
      </button>
      <button type="button" onClick={() => ask(rank(user, again))}>
        {user.is_superuser ? t.person.demote : t.person.promote}
      </button>
      <button
        type="button"
        class="danger"
        disabled={!standing}
        onClick={standingKnown((known) => deletion(user, known))}
      >
        {t.person.remove}
      </button>
      {isResetting ? <Reset user={user} again={again} onClose={() => setResetting(false)} /> : null}
    </div>
  )
}

const deactivation = (user: User, standing: Standing, again: () => void): Question => ({
  title: t.person.deactivateTitle(user.username),
  lines: [...linesOf(user.username, standing), t.person.deactivateHint],
  act: t.person.deactivate,
  withKeys: true,
  run: async (keys) => {
    await change(user.id, { is_active: false }, keys)
    again()
    tell(t.person.deactivated(user.username), () =>
      change(user.id, { is_active: true }).then(again),
    )
  },
})

const deletion = ({ id, username }: User, standing: Standing): Question => ({
  title: t.person.removeTitle(username),
  lines: [...linesOf(username, standing), t.person.removeHint],
  act: t.person.remove,
  run: async () => {
    await remove(id)
    go('/people')
    tell(t.person.removed(username))
  },
})

function rank({ id, username, is_superuser }: User, again: () => void): Question {
  const to = (superuser: boolean) => change(id, { is_superuser: superuser })
  const run = (said: string) => async () => {
    await to(!is_superuser)
    again()
    tell(said, () => to(is_superuser).then(again))
  }
  return is_superuser
    ? {
        title: t.person.demoteTitle(username),
        lines: [t.person.demoteHint],
        act: t.person.demote,
        run: run(t.person.demoted(username)),
      }
    : {
        title: t.person.promoteTitle(username),
        lines: [t.person.promoteHint],
        act: t.person.promote,
        run: run(t.person.promoted(username)),
      }
}

type ResetProps = { user: User; again: () => void; onClose: () => void }

function Reset({ user: { id, username }, again, onClose }: ResetProps) {
  const [password, setPassword] = useState(suggestPassword)
  const [keys, setKeys] = useState(false)
  /** The password that was sent, whatever is typed meanwhile. */
  const [given, setGiven] = useState<string | undefined>(undefined)
  const replace = async () => {
    await change(id, { password }, keys)
    setGiven(password)
  }
  const close = () => {
    onClose()
    again()
    tell(t.person.wasReset(username))
  }
  if (given !== undefined)
    return (
      <OnlyLook
        title={t.people.secretTitle(username)}
        hint={t.people.secretOnce}
        label={t.people.secret}
        name="secret"
        value={given}
        onClose={close}
      />
    )
  return (
    <Dialog
      title={t.person.resetTitle(username)}
      act={t.person.reset}
      isReady={isLongEnough(password)}
      staysOpen
      onAct={replace}
      onClose={onClose}
    >
      <p>{t.person.resetHint}</p>
      <Secret value={password} change={setPassword} />
      <WithKeys value={keys} change={setKeys} />
    </Dialog>
  )
}
