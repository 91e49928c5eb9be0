// A question in front of the page. The browser keeps the focus inside, gives it back afterwards and closes on Escape.
import type { Child } from 'hono/jsx'
import { useEffect, useId, useRef } from 'hono/jsx/dom'
import { Failure } from './parts.tsx'
import { useSending } from './sending.ts'
import { t } from './texts.ts'

type DialogProps = {
  title: string
  /** What the button says that does it. */
  act: string
  isDanger?: boolean
  isReady?: boolean
  /** Something else takes its place when it has succeeded. */
  staysOpen?: boolean
  /** Closes the dialog when it has succeeded; what it throws is shown inside. */
  onAct: () => Promise<unknown>
  onClose: () => void
  children?: Child
}

export function Dialog({
  title,
  act,
  isDanger,
  isReady = true,
  staysOpen,
  onAct,
  onClose,
  children,
}: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const { isBusy, problem, send } = useSending(async () => {
    if (!isReady) return
    await onAct()
    if (!staysOpen) onClose()
  })
  const id = useId()
  useEffect(() => {
    element.current?.showModal()
    return () => element.current?.close()
  }, [])
  // What is being done is not called back: closed now, it would go on unseen, and close the next question at its end.
  const close = () => {
    if (!isBusy) onClose()
  }
  const cancel = (event: Event) => {
    event.preventDefault()
    close()
  }
  // A second Escape closes a dialog unasked, and the button that had the focus is off: it is stopped wherever it comes.
  useEffect(() => {
    if (!isBusy) return
    const stay = (event: KeyboardEvent) => event.key === 'Escape' && event.preventDefault()
    document.addEventListener('keydown', stay)
    return () => document.removeEventListener('keydown', stay)
  }, [isBusy])
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={cancel}>
      <form onSubmit={send}>
        <h2 id={id}>{title}</h2>
        {children}
        {problem ? <Failure problem={problem} /> : null}
        <div class="buttons">
          <button type="button" disabled={isBusy} onClick={close}>
            {t.cancel}
          </button>
          <button type="submit" class={isDanger ? 'danger' : 'main'} disabled={isBusy || !isReady}>
            {isBusy ? t.working : act}
          </button>
        </div>
      </form>
    </dialog>
  )
}
