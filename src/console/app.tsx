// The frame of all pages: who is signed in, where one is, what has just happened.
import { useEffect, useRef, useState } from 'hono/jsx/dom'
import { useCaller, useCallerOfFrame } from './caller.ts'
import { cleanAddress, refusal } from './company/refusal.ts'
import { keepFocus } from './focus.ts'
import { NoticeBar, tellProblem } from './notices.tsx'
import { nowhere, pages } from './pages.tsx'
import { Failure } from './parts.tsx'
import { asProblem, type Problem } from './problem.ts'
import { go, Link, usePlace } from './router.tsx'
import { open, session, signOut } from './session.ts'
import { askSettings } from './settings.ts'
import { SignInAgain, SignInPage } from './sign-in.tsx'
import { Strip } from './state/strip.tsx'
import { look, trouble } from './state/trouble.ts'
import { Unfit } from './state/unfit.tsx'
import { useStore } from './store.ts'
import { t } from './texts.ts'

export function App() {
  const state = useStore(session)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const start = () => {
    setProblem(undefined)
    open().catch((error: unknown) => setProblem(asProblem(error)))
  }
  const wrong = useStore(trouble)
  useEffect(() => {
    cleanAddress()
    start()
    look()
    askSettings(new AbortController().signal).catch(() => undefined)
  }, [])
  // What stood in the way is over.
  useEffect(() => {
    if (problem && !wrong) start()
  }, [wrong])
  if (problem)
    return (
      <main class="narrow">
        <h1>flowgate</h1>
        <Unfit />
        <Failure problem={problem} again={start} />
      </main>
    )
  if (state === 'opening')
    return (
      <main class="narrow" aria-busy="true">
        <h1>flowgate</h1>
        <p class="faint">{t.opening}</p>
      </main>
    )
  if (state === 'out') return <SignInPage />
  return (
    <>
      <Frame />
      {state === 'over' ? <SignInAgain /> : null}
    </>
  )
}

function Frame() {
  const asked = useCallerOfFrame()
  const caller = useCaller()
  const place = usePlace()
  const { path } = place
  const page = pages.find(({ at }) => at.test(path)) ?? nowhere
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    if (path === '/') go('/flows', { replace: true })
  }, [path])
  useEffect(keepFocus, [])
  // Of somebody who is signed in: an account was to be connected, or another to come in.
  useEffect(() => {
    if (refusal.get()) tellProblem(refusal.get())
    refusal.set(undefined)
  }, [])
  useEffect(() => {
    document.title = `${page.title} · flowgate`
    // Whoever uses a keyboard or a screen reader arrives at the page, not where the link was.
    if (path === '/') return
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [path])
  return (
    <>
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <header class="top">
        <nav aria-label={t.pages}>
          {pages.map(({ link, title, only }) =>
            link && (!only || caller?.isAdmin) ? (
              <Link key={link} to={link} current={page.link === link}>
                {title}
              </Link>
            ) : null,
          )}
        </nav>
        <div class="who">
          <Link to="/me" current={path === '/me'}>
            <span class="unseen">{t.me.account} </span>
            {caller?.username ?? t.me.title}
          </Link>
          <SignOut />
        </div>
      </header>
      <Strip />
      <main id="main" ref={main} tabindex={-1}>
        {asked.problem ? <Failure problem={asked.problem} again={asked.again} /> : null}
        {page.show(place, page.at.exec(path)?.slice(1) ?? [])}
      </main>
      <NoticeBar />
    </>
  )
}

function SignOut() {
  const leave = () => signOut().catch(tellProblem)
  return (
    <button type="button" class="quiet" onClick={leave}>
      {t.signOut}
    </button>
  )
}
