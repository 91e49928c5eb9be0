// Impatient callers: they ask again as soon as they may, and do not wait for ever.
import { signToken } from '../../src/identity/tokens.ts'
import { SECRET_KEY } from './isolates.ts'
import { someUser } from './old-worlds.ts'

export const PATIENCE_MS = 15_000

export type Answer = {
  /** 0: none while it had patience; -1: the connection broke. */
  readonly status: number
  readonly code: string
  readonly ms: number
  /** Seconds, where it said so. */
  readonly retryAfter: number | undefined
  /** It came from behind the gate: a page, or "wrong password". */
  readonly isThrough: boolean
}

export type Ask = () => Promise<Answer>

/** Both ways to knock at an isolate: a login of nobody, and a listing with a token of somebody. */
export async function waysToKnock(
  url: string,
  patienceMs = PATIENCE_MS,
): Promise<{ login: Ask; list: Ask }> {
  const session = { userId: someUser, sessionId: someUser, round: 0 }
  const token = await signToken(session, 'access', { SECRET_KEY })
  const authorization = `Bearer ${token}`
  return {
    login: () =>
      ask(`${url}/api/v1/login`, [401], patienceMs, {
        method: 'POST',
        body: new URLSearchParams({ username: 'nobody', password: 'nothing at all' }),
      }),
    list: () =>
      // Nobody has signed in to an old world: that there is no such session is said behind the gate.
      ask(`${url}/api/v1/flows/?paged=all&size=10`, [200, 401], patienceMs, {
        headers: { authorization },
      }),
  }
}

async function ask(
  url: string,
  through: number[],
  patienceMs: number,
  init: RequestInit,
): Promise<Answer> {
  const started = performance.now()
  const answered = (status: number, code = '', retryAfter?: number): Answer => ({
    status,
    code,
    ms: performance.now() - started,
    retryAfter,
    isThrough: through.includes(status),
  })
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) })
    const text = await response.text()
    const retryAfter = response.headers.get('retry-after')
    const [, code] = /"code":"(\w+)"/.exec(text) ?? []
    return answered(response.status, code, retryAfter === null ? undefined : Number(retryAfter))
  } catch (error) {
    return answered(error instanceof Error && error.name === 'TimeoutError' ? 0 : -1)
  }
}

/** Asks until let through or `isOver`; waits as told, but at most `mostS`. Every answer, in order. */
export async function askUntilThrough(
  ask: Ask,
  mostS: number,
  isOver: () => boolean,
  onAnswer: (answer: Answer) => void,
): Promise<void> {
  while (!isOver()) {
    const answer = await ask()
    onAnswer(answer)
    if (answer.isThrough) return
    // A broken connection is no reason to hammer.
    const pauseS = answer.status === -1 ? 0.1 : Math.min(answer.retryAfter ?? 0, mostS)
    await new Promise((resolve) => setTimeout(resolve, pauseS * 1000))
  }
}
