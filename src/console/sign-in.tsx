// By a company's account, or by name and password: at the start, and again in front of a page whose session is over.
import { useEffect, useRef, useState } from 'hono/jsx/dom'
import { refusal } from './company/refusal.ts'
import { Ways } from './company/ways.tsx'
import { Failure, valueIn } from './parts.tsx'
import { asProblem, type Problem } from './problem.ts'
import { type Query, useQuery } from './query.ts'
import { signIn } from './session.ts'
import { askSettings, type Settings, settingsNow } from './settings.ts'
import { Unfit } from './state/unfit.tsx'
import { t } from './texts.ts'

function SignInForm() {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    try {
      await signIn(username, password)
    } catch (error) {
      setProblem(asProblem(error))
      setBusy(false)
    }
  }
  return (
    <form class="sign-in" onSubmit={submit}>
      <label>
        {t.name}
        <input
          name="username"
          autocomplete="username"
          autocapitalize="none"
          required
          autofocus
          value={username}
          onInput={(event: Event) => setUsername(valueIn(event))}
        />
      </label>
      <label>
        {t.password}
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onInput={(event: Event) => setPassword(valueIn(event))}
        />
      </label>
      {problem ? <Failure problem={problem} /> : null}
      <button type="submit" class="main" disabled={isBusy}>
        {isBusy ? t.working : t.signIn}
      </button>
    </form>
  )
}

/** Whatever the operator lets people in by. Where that is not known, the form is, which stands in every house. */
function AllWays({ settings, isAside }: { settings: Query<Settings>; isAside?: boolean }) {
  const known = settings.data ?? settingsNow()
  if (!known && settings.isLoading) return <p aria-busy="true">{t.loading}</p>
  const { providers = [], password_login = true } = known ?? {}
  if (providers.length === 0) return <SignInForm />
  return (
    <>
      <Ways providers={providers} {...(isAside ? { isAside } : {})} />
      {password_login ? (
        <>
          <p class="faint">{t.company.orPassword}</p>
          <SignInForm />
        </>
      ) : (
        <details class="other">
          <summary class="quiet">{t.company.withPassword}</summary>
          <p class="faint">{t.company.superusersOnly}</p>
          <SignInForm />
        </details>
      )}
    </>
  )
}

export function SignInPage() {
  const settings = useQuery('settings', askSettings)
  const [refused] = useState(refusal.get)
  // Whoever comes in from here has read it.
  useEffect(() => refusal.set(undefined), [])
  return (
    <main class="narrow">
      <h1>flowgate</h1>
      <p>{t.purpose}</p>
      <Unfit />
      {refused ? <Failure problem={refused} /> : null}
      <AllWays settings={settings} />
    </main>
  )
}

/** In front of the page, which stays as it is; whatever it was about to ask or change goes on afterwards. */
export function SignInAgain() {
  const settings = useQuery('settings', askSettings)
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    element.current?.showModal()
    return () => element.current?.close()
  }, [])
  const stay = (event: Event) => event.preventDefault()
  // A browser may close it all the same, on a second Escape or a gesture for back, and nothing would open it again.
  const reopen = ({ currentTarget: dialog }: Event) => {
    if (dialog instanceof HTMLDialogElement && dialog.isConnected) dialog.showModal()
  }
  return (
    <dialog
      ref={element}
      aria-labelledby="session-over"
      onCancel={stay}
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && stay(event)}
      onClose={reopen}
    >
      <h2 id="session-over">{t.sessionOver}</h2>
      <p>{t.sessionOverWhy}</p>
      {(settings.data ?? settingsNow())?.providers.length ? <p>{t.company.inAnotherTab}</p> : null}
      <AllWays settings={settings} isAside />
    </dialog>
  )
}
