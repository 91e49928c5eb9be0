// What providers publish, as this isolate knows it: keys, and what they say of themselves. Kept is what has settled, as
// JSON: no promise of one request is ever awaited by another.
import { ApiError } from '../errors.ts'
import { type Answer, fetchJson, unavailable } from './fetch-json.ts'

/** What is older than this forgotten; somebody renews them before, while everybody else goes on with them. */
const KEPT_MS = 60 * 60_000
const RENEWED_MS = 45 * 60_000

/** An address is asked once in so long, whatever came of it, and whoever makes up names of keys. */
const PAUSE_MS = 60_000

/** How long somebody waits for what another request is fetching, and how often they look. */
const WAIT_MS = 2_000
const LOOK_MS = 50

/** Providers are configured: there are no more of them. */
const MAX_ADDRESSES = 32

/** Keeps the work going when whoever asked for it has gone: others rely on what comes of it. */
export type Later = (work: Promise<unknown>) => void

type Kept<T> = { value?: T; fetchedAt: number; askedAt: number; isSettled: boolean }

const never = {
  fetchedAt: Number.NEGATIVE_INFINITY,
  askedAt: Number.NEGATIVE_INFINITY,
  isSettled: true,
}

/** A store of documents of one kind. `read` makes one of an answer; undefined where it is none. */
export function keeping<T>(read: (answer: Answer) => T | undefined) {
  const kept = new Map<string, Kept<T>>()
  const ageOf = (url: string) => Date.now() - (kept.get(url) ?? never).fetchedAt
  const known = (url: string) => (ageOf(url) <= KEPT_MS ? kept.get(url)?.value : undefined)
  const isUnderWay = (url: string) => kept.get(url)?.isSettled === false

  function keep(url: string, claim: Kept<T>): void {
    kept.delete(url)
    kept.set(url, claim)
    const [oldest] = kept.keys()
    if (kept.size > MAX_ADDRESSES && oldest !== undefined) kept.delete(oldest)
  }

  async function fetchInto(claim: Kept<T>, url: string): Promise<void> {
    try {
      const answer = await fetchJson(url)
      const value = answer.status === 200 ? read(answer) : undefined
      if (value === undefined) throw new Error(`${url} answers nothing of use (${answer.status})`)
      claim.value = value
      claim.fetchedAt = Date.now()
    } finally {
      claim.isSettled = true
    }
  }

  /** Asks, unless somebody has within a minute. A failure is thrown only at those who have nothing without it. */
  async function renew(url: string, later: Later = () => {}): Promise<boolean> {
    const before: Kept<T> = kept.get(url) ?? never
    if (Date.now() - before.askedAt < PAUSE_MS) return false
    // Claimed before anything is awaited: whoever comes meanwhile finds that somebody has asked.
    const claim: Kept<T> = { ...before, askedAt: Date.now(), isSettled: false }
    keep(url, claim)
    const work = fetchInto(claim, url)
    later(work.catch(() => {}))
    try {
      await work
      return true
    } catch (error) {
      if (known(url)) return false
      throw unavailable(PAUSE_MS / 1000, error instanceof ApiError ? error.cause : error)
    }
  }

  /** Looks by a clock of its own. */
  async function fetchedByAnother(url: string): Promise<T> {
    const start = Date.now()
    while (isUnderWay(url) && Date.now() - start < WAIT_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      const value = known(url)
      if (value) return value
    }
    const pause = (kept.get(url) ?? never).askedAt + PAUSE_MS - Date.now()
    throw unavailable(isUnderWay(url) ? 1 : Math.max(1, Math.ceil(pause / 1000)))
  }

  return {
    /** What this address has. Throws 503 where nothing is known and nothing can be had by now. */
    async at(url: string, later?: Later): Promise<T> {
      if (ageOf(url) > RENEWED_MS) await renew(url, later)
      return known(url) ?? (await fetchedByAnother(url))
    },

    /** The same as it is now, if what is known may be old; undefined where it was asked for within a minute. */
    async newerAt(url: string, later?: Later): Promise<T | undefined> {
      return (await renew(url, later)) ? known(url) : undefined
    },
  }
}
