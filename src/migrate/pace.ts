// How fast a run goes: how much it may spend, how large its slices are, and how long it leaves the write
// lock to others in between. sqld throws out a transaction of 5 s as soon as somebody else wants to write.

export type Allowance = {
  /** HTTP requests of the whole invocation, and milliseconds of the run. */
  readonly requests: number
  readonly ms: number
}

/** A Worker's invocation: 50 requests on Cloudflare's free plan, about 30 s after its caller has left. */
export const oneInvocation: Allowance = { requests: 38, ms: 20_000 }
/** A person waits for the end. */
export const unlimited: Allowance = {
  requests: Number.POSITIVE_INFINITY,
  ms: Number.POSITIVE_INFINITY,
}

/** Of a slice: to begin with, at least, at most. */
const ROWS = { first: 500, least: 200, most: 50_000 }
/** What a slice should take. */
const AIM_MS = 250
/** A transaction shorter than this is in nobody's way. */
const SHORT_MS = 50
/** The lock is free for longer than it is held, so that most writes of others never wait. */
const REST = 1.5
const REST_MAX_MS = 5000

export type Pace = ReturnType<typeof startPace>

export function startPace({ requests, ms }: Allowance, rows = ROWS) {
  const started = Date.now()
  let slice = rows.first
  const left = () => ms - (Date.now() - started)
  return {
    /** Rows of the next slice. */
    get slice() {
      return slice
    },
    isSpent: (roundTrips: number) => roundTrips >= requests || left() <= 0,

    /**
     * Leaves the lock to others after a transaction of `took` ms by the database's clock; learns from it for
     * what comes again. Of another revision's rows it tells nothing.
     */
    async rest(took: number, again: boolean): Promise<void> {
      const factor = Math.min(4, Math.max(0.25, AIM_MS / Math.max(1, took)))
      slice = again
        ? Math.round(Math.min(rows.most, Math.max(rows.least, slice * factor)))
        : rows.first
      if (took >= SHORT_MS) await sleepFor(Math.max(0, Math.min(took * REST, REST_MAX_MS, left())))
    },

    /** Smaller slices after one was thrown out; false where they cannot get smaller. */
    shrink(): boolean {
      const before = slice
      slice = Math.max(rows.least, Math.round(slice / 8))
      return slice < before
    },
  }
}

export const sleepFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
