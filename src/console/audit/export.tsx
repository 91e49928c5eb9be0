// Takes what is filtered along as a file, however much it is: page by page, with a way to stop, and to go on after a
// failure.
import { useEffect, useRef, useState } from 'hono/jsx/dom'
import { tell } from '../notices.tsx'
import { exactTime, Failure } from '../parts.tsx'
import { asProblem, type Problem } from '../problem.ts'
import { t } from '../texts.ts'
import { begin, type Format, type Writing, write } from './files.ts'
import type { Filter } from './filter.ts'

export function Export({ filter }: { filter: Filter }) {
  const [writing, setWriting] = useState<Writing | undefined>(undefined)
  const [count, setCount] = useState(0)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const control = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => control.current?.abort(), [])

  const goOn = async (file: Writing) => {
    const mine = new AbortController()
    control.current = mine
    setWriting(file)
    setCount(file.count)
    setProblem(undefined)
    try {
      await write(file, () => setCount(file.count), mine.signal)
      if (mine.signal.aborted) return
      setWriting(undefined)
      tell(t.audit.exported(file.count))
    } catch (error) {
      if (!mine.signal.aborted) setProblem(asProblem(error))
    }
  }
  const stop = () => {
    control.current?.abort()
    setWriting(undefined)
    setProblem(undefined)
  }
  const button = (format: Format) => (
    <button type="button" onClick={() => goOn(begin(format, filter))}>
      {t.audit.formats[format]}
    </button>
  )
  return (
    <div class="buttons" role="toolbar" aria-label={t.audit.export}>
      {writing ? (
        <>
          <p role="status">{t.audit.soFar(count, writing.at && exactTime(writing.at))}</p>
          {problem ? <Failure problem={problem} again={() => goOn(writing)} /> : null}
          <button type="button" onClick={stop}>
            {t.cancel}
          </button>
        </>
      ) : (
        <>
          {button('csv')}
          {button('jsonl')}
        </>
      )}
    </div>
  )
}
