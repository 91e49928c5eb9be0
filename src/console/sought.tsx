// A text that is looked for, and the same in the address bar.
import { useEffect, useRef, useState } from 'hono/jsx/dom'
import { valueIn } from './parts.tsx'
import { useRested } from './query.ts'
import { changeQuery } from './router.tsx'

/** Typing rests for so long before it is asked. */
const REST_MS = 200

type SoughtProps = {
  /** In the query of the address. */
  name: string
  label: string
  value: string
  maxlength?: number
  hint?: string
}

/**
 * Its changes go to the address bar once they rest, and lead to the first page; it follows the address when that changes
 * by itself. However long somebody types, the back button leads to before they began.
 */
export function Sought({ name, label, value, maxlength = 500, hint }: SoughtProps) {
  const [text, setText] = useState(value)
  const rested = useRested(text, REST_MS)
  const said = useRef(value)
  useEffect(() => {
    if (rested === said.current) return
    const goesOn = said.current !== ''
    said.current = rested
    changeQuery({ [name]: rested, cursor: undefined, page: undefined }, goesOn)
  }, [rested])
  useEffect(() => {
    if (value === said.current) return
    said.current = value
    setText(value)
  }, [value])
  return (
    <label>
      {label}
      <input
        type="search"
        name={name}
        maxlength={maxlength}
        placeholder={hint}
        value={text}
        onInput={(event: Event) => setText(valueIn(event))}
      />
    </label>
  )
}
