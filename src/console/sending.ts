// What a form sends: once at a time, with what went wrong.
import { useState } from 'hono/jsx/dom'
import { asProblem, type Problem } from './problem.ts'

type Sending = {
  isBusy: boolean
  problem: Problem | undefined
  send: (event: Event) => Promise<void>
}

/** `send` is for a form's onSubmit; what `doing` throws is the problem until the next time. */
export function useSending(doing: () => Promise<unknown>): Sending {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const send = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await doing()
    } catch (error) {
      setProblem(asProblem(error))
    }
    setBusy(false)
  }
  return { isBusy, problem, send }
}
