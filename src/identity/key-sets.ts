// The public keys of providers, as this isolate knows them. Kept is what has settled, as JSON: no promise of one
// request is ever awaited by another.
import type { JSONWebKeySet } from 'jose'
import { ApiError } from '../errors.ts'
import { fetchJson, unavailable } from './fetch-json.ts'

/** Keys older than this are forgotten; somebody renews them before, while everybody else goes on with them. */
const KEPT_MS = 60 * 60_000
const RENEWED_MS = 45 * 60_000

/** An address is asked once in so long, whatever came of it, and whoever makes up names of keys. */
const PAUSE_MS = 60_000

/** How long somebody waits for keys that another request is fetching, and how often they look. */
const WAIT_MS = 2_000
const LOOK_MS = 50

/** Providers are configured: there are no more of them. */
const MAX_ADDRESSES = 32

type Kept = { set?: JSONWebKeySet; fetchedAt: number; askedAt: number; isSettled: boolean }

const kept = new Map<string, Kept>()

/** Keeps the work going when whoever asked for it has gone: others rely on what comes of it. */
export type Later = (work: Promise<unknown>) => void

/** The set of this address. Throws 503 where none is known and none can be had by now. */
export async function keysAt(url: string, later?: Later): Promise<JSONWebKeySet> {
  const age = ageOf(url)
  if (age > RENEWED_MS) await renew(url, later)
  return known(url) ?? (await fetchedByAnother(url))
}

/** The set as it is now, if the one that is known may be old; undefined where it was asked for within a minute. */
export const newerKeysAt = async (
  url: string,
  later?: Later,
): Promise<JSONWebKeySet | undefined> => ((await renew(url, later)) ? known(url) : undefined)

const ageOf = (url: string) => Date.now() - (kept.get(url) ?? never).fetchedAt

const known = (url: string) => (ageOf(url) <= KEPT_MS ? kept.get(url)?.set : undefined)

/** Asks, unless somebody has within a minute. A failure is thrown only at those who have no keys without it. */
async function renew(url: string, later: Later = () => {}): Promise<boolean> {
  const before = kept.get(url) ?? never
  if (Date.now() - before.askedAt < PAUSE_MS) return false
  // Claimed before anything is awaited: whoever comes meanwhile finds that somebody has asked.
  const claim: Kept = { ...before, askedAt: Date.now(), isSettled: false }
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

async function fetchInto(claim: Kept, url: string): Promise<void> {
  try {
    claim.set = toKeySet(await fetchJson(url), url)
    claim.fetchedAt = Date.now()
  } finally {
    claim.isSettled = true
  }
}

const never: Kept = {
  fetchedAt: Number.NEGATIVE_INFINITY,
  askedAt: Number.NEGATIVE_INFINITY,
  isSettled: true,
}

function keep(url: string, claim: Kept): void {
  kept.delete(url)
  kept.set(url, claim)
  const [oldest] = kept.keys()
  if (kept.size > MAX_ADDRESSES && oldest !== undefined) kept.delete(oldest)
}

/** Looks by a clock of its own. */
async function fetchedByAnother(url: string): Promise<JSONWebKeySet> {
  const start = Date.now()
  while (isUnderWay(url) && Date.now() - start < WAIT_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    const set = known(url)
    if (set) return set
  }
  const pause = (kept.get(url) ?? never).askedAt + PAUSE_MS - Date.now()
  throw unavailable(isUnderWay(url) ? 1 : Math.max(1, Math.ceil(pause / 1000)))
}

const isUnderWay = (url: string) => kept.get(url)?.isSettled === false

function toKeySet({ status, body }: { status: number; body: unknown }, url: string): JSONWebKeySet {
  const { keys } = (body ?? {}) as { keys?: unknown }
  const isSet =
    status === 200 &&
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'object' && key !== null && !Array.isArray(key))
  if (!isSet) throw new Error(`${url} answers no set of keys (${status})`)
  return { keys } as JSONWebKeySet
}
