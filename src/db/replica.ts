// Reading from a replica: what an isolate knows of the primary, and which answers of the replica may stand. It has
// no say in anything: an answer that is too old, lacks what the caller has seen, or does not come is asked of the
// primary, whose word is final.
import type { Position, Reading } from './clock.ts'
import type { Server } from './hrana.ts'

export type Replica = Server & {
  /** Milliseconds that an answer may be behind the primary. */
  readonly boundMs: number
}

/** How to ask the replica now: what it must have, and the primary's time, which is never later in truth. */
export type Asking = { readonly wanted: Position; readonly now: number }

/** Where an answer is from. */
export type Met = {
  readonly source: 'primary' | 'replica'
  readonly position: Position
  /** Milliseconds that it is behind the primary, at most. */
  readonly ageMs: number
}

/** After it did not answer in time, or not at all. */
const RESTING_MS = 5000
/** What is known of the primary's clock is good for so long, or as long as answers may be behind it. */
const CLOCK_MS = 30_000
/** A quicker answer tells its time more closely; after so long the latest counts, for clocks drift. */
const CLOSEST_MS = 10_000
/** As far as many writes in few milliseconds take `version` ahead of the clock. Beyond, the clock was set back. */
const SKEW_MS = 50
/** A beat is written for a third of the bound, and at least so often. */
const BEAT_MS = 5000

export type Follower = ReturnType<typeof follow>

/** What is known here of a primary and its replica, which all requests of an isolate share. */
function follow(boundMs: number) {
  /** What somebody has been shown here: nobody is shown less. */
  let floor: Position & { learntAt: number } = { version: 0, index: undefined, learntAt: 0 }
  /** The primary's clock less ours, at most; what was set back counts as unknown. */
  let clock: { ahead: number; learntAt: number; isSetBack: boolean } | undefined
  let latest = 0
  let restsUntil = 0
  let failed = false
  /** What it was to wait for when it did not answer. */
  let awaited: number | undefined
  let beatenAt = 0
  const beatMs = Math.min(BEAT_MS, Math.floor(boundMs / 3))

  /** Ours; where it goes back, what was measured by it is forgotten. */
  function time(): number {
    const now = Date.now()
    if (now < latest) clock = undefined
    latest = now
    return now
  }

  function wake() {
    failed = false
    restsUntil = 0
  }

  function learnClock({ version, at, now }: Reading, sentAt: number) {
    const isSetBack = version - at > SKEW_MS || at > now
    const ahead = now - sentAt
    const isOld = !clock || clock.isSetBack || sentAt - clock.learntAt > CLOSEST_MS
    if (isOld || isSetBack || ahead <= (clock?.ahead ?? 0))
      clock = { ahead, learntAt: sentAt, isSetBack }
  }

  return {
    beatMs,

    /** Undefined while only the primary can answer. `seen`: what the caller has, by earlier answers and in this request. */
    ask(...seen: (Position | undefined)[]): Asking | undefined {
      const now = time()
      if (now < restsUntil || !clock || clock.isSetBack) return undefined
      if (now - clock.learntAt > Math.max(CLOCK_MS, boundMs)) return undefined
      // One tries whether it is back; the others do not wait with it.
      if (failed) restsUntil = now + RESTING_MS
      let wanted: Position = floor
      for (const one of seen) if (one && one.version > wanted.version) wanted = one
      return { wanted, now: now + clock.ahead }
    },

    /** Whether an answer of the replica may stand: where it is from, or undefined. */
    judge(
      reading: Reading | undefined,
      index: number | undefined,
      asking: Asking,
    ): Met | undefined {
      wake()
      const now = time()
      if (!reading || !clock || clock.isSetBack) return undefined
      const { version, at } = reading
      const ageMs = Math.max(0, asking.now - at)
      if (version < asking.wanted.version || ageMs > boundMs) return undefined
      if (version - at > SKEW_MS || at > now + clock.ahead) return undefined
      return { source: 'replica', position: { version, index }, ageMs }
    },

    /** The replica did not answer, and was to wait for `index`: whether this is the first to find that out. */
    rest(index: number | undefined): boolean {
      const isNews = !failed
      failed = true
      awaited = index
      restsUntil = time() + RESTING_MS
      return isNews
    },

    /**
     * What the primary said in an answer to what was sent then. Where its log began anew, numbers of the old one are
     * dropped; where it knows less than was shown, it was restored, and what it knows is all there is.
     */
    learn(reading: Reading | undefined, index: number | undefined, sentAt: number): Met {
      const learntAt = time()
      const version = reading?.version ?? 0
      if (version >= floor.version && (index ?? 0) < (floor.index ?? 0)) floor = { ...floor, index }
      if (version < floor.version && sentAt > floor.learntAt) floor = { version, index, learntAt }
      // It waited for what there is not.
      if (failed && awaited !== undefined && (index ?? 0) < awaited) wake()
      if (reading) learnClock(reading, sentAt)
      return { source: 'primary', position: { version, index }, ageMs: 0 }
    },

    /** Somebody is shown what stands there. */
    show(position: Position) {
      if (position.version > floor.version) floor = { ...position, learntAt: time() }
    },

    /** Whether this request should write a beat, for the row is that old. */
    isToBeat(ageMs: number): boolean {
      const now = time()
      if (ageMs < beatMs || now - beatenAt < beatMs) return false
      beatenAt = now
      return true
    },
  }
}

const followers = new Map<string, Follower>()

/** The one of this isolate: in production there is one. */
export function followerOf(primary: Server, { url, boundMs }: Replica): Follower {
  const name = JSON.stringify([primary.url, url, boundMs])
  const known = followers.get(name) ?? follow(boundMs)
  followers.set(name, known)
  return known
}
