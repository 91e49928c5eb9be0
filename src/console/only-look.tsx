// The only look that there will ever be at a secret: a new key, a password to be handed over.
import { useEffect, useId, useRef, useState } from 'hono/jsx/dom'
import { t } from './texts.ts'

type OnlyLookProps = {
  title: string
  hint: string
  /** What the secret is, and the name of its field. */
  label: string
  name: string
  value: string
  onClose: () => void
}

/** Nothing but its own button closes it: what is lost here is lost for good. */
export function OnlyLook({ title, hint, label, name, value, onClose }: OnlyLookProps) {
  const id = useId()
  const element = useRef<HTMLDialogElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState('')
  useEffect(() => {
    element.current?.showModal()
    return () => element.current?.close()
  }, [])
  const copy = async () => {
    setSaid('')
    try {
      await navigator.clipboard.writeText(value)
      setSaid(t.me.copied)
    } catch {
      // Without https, or where it is forbidden, there is no clipboard for scripts.
      setSaid(t.me.notCopied)
      field.current?.select()
      field.current?.focus()
    }
  }
  const stay = (event: Event) => event.preventDefault()
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={stay}
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && stay(event)}
    >
      <h2 id={id}>{title}</h2>
      <p>{hint}</p>
      <label>
        {label}
        <input ref={field} name={name} readonly value={value} />
      </label>
      <p role="status">{said}</p>
      <div class="buttons">
        <button type="button" class="main" autofocus onClick={copy}>
          {t.me.copy}
        </button>
        <button type="button" onClick={onClose}>
          {t.me.kept}
        </button>
      </div>
    </dialog>
  )
}
