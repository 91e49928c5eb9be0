// Streams that an isolate leaves open: sqld opens a database connection for each new one and reads the schema
// anew, about a third of what it spends on a listing. One is used by one request at a time, for reads alone, and
// never trusted: what goes wrong on it is asked once more on a new one.
//
// Each holds one of the server's connections (128 by default). So an isolate keeps few, counts one that it has
// lost sight of for as long as the server may hold it, and lets go of all where the server has none left.
import { StatusError } from './database-error.ts'
import { isBusy, isTimedOut } from './failures.ts'
import { type Answer, ask, close, type Question, type Send, type Server } from './hrana.ts'

/** Of 40 isolates these are 120 connections; for what comes and goes the rest is enough. */
const MAX_KEPT = 3
/** sqld ends a stream after 10 s in which nothing was asked on it. */
const IDLE_MS = 5000
const HELD_MS = 11_000
/** After the server had no connection left. */
const PAUSE_MS = 60_000

type Slot = {
  /** Of the stream, while nobody asks on it. */
  baton: string | null
  /** The last moment to ask on it. */
  until: number
  /** When the server has let go of it, whatever happened. */
  freeAt: number
}

type Kept = { slots: Slot[]; pausedUntil: number }

/** By server: in production there is one. */
const keptOf = new Map<string, Kept>()

function findKept({ url, authToken }: Server): Kept {
  const name = JSON.stringify([url, authToken])
  const kept = keptOf.get(name) ?? { slots: [], pausedUntil: 0 }
  keptOf.set(name, kept)
  return kept
}

/** `ask`, on a stream that this isolate keeps where it can. For reads: they may be asked twice. `limitMs` is that of `send`. */
export async function askKept(
  server: Server,
  question: Question,
  send: Send,
  limitMs: number,
  index?: number,
): Promise<Answer> {
  const kept = findKept(server)
  const slot = takeSlot(kept, limitMs)
  const isOld = slot !== undefined && slot.baton !== null
  try {
    return await askOn(slot, server, question, send, index)
  } catch (error) {
    if (isTimedOut(error)) throw error
    const isFull = error instanceof StatusError && isBusy(error)
    if (isFull) await letGo(kept, server, send)
    if (!isOld && !isFull) throw error
    return askOn(undefined, server, question, send, index)
  }
}

async function askOn(
  slot: Slot | undefined,
  server: Server,
  question: Question,
  send: Send,
  index: number | undefined,
): Promise<Answer> {
  if (!slot) return ask(server, question, send, { index })
  const from = slot.baton
  slot.baton = null
  const { baton, ...answer } = await ask(server, question, send, { baton: from, keep: true, index })
  Object.assign(slot, { baton, until: Date.now() + IDLE_MS, freeAt: Date.now() + HELD_MS })
  return answer
}

/** One with a stream, else one for a new stream, else none. Nobody else gets it until it is given back, or lost. */
function takeSlot(kept: Kept, limitMs: number): Slot | undefined {
  const now = Date.now()
  if (now < kept.pausedUntil) return undefined
  kept.slots = kept.slots.filter(({ freeAt }) => freeAt > now)
  const idle = kept.slots.findLast(({ baton, until }) => baton !== null && until > now)
  if (!idle && kept.slots.length >= MAX_KEPT) return undefined
  const slot = idle ?? { baton: null, until: 0, freeAt: 0 }
  if (!idle) kept.slots.push(slot)
  slot.freeAt = now + limitMs + HELD_MS
  return slot
}

/** Keeps nothing for a while. */
async function letGo(kept: Kept, server: Server, send: Send): Promise<void> {
  kept.pausedUntil = Date.now() + PAUSE_MS
  await closeAll(kept, server, send)
}

/**
 * Ends what is kept of this server. A replica that begins anew, because the primary's log did, goes on answering open
 * streams from the database that it had before.
 */
export const dropKept = (server: Server, send: Send): Promise<void> =>
  closeAll(findKept(server), server, send)

async function closeAll(kept: Kept, server: Server, send: Send): Promise<void> {
  const batons = kept.slots.flatMap(({ baton }) => baton ?? [])
  kept.slots = []
  await Promise.allSettled(batons.map((baton) => close(server, baton, send)))
}
