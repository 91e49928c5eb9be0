// What a page shows of the API: asked for when its key changes, given up when the page moves on, kept on the screen
// until the next answer is there, so that nothing jumps.
import { useEffect, useRef, useState } from 'hono/jsx/dom'
import { asProblem, type Problem } from './problem.ts'

export type Query<T> = {
  /** The newest answer, of an earlier key while `isLoading`. */
  data: T | undefined
  problem: Problem | undefined
  isLoading: boolean
  again(): void
}

type Found<T> = { key: string; round: number; data?: T | undefined; problem?: Problem | undefined }

/** Asks once for each key; `again` asks anew. */
export function useQuery<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Query<T> {
  const [round, setRound] = useState(0)
  const [found, setFound] = useState<Found<T>>({ key: '', round: -1 })
  const asking = useRef(ask)
  asking.current = ask
  useEffect(() => {
    const control = new AbortController()
    const settle = (answer: { data?: T; problem?: Problem }) => {
      if (!control.signal.aborted) setFound((last) => ({ data: last.data, key, round, ...answer }))
    }
    asking.current?.(control.signal).then(
      (data) => settle({ data }),
      (error: unknown) => {
        const problem = asProblem(error)
        if (problem) settle({ problem })
      },
    )
    return () => control.abort()
  }, [key, round])
  const isLoading = found.key !== key || found.round !== round
  return {
    data: found.data,
    problem: isLoading ? undefined : found.problem,
    isLoading,
    again: () => setRound((last) => last + 1),
  }
}

/** A text that has rested for so long: what is typed is not asked for letter by letter. */
export function useRested(text: string, ms: number): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), ms)
    return () => clearTimeout(timer)
  }, [text, ms])
  return rested
}
