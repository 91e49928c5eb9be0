// A little traffic for `npm run demo:replicas`: listings at every Worker, and a writer who looks at once for what they
// wrote, at that Worker and at the others.
import { type Headers, isThere, type Login, Refused, send, signIn } from './client.ts'
import { nothingSeen, type Seen } from './figures.ts'
import type { Place } from './servers.ts'

const LISTING = '/api/v1/flows/?paged=all&size=50&header_flows=true'
const PAUSE_MS = 25
const WRITE_EVERY_MS = 200
const LOOK_EVERY_MS = 5
/** After so long a replica is not late but down. */
const LATEST_MS = 5000

type Spot = Place & { seen: Seen }
export type Traffic = { readonly seen: Seen[]; readonly headers: Headers; stop(): void }

/** Begins, once every server has the flow that is written to; what is seen of each place goes into `seen`. */
export async function startTraffic(places: Place[], login: Login): Promise<Traffic> {
  const spots = places.map((place): Spot => ({ ...place, seen: nothingSeen() }))
  const [{ url: first } = { url: '' }] = spots
  let headers = await signIn(first, login)
  let isOver = false
  const made = await send(`${first}/api/v1/flows/`, 'POST', headers, {
    name: 'Written to',
    description: 'made',
  })
  const id = String(made.body.id)
  await Promise.all(spots.map(({ database }) => untilThere(database, id, 'made', () => isOver)))

  /** Counts what fails, and goes on. */
  const at = async <T>({ seen }: Spot, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!isOver) seen.failed++
      if (error instanceof Refused && error.status === 401) headers = await signIn(first, login)
      return undefined
    }
  }

  async function listAgainAndAgain(spot: Spot) {
    const { url, seen } = spot
    while (!isOver) {
      const answer = await at(spot, () => send(url + LISTING, 'GET', headers))
      if (answer) noteListing(seen, answer)
      await pause(PAUSE_MS)
    }
  }

  async function writeAgainAndAgain() {
    for (let n = 0; !isOver; n++) {
      const due = performance.now() + WRITE_EVERY_MS
      const spot = spots[n % spots.length]
      if (spot) await write(spot, `written ${n}`)
      await pause(Math.max(0, due - performance.now()))
    }
  }

  async function write(spot: Spot, text: string) {
    const path = `/api/v1/flows/${id}`
    const done = await at(spot, () =>
      send(spot.url + path, 'PATCH', headers, { description: text }),
    )
    if (!done) return
    const answeredAt = performance.now()
    const { flowgateAt } = done
    // Whoever goes to another Worker takes along what they have seen; in strict mode there is nothing to take.
    const told = { ...headers, ...(flowgateAt === undefined ? {} : { 'flowgate-at': flowgateAt }) }
    const looks = spots.map(async (other) => {
      if (other !== spot && flowgateAt === undefined) return
      const found = await at(other, () => send(other.url + path, 'GET', told))
      if (!found) return
      other.seen.looked++
      if (found.body.description !== text) other.seen.missed++
    })
    const arrivals = spots.map(async ({ isReplica, database, seen }) => {
      if (!isReplica) return
      const isLate = () => isOver || performance.now() - answeredAt > LATEST_MS
      if (await untilThere(database, id, text, isLate))
        seen.lags.push(performance.now() - answeredAt)
    })
    await Promise.all([...looks, ...arrivals])
  }

  for (const spot of spots) listAgainAndAgain(spot)
  writeAgainAndAgain()
  return {
    seen: spots.map(({ seen }) => seen),
    get headers() {
      return headers
    },
    stop() {
      isOver = true
    },
  }
}

function noteListing(seen: Seen, { ms, consistency }: { ms: number; consistency: string }) {
  const age = /from=replica; age=(\d+)/.exec(consistency)?.[1]
  seen.answers.push({ at: performance.now(), ms, isReplicas: age !== undefined })
  seen.greatestAge = Math.max(seen.greatestAge, Number(age ?? 0))
}

/** Looks until the server shows it, or nobody wants to know any more; says which. One that is down does not. */
async function untilThere(url: string, id: string, text: string, isOver: () => boolean) {
  while (!isOver()) {
    if (await isThere(url, id, text).catch(() => false)) return true
    await pause(LOOK_EVERY_MS)
  }
  return false
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
