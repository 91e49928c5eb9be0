// What one request does where the primary has a replica: reads at either, and what follows from their clock.
import { beat, type Position, readClock, tick, toReading } from './clock.ts'
import { SqlError } from './database-error.ts'
import type { InStatement, Result, Server } from './hrana.ts'
import { followerOf, type Met, type Replica } from './replica.ts'
import type { SQL } from './sql.ts'
import { compile } from './statement.ts'

export type Following = Replica & {
  /** Reads of this request may come from it: they decide no write. */
  readonly isRead: boolean
  /** The database was seen at head: it has a clock. */
  isAtHead(): boolean
  /** What the caller has seen so far. */
  readonly seen: Position | undefined
  /** The replica did not answer, and is left alone for a while. */
  failed(error: unknown): void
  /** Does what no answer waits for. */
  later(work: Promise<unknown>): void
}

type Answered = { results: Result[]; index: number | undefined }
type How = { at?: Server; limitMs?: number; index?: number | undefined }
/** How statements get to a server: those of a read in one snapshot, those of a write in one transaction. */
export type Ways = {
  readAt(statements: InStatement[], how?: How): Promise<Answered>
  writeAt(statements: InStatement[], limitMs?: number): Promise<Answered>
  /** Lets go of streams that are kept of the server. */
  dropKept(at: Server): Promise<void>
}

/** The longest that somebody waits for a replica before the primary is asked. */
const WAIT_MS = 1000
const BEAT_LIMIT_MS = 2000

/** What refuses an answer of the replica: it throws, or says false. */
export type Stands<T> = (found: T) => unknown

function isRefused<T>(stands: Stands<T>, found: T): boolean {
  try {
    return stands(found) === false
  } catch {
    return true
  }
}

/** Reads and writes of one request. What they throw is what the primary's answer threw. */
export function followed(
  primary: Server,
  following: Following,
  { readAt, writeAt, dropKept }: Ways,
) {
  const follower = followerOf(primary, following)
  let met: Met | undefined

  const beatIfDue = (ageMs: number) => {
    if (follower.isToBeat(ageMs)) following.later(writeBeat().catch(() => {})) // the next tries again
  }

  async function writeBeat() {
    const sentAt = Date.now()
    const statements = [beat(follower.beatMs), readClock].map((query) => compile(query))
    const { results, index } = await writeAt(statements, BEAT_LIMIT_MS)
    follower.learn(toReading(results[1]?.rows[0]), index, sentAt)
  }

  async function readNear(queries: SQL[], stands: Stands<Result[]>) {
    const asking = following.isRead ? follower.ask(following.seen, met?.position) : undefined
    if (!asking) return undefined
    const now = new Date(asking.now).toISOString().replace('T', ' ').slice(0, -1)
    const statements = [readClock, ...queries].map((query) => compile(query, now))
    const how = { at: following, limitMs: WAIT_MS, index: asking.wanted.index }
    const answered = await readAt(statements, how).catch((error) => {
      // What its database says no to may well be too large for any, and tells nothing of the server.
      if (!(error instanceof SqlError) && follower.rest(how.index)) following.failed(error)
    })
    if (!answered) return undefined
    const [clock, ...results] = answered.results
    const found = follower.judge(toReading(clock?.rows[0]), answered.index, asking)
    if (!found) following.later(dropKept(following))
    if (!found || isRefused(stands, results)) return undefined
    beatIfDue(found.ageMs)
    met = found
    return results
  }

  return {
    /** Where the last answer came from, which is shown now. */
    show(): Met | undefined {
      if (met) follower.show(met.position)
      return met
    },

    /** Rows of the queries in one snapshot: of the replica's where they may stand, also in the eyes of `stands`. */
    async read(queries: SQL[], stands: Stands<Result[]>): Promise<Result[]> {
      const near = await readNear(queries, stands)
      if (near) return near
      const sentAt = Date.now()
      const { results, index } = await readAt(
        [readClock, ...queries].map((query) => compile(query)),
      )
      const reading = toReading(results[0]?.rows[0])
      met = follower.learn(reading, index, sentAt)
      if (following.isRead) beatIfDue(reading ? Math.abs(reading.now - reading.at) : Infinity)
      return results.slice(1)
    },

    async write(statements: InStatement[]): Promise<Result[]> {
      const sentAt = Date.now()
      const { results, index } = await writeAt([...statements, compile(tick)])
      met = follower.learn(toReading(results.at(-1)?.rows[0]), index, sentAt)
      return results
    },
  }
}
